"""Rows put aside: where they stood, which rule rejected them, and what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from warehouse.tables.run import QUARANTINE

SHOWN_CHARACTERS = 500
_SCHEMA = pa.schema([column for column in QUARANTINE.arrow_schema if column.name != "business_date"])


@dataclass(slots=True)
class Rejects:
    """Collects quarantined rows of one source while its files are read.

    Args:
        source_system: name of the source in the settings.
    """

    source_system: str
    _rows: list[dict[str, object]] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _of_row: Counter[tuple[str, int, str]] = field(default_factory=Counter)

    def add(
        self,
        landing_file: str,
        landing_row: int,
        rule: str,
        reason: str,
        *,
        table_name: str,
        row_text: str | None = None,
        queue_id: str | None = None,
    ) -> None:
        """Put one row aside.

        Where a line of a file holds several rows and a rule rejects more of them, the rule's name is numbered from the second on.

        Args:
            landing_file: landing file it came from.
            landing_row: its row from 1, or 0 for the file as a whole.
            rule: name of the rule.
            reason: what was wrong, what was expected, and the next step.
            table_name: table it was meant for.
            row_text: the row as received; cut at 500 characters.
            queue_id: queue it belongs to, where that can be told.
        """
        self._of_row[landing_file, landing_row, rule] += 1
        again = self._of_row[landing_file, landing_row, rule]
        self._rows.append(
            {
                "source_system": self.source_system,
                "landing_file": landing_file,
                "landing_row": landing_row,
                "rule": rule if again == 1 else f"{rule}_{again}",
                "table_name": table_name,
                "queue_id": queue_id,
                "reason": reason,
                "row_text": None if row_text is None else row_text.replace("\x00", "\\0")[:SHOWN_CHARACTERS],
            }
        )
        self._counts[landing_file] += 1

    def count(self, landing_file: str) -> int:
        """Rows of one file put aside so far."""
        return self._counts[landing_file]

    def drained(self) -> pa.Table:
        """Those put aside since the last time, like `table`; they stay counted."""
        rows = self.table()
        self._rows.clear()
        return rows

    def table(self) -> pa.Table:
        """All of them: the declared columns of QUARANTINE without its business_date."""
        return pa.Table.from_pylist(self._rows, schema=_SCHEMA)
