"""How a table is declared: columns with type, unit, meaning and bounds; key; partition. Everything else derives from it.

`Table` gives the Arrow schema and the column groups; DDL, expectations, test builders and the data dictionary are derived in
`warehouse.tables.ddl`, `expectations.suites`, `warehouse.tables.builder` and `warehouse.tables.dictionary`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import pyarrow as pa

Layer = Literal["core", "history", "forecast", "staffing", "run"]

TIMESTAMP = pa.timestamp("us", tz="UTC")
DATE = pa.date32()
TEXT = pa.string()
COUNT = pa.int64()
NUMBER = pa.float64()
FLAG = pa.bool_()


@dataclass(frozen=True, slots=True)
class Column:
    """One column, declared once.

    Args:
        name: stable name with its unit where it has one (`mean_handle_seconds`).
        type: Arrow type.
        unit: what one counts in; "text", "date", "instant UTC" and "flag" for columns without a physical unit.
        meaning: one sentence that a planner understands.
        nullable: whether a value may be missing.
        minimum: smallest value allowed, inclusive; None for no bound.
        maximum: largest value allowed, inclusive; None for no bound.
        allowed: the only values allowed; empty for any.
        default: what the database fills in where a row does not say, as SQL; "identity" for the next number; "" for nothing.
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    default: str = ""

    def optional(self) -> Column:
        """The same column where a value may be missing."""
        return replace(self, nullable=True)

    def named(self, name: str, meaning: str) -> Column:
        """The same kind of column under another name."""
        return replace(self, name=name, meaning=meaning)


@dataclass(frozen=True, slots=True)
class Table:
    """One table, declared once.

    Args:
        name: name in the lake and in the warehouse.
        layer: the room whose job writes it.
        grain: what one row is, in words.
        meaning: what the table is for, one or two sentences.
        key: columns that identify a row, in the order in which rows are sorted when written.
        columns: the other columns.
        partitioned_by: the date column whose value names the lake partition; None for a table replaced whole.
        published: whether the warehouse holds it too.
        filled: False while no job writes it yet (such a table is declared, but not created in the warehouse).
        restated: True for a table about days that are over, whose rows late data may change: the database keeps every statement.
        checks: what must hold between the columns of a row: name and condition, as SQL; the database refuses a row without.
    """

    name: str
    layer: Layer
    grain: str
    meaning: str
    key: tuple[Column, ...]
    columns: tuple[Column, ...]
    partitioned_by: Column | None = None
    published: bool = False
    filled: bool = True
    restated: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False, default_factory=dict)
    _schema: pa.Schema = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        for column in self.all_columns:
            if column.name in self._by_name:
                raise ValueError(f"table {self.name}: column {column.name!r} is declared twice; keep one")
            self._by_name[column.name] = column
        if self.partitioned_by is not None and self.partitioned_by.name not in self._by_name:
            raise ValueError(f"table {self.name}: partition column {self.partitioned_by.name!r} is not among its columns")
        for column in self.key:
            if column.nullable:
                raise ValueError(f"table {self.name}: key column {column.name!r} may not be nullable")
        fields = [
            pa.field(c.name, c.type, nullable=c.nullable, metadata={"unit": c.unit, "meaning": c.meaning})
            for c in self.all_columns
        ]
        schema = pa.schema(fields, metadata={"table": self.name, "grain": self.grain})
        object.__setattr__(self, "_schema", schema)  # asked for with every portion of rows: made once

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Key columns first, then the others, as they stand in files and in the database."""
        return self.key + self.columns

    @property
    def column_names(self) -> list[str]:
        """Names of all columns in order."""
        return [column.name for column in self.all_columns]

    @property
    def key_names(self) -> list[str]:
        """Names of the key columns in order."""
        return [column.name for column in self.key]

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: naming the table and the columns it has.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"table {self.name} has no column {name!r}; it has {', '.join(self._by_name)}") from None

    @property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema, with unit and meaning as field metadata."""
        return self._schema
