"""The rows of one landed file on their way to a table: rules reject them, and what is rejected is said why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.parsed import FileCount, LandedFile
from etl.rejects import SHOWN_CHARACTERS, Rejects
from warehouse.tables.declaration import Table

Mask = npt.NDArray[np.bool_]


def printable(text: str) -> str:
    r"""Text as it may be stored and shown: cut at 500 characters, with NUL and undecodable bytes made visible.

    Example:
        >>> printable("caf\udce9 \x00")
        'caf\\xe9 \\x00'
    """
    cut = text[: SHOWN_CHARACTERS + 1]
    try:
        raw = cut.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair out of a JSON escape: no byte of a file
        raw = cut.encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")[:SHOWN_CHARACTERS]


def columns_there(needed: Sequence[str], found: Sequence[str]) -> str:
    """What to say of a first line that lacks columns: what it has, unless it may be a row, of a customer.

    It is a header where it names a column that is needed, or where all needed names stand in it, if not apart from each other.

    Example:
        >>> columns_there(["Id", "Type"], ["Id^Type"])
        'it has Id^Type'
        >>> columns_there(["Id", "Type"], ["4711", "Ada Smith"])
        'none of its columns is known here: is its header there?'
    """
    shown = ", ".join(found)
    known = {name.casefold() for name in found}
    if any(name.casefold() in known for name in needed) or all(name.casefold() in shown.casefold() for name in needed):
        return f"it has {printable(shown)}"
    return "none of its columns is known here: is its header there?"


class Screen:
    """The rows of some landed files meant for one table; a row that a rule rejected is out, and the first rule counts.

    All files are screened together, because whole columns are quick and many small files are common.

    Args:
        table: declared table the rows are meant for.
        files: the landed files.
        numbers: per file the row numbers of its rows in the file, from 1; the rows of all files follow each other.
        text_of: gives the text of a row as received, by the positions of its file and of it in the file.
    """

    def __init__(
        self, table: Table, files: Sequence[LandedFile], numbers: Sequence[Sequence[int]], text_of: Callable[[int, int], str]
    ) -> None:
        self.table = table
        self.files = files
        self._lengths = np.array([len(rows) for rows in numbers], dtype=np.int64)
        self._file_of = np.repeat(np.arange(len(files)), self._lengths)
        self._numbers = np.array([number for rows in numbers for number in rows], dtype=np.int64)
        self._first = np.cumsum(self._lengths) - self._lengths
        self._text_of = text_of
        self._rejected: list[tuple[int, str, str]] = []
        self.kept: Mask = np.ones(len(self._numbers), dtype=bool)
        self._repeats: Mask = np.zeros(len(self._numbers), dtype=bool)
        self._moved: Mask = np.zeros(len(self._numbers), dtype=bool)

    @property
    def file_of(self) -> npt.NDArray[np.int64]:
        """Position of each row's file."""
        return self._file_of

    def text(self, position: int) -> str:
        """A row as received."""
        file = int(self._file_of[position])
        return self._text_of(file, position - int(self._first[file]))

    def repeat(self, again: Mask) -> None:
        """Count rows as exact duplicates instead of keeping them."""
        hit = again & self.kept
        self.kept[hit] = False
        self._repeats |= hit

    def move(self, elsewhere: Any) -> None:
        """Count rows as kept, though the table gets none of them: they go to another table, or into another row.

        Rules that come later do not concern them.
        """
        if isinstance(elsewhere, pa.Array):
            elsewhere = elsewhere.fill_null(False).to_numpy(zero_copy_only=False)
        self._moved |= np.asarray(elsewhere, dtype=bool) & self.kept

    def reject(self, bad: Any, rule: str, reason: str | Callable[[int], str]) -> None:
        """Put the rows aside that `bad` marks and that no earlier rule took.

        Args:
            bad: one flag per row, as an Arrow array (missing is not bad) or a sequence.
            rule: name of the rule.
            reason: what was wrong, expected, and next; or what makes it of the row's position.
        """
        if isinstance(bad, pa.Array):
            bad = bad.fill_null(False).to_numpy(zero_copy_only=False)
        hit = np.flatnonzero(np.asarray(bad, dtype=bool) & self.kept & ~self._moved)
        self.kept[hit] = False
        for position in hit.tolist():
            self._rejected.append((position, rule, reason if isinstance(reason, str) else reason(position)))

    def rows(self, rejects: Rejects, **columns: Any) -> pa.Table:
        """The rows that stand, as rows of the table; the others go to `rejects`.

        Args:
            rejects: the quarantine.
            **columns: Arrow arrays for all columns of the table but those that say where a row was read, for all rows.
        """
        for position, rule, reason in sorted(self._rejected):
            file = int(self._file_of[position])
            rejects.add(
                self.files[file].landing_file,
                int(self._numbers[position]),
                rule,
                printable(reason),
                table_name=self.table.name,
                row_text=printable(self.text(position)),
            )
        return self._made(self.table, self.kept & ~self._moved, rejects.source_system, columns)

    def moved_rows(self, table: Table, source_system: str, **columns: Any) -> pa.Table:
        """The rows moved elsewhere that stand, as rows of another table; columns as for `rows`."""
        return self._made(table, self.kept & self._moved, source_system, columns)

    def _made(self, table: Table, chosen: Mask, source_system: str, columns: dict[str, Any]) -> pa.Table:
        schema, mask = table.arrow_schema, pa.array(chosen)
        names = pa.array([file.landing_file for file in self.files], pa.string())
        columns |= {
            "source_system": pa.repeat(source_system, len(self._numbers)),
            "landing_file": names.take(pa.array(self._file_of)),
            "landing_row": pa.array(self._numbers),
        }
        return pa.Table.from_arrays([columns[field.name].cast(field.type).filter(mask) for field in schema], schema=schema)

    def counts(self, broken: Sequence[int], duplicates: Sequence[int]) -> list[FileCount]:
        """Counts per file: the rows screened, and those that could not be read at all and exact duplicates, as given."""
        kept, again = (
            np.bincount(self._file_of[mask], minlength=len(self.files)).tolist() for mask in (self.kept, self._repeats)
        )
        columns = zip(self.files, self._lengths.tolist(), kept, again, broken, duplicates, strict=True)
        return [
            FileCount(file.landing_file, rows + bad + double, stood, rows - stood - twice + bad, double + twice)
            for file, rows, stood, twice, bad, double in columns
        ]
