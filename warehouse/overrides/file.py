"""A planner's file of changes: every row read and checked, with the reason where it is refused."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from enterprise.errors import NeedsPersonError
from enterprise.hierarchy import WHOLE_ENTERPRISE
from enterprise.settings import Enterprise
from warehouse.overrides.entry import Entry, overlap, problem
from warehouse.overrides.judgement import overlap_in_words

COLUMNS = (
    "kind", "level", "member_id", "queue", "first_date", "last_date", "start_time", "end_time", "value", "event_name", "reason",
    "valid_until_date", "entered_by",
)  # fmt: skip
_NEEDED = ("kind", "first_date", "reason")
_MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that may not be used: its number in the file, the header being row 1, and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file holds: the changes that may be used, and the rows that may not."""

    good: tuple[Entry, ...]
    refused: tuple[Refused, ...]


def rows_of(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their number.

    Raises:
        NeedsPersonError: if it is no such file, or its columns are not those expected.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NeedsPersonError(
            f"{path} cannot be read: {error}; name a CSV file with the columns {', '.join(COLUMNS)}"
        ) from error
    except UnicodeDecodeError as error:
        raise NeedsPersonError(f"{path} is not text in UTF-8 ({error}); save it as CSV UTF-8") from error
    if "\0" in text:
        raise NeedsPersonError(f"{path} holds NUL characters; save it as CSV UTF-8")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        lines = [
            (n, line) for n, line in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
        ]
    except csv.Error as error:
        raise NeedsPersonError(f"{path} is no CSV file: {error}; nothing was entered") from error
    if not lines:
        raise NeedsPersonError(f"{path} is empty; expected a header with {', '.join(_NEEDED)} and what else is changed")
    header = [name.strip().lower() for name in lines[0][1]]
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in _NEEDED if name not in header]
    doubled = sorted({name for name in header if header.count(name) > 1})
    if unknown or missing or doubled:
        raise NeedsPersonError(
            f"{path}: columns not known: {', '.join(unknown) or 'none'}; missing: {', '.join(missing) or 'none'}; there twice: "
            f"{', '.join(doubled) or 'none'}. Expected are {', '.join(COLUMNS)}; `queue` stands for level and member_id"
        )
    if len(lines) > _MOST_ROWS:
        raise NeedsPersonError(f"{path} has {len(lines)} rows; at most {_MOST_ROWS} are taken at once: split it")
    rows = []
    for number, line in lines[1:]:
        if any(cell.strip() for cell in line):
            cells = {name: cell.strip() for name, cell in zip(header, line, strict=False)}
            if len(line) != len(header):
                cells["\0"] = (
                    f"has {len(line)} fields; the header has {len(header)}: a comma within words needs quotes around them"
                )
            rows.append((number, cells))
    return rows


def look_at(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    standing: Sequence[Entry],
    enterprise: Enterprise,
    by: str,
    at: datetime,
    first_plan_date: date | None = None,
) -> Looked:
    """Check rows one by one.

    Args:
        rows: number in the file and cells by column.
        standing: changes that stand already; new ones may not overlap them, nor each other.
        enterprise: the settings.
        by: who enters rows that name nobody.
        at: when they are entered, tz-aware.
        first_plan_date: first night whose plan heeds them; None for the night of `at`.
    """
    good: list[Entry] = []
    refused: list[Refused] = []
    places: dict[int, int] = {}
    for number, cells in rows:
        try:
            entry = entry_of(cells, by, at, first_plan_date)
        except ValueError as error:
            refused.append(Refused(number, str(error)))
            continue
        why = problem(entry, enterprise)
        if why is None and (other := overlap(entry, [*standing, *good], enterprise)) is not None:
            same_file = f" (row {places[id(other)]})" if id(other) in places else ""
            why = overlap_in_words(other) + same_file
        if why is not None:
            refused.append(Refused(number, why))
        else:
            places[id(entry)] = number
            good.append(entry)
    return Looked(tuple(good), tuple(refused))


def entry_of(cells: Mapping[str, str], by: str, at: datetime, first_plan_date: date | None) -> Entry:
    """A change as its cells say.

    Raises:
        ValueError: naming the cell that cannot be read, or the columns that contradict each other.
    """
    if "\0" in cells:
        raise ValueError(cells["\0"])
    said = {name: value for name, value in cells.items() if value != ""}
    if "queue" in said:
        if "level" in said or "member_id" in said:
            raise ValueError("queue stands for level and member_id; write either")
        said |= {"level": "queue", "member_id": said.pop("queue")}
    if said.get("level") == "enterprise":
        said.setdefault("member_id", WHOLE_ENTERPRISE)
    read: dict[str, Any] = {name: _READERS.get(name, _text)(name, value) for name, value in said.items()}
    read.setdefault("last_date", read.get("first_date"))
    return Entry(**({"kind": "", "reason": "", "entered_by": by} | read), entered_at=at, first_plan_date=first_plan_date)


def _text(name: str, value: str) -> str:
    return value


def _date(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value) if len(value) == len("2026-11-12") else _fail(name, value)
    except ValueError:
        return _fail(name, value)


def _fail(name: str, value: str) -> date:
    raise ValueError(f"{name} {value!r} is no date; write it as 2026-11-12")


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{name} {value!r} is no number; write it as 1.2, without units or thousands separators") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} {value!r} is no finite number; write it as 1.2")
    return number


_READERS: dict[str, Callable[[str, str], Any]] = {
    "first_date": _date,
    "last_date": _date,
    "valid_until_date": _date,
    "value": _number,
}
