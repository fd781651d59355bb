"""PostgreSQL tables from the one declaration: types, keys, checks, comments and indexes.

Every published table that is written per plan (its key holds `plan_date`) gets one more key column in the database, `version`:
the rows of every plan ever published stay, each under its plan's version, and `plan_version` says which one is in force.
Those tables are partitioned by the month of `plan_date`; `warehouse.months` makes a month's partitions when its first plan comes.
Their rows refer to `plan_version`: by a foreign key, or, where a plan has a row per interval, by a trigger that looks once per
statement (`docs/decisions/0017`).
Tables about days that are over (`restated`) get `stated_at` instead: what late data change is stated again, beside what was said.
`python -m warehouse.tables.ddl` writes the statements of today's declarations: the raw material of the next migration.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment, SetTableComment

from warehouse.tables.columns import BUSINESS_DATE, INTERVAL_START_UTC, PLAN_DATE, QUEUE_ID, instant
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table
from warehouse.tables.registry import PUBLISHED_TABLES
from warehouse.tables.run import PLAN_VERSION

VERSION = PLAN_VERSION.column("version")
IDENTITY = "identity"
_PER_INTERVAL = "per_interval"


def is_versioned(table: Table) -> bool:
    """Whether the database keeps the table's rows per plan version (and not only their latest state)."""
    return PLAN_DATE in table.key


def is_partitioned(table: Table) -> bool:
    """Whether the database keeps the table's rows in a partition per month of `plan_date`.

    All tables of plans are, except the list of plans: one of its rows is the plan in force, over all months.
    """
    return is_versioned(table) and table is not PLAN_VERSION


def is_per_interval(table: Table) -> bool:
    """Whether a plan has rows per interval in the table: so many that a foreign key looked up row by row would cost too much."""
    return is_partitioned(table) and INTERVAL_START_UTC in table.key


STATED_AT = instant(
    "stated_at", "When this was published; a day that late data change is stated again, and the last statement counts."
)


def database_columns(table: Table) -> tuple[Column, ...]:
    """The declared columns as the database has them: `version` follows `plan_date` where rows belong to a plan.

    Example:
        >>> from warehouse.tables.staffing import STAFFING_WEEKLY
        >>> [column.name for column in database_columns(STAFFING_WEEKLY)][:4]
        ['plan_date', 'version', 'level', 'member_id']
    """
    if table.restated:
        return (*table.key, STATED_AT, *table.columns)
    if not is_versioned(table) or VERSION in table.key:
        return table.all_columns
    after = table.all_columns.index(PLAN_DATE) + 1
    return (*table.all_columns[:after], VERSION, *table.all_columns[after:])


def database_key(table: Table) -> list[str]:
    """Names of the primary key's columns in the database, in order."""
    more = STATED_AT if table.restated else VERSION if is_versioned(table) else None
    names = {column.name for column in table.key} | ({more.name} if more else set())
    return [column.name for column in database_columns(table) if column.name in names]


def database_schema(tables: Iterable[Table] = PUBLISHED_TABLES) -> sa.MetaData:
    """SQLAlchemy's picture of the published tables; `plan_version` comes first, because the others refer to it."""
    metadata = sa.MetaData()
    for table in sorted(tables, key=lambda one: one is not PLAN_VERSION):
        _add(metadata, table)
    return metadata


def statements(tables: Iterable[Table] = PUBLISHED_TABLES) -> Iterator[str]:
    """The statements that create the tables, with their indexes and comments, without semicolons."""
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # a percent sign stays one
    for table in database_schema(tables).sorted_tables:
        yield _said(CreateTable(table), dialect)
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield _said(CreateIndex(index), dialect)
        if table.info[_PER_INTERVAL]:
            yield (
                f"CREATE TRIGGER rows_of_a_plan AFTER INSERT OR UPDATE ON {table.name}\n"
                "FOR EACH STATEMENT EXECUTE FUNCTION public.leadline_rows_of_a_plan()"
            )
        yield _said(SetTableComment(table), dialect)
        for column in table.columns:
            yield _said(SetColumnComment(column), dialect)


def _said(element: sa.schema.ExecutableDDLElement, dialect: sa.Dialect) -> str:
    lines = (line.rstrip().replace("\t", "    ") for line in str(element.compile(dialect=dialect)).strip().splitlines())
    return "\n".join(line for line in lines if line)


def _add(metadata: sa.MetaData, table: Table) -> None:
    key = database_key(table)
    columns = [
        sa.Column(
            column.name,
            _type(column.type),
            primary_key=column.name in key,
            autoincrement="auto" if column.default == IDENTITY else False,
            nullable=column.nullable,
            server_default=_default(column),
            comment=f"{column.meaning} Unit: {column.unit}.",
        )
        for column in database_columns(table)
    ]
    constraints: list[sa.Constraint] = [
        sa.CheckConstraint(condition, name=f"ck_{table.name}_{column.name}")
        for column in database_columns(table)
        if (condition := _condition(column))
    ]
    constraints += [sa.CheckConstraint(condition, name=f"ck_{table.name}_{name}") for name, condition in table.checks]
    if is_partitioned(table) and not is_per_interval(table):
        constraints.append(
            sa.ForeignKeyConstraint(
                [PLAN_DATE.name, VERSION.name],
                [f"{PLAN_VERSION.name}.{PLAN_DATE.name}", f"{PLAN_VERSION.name}.{VERSION.name}"],
                name=f"fk_{table.name}_plan_version",
            )
        )
    made = sa.Table(
        table.name,
        metadata,
        *columns,
        *constraints,
        comment=f"{table.meaning} One row: {table.grain}.",
        postgresql_partition_by=f"RANGE ({PLAN_DATE.name})" if is_partitioned(table) else None,
        info={_PER_INTERVAL: is_per_interval(table)},
    )
    made.primary_key.name = f"pk_{table.name}"
    _add_indexes(made, table)


def _default(column: Column) -> sa.Identity | sa.TextClause | None:
    if column.default == IDENTITY:
        return sa.Identity(always=True)
    return sa.text(column.default) if column.default else None


def _add_indexes(made: sa.Table, table: Table) -> None:
    if table is PLAN_VERSION:  # the database itself refuses a second plan in force
        sa.Index("ux_plan_version_current", made.c.status, unique=True, postgresql_where=made.c.status == sa.text("'current'"))
    elif is_versioned(table) and BUSINESS_DATE.name in table.column_names:  # what every plan said about a day
        names = [BUSINESS_DATE.name, PLAN_DATE.name, VERSION.name]
        names += [QUEUE_ID.name] * (QUEUE_ID in table.all_columns)  # a queue's day is found at once
        sa.Index(f"ix_{table.name}_business_date", *(made.c[name] for name in names))
    elif BUSINESS_DATE.name in table.column_names and made.primary_key.columns[0].name != BUSINESS_DATE.name:
        sa.Index(f"ix_{table.name}_business_date", made.c[BUSINESS_DATE.name])


def _type(arrow: pa.DataType) -> sa.types.TypeEngine[Any]:
    kinds: dict[Any, sa.types.TypeEngine[Any]] = {
        TIMESTAMP: sa.TIMESTAMP(timezone=True),
        DATE: sa.Date(),
        TEXT: sa.Text(),
        COUNT: sa.BigInteger(),
        NUMBER: sa.Double(),
        FLAG: sa.Boolean(),
    }
    return kinds[arrow]


def _condition(column: Column) -> str:
    """The declared bounds as SQL; every number must be finite (in PostgreSQL, NaN is greater than Infinity)."""
    if column.allowed:
        return f"{column.name} IN ({', '.join(_quoted(value) for value in column.allowed)})"
    bounds = []
    if column.minimum is not None:
        bounds.append(f"{column.name} >= {column.minimum:g}")
    elif column.type == NUMBER:
        bounds.append(f"{column.name} > '-Infinity'")
    if column.maximum is not None:
        bounds.append(f"{column.name} <= {column.maximum:g}")
    elif column.type == NUMBER:
        bounds.append(f"{column.name} < 'Infinity'")
    return " AND ".join(bounds)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


if __name__ == "__main__":
    sys.stdout.writelines(f"{statement};\n\n" for statement in statements())
