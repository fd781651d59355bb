"""One day that hangs together: core contacts, the history made of them and the backlog, for a few example queues."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CLAIMS, CONTACTS
from warehouse.tables.declaration import Table
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, MEASURES, WAIT_HISTORY

DAY = date(2026, 11, 12)
PER_INTERVAL = 4
QUEUES = ("voice_claims", "chat_service", "email_claims")


def with_queues(enterprise: Enterprise, queue_ids: tuple[str, ...] = QUEUES, horizon_days: int = 3) -> Enterprise:
    """The enterprise with these queues only and a short horizon."""
    planning = enterprise.planning.model_copy(update={"horizon_days": horizon_days})
    queues = {queue_id: enterprise.queues[queue_id] for queue_id in queue_ids}
    return enterprise.model_copy(update={"queues": queues, "planning": planning})


def day_frames(enterprise: Enterprise, day: date = DAY) -> dict[Table, pd.DataFrame]:
    """Frames of one day: `PER_INTERVAL` contacts in every open interval, all but one in four of them answered."""
    contacts, intervals = _contacts(enterprise, day), _intervals(enterprise, day)
    return {
        CONTACTS: contacts,
        INTERVAL_HISTORY: intervals,
        DAILY_HISTORY: _daily(enterprise, intervals, day),
        WAIT_HISTORY: _waits(enterprise, intervals, day),
        CLAIMS: _claims(day),
        CLAIMS_DAILY: example_rows(
            CLAIMS_DAILY,
            2,
            business_date=day,
            line_of_business="property",
            peril=["storm", "water"],
            region="west",
            reported_claims=[3, 2],
            catastrophe_claims=[3, 0],
            source_complete=True,
        ),
        BACKLOG_OPENING: _open_work(day),
    }


def _starts(enterprise: Enterprise, queue_id: str, day: date) -> pd.Series:
    frame = opening_of(enterprise, queue_id).open_seconds_per_interval(grid_of(enterprise), [day])
    return frame["interval_start_utc"][frame["open_seconds"] > 0].reset_index(drop=True)


def _contacts(enterprise: Enterprise, day: date) -> pd.DataFrame:
    parts = []
    for queue in enterprise.queues.values():
        if queue.is_deferred:
            continue
        arrived = _starts(enterprise, queue.id, day).repeat(PER_INTERVAL).reset_index(drop=True) + pd.Timedelta(seconds=30)
        answered = arrived + pd.Timedelta(seconds=20)
        parts.append(
            example_rows(
                CONTACTS,
                len(arrived),
                business_date=day,
                contact_id=[f"{queue.id}-{number}" for number in range(len(arrived))],
                segment=1,
                channel=queue.channel,
                direction="inbound",
                queue_id=queue.id,
                arrived_at=arrived,
                answered_at=answered,
                ended_at=answered + pd.Timedelta(seconds=300),
                wait_seconds=20.0,
                talk_seconds=230.0,
                hold_seconds=20.0,
                wrap_seconds=50.0,
                handle_seconds=300.0,
                outcome="answered",
            )
        )
    return pd.concat(parts, ignore_index=True)


def _intervals(enterprise: Enterprise, day: date) -> pd.DataFrame:
    parts = []
    for queue in enterprise.queues.values():
        starts = _starts(enterprise, queue.id, day)
        live = not queue.is_deferred
        parts.append(
            example_rows(
                INTERVAL_HISTORY,
                len(starts),
                queue_id=queue.id,
                business_date=day,
                interval_start_utc=starts,
                offered_contacts=PER_INTERVAL,
                answered_contacts=PER_INTERVAL - 1 if live else None,
                abandoned_contacts=1 if live else None,
                answered_within_contacts=PER_INTERVAL - 1 if live else None,
                completed_items=None if live else PER_INTERVAL,
                handle_seconds=300.0 * (PER_INTERVAL - 1),
                worked_handle_seconds=300.0 * (PER_INTERVAL - 1),
                wait_seconds=20.0 * PER_INTERVAL,
                staffed_seconds=1800.0,
            )
        )
    return pd.concat(parts, ignore_index=True)


def _daily(enterprise: Enterprise, intervals: pd.DataFrame, day: date) -> pd.DataFrame:
    queues = list(enterprise.queues.values())
    counts = [column.name for column in MEASURES]
    sums = intervals.groupby("queue_id")[counts].sum(min_count=1).reindex([queue.id for queue in queues])
    return example_rows(
        DAILY_HISTORY,
        len(queues),
        queue_id=[queue.id for queue in queues],
        business_date=day,
        channel=[queue.channel for queue in queues],
        open_seconds=[float(opening_of(enterprise, queue.id).open_seconds(day)) for queue in queues],
        backlog_items=[100 if queue.id == "email_claims" else None for queue in queues],
        source_complete=True,
        **{name: sums[name] for name in counts},
    )


def _waits(enterprise: Enterprise, intervals: pd.DataFrame, day: date) -> pd.DataFrame:
    """All waits of live queues are of 20 seconds."""
    live = [queue.id for queue in enterprise.queues.values() if not queue.is_deferred]
    names = ["offered_contacts", "answered_contacts", "abandoned_contacts", "wait_seconds"]
    sums = intervals.groupby("queue_id")[names].sum().reindex(live)
    return example_rows(
        WAIT_HISTORY,
        len(live),
        queue_id=live,
        business_date=day,
        waited_from_seconds=20.0,
        **{name: sums[name] for name in names},
    )


def _claims(day: date) -> pd.DataFrame:
    reported = pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=10)
    return example_rows(
        CLAIMS,
        5,
        business_date=day,
        line_of_business="property",
        region="west",
        peril=[*["storm"] * 3, *["water"] * 2],
        catastrophe_code=[*["storm-1"] * 3, None, None],
        loss_date=day - timedelta(days=1),
        reported_at=reported,
        assessed_at=reported + pd.Timedelta(hours=3),
        closed_at=reported + pd.Timedelta(days=2),
    )


def _open_work(day: date) -> pd.DataFrame:
    start = pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=7)
    starts = [start + number * pd.Timedelta(minutes=30) for number in range(3)]
    return example_rows(
        BACKLOG_OPENING,
        3,
        plan_date=day,
        queue_id="email_claims",
        arrived_interval_start_utc=starts,
        open_items=[20, 30, 50],
        oldest_arrived_at=[at + pd.Timedelta(minutes=1) for at in starts],
    )


def tomorrow(day: date = DAY) -> date:
    """The first day of the plan made after `day`."""
    return day + timedelta(days=1)
