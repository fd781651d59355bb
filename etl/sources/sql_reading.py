"""Tables of any SQL database read by watermark, in one read-only transaction, as deterministic JSON Lines."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.sql import quoted_name

from enterprise.errors import NeedsPersonError, SettingsError, SourceChangedError, SourceUnreachableError
from enterprise.remote import is_login_refused
from etl.sources.postgres_times import with_all_times
from etl.sources.sql_values import as_instant, as_mark, in_form_of, json_lines
from etl.sources.watermarks import Watermarks, watermark_of

_CONNECT_SECONDS = 15
_ROWS_PER_PIECE = 100_000
_ROWS_PER_READ = 10_000
_SAMPLE_ROWS = 100


COLUMNS_PIECE = "-columns.json"
"""End of the name of the piece that holds a table's columns with their types; it lands when they change."""


class Fetched:
    """What a fetch gives: landing pieces, read while they are taken, and then the watermarks reached.

    Args:
        reading: gives pieces as (name, bytes), and returns the watermarks reached.
    """

    def __init__(self, reading: Generator[tuple[str, bytes], None, Watermarks]) -> None:
        self._reading = reading
        self.watermarks: Watermarks = {}
        """The watermark reached of each table, once all pieces were taken."""

    @property
    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """The pieces; they can be taken once."""
        self.watermarks = yield from self._reading


@dataclass(frozen=True, slots=True)
class Selection:
    """One table to read.

    Args:
        name: name of the pieces.
        place: table or view in the database, `schema.table` where it has a schema.
        columns: columns to read.
        watermarks: columns to read by; the first one that the table has. Without any, the table is read whole every time.
        key: column that orders rows with the same watermark.
    """

    name: str
    place: str
    columns: tuple[str, ...]
    watermarks: tuple[str, ...]
    key: str


def read_tables(
    url: str, selections: Sequence[Selection], since: Watermarks, overlap_seconds: float, present: datetime
) -> Fetched:
    """Read the selections' rows whose watermark is not before that of their table less the overlap (all rows of one without).

    Each table has a watermark of its own: one that is filled later than another loses nothing by it, and none goes back. All are
    read in one read-only transaction, a piece of at most 100,000 rows at a time. Rows whose watermark lies beyond
    `present` (now, in the time zone of times that name none) are read, too, but it is never the watermark reached. Errors come
    while pieces are taken:

    Raises:
        SourceUnreachableError: if the database does not answer, or breaks off.
        SourceChangedError: if a table or column is not there, naming it and those that are.
        SettingsError: if the URL cannot be used.
    """
    return Fetched(_reading(url, selections, since, overlap_seconds, present))


def _reading(
    url: str, selections: Sequence[Selection], since: Watermarks, overlap_seconds: float, present: datetime
) -> Generator[tuple[str, bytes], None, Watermarks]:
    reached: dict[str, datetime] = {}
    with _opened(url) as (place, connection):
        for selection in selections:
            before = watermark_of(selection.name, since)
            lower = None if before is None else before - timedelta(seconds=overlap_seconds)
            latest = yield from _pieces(connection, selection, lower, place, present)
            if known := [at for at in (before, latest) if at is not None]:
                reached[selection.name] = max(known)
    return reached


def describe_table(url: str, selection: Selection) -> tuple[int, Any]:
    """Number of rows, and the newest watermark as the driver gives it (None without one), after looking for every column.

    Raises:
        SourceUnreachableError, SourceChangedError, SettingsError: as `read_tables`.
    """
    with _opened(url) as (place, connection):
        table, watermark, _ = _table(connection, selection, place)
        newest = sa.null() if watermark is None else sa.func.max(watermark)
        count, latest = connection.execute(sa.select(sa.func.count(), newest).select_from(table)).one()
    return int(count), latest


@contextmanager
def _opened(url: str) -> Iterator[tuple[str, sa.Connection]]:
    """The database in words and a snapshot of it; what goes wrong while it is read is said in words."""
    place, engine = _engine(url)
    try:
        with _snapshot(engine) as connection:
            yield place, connection
    except (OperationalError, InterfaceError, OSError) as error:
        if is_login_refused(str(error)):
            raise NeedsPersonError(
                f"{place} refuses this login ({_first_line(error)}): renew user and password in the url of the settings, or have "
                "its administrator let it in, then run the night again"
            ) from error
        raise SourceUnreachableError(
            f"{place} does not answer or broke off ({_first_line(error)}); nothing of this fetch was kept, "
            "the next one reads it again: check that the database is up and the url in the settings is right"
        ) from error
    except DBAPIError as error:
        raise SourceChangedError(
            f"{place} answers, but refuses to be read ({_first_line(error)}); expected tables that the user of the url may read: "
            "mend the rights or the view, or name other tables in the settings"
        ) from error
    finally:
        engine.dispose()


def _engine(url: str) -> tuple[str, sa.Engine]:
    """The database in words (no password) and its engine."""
    try:
        parsed = make_url(url)
        place = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            return place, _sqlite(parsed, place)
        patience = {"connect_timeout": _CONNECT_SECONDS} if parsed.get_backend_name() == "postgresql" else {}
        engine = sa.create_engine(parsed, poolclass=sa.pool.NullPool, connect_args=patience)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise SettingsError(
            f"the url of the database cannot be used ({_first_line(error)}); expected a SQLAlchemy URL such as "
            "postgresql+psycopg://user:${PASSWORD}@host/database or sqlite:///claims.db"
        ) from error
    if engine.dialect.driver == "psycopg":
        sa.event.listen(engine, "connect", with_all_times)
    return place, engine


def _sqlite(url: URL, place: str) -> sa.Engine:
    """An engine that opens a SQLite file for reading only and never makes one."""
    path = Path(url.database or "")
    if not path.is_file():
        raise SourceUnreachableError(
            f"{place}: there is no file {path}; check the url in the settings, or that its disk is mounted"
        )

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, isolation_level=None, timeout=30.0)
        connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
        return connection

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)


@contextmanager
def _snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection in one read-only transaction that sees one state of the database."""
    options: dict[str, Any] = {"stream_results": True, "max_row_buffer": _ROWS_PER_READ}
    if engine.dialect.name in ("postgresql", "mysql", "mariadb"):
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": engine.dialect.name == "postgresql"}
    with engine.connect().execution_options(**options) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def _pieces(
    connection: sa.Connection, selection: Selection, lower: datetime | None, place: str, present: datetime
) -> Generator[tuple[str, bytes], None, datetime | None]:
    table, watermark, types = _table(connection, selection, place)
    yield f"{selection.name}{COLUMNS_PIECE}", json.dumps(types).encode()
    names = list(dict.fromkeys([*selection.columns, *([] if watermark is None else [watermark.name])]))
    query = sa.select(*(table.c[name] for name in names)).order_by(
        *([] if watermark is None else [watermark]), table.c[selection.key]
    )
    if lower is not None and watermark is not None:
        some = connection.execute(sa.select(watermark).where(watermark.is_not(None)).limit(_SAMPLE_ROWS)).scalars().all()
        sample = next((value for value in some if as_instant(value) is not None), None)
        if sample is not None:
            query = query.where(sa.or_(watermark.is_(None), watermark >= in_form_of(sample, lower)))
    latest: datetime | None = None
    for number, chunk in enumerate(connection.execute(query).partitions(_ROWS_PER_PIECE)):
        if watermark is not None:
            place_of_watermark = names.index(watermark.name)
            instants = [at for row in chunk if (at := as_mark(row[place_of_watermark], present)) is not None]
            latest = max(instants, default=latest) if latest is None else max([latest, *instants])
        yield f"{selection.name}-{number:04d}.jsonl", json_lines([dict(zip(names, row, strict=True)) for row in chunk])
    return latest


def _table(connection: sa.Connection, selection: Selection, place: str) -> tuple[sa.Table, sa.Column[Any] | None, dict[str, str]]:
    """The table with its columns, without types: values come as the driver gives them; the column to read by; the types."""
    inspector = sa.inspect(connection)
    schema, name = "", selection.place
    known = [*inspector.get_table_names(), *inspector.get_view_names()]
    if name not in known and "." in name:
        schema, _, name = selection.place.rpartition(".")
        known = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    if name not in known:
        there = ", ".join(sorted(known))[:500] or "none"
        raise SourceChangedError(f"{place} has no table {selection.place!r}; it has {there}. Name the table in the settings")
    columns = {column["name"]: type(column["type"]).__name__.lower() for column in inspector.get_columns(name, schema or None)}
    missing = [column for column in dict.fromkeys([*selection.columns, selection.key]) if column not in columns]
    watermark = next((column for column in selection.watermarks if column in columns), None)
    if missing or (watermark is None and selection.watermarks):
        absent = missing or [selection.watermarks[0]]
        raise SourceChangedError(
            f"table {selection.place!r} of {place} has no column {', '.join(absent)}; it has {', '.join(columns)}. "
            "Map it in the settings"
        )
    table = sa.Table(
        quoted_name(name, quote=True),
        sa.MetaData(),
        *(
            sa.Column(quoted_name(column, quote=True))
            for column in dict.fromkeys([*selection.columns, selection.key, *([watermark] if watermark else [])])
        ),
        schema=quoted_name(schema, quote=True) if schema else None,
    )
    return table, table.c[watermark] if watermark else None, columns


def _first_line(error: BaseException) -> str:
    """What went wrong, without statement and parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).strip().split("\n", 1)[0][:300] or type(error).__name__
