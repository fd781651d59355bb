"""Staff a file of a planner's own, and cases with known answers."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from enterprise.errors import NeedsPersonError
from enterprise.planner_file import kind_to_write, read_table, require_other_file, write_table
from staffing.calculator import staff_intervals
from staffing.known_answers import Answer, known_answers, require_known_answers

_REFERENCE = Path(__file__).parents[1] / "reference"


def verify_staffing(cases: Path | None = None) -> list[Answer]:
    """Compute cases with known answers and compare every number.

    Args:
        cases: a file of cases as those in `staffing/reference`, or a folder of such; the built-in ones if not given.

    Raises:
        NeedsPersonError: if a file cannot be read or is no such file.
    """
    place = _REFERENCE if cases is None else cases
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    if not files:
        raise NeedsPersonError(f"{place} holds no file *.json; name a file of cases, or leave it out to verify the built-in ones")
    answers = []
    for file in files:
        try:
            answers += known_answers(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError) as error:  # a decoding error is a ValueError
            raise NeedsPersonError(f"{file} cannot be verified: {error}") from error
    return answers


def verify_night() -> None:
    """Compute the built-in cases, and stop the night if the staffing mathematics gives a wrong answer.

    Raises:
        NeedsPersonError: naming the answers that are wrong.
    """
    require_known_answers(verify_staffing())


def staff_file(intervals: Path, result: Path) -> pd.DataFrame:
    """Staff the intervals of a CSV or Parquet file and write them with the result beside them.

    Args:
        intervals: columns as in `staffing.calculator.staff_intervals`.
        result: file to write, CSV or Parquet by its ending; it appears whole or not at all.

    Returns:
        What was written.

    Raises:
        NeedsPersonError: if the file cannot be read or written, or naming the row and column that are wrong.
    """
    require_other_file(result, intervals)
    kind_to_write(result)
    table = read_table(intervals, "a table with one row per interval")
    try:
        staffed = staff_intervals(table)
    except ValueError as error:
        raise NeedsPersonError(f"{intervals}: {error}. Nothing was written") from error
    write_table(staffed, result)
    return staffed
