"""COPY in binary form on a real PostgreSQL: every declared type arrives as it is, and what may not be is refused whole."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pyarrow as pa
import pytest
from psycopg import sql

from warehouse.bulk_copy import copy_rows
from warehouse.database import connected
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP

pytestmark = pytest.mark.integration
PLACE = sql.Identifier("pg_temp", "arrived")
SCHEMA = pa.schema([("text", TEXT), ("count", COUNT), ("number", NUMBER), ("day", DATE), ("instant", TIMESTAMP), ("flag", FLAG)])
ROWS = [
    ('Zoë said "no"; a,b\n\\N', -(2**63), 1 / 3, date(1969, 12, 31), datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=UTC), True),
    ("", 2**63 - 1, 5e-324, date(2027, 2, 28), datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), False),
    (None, None, None, None, None, None),
]


def _arrow(rows: list[tuple[object, ...]]) -> pa.Table:
    return pa.table([pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)], SCHEMA)


def _make(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TEMPORARY TABLE arrived (id bigint GENERATED ALWAYS AS IDENTITY, text text, count bigint CHECK (count <> 7), "
        "number double precision, day date, instant timestamptz, flag boolean)"
    )


def _arrived(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    connection.execute("SET TimeZone = 'UTC'")
    return connection.execute("SELECT text, count, number, day, instant, flag FROM arrived ORDER BY id").fetchall()


def test_every_declared_type_arrives_as_it_is(empty_url: str) -> None:
    with connected(empty_url) as connection:
        _make(connection)
        copy_rows(connection, PLACE, _arrow(ROWS))
        assert _arrived(connection) == ROWS, "empty text is not a missing value, and no text is a mark of the format"


def test_rows_in_pieces_some_of_them_empty_arrive_once_each(empty_url: str) -> None:
    rows = _arrow(ROWS)
    with connected(empty_url) as connection:
        _make(connection)
        copy_rows(connection, PLACE, rows.slice(0, 0))
        assert _arrived(connection) == []
        copy_rows(connection, PLACE, pa.concat_tables([rows.slice(0, 1), rows.slice(0, 0), rows.slice(1)]))
        assert _arrived(connection) == ROWS


def test_more_rows_than_one_piece_holds_arrive_in_order(empty_url: str) -> None:
    many = _arrow([("x", number, 0.5, None, None, None) for number in range(100, 25_100)])
    with connected(empty_url) as connection:
        _make(connection)
        copy_rows(connection, PLACE, many)
        assert [row[1] for row in _arrived(connection)] == list(range(100, 25_100))


@pytest.mark.parametrize(
    ("bad", "error"),
    [(("x", 7, 0.5, None, None, None), psycopg.errors.CheckViolation), (("\0", 8, 0.5, None, None, None), psycopg.DataError)],
)
def test_a_row_that_is_refused_takes_all_with_it(bad: tuple[object, ...], error: type[psycopg.Error], empty_url: str) -> None:
    with connected(empty_url) as connection:
        _make(connection)
        with pytest.raises(error):
            copy_rows(connection, PLACE, _arrow([*ROWS, bad]))
        assert _arrived(connection) == []
