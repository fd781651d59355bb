"""Whether lake and warehouse can be used just now: for the doctor, which changes nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg

from enterprise.errors import NeedsPersonError
from enterprise.remote import remote_errors, shown, shown_error
from enterprise.settings import EMBEDDED, Storage
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.embedded_cluster import Cluster, program
from warehouse.lake import Lake
from warehouse.schema import disagreements, is_newest, newest_revision
from warehouse.tables.history import DAILY_HISTORY

_PROBE = ".doctor"


def lake_health(url: str) -> str:
    """Whether the lake can be written to, and how far its history goes.

    Raises:
        NeedsPersonError: if it refuses this login or cannot be written to.
        LakeUnreachableError: if it does not answer or its disk is full.
    """
    try:
        lake = Lake(url)
        if lake.is_local:
            with tempfile.TemporaryFile(dir=existing_folder(Path(lake.root))) as probe:
                probe.write(b"probe")
        else:
            path = f"{lake.root}/{_PROBE}"
            lake.write_bytes(path, b"probe")
            lake.filesystem.rm_file(path)
        days = lake.partitions(DAILY_HISTORY)
    except remote_errors() as error:
        raise NeedsPersonError(
            f"storage.lake_url {shown(url)} cannot be written to: {shown_error(error, url)}; "
            "mend the address, or give this user the right to write there"
        ) from error
    if not days:
        return "writable; holds no history yet"
    return f"writable; history of {len(days)} days, {days[0]} to {days[-1]}{_sizes(lake)}"


def _sizes(lake: Lake) -> str:
    """Size of each layer, of a lake on this machine: an object store would have to be asked file by file."""
    if not lake.is_local:
        return ""
    sizes = {
        folder.name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for folder in sorted(Path(lake.root).iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
    }
    shown = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sorted(sizes.items(), key=lambda one: -one[1]))
    return f"; {sum(sizes.values()) / 1e6:,.0f} MB ({shown})"


def existing_folder(path: Path) -> Path:
    """The path, or the nearest folder above it that is there: where it would be made."""
    return next(place for place in (path, *path.parents) if place.exists())


def warehouse_health(storage: Storage) -> str:
    """Whether the warehouse answers, its schema is this version's, and which plan is in force.

    An embedded server that is not running is started for this and stopped again; one never made is not made.

    Raises:
        NeedsPersonError: if the schema is not this version's, the login may not write, or this machine cannot run the server.
        WarehouseUnreachableError: if it does not answer.
    """
    if storage.warehouse_url != EMBEDDED:
        return _health(warehouse_url(storage), embedded=False)
    state = Path(storage.state_folder)
    if not Cluster(state.resolve()).data.exists():
        program("initdb")  # refuses in words if this machine has no PostgreSQL to make it with
        return "embedded PostgreSQL, not made yet: the first night makes it"
    was_running = EmbeddedPostgres.running(state) is not None
    try:
        return _health(warehouse_url(storage), embedded=True) + ("" if was_running else "; it is stopped until it is needed")
    finally:
        if not was_running:
            EmbeddedPostgres.stop(state)


def _health(url: str, *, embedded: bool) -> str:
    with connected(url) as connection:
        place = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
        if not is_newest(connection):
            if embedded:
                return f"{place} answers; the next night brings its schema to revision {newest_revision()}"
            raise NeedsPersonError(
                f"{place} answers, but its schema is not at revision {newest_revision()}; run: leadline migrate"
            )
        plan = _plan(connection, place)
        _require_agreement(connection, url, place)
        return f"{place} answers; schema at revision {newest_revision()}; {plan}; {_size(connection)}"


def _size(connection: psycopg.Connection) -> str:
    """Size of the database and of its largest tables with all their partitions."""
    rows = connection.execute(
        "SELECT pg_size_pretty(pg_database_size(current_database())), string_agg(name || ' ' || pg_size_pretty(bytes), ', ' "
        "ORDER BY bytes DESC) FROM (SELECT c.relname AS name, (SELECT sum(pg_total_relation_size(p.relid)) "
        "FROM pg_partition_tree(c.oid) AS p) AS bytes FROM pg_class AS c WHERE c.relkind = 'p' "
        "AND c.relnamespace = 'public'::regnamespace ORDER BY bytes DESC NULLS LAST LIMIT 3) AS largest"
    ).fetchone()
    return "" if rows is None else f"{rows[0]} (largest: {rows[1]})"


def _require_agreement(connection: psycopg.Connection, url: str, place: str) -> None:
    """Refuse a schema that somebody changed by hand; only a login that may make schemas can tell."""
    row = connection.execute("SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
    found = disagreements(url) if row is not None and row[0] else []
    if found:
        raise NeedsPersonError(
            f"{place}: the schema was changed by hand and is not what this Leadline declares ({len(found)} differences): "
            f"{'; '.join(found[:3])}. Undo the change; views and grants are made anew by: leadline migrate"
        )


def _plan(connection: psycopg.Connection, place: str) -> str:
    try:
        row = connection.execute(
            "SELECT has_table_privilege('public.plan_version', 'INSERT'), "
            "(SELECT max(plan_date) FROM public.plan_version WHERE status = 'current')"
        ).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        row = None
    if row is None or not row[0]:
        raise NeedsPersonError(
            f"{place}: this login may not publish; have its owner run: GRANT leadline_writer TO {connection.info.user}"
        )
    return "no plan published yet" if row[1] is None else f"the plan of {row[1]} is in force"
