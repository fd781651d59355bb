"""Turn the night's forecast into positions and people for every open interval."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from enterprise.blocks import queues_of_shard, shard_count
from enterprise.errors import NoHistoryError
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from expectations.gate import require_valid
from staffing.audit import audit_plan
from staffing.blending import positions_beside
from staffing.block_staffing import PART_OF, BlockStaffing, Demand, needed_with, staff_block
from staffing.capacity import KnownNight, capacity_rows
from staffing.chase_rate import CHASE_DAYS, chase_rows
from staffing.chat_history import chat_rows, chats_of, with_used_chat
from staffing.group_audit import Planned, audit_groups
from staffing.group_shifts import shift_all
from staffing.handle_times import OBSERVED, handle_times
from staffing.looking_back import DayKept, explain_day
from staffing.multi_skill import team_rows
from staffing.nightly import NightStaffing, merged, staff_all
from staffing.today import staff_today
from warehouse.lake import Lake, Written
from warehouse.night_before import of_night_before
from warehouse.overrides.night import as_planned
from warehouse.parts import keep_part, read_parts
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.claims import CLAIMS_CONTACTS
from warehouse.tables.core import AGENT_STATES, AGENTS, CONTACTS, SCHEDULES
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE, CHAT_CONCURRENCY, GROUP_AUDIT, SIMULATION_AUDIT
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL, FORECAST_WEEKLY
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY
from warehouse.tables.looking_back import ADHERENCE_DAILY, MISS_ANALYSIS
from warehouse.tables.run import QUALITY_FINDINGS
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE, STAFF_GROUP_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL
from warehouse.tables.today import FORECAST_TODAY, STAFFING_TODAY
from warehouse.whole_days import whole_intervals

_WAITING_DAYS, _HANDLE_DAYS = 56, 28
RESTATED = timedelta(days=7)  # how far back days are explained again, for data that came late
_STEP = "staffing"


def staff_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Staff every queue that has a forecast, and write intervals, days, weeks and backlogs of the plan.

    A queue that cannot be staffed keeps the people of the last plan, marked; the others go ahead.

    Args:
        plan_date: the night.
        enterprise: the settings.
        lake: forecast and history are read from it, the plan is written to it.

    Raises:
        NoHistoryError: if the night has no forecast yet.
        ValueError: or another of what models raise, if no queue can be staffed.
    """
    demand = _demand(plan_date, enterprise, lake)
    planned = as_planned(enterprise, lake, plan_date)
    return _write(staff_all(demand, planned, plan_date), _estimated(demand, plan_date), planned, plan_date, lake)


def staff_queues(shard: int, plan_date: date, enterprise: Enterprise, lake: Lake) -> None:
    """Staff one task's share of the queues, and leave its parts of the staffing tables for `merge_staffing`.

    Args:
        shard: which share, see `enterprise.blocks`.
        plan_date: the night.
        enterprise: the settings.
        lake: forecast and history are read from it, the parts are written to it.

    Raises:
        NoHistoryError: if the night has no forecast yet.
    """
    planned, queues = as_planned(enterprise, lake, plan_date), queues_of_shard(enterprise, shard)
    demand = _demand(plan_date, enterprise, lake, needed_with(queues, planned))
    share = staff_block(demand, planned, plan_date, queues)
    parts = {table: getattr(share, attribute) for attribute, table in PART_OF.items()}
    own = {table: rows[rows["queue_id"].isin(queues)] for table, rows in _estimated(demand, plan_date).items()}
    keep_part(lake, _STEP, plan_date, shard, parts | own)


def merge_staffing(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Put together what `staff_queues` left, add blended work and the levels, and write the staffing tables.

    Raises:
        NeedsPersonError: if a part is missing.
        ValueError: if no queue could be staffed.
    """
    numbers = range(shard_count(enterprise))
    parts = {attribute: read_parts(lake, _STEP, plan_date, numbers, table) for attribute, table in PART_OF.items()}
    estimated = {table: read_parts(lake, _STEP, plan_date, numbers, table) for table in (CHAT_CONCURRENCY, CHASE_RATE)}
    planned = as_planned(enterprise, lake, plan_date)
    chat, chase = (rows.drop(columns="plan_date") for rows in estimated.values())
    demand = _forecast_of_night(plan_date, lake, chat, chase)
    plan = merged([BlockStaffing(**parts, failure=None)], demand, planned, plan_date)
    return _write(plan, estimated, planned, plan_date, lake)


def _demand(plan_date: date, enterprise: Enterprise, lake: Lake, queues: Collection[str] | None = None) -> Demand:
    """What a night knows of all or of some queues."""
    some = enterprise if queues is None else enterprise.model_copy(update={"queues": {q: enterprise.queues[q] for q in queues}})
    chats = [queue.id for queue in some.queues.values() if queue.channel == "chat"]
    chat = chat_rows(_asked(chats_of(chats), (CONTACTS,), _WAITING_DAYS if chats else 0, plan_date, lake), some)
    chase = chase_rows(enterprise, plan_date, lambda question, tables: _asked(question, tables, CHASE_DAYS, plan_date, lake))
    demand = _forecast_of_night(plan_date, lake, chat, chase, queues)
    waits = whole_intervals(lake, plan_date, _WAITING_DAYS, ("offered_contacts", "abandoned_contacts", "wait_seconds"), queues)
    return replace(demand, history=waits, former=of_night_before(lake, STAFFING_INTERVAL, plan_date, queues))


def _forecast_of_night(
    plan_date: date, lake: Lake, chat: pd.DataFrame, chase: pd.DataFrame, queues: Collection[str] | None = None
) -> Demand:
    """Forecast and backlog of a night, without its history."""
    forecast = lake.read(FORECAST_INTERVAL, first=plan_date, last=plan_date, queues=queues)
    if forecast.empty and not lake.partitions(FORECAST_INTERVAL, plan_date, plan_date):
        raise NoHistoryError(f"no forecast of {plan_date} to staff: run the forecast step of that night first, then this one")
    return Demand(
        intervals=forecast,
        daily=lake.read(FORECAST_DAILY, first=plan_date, last=plan_date),
        backlog=lake.read(BACKLOG_OPENING, first=plan_date, last=plan_date, queues=queues),
        history=INTERVAL_HISTORY.arrow_schema.empty_table().to_pandas(),
        chat=chat,
        former=STAFFING_INTERVAL.arrow_schema.empty_table().to_pandas(),
        chase=chase,
        claims=lake.read(CLAIMS_CONTACTS, first=plan_date, last=plan_date, queues=queues),
    )


def _write(plan: NightStaffing, learnt: dict[Table, pd.DataFrame], planned: Enterprise, night: date, lake: Lake) -> list[Written]:
    """Write the staffing tables of a night, each once it is valid."""
    tables = plan.tables | learnt | {STAFF_GROUP_INTERVAL: team_rows(plan.intervals, planned, night)}
    return [lake.replace(table, require_valid(table, rows), night) for table, rows in tables.items()]


def _estimated(demand: Demand, plan_date: date) -> dict[Table, pd.DataFrame]:
    """What the night learnt of chats and of overdue work, by table."""
    learnt = {CHAT_CONCURRENCY: demand.chat, CHASE_RATE: demand.chase}
    return {table: rows.assign(plan_date=plan_date)[table.column_names] for table, rows in learnt.items()}


def staff_day(at: datetime, enterprise: Enterprise, lake: Lake) -> pd.DataFrame:
    """Staff the rest of the day by its forecast of a moment, and add it to the day's rows in the lake.

    Args:
        at: the moment, with a time zone.
        enterprise: the settings.
        lake: forecast and the night's plan are read from it. The same moment again replaces its rows.

    Returns:
        The rows of STAFFING_TODAY of the moment.

    Raises:
        NoHistoryError: if the day was not forecast anew at that moment.
    """
    made_at = pd.Timestamp(at).tz_convert("UTC")
    business_date: date = grid_of(enterprise).business_date(pd.Series([made_at]))[0]
    night = business_date - timedelta(days=1)
    forecast = lake.read(FORECAST_TODAY, first=business_date, last=business_date)
    forecast = forecast[forecast["made_at"] == made_at]
    if forecast.empty:
        raise NoHistoryError(
            f"the rest of the day was not forecast at {at}; run first: leadline reforecast --at {at:%Y-%m-%dT%H:%M}"
        )
    planned = lake.read(FORECAST_INTERVAL, first=night, last=night)
    staffed = lake.read(STAFFING_INTERVAL, first=night, last=night)
    settings = with_used_chat(as_planned(enterprise, lake, night), lake.read(CHAT_CONCURRENCY, first=night, last=night))
    rows = staff_today(forecast, planned, staffed, settings)
    before = lake.read(STAFFING_TODAY, first=business_date, last=business_date)
    both = pd.concat([before[before["made_at"] != made_at], rows], ignore_index=True)
    lake.replace(STAFFING_TODAY, require_valid(STAFFING_TODAY, both), business_date)
    return rows


def shift_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Cover the positions of every staff group with shifts, and write people, shifts and what they leave open.

    Where a group works deferred items in idle time, only those people count that the queue needs beside it.

    Args:
        plan_date: the night.
        enterprise: the settings; without staff groups the tables are empty.
        lake: the night's staffing is read from it, the shifts are written to it.

    Raises:
        NoHistoryError: if the night has no staffing yet.
    """
    positions = _staffing_of(plan_date, lake, "cover with shifts")
    blended = lake.read(STAFFING_BLENDED, first=plan_date, last=plan_date)
    planned = as_planned(enterprise, lake, plan_date)
    teams = lake.read(STAFF_GROUP_INTERVAL, first=plan_date, last=plan_date)
    beside = positions_beside(positions, blended)
    shifts = shift_all(beside, planned, plan_date, teams, of_night_before(lake, SHIFT_SCHEDULE, plan_date))
    tables = {
        SHIFT_PEOPLE: shifts.people,
        SHIFT_SCHEDULE: shifts.schedule,
        SHIFT_COVER: shifts.cover,
    }
    return [lake.replace(table, require_valid(table, rows), plan_date) for table, rows in tables.items()]


def capacity_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> Written:
    """Say how many people every staff group needs in the next year and a half, who is there then, and whom to hire when.

    Args:
        plan_date: the night.
        enterprise: the settings; without staff groups the table is empty.
        lake: the night's weekly forecast, staffing and shifts, and the people are read from it.
    """
    tables = (FORECAST_WEEKLY, FORECAST_DAILY, STAFFING_INTERVAL, SHIFT_PEOPLE, SHIFT_COVER)
    weekly, daily, positions, people, cover = (lake.read(table, first=plan_date, last=plan_date) for table in tables)
    night = KnownNight(weekly, daily, positions, people, cover, lake.read(AGENTS))
    rows = capacity_rows(night, as_planned(enterprise, lake, plan_date), plan_date)
    return lake.replace(CAPACITY_PLAN, require_valid(CAPACITY_PLAN, rows), plan_date)


def audit_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Simulate some intervals and a day of every group of the night's plan; write both beside what is predicted.

    Args:
        plan_date: the night.
        enterprise: the settings.
        lake: the night's staffing and the last weeks' contacts are read from it, the audit is written to it.

    Raises:
        NoHistoryError: if the night has no staffing yet.
    """
    positions = _staffing_of(plan_date, lake, "audit")
    used = with_used_chat(enterprise, lake.read(CHAT_CONCURRENCY, first=plan_date, last=plan_date))
    observed = handle_times(_asked(OBSERVED, (CONTACTS,), _HANDLE_DAYS, plan_date, lake))
    shared = (lake.read(table, first=plan_date, last=plan_date) for table in (STAFFING_BLENDED, STAFF_GROUP_INTERVAL))
    groups = audit_groups(Planned(positions, *shared), observed, used, plan_date)
    tables = {SIMULATION_AUDIT: audit_plan(positions, observed, used, plan_date), GROUP_AUDIT: groups}
    return [lake.replace(table, require_valid(table, rows), plan_date) for table, rows in tables.items()]


def explain_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Say why the service level of the day that closed was not the planned one, and who was there when planned to be.

    The days of the last week are looked at again, for late data, and so is a later day that is over and whose plan is this
    night's: nights in any order end with the same rows. What was planned is never touched.

    Args:
        plan_date: the night.
        enterprise: the settings.
        lake: plans, history, schedules and states are read from it, misses and adherence are written to it.

    Returns:
        The partitions of miss_analysis and adherence_daily of those days.
    """
    last = plan_date + timedelta(days=enterprise.planning.horizon_days)
    plans = lake.partitions(STAFFING_INTERVAL, last=last)
    explained = lake.partitions(MISS_ANALYSIS, plan_date - RESTATED, last)
    in_force = {day: max((plan for plan in plans if plan < day), default=None) for day in {*explained, plan_date}}
    written = []
    for day, plan in sorted(in_force.items()):
        if day > plan_date and plan != plan_date:
            continue
        daily = lake.read(DAILY_HISTORY, first=day, last=day)
        yesterday = day - timedelta(days=1)  # night shifts
        kept = DayKept(
            plan=lake.read(STAFFING_INTERVAL, first=plan or day, last=plan or date.min),
            forecast=lake.read(FORECAST_DAILY, first=plan or day, last=plan or date.min),
            intervals=lake.read(INTERVAL_HISTORY, first=day, last=day),
            daily=without_held_queue_days(daily, lake.read(QUALITY_FINDINGS, first=day, last=day)),
            waits=lake.read(WAIT_HISTORY, first=day, last=day),
            schedules=lake.read(SCHEDULES, first=yesterday, last=day),
            states=lake.read(AGENT_STATES, first=yesterday, last=day),
        )
        used = with_used_chat(enterprise, lake.read(CHAT_CONCURRENCY, first=plan or day, last=plan or date.min))
        misses, adherence = explain_day(day, kept, used)
        for table, rows in ((MISS_ANALYSIS, misses), (ADHERENCE_DAILY, adherence)):
            written.append(lake.replace(table, require_valid(table, rows), day))
    return written


def _asked(question: str, tables: tuple[Table, ...], days: int, plan_date: date, lake: Lake) -> pd.DataFrame:
    """The answer to a query over tables of the last days."""
    with lake.connect() as database:
        for table in tables:
            lake.view(database, table, first=plan_date - timedelta(days=days - 1), last=plan_date)
        return database.execute(question).df()


def _staffing_of(plan_date: date, lake: Lake, what: str) -> pd.DataFrame:
    positions = lake.read(STAFFING_INTERVAL, first=plan_date, last=plan_date)
    if positions.empty:
        raise NoHistoryError(f"no staffing of {plan_date} to {what}: run the staffing step of that night first")
    return positions
