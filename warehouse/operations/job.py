"""The jobs of whoever runs Leadline: tell how a night went, forget a customer, copy everything and bring it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from enterprise.errors import NeedsPersonError
from enterprise.privacy import hashed, stand_in
from enterprise.settings import Enterprise
from warehouse.database import connected, warehouse_url
from warehouse.lake import Lake
from warehouse.operations.backup import Manifest, back_up, restore
from warehouse.operations.forget import (
    NOTE,
    SHORTEST_ID,
    SHORTEST_NUMBER,
    Forgotten,
    Names,
    forget_in_files,
    forget_in_warehouse,
    note_forgotten,
    still_named,
)
from warehouse.operations.measures import Measure as Measure
from warehouse.operations.measures import measures
from warehouse.operations.run_summary import run_summary, store_run_summary
from warehouse.operations.step_runs import DagRunSeen as DagRunSeen
from warehouse.operations.step_runs import step_runs
from warehouse.published import plan_of
from warehouse.publisher_lock import publisher_lock
from warehouse.schema import migrate
from warehouse.tidying import tidy


def summarise_night(night: date, enterprise: Enterprise, lake: Lake, ran: Iterable[DagRunSeen]) -> list[Measure]:
    """Tell how a night went, step by step, in the warehouse's table run_summary; told again, it replaces what was said before.

    Args:
        night: the night.
        enterprise: the settings.
        lake: where the night's tables are.
        ran: what Airflow saw of the night's runs.

    Returns:
        The same as measures, for whoever watches.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        try:
            version = plan_of(connection, night).version
        except NeedsPersonError:
            version = None
        rows = run_summary(night, step_runs(ran), lake, version, datetime.now(UTC))
        store_run_summary(connection, night, rows)
    return measures(rows)


def tidy_warehouse(enterprise: Enterprise) -> list[str]:
    """Vacuum and analyse the warehouse's tables; their names. See `warehouse.tidying`."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        return tidy(connection)


def forget_customer(customer_id: str, by: str, reason: str, enterprise: Enterprise, lake: Lake) -> Forgotten:
    """Take one customer's id out of everything Leadline keeps, and see that it does not come back; what was counted stays.

    First it is noted, by the id's keyed hash, that the customer is forgotten: a night that runs meanwhile, and what sources send
    again later, names the stand-in. Broken off, run it again.

    Args:
        customer_id: the id as the source names it: a number, an address, a telephone number.
        by: who asks for it.
        reason: why.
        enterprise: the settings: the key, and where lake, archive, warehouse and pages are.
        lake: the lake.

    Returns:
        What held the id, and where.

    Raises:
        NeedsPersonError: if there is no key, nobody or no reason is named, the id is too short to be told from other numbers, the
            login does not own the warehouse's tables, or a file holds the id still.
    """
    key = enterprise.privacy.key_bytes
    _require_forgettable(customer_id, by, reason, enterprise)
    other = stand_in(customer_id, key)
    pairs = {customer_id: other, hashed(customer_id, key): hashed(other, key)}
    note_forgotten(lake, hashed(customer_id, key), by, reason, datetime.now(UTC), {})
    own = Names({customer_id: other}) if not enterprise.privacy.hashes else Names(pairs)
    storage, archive = enterprise.storage, enterprise.retention.landing_archive_url
    places = [lake.url, storage.planbook_folder, storage.data_docs, *([archive] if archive else [])]
    files: dict[str, int] = {}
    for place in places:
        for part, count in forget_in_files(Lake(place), own, but=NOTE).items():
            name = part if place == lake.url else place.rstrip("/").rpartition("/")[2]
            files[name] = files.get(name, 0) + count
    with connected(warehouse_url(storage)) as connection, publisher_lock(connection):
        try:
            rows = forget_in_warehouse(connection, own)
        except psycopg.errors.InsufficientPrivilege as error:
            raise NeedsPersonError(
                "the warehouse's tables belong to the owner of its schema: run leadline forget with the login that also runs "
                "leadline migrate. The lake is done; run it again"
            ) from error
    left = [path for place in places for path in still_named(Lake(place), own, but=NOTE)]
    if left:
        raise NeedsPersonError(f"{len(left)} file(s) hold the id still, {left[0]} for one: run it again when no night runs")
    note_forgotten(lake, hashed(customer_id, key), by, reason, datetime.now(UTC), files | rows)
    return Forgotten(files, rows)


def back_up_all(enterprise: Enterprise, lake: Lake, folder: Path) -> Manifest:
    """Copy lake and warehouse into an empty folder of this machine, while nothing is published.

    Raises:
        NeedsPersonError: if the folder holds anything, or the database cannot be dumped.
    """
    url = warehouse_url(enterprise.storage)
    with connected(url) as connection, publisher_lock(connection):
        return back_up(url, lake, folder, datetime.now(UTC).isoformat())


def restore_all(enterprise: Enterprise, lake: Lake, folder: Path) -> Manifest:
    """Make lake and warehouse, both empty, of a backup; the warehouse is made and brought to this version first and afterwards.

    Raises:
        NeedsPersonError: if the backup is not whole, or the place is not empty.
    """
    url = warehouse_url(enterprise.storage)
    migrate(url)
    manifest = restore(url, lake, folder)
    migrate(url, site_access=enterprise.site_access)  # a backup of an earlier version
    return manifest


def _require_forgettable(customer_id: str, by: str, reason: str, enterprise: Enterprise) -> None:
    if not by.strip() or not reason.strip():
        raise NeedsPersonError("say who asks for it (--by) and why (--reason): both are kept, the id is not")
    if not enterprise.privacy.key.get_secret_value():
        raise NeedsPersonError(
            "[privacy] has no key: without one, nothing could keep the customer from coming back without keeping the id. Write "
            'key = "${LEADLINE_CUSTOMER_KEY}", set that variable (openssl rand -hex 32), and keep it where secrets are kept'
        )
    if len(customer_id) < SHORTEST_ID or (customer_id.isdigit() and len(customer_id) < SHORTEST_NUMBER):
        raise NeedsPersonError(
            f"an id of less than {SHORTEST_ID} characters, or a number of less than {SHORTEST_NUMBER} digits, cannot be told "
            "from other words and numbers of the landed files: taking it out would change those. Nothing was changed"
        )
