"""The warehouse's jobs: bring the schema up to date, publish a night, write its plan book, and say what tomorrow looks like."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

from enterprise.errors import NeedsPersonError
from enterprise.remote import remote_errors, shown, shown_error
from enterprise.settings import EMBEDDED, PLAN_BOOK, Enterprise
from enterprise.timing import grid_of
from warehouse.database import connected, warehouse_url
from warehouse.export import Exported, export_marts
from warehouse.health import lake_health, warehouse_health
from warehouse.lake import Lake, Written
from warehouse.overrides.entry import Entry, overlap, problem
from warehouse.overrides.file import Looked, look_at, rows_of
from warehouse.overrides.judgement import Judged, judged, overlap_in_words, standing, status_rows
from warehouse.overrides.store import add_entries, read_entries
from warehouse.pages import put_page
from warehouse.planbook.book import plan_book
from warehouse.planbook.glance import GlanceRow, next_open_day
from warehouse.planbook.night import BookNight
from warehouse.plans import Chosen, difference, newest_plans, plan_named, promote, roll_back
from warehouse.publish import Published, Stamp, content_hash, publish
from warehouse.published import PlanVersion, plan_of, read_published
from warehouse.publisher_lock import publisher_lock
from warehouse.queue_names import queue_rows
from warehouse.reference import publish_calendar, publish_history
from warehouse.retention import Removal, due, remove
from warehouse.schema import Migrated, migrate
from warehouse.statements import publish_statements
from warehouse.tables.dictionary import dictionary
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.overrides import OVERRIDE_STATUS, WITHDRAWAL
from warehouse.tables.staffing import STAFFING_INTERVAL
from warehouse.today import publish_moment


def open_lake(enterprise: Enterprise) -> Lake:
    """The lake that the settings name, if it can be reached.

    Raises:
        LakeUnreachableError: if it does not answer.
        NeedsPersonError: if it refuses this login, or is not there.
    """
    lake = named_lake(enterprise)
    lake.require_there()
    return lake


def named_lake(enterprise: Enterprise) -> Lake:
    """The lake that the settings name, whether it can be reached or not."""
    return Lake(enterprise.storage.lake_url)


def storage_health(enterprise: Enterprise, part: str) -> str:
    """Whether "lake" or "warehouse" can be used just now, in words; nothing is changed.

    Raises:
        LeadlineError: saying what is wrong and what to do, if it cannot.
    """
    return lake_health(enterprise.storage.lake_url) if part == "lake" else warehouse_health(enterprise.storage)


def migrate_warehouse(enterprise: Enterprise) -> Migrated:
    """Make the warehouse if it is not there and bring its tables, views and roles to the newest revision."""
    return migrate(warehouse_url(enterprise.storage), site_access=enterprise.site_access)


def take_overrides_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> Written:
    """Take what planners entered by the night's cut-off into the lake, each change with what the plan does with it and why.

    Raises:
        WarehouseUnreachableError: if the planners' table cannot be read: no plan is made that does not know of them.
        NeedsPersonError: if the warehouse's schema is not this version's.
    """
    url = warehouse_url(enterprise.storage)
    if enterprise.storage.warehouse_url == EMBEDDED:
        migrate(url)
    with connected(url) as connection:
        entries = read_entries(connection)
    return lake.replace(OVERRIDE_STATUS, status_rows(judged(entries, enterprise, plan_date), plan_date), plan_date)


def override_entry(**said: Any) -> Entry:
    """A planner's change, as `warehouse.overrides.entry.Entry` takes it."""
    return Entry(**said)


def enter_override(entry: Entry, enterprise: Enterprise) -> int:
    """Keep one change of a planner; its number.

    Raises:
        NeedsPersonError: saying what is wrong with it.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        stood = standing(read_entries(connection), enterprise, entry.night(enterprise.zone))
        why = problem(entry, enterprise)
        if why is None and (other := overlap(entry, stood, enterprise)) is not None:
            why = overlap_in_words(other)
        if why is not None:
            raise NeedsPersonError(f"{why}. Nothing was entered")
        return add_entries(connection, [entry])[0]


def withdraw_override(
    override_id: int, enterprise: Enterprise, by: str, reason: str, first_plan_date: date | None = None
) -> Entry:
    """Take a change back: plans of later nights leave it out. What was taken back.

    Raises:
        NeedsPersonError: if there is no such change, it was taken back already, or nobody or no reason is named.
    """
    if not by.strip() or not reason.strip():
        raise NeedsPersonError("say who takes the change back (--by) and why (--reason): both are kept beside it")
    entry = Entry(WITHDRAWAL, reason, by, datetime.now(UTC), withdraws=override_id, first_plan_date=first_plan_date)
    with connected(warehouse_url(enterprise.storage)) as connection:
        entries = read_entries(connection)
        found = next((one for one in entries if one.override_id == override_id and one.kind != WITHDRAWAL), None)
        if found is None:
            raise NeedsPersonError(f"there is no change {override_id}; see those there are with: leadline override list --all")
        if any(one.withdraws == override_id for one in entries):
            raise NeedsPersonError(f"change {override_id} was taken back already; nothing was changed")
        add_entries(connection, [entry])
    return found


def load_overrides(
    path: Path, enterprise: Enterprise, by: str, *, all_or_nothing: bool, first_plan_date: date | None = None
) -> tuple[Looked, list[int]]:
    """Enter the changes of a planner's file: those that are right, or none unless all are.

    Returns:
        What the file holds, and the numbers of the changes that were entered.

    Raises:
        NeedsPersonError: if the file cannot be read or its columns are not those expected.
    """
    rows, now = rows_of(path), datetime.now(UTC)
    with connected(warehouse_url(enterprise.storage)) as connection:
        night = first_plan_date or now.astimezone(enterprise.zone).date()
        stood = standing(read_entries(connection), enterprise, night)
        looked = look_at(rows, stood, enterprise, by, now, first_plan_date)
        wanted = () if all_or_nothing and looked.refused else looked.good
        return looked, add_entries(connection, wanted)


def list_overrides(enterprise: Enterprise, night: date | None = None) -> list[Judged]:
    """Every change that planners entered, with what a plan of that night (today's, if none is named) does with it."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        entries = read_entries(connection)
    return judged(entries, enterprise, night or datetime.now(enterprise.zone).date())


def publish_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> Published:
    """Make the night's plan visible in the warehouse, whole or not at all; the same plan again changes nothing.

    The calendar and the days of history that are new or re-stated follow, each in a transaction of its own.
    """
    url = warehouse_url(enterprise.storage)
    if enterprise.storage.warehouse_url == EMBEDDED:
        migrate(
            url, site_access=enterprise.site_access
        )  # a server of one's own is migrated by its owner, with `leadline migrate`
    stamp = Stamp(version("leadline"), enterprise.settings_hash, datetime.now(UTC))
    with connected(url) as connection:
        published = publish(connection, plan_date, lake, queue_rows(enterprise), stamp)
        publish_calendar(connection, plan_date, enterprise)
        publish_history(connection, plan_date, lake, stamp.made_at)
        publish_statements(connection, plan_date, lake, stamp.made_at)
    return published


def publish_day(at: datetime, enterprise: Enterprise, lake: Lake) -> int:
    """Make the rest of a day as worked out at a moment visible; returns the rows. The night's plan stays in force."""
    day: date = grid_of(enterprise).business_date(pd.Series([pd.Timestamp(at).tz_convert("UTC")]))[0]
    with connected(warehouse_url(enterprise.storage)) as connection:
        return publish_moment(connection, day, at, lake)


def write_planbook_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> str:
    """Write the plan book of a published night, one self-contained HTML file, and the same as `latest.html`.

    Raises:
        NeedsPersonError: if the night is not published, or the lake no longer holds what was published.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        plan = plan_of(connection, plan_date)
    if content_hash(lake, plan_date, queue_rows(enterprise)) != plan.content_hash:
        raise NeedsPersonError(
            f"the lake's tables of {plan_date} are not those published as version {plan.version}: a book made of them would "
            f"contradict the warehouse. Publish the night first: leadline run --date {plan_date}"
        )
    book = plan_book(BookNight.read(lake, enterprise, plan))
    return put_page(enterprise.storage.planbook_folder, PLAN_BOOK, plan_date, book)


def tomorrow_at_a_glance(plan_date: date, enterprise: Enterprise) -> list[GlanceRow]:
    """The next open day of the night's published plan, per channel, queue and for the enterprise."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        plan = plan_of(connection, plan_date)
        forecast = read_published(connection, FORECAST_DAILY, plan)
        staffing = read_published(connection, STAFFING_INTERVAL, plan)
    return next_open_day(enterprise, forecast, staffing)


def list_plans(enterprise: Enterprise, at_most: int) -> pd.DataFrame:
    """The newest published plans; see `warehouse.plans.newest_plans`."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        return newest_plans(connection, at_most)


def compare_plans(enterprise: Enterprise, before: str, after: str) -> tuple[PlanVersion, PlanVersion, pd.DataFrame]:
    """Two published plans by their names, and what changed between them; see `warehouse.plans.difference`.

    Raises:
        NeedsPersonError: if a name is none of a published plan.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        plans = plan_named(connection, before), plan_named(connection, after)
        return (*plans, difference(connection, *plans))


def promote_plan(enterprise: Enterprise, name: str, by: str, reason: str) -> Chosen:
    """Put a published plan in force, and keep who decided so and why.

    Raises:
        NeedsPersonError: if there is no such plan, it is in force already, or nobody or no reason is named.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        return promote(connection, plan_named(connection, name), by, reason, datetime.now(UTC))


def roll_back_plan(enterprise: Enterprise, by: str, reason: str) -> Chosen:
    """Reject the plan in force, go back to the one before it, and keep who decided so and why.

    Raises:
        NeedsPersonError: if there is no earlier plan, or nobody or no reason is named.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        return roll_back(connection, by, reason, datetime.now(UTC))


def export_star_schema(enterprise: Enterprise, url: str) -> list[Exported]:
    """Write the star schema as Parquet below a URL; see `warehouse.export`.

    Raises:
        NeedsPersonError: if the place cannot be written to.
    """
    try:
        with connected(warehouse_url(enterprise.storage)) as connection:
            return export_marts(connection, url, datetime.now(UTC))
    except remote_errors() as error:
        raise NeedsPersonError(
            f"{shown(url)} cannot be written to: {shown_error(error, url)}; what was exported there before is as it was. "
            "Mend the address or the right to write there, then run again: leadline export --to URL"
        ) from error


def retention_night(enterprise: Enterprise, *, dry_run: bool = False) -> list[Removal]:
    """Let go what `[retention]` says is old enough; see `warehouse.retention` for what never goes.

    Args:
        enterprise: the settings.
        dry_run: only say what would go.

    Returns:
        What went, or would go.

    Raises:
        NeedsPersonError: if the login does not own the warehouse's tables.
        WarehouseUnreachableError: if a publisher or a reader holds a lock for long; what went before is gone, run it again.
    """
    today = datetime.now(enterprise.zone).date()
    lake = open_lake(enterprise)
    with connected(warehouse_url(enterprise.storage)) as connection, publisher_lock(connection):
        found = due(connection, lake, enterprise.retention, today)
        try:
            for removal in () if dry_run else found:
                remove(connection, lake, enterprise.retention, removal)
        except psycopg.errors.InsufficientPrivilege as error:
            raise NeedsPersonError(
                "old partitions belong to the owner of the warehouse's schema: run leadline retention with the login that also "
                "runs leadline migrate"
            ) from error
    return found


def write_dictionary(path: Path) -> Path:
    """Write the data dictionary (docs/tables.md) from the declarations."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dictionary(), encoding="utf-8")
    return path
