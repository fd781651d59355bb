"""The baseline of every table: what its declaration already says, counted where the rows lie."""

# ruff: noqa: S608 - SQL is put together from declared names, bounds and words, never from data.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.rule import Night
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table

_SHOWN = 3
_ROWS_AT_ONCE = 10_000_000
"""Keys compared in one go: it bounds the memory."""
_TYPES = {
    COUNT: "BIGINT", NUMBER: "DOUBLE", TEXT: "VARCHAR", DATE: "DATE", FLAG: "BOOLEAN", TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the declaration says of every row.

    Attributes:
        rule: stable name.
        expected: the promise in words.
        broken: SQL condition of a row that breaks it; "" where it is not about single rows.
        column: column whose values are shown when it is broken.
    """

    rule: str
    expected: str
    broken: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was seen of a promise: rows looked at, rows that break it, and the first of them in words."""

    promise: Promise
    rows_checked: int
    rows_failed: int
    first: str = ""


def promises(table: Table) -> list[Promise]:
    """What follows from the declaration: columns and types, keys, missing values, bounds, allowed values."""
    names = ", ".join(table.key_names)
    return [
        Promise("columns_as_declared", "exactly the declared columns, in order"),
        Promise("types_as_declared", "every column of its declared type"),
        Promise("key_unique", f"{names} {'identifies' if len(table.key) == 1 else 'identify'} a row"),
        *(promise for column in table.all_columns for promise in _of_column(column)),
    ]


def _of_column(column: Column) -> Iterator[Promise]:
    name = column.name
    if not column.nullable:
        yield Promise(f"{name}_present", f"{name} is never missing", f'"{name}" IS NULL', name)
    given = [(w, sign, b) for w, sign, b in (("least", "<", column.minimum), ("most", ">", column.maximum)) if b is not None]
    if given:
        words = " and ".join(f"at {word} {bound:g} {column.unit}" for word, _, bound in given)
        broken = [f'"{name}" {sign} {bound!r}' for _, sign, bound in given]
        broken += [f'NOT isfinite("{name}")'] if column.type == NUMBER else []
        yield Promise(f"{name}_in_bounds", f"{name} is {words}", " OR ".join(broken), name)
    if column.allowed:
        words = ", ".join(column.allowed)
        quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in column.allowed)
        yield Promise(f"{name}_known", f"{name} is one of {words}", f'"{name}" NOT IN ({quoted})', name)


def counted_promises(night: Night, table: Table) -> list[Counted]:
    """Every promise of a table's declaration with the rows that break it: one pass over the columns and one over the keys."""
    types = {str(name): str(kind) for name, kind, *_ in night.rows(f"DESCRIBE {table.name}")}
    wanted = promises(table)
    sound = {column.name for column in table.all_columns if types.get(column.name) == _TYPES[column.type]}
    askable = [promise for promise in wanted if promise.column in sound]
    sums = [f"count(*) FILTER (WHERE {promise.broken})" for promise in askable]
    numbers = night.rows(f"SELECT {', '.join(['count(*)', *sums])} FROM {table.name}")[0]
    rows, broken = int(numbers[0]), dict(zip([promise.rule for promise in askable], numbers[1:], strict=True))
    found = []
    for promise in wanted:
        if promise.rule == "columns_as_declared":
            found.append(_columns(promise, table, types, rows))
        elif promise.rule == "types_as_declared":
            found.append(_types(promise, table, types, rows))
        elif promise.rule == "key_unique":
            found.append(_keys(night, promise, table, types, rows))
        elif promise.rule not in broken:
            found.append(Counted(promise, rows, max(rows, 1), f"no column {promise.column} of the declared type"))
        else:
            failed = int(broken[promise.rule])
            found.append(Counted(promise, rows, failed, _first(night, table, promise) if failed else ""))
    return found


def _columns(promise: Promise, table: Table, types: dict[str, str], rows: int) -> Counted:
    if list(types) == table.column_names:
        return Counted(promise, rows, 0)
    strange, missing = sorted(set(types) - set(table.column_names)), sorted(set(table.column_names) - set(types))
    return Counted(promise, rows, 1, f"not declared {strange}, missing {missing}" if strange or missing else "another order")


def _types(promise: Promise, table: Table, types: dict[str, str], rows: int) -> Counted:
    wrong = [
        f"{column.name} {types[column.name]}, declared {_TYPES[column.type]}"
        for column in table.all_columns
        if column.name in types and types[column.name] != _TYPES[column.type]
    ]
    return Counted(promise, rows, len(wrong), ", ".join(wrong[:_SHOWN]))


def _first(night: Night, table: Table, promise: Promise) -> str:
    sql = f"SELECT coalesce(\"{promise.column}\"::VARCHAR, 'nothing') FROM {table.name} WHERE {promise.broken} LIMIT {_SHOWN}"
    return ", ".join(str(value) for (value,) in night.rows(sql))


def _keys(night: Night, promise: Promise, table: Table, types: dict[str, str], rows: int) -> Counted:
    """Repeated keys, by 64 bits of every key and some of them at a time; those that look repeated are then compared in full."""
    missing = [name for name in table.key_names if name not in types]
    if missing:
        return Counted(promise, rows, max(rows, 1), f"no column {', '.join(missing)}")
    keys = ", ".join(f'"{name}"' for name in table.key_names)
    parts = rows // _ROWS_AT_ONCE + 1
    doubtful: list[int] = []
    for part in range(parts):
        mine = f"WHERE hash({keys}) % {parts} = {part}" if parts > 1 else ""
        sql = f"SELECT hash({keys}) AS h FROM {table.name} {mine} GROUP BY h HAVING count(*) > 1"
        doubtful += [int(number) for (number,) in night.rows(sql)]
    if not doubtful:
        return Counted(promise, rows, 0)
    words = ", '/', ".join(f"{name}::VARCHAR" for name in keys.split(", "))
    groups = night.rows(
        f"SELECT count(*) AS n, concat({words}) FROM {table.name} WHERE hash({keys}) IN (SELECT unnest($doubtful::UBIGINT[])) "
        f"GROUP BY {keys} HAVING n > 1 ORDER BY {keys}",
        {"doubtful": doubtful},
    )
    return Counted(promise, rows, sum(int(number) for number, _ in groups), ", ".join(str(key) for _, key in groups[:_SHOWN]))
