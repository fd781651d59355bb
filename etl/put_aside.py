"""Rows put aside after they were read, when all that is known of them was looked at together (pure).

A reader puts aside what a row says of itself. Whether an end has a beginning only the events of several nights tell, and a file
that comes late can change it: the row then leaves quarantine, and the accounts of the night that took it in are made anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import pyarrow as pa

from etl.rejects import SHOWN_CHARACTERS
from warehouse.tables.run import LANDING_FILES, QUARANTINE

_ROW = ["source_system", "landing_file", "landing_row", "rule"]
_SCHEMA = pa.schema([column for column in QUARANTINE.arrow_schema if column.name != "business_date"])


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows that a rule looked at.

    Args:
        source_system: the source they came from.
        table_name: core table they were meant for.
        rule: name of the rule.
        reason: what was wrong, and the next step.
        rows: landing_file, landing_row, row_text, queue_id and `aside`: whether the rule puts the row aside.
    """

    source_system: str
    table_name: str
    rule: str
    reason: str
    rows: pd.DataFrame

    def quarantine(self, landing_files: Collection[str]) -> pa.Table:
        """Rows of QUARANTINE without its business_date: those put aside out of some files."""
        chosen = self.rows[self.rows["aside"].to_numpy(dtype=bool) & self.rows["landing_file"].isin(landing_files).to_numpy()]
        known = {name: getattr(self, name) for name in ("source_system", "table_name", "rule", "reason")}
        rows = chosen[["landing_file", "landing_row", "row_text", "queue_id"]].assign(**known)
        rows["row_text"] = rows["row_text"].str.slice(0, SHOWN_CHARACTERS)
        return pa.Table.from_pandas(rows, schema=_SCHEMA, preserve_index=False).replace_schema_metadata(_SCHEMA.metadata)


@dataclass(slots=True)
class PutAside:
    """What rules found that look at rows of several nights together.

    Args:
        nights: night that took a file in, per (source, landing file).
    """

    nights: Mapping[tuple[str, str], date]
    _judged: list[Judged] = field(default_factory=list)

    def judge(self, judged: Judged) -> None:
        """Take up what a rule found."""
        self._judged.append(judged)

    def quarantine(self, night: date) -> list[pa.Table]:
        """Rows put aside of the files that a night took in, without business_date."""
        return [judged.quarantine(self._files(judged, night)) for judged in self._judged]

    def counts(self) -> Counter[tuple[str, str]]:
        """Rows put aside per (source, landing file)."""
        found: Counter[tuple[str, str]] = Counter()
        for judged in self._judged:
            files = judged.rows.loc[judged.rows["aside"].to_numpy(dtype=bool), "landing_file"]
            found.update((judged.source_system, file) for file in files)
        return found

    def concerned(self) -> set[date]:
        """Nights that took in a row which a rule looked at."""
        return {
            self.nights[judged.source_system, file] for judged in self._judged for file in judged.rows["landing_file"].unique()
        }

    def quarantine_anew(self, night: date, before: pa.Table) -> pa.Table:
        """The QUARANTINE of a night that is not made anew, with what is judged otherwise now.

        Args:
            night: the night.
            before: its rows of QUARANTINE.
        """
        rows = before
        for judged in self._judged:
            files = self._files(judged, night)
            looked_at = judged.rows[judged.rows["landing_file"].isin(files)]
            seen = pa.table(
                {"landing_file": looked_at["landing_file"].tolist(), "landing_row": looked_at["landing_row"].tolist()}
            )
            if not seen.num_rows:
                continue
            seen = seen.append_column("rule", pa.repeat(judged.rule, seen.num_rows))
            seen = seen.append_column("source_system", pa.repeat(judged.source_system, seen.num_rows))
            stays = rows.join(seen.select(_ROW), keys=_ROW, join_type="left anti").select(QUARANTINE.column_names)
            now = judged.quarantine(files)
            now = now.append_column("business_date", pa.repeat(pa.scalar(night, pa.date32()), now.num_rows))
            parts = [part.select(QUARANTINE.column_names).cast(QUARANTINE.arrow_schema) for part in (stays, now)]
            rows = pa.concat_tables(parts)
        order = [(name, "ascending") for name in QUARANTINE.column_names]
        return before if rows.sort_by(order).equals(before.select(QUARANTINE.column_names).sort_by(order)) else rows

    def _files(self, judged: Judged, night: date) -> set[str]:
        files = judged.rows["landing_file"].unique()
        return {file for file in files if self.nights[judged.source_system, file] == night}


def accounts_anew(accounts: pa.Table, quarantine: pa.Table) -> pa.Table:
    """LANDING_FILES of a night after rows came into its quarantine or left it.

    Args:
        accounts: the night's rows of LANDING_FILES.
        quarantine: all that the night has put aside now.
    """
    pairs = zip(*(quarantine.column(name).to_pylist() for name in ("source_system", "landing_file")), strict=True)
    aside = Counter(pairs)
    rows = accounts.to_pylist()
    for row in rows:
        row["rows_quarantined"] = aside[row["source_system"], row["landing_file"]]
        row["rows_kept"] = row["rows_in"] - row["rows_duplicate"] - row["rows_quarantined"]
    return pa.Table.from_pylist(rows, schema=LANDING_FILES.arrow_schema)


def dated(quarantine: Sequence[pa.Table], night: date) -> pa.Table:
    """Rows that a night put aside, with the night, as QUARANTINE has them."""
    none = QUARANTINE.arrow_schema.empty_table().drop_columns("business_date")
    rows = pa.concat_tables([none, *(part.cast(none.schema) for part in quarantine)])
    return rows.append_column("business_date", pa.repeat(pa.scalar(night, pa.date32()), rows.num_rows))
