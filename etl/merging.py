"""How staged rows become core rows: the row received last holds, exact repetitions are counted (pure SQL)."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from warehouse.tables.columns import MADE_BY
from warehouse.tables.declaration import Table

_MADE_BY = {column.name for column in MADE_BY}


def touched_sql(table: Table, keyed: str) -> str:
    """All staged rows that share a key with a row of the view `keyed`, from views `staged` and `pieces`."""
    keys = ", ".join(table.key_names)
    return f"""
        SELECT s.*, p.sequence FROM (SELECT * FROM staged SEMI JOIN {keyed} USING ({keys})) s
        JOIN pieces p USING (source_system, landing_file)
    """


def ranked_sql(table: Table) -> str:
    """Rows of `touched` whose key is in `received_again`, with `place` (1 holds) and `repeats` (the one before it was equal).

    The order is that in which rows were received; where the source says when it last changed a row, that comes first. An equal
    row received again never holds: what is known keeps saying where it was first read.
    """
    keys = ", ".join(table.key_names)
    content = ", ".join(name for name in table.column_names if name not in _MADE_BY)
    changed = "modified_at NULLS FIRST, " if "modified_at" in table.column_names else ""
    changed_last = "modified_at DESC NULLS LAST, " if changed else ""
    return f"""
        SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY repeats, {changed_last}sequence DESC, landing_row DESC) AS place
        FROM (
          SELECT *,
            coalesce(lag(content) OVER (PARTITION BY {keys} ORDER BY {changed}sequence, landing_row) = content, false) AS repeats
          FROM (SELECT *, hash({content}) AS content FROM touched SEMI JOIN received_again USING ({keys}))
        )
    """
