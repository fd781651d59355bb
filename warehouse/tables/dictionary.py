"""The data dictionary docs/tables.md, generated from the declarations: `python -m warehouse.tables.dictionary docs/tables.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from warehouse.tables.ddl import database_columns, database_key, is_versioned
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table
from warehouse.tables.registry import ALL_TABLES

_LAYERS = {
    "core": "Core: what happened, one row per fact",
    "history": "History: what happened per queue and interval or day",
    "forecast": "Forecast: what is expected to come",
    "staffing": "Staffing: how many people that needs",
    "run": "Run: what a night did",
}
_TYPES = {TIMESTAMP: "instant", DATE: "date", TEXT: "text", COUNT: "whole number", NUMBER: "number", FLAG: "true or false"}
_ONLY_WAREHOUSE = ("plan_version", "queue", "calendar_date", "calendar_interval", "history_days")
_INTRODUCTION = """\
# Tables

Every table Leadline keeps, as declared in `warehouse/tables/`. This page is generated from there by `make docs`: edit the
declaration, not the page. Column names carry their unit; times are UTC; `business_date` is the enterprise's local date.

Where a table lives: *lake* means Parquet files below `<lake>/<layer>/<table>/`, one folder per date of the partition column;
*warehouse* means a PostgreSQL table of the same name. In the warehouse, tables with `plan_date` in their key also have
`version` (after `plan_date`, part of the key), so that every plan ever published stays; `plan_version` says which is in force.
All of them but `plan_version` are partitioned by the month of `plan_date`; the partitions lie in the schema `partitions`.
Planners and BI tools read the views in `warehouse/views/`.
"""


def dictionary(tables: Iterable[Table] = ALL_TABLES) -> str:
    """The page as Markdown: a list of all tables, then each with its columns, units, bounds and meanings."""
    tables = list(tables)
    parts = [_INTRODUCTION]
    for layer, title in _LAYERS.items():
        here = [table for table in tables if table.layer == layer]
        if here:
            parts += [f"## {title}\n", _contents(here), *(_table(table) for table in here)]
    return "\n".join(parts)


def _contents(tables: Iterable[Table]) -> str:
    lines = ["| table | one row is |", "|---|---|"]
    lines += [f"| [{table.name}](#{table.name}) | {table.grain}{_unfilled(table)} |" for table in tables]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> str:
    lines = [
        f"### {table.name}\n",
        f"{table.meaning}{_unfilled(table)}\n",
        f"- One row: {table.grain}.",
        f"- Key: {', '.join(f'`{name}`' for name in table.key_names)}.",
        f"- Where: {_place(table)}.\n",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    lines += [_row(column, table) for column in table.all_columns]
    return "\n".join(lines) + "\n"


def _row(column: Column, table: Table) -> str:
    key = " *" if column in table.key else ""
    return f"| `{column.name}`{key} | {_type(column)} | {_cell(column.unit)} | {_cell(column.meaning)}{_bounds(column)} |"


def _type(column: Column) -> str:
    return f"{_TYPES[column.type]}{', may be missing' if column.nullable else ''}"


def _bounds(column: Column) -> str:
    if column.allowed:
        return f" One of: {', '.join(column.allowed)}."
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f" From {low:g} to {high:g}."
    if low is not None:
        return f" At least {low:g}."
    return f" At most {high:g}." if high is not None else ""


def _place(table: Table) -> str:
    places = []
    if table.name not in _ONLY_WAREHOUSE:
        partition = f", one partition per `{table.partitioned_by.name}`" if table.partitioned_by is not None else ""
        places.append(f"lake (`{table.layer}/{table.name}`{partition})")
    if table.published and table.filled:
        key = f", key {', '.join(f'`{name}`' for name in database_key(table))}" if is_versioned(table) else ""
        places.append(f"warehouse ({len(database_columns(table))} columns{key})")
    return " and ".join(places)


def _unfilled(table: Table) -> str:
    return "" if table.filled else " *(declared, not filled yet)*"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say where to write it: python -m warehouse.tables.dictionary docs/tables.md")
    Path(sys.argv[1]).write_text(dictionary(), encoding="utf-8")
