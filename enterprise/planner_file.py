"""A table in a file of a planner's own, CSV or Parquet: read, and written whole or not at all."""

from __future__ import annotations

import codecs
import csv
import os
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa

from enterprise.errors import NeedsPersonError

CSV, PARQUET = ".csv", ".parquet"


def kind_of(path: Path) -> str:
    """CSV or PARQUET, by the ending of the name.

    Raises:
        NeedsPersonError: if it is neither.

    Example:
        >>> kind_of(Path("plan.CSV"))
        '.csv'
    """
    kind = path.suffix.lower()
    if kind not in (CSV, PARQUET):
        raise NeedsPersonError(f"{path}: expected a name that ends with {CSV} or {PARQUET}")
    return kind


def kind_to_write(path: Path) -> str:
    """`kind_of` a file that is yet to be written: asked before the work whose result it takes.

    Raises:
        NeedsPersonError: if its name has another ending, or its folder is not there.
    """
    if not path.parent.is_dir():
        raise NeedsPersonError(f"{path} cannot be written: there is no folder {path.parent}; make it or name another file")
    return kind_of(path)


def read_table(path: Path, expected: str, *, bear_broken_lines: bool = False) -> pd.DataFrame:
    """A CSV file as text, or a Parquet file as it is typed.

    Args:
        path: the file; CSV in UTF-8, or UTF-16 with its mark, with a header, divided by commas, semicolons, tabs or bars.
        expected: what the table should be, for the error.
        bear_broken_lines: whether bytes that are no UTF-8 are replaced, and lines of other lengths than the header made as long,
            for a caller that says of each row what is wrong with it. Otherwise they are an error.

    Raises:
        NeedsPersonError: if it cannot be read.
    """
    kind = kind_of(path)
    errors: Literal["strict", "replace"] = "replace" if bear_broken_lines else "strict"
    try:
        if kind == PARQUET:
            rows = pd.read_parquet(path)
            # A frame that pandas wrote may keep a column as its index; one without a name is only the place of a row.
            kept = [name for name in rows.index.names if name is not None and name not in rows.columns]
            return rows.reset_index(level=kept) if kept else rows
        encoding = _encoding(path)
        with path.open(encoding=encoding, errors=errors) as lines:
            delimiter = max(",;\t|", key=lines.readline().count)
        try:
            return _lines(path, delimiter, encoding, errors)
        except pd.errors.ParserError:
            if not bear_broken_lines:
                raise
            return _ragged(path, delimiter, encoding)
    except pd.errors.EmptyDataError as error:
        raise NeedsPersonError(f"{path} is empty; expected {expected}") from error
    except (OSError, ValueError, csv.Error, pa.ArrowException) as error:
        raise NeedsPersonError(f"{path} cannot be read: {_why(error)}; expected {expected}") from error


def require_other_file(written: Path, *read: Path | None) -> None:
    """Refuse to write over a file that is read: it would be gone, and the same command could not be given again.

    Args:
        written: the file that will be written.
        read: the files it is made of; None where one was not given.

    Raises:
        NeedsPersonError: if they are the same file, by whatever path they are named.
    """
    for path in read:
        if path is not None and written.resolve() == path.resolve():
            raise NeedsPersonError(f"{written} would be written over, and it is read: name another file for the result")


def write_table(rows: pd.DataFrame, path: Path) -> None:
    """Write a table, CSV or Parquet by its ending; the file appears whole or not at all.

    Raises:
        NeedsPersonError: if it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if kind_of(path) == CSV:
            rows.to_csv(unfinished, index=False)
        else:
            rows.to_parquet(unfinished, index=False)
        unfinished.replace(path)
    except OSError as error:
        raise NeedsPersonError(f"{path} cannot be written: {_why(error)}; name another file or mend the folder") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _why(error: Exception) -> str:
    """The system's own words without number and path, which the message names already."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _encoding(path: Path) -> str:
    """UTF-8, or UTF-16 where the file begins with its mark, as PowerShell and Excel's Unicode text do."""
    with path.open("rb") as content:
        return "utf-16" if content.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _lines(path: Path, delimiter: str, encoding: str, errors: Literal["strict", "replace"]) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding, encoding_errors=errors, sep=delimiter)
    if not isinstance(rows.index, pd.RangeIndex):  # pandas takes cells too many for an index, and every value for its neighbour's
        raise pd.errors.ParserError("the first line after the header has more cells than the header")
    return rows


def _ragged(path: Path, delimiter: str, encoding: str) -> pd.DataFrame:
    """A CSV file with lines of other lengths than the header: what such a line lacks is empty.

    What it has too much stays in its last cell, as `1,234` does, so that no number is read without its end; empty cells are cut.
    """
    with path.open(encoding=encoding, errors="replace", newline="") as lines:
        rows = list(csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter))
    width = len(rows[0])
    return pd.DataFrame([_as_wide(row, width, delimiter) for row in rows[1:] if row], columns=rows[0])


def _as_wide(row: list[str], width: int, delimiter: str) -> list[str]:
    if not any(cell.strip() for cell in row[width:]):
        return (row + [""] * width)[:width]
    return [*row[: width - 1], delimiter.join(row[width - 1 :])]
