"""The staffing of some queues of a night: each by itself, but for what overdue work elsewhere adds to their calls. Pure."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from enterprise.deferred import ChaseContacts
from enterprise.errors import MODEL_FAILURES
from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.timing import clock_of, grid_of, opening_of
from staffing.carried import carried_staffing
from staffing.certainty import certainty_rows, probabilities_of
from staffing.chase import OverdueWork, with_chase_contacts
from staffing.chase_rate import with_used_chase
from staffing.chat_history import with_used_chat
from staffing.claims_positions import deferred_claims_positions, live_claims_positions
from staffing.deadline_price import deadline_rows
from staffing.deferred_horizon import DAYS_BEYOND, Backlog, DeferredInput
from staffing.deferred_queue import DeferredStaffed, deferred_certainty, staff_deferred
from staffing.forecast_door import handle_seconds_or_prior, prior_in_words, require_numbers
from staffing.live import live_certainty, positions_with, staff_live
from staffing.patience import estimated_patience, periods
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE
from warehouse.tables.evidence import PATIENCE
from warehouse.tables.parts import STAFFING_WARNING
from warehouse.tables.staffing import CERTAINTY_CURVE, STAFFING_INTERVAL

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Demand:
    """What the staffing of a night starts from.

    Attributes:
        intervals: rows of FORECAST_INTERVAL of the night.
        daily: rows of FORECAST_DAILY of the night.
        backlog: rows of BACKLOG_OPENING of the night.
        history: rows of INTERVAL_HISTORY of some weeks, without held days and days that are not whole: how long customers wait
            before they give up.
        chat: rows of CHAT_CONCURRENCY without `plan_date`: how many chats people hold at once.
        former: rows of STAFFING_INTERVAL of the last plan before, for queues that cannot be staffed tonight.
        chase: rows of CHASE_RATE without `plan_date`: how many contacts overdue work raises.
        claims: rows of CLAIMS_CONTACTS of the night.
    """

    intervals: pd.DataFrame
    daily: pd.DataFrame
    backlog: pd.DataFrame
    history: pd.DataFrame
    chat: pd.DataFrame
    former: pd.DataFrame
    chase: pd.DataFrame
    claims: pd.DataFrame = field(default_factory=lambda: CLAIMS_CONTACTS.arrow_schema.empty_table().to_pandas())


@dataclass(frozen=True, eq=False)
class _Staffed:
    """One queue: rows of STAFFING_INTERVAL and CERTAINTY_CURVE, and where its work can wait what only such queues have."""

    plan: pd.DataFrame
    curve: pd.DataFrame
    claims: pd.DataFrame
    start: DeferredInput | None = None
    patience: pd.DataFrame | None = None
    deferred: DeferredStaffed | None = None
    deadlines: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class BlockStaffing:
    """What some queues contribute to a night.

    Attributes:
        intervals: rows of STAFFING_INTERVAL.
        backlog: rows of BACKLOG_PROJECTION.
        certainty: rows of CERTAINTY_CURVE.
        patience: rows of PATIENCE.
        deadlines: rows of DEADLINE_PRICE.
        claims: rows of CLAIMS_POSITIONS.
        warnings: rows of STAFFING_WARNING: queues without people of tonight's making.
        failure: the last error behind them; None if there is none, or where the parts come from other tasks.
    """

    intervals: pd.DataFrame
    backlog: pd.DataFrame
    certainty: pd.DataFrame
    patience: pd.DataFrame
    deadlines: pd.DataFrame
    claims: pd.DataFrame
    warnings: pd.DataFrame
    failure: Exception | None = None


PART_OF = {
    "intervals": STAFFING_INTERVAL,
    "backlog": BACKLOG_PROJECTION,
    "certainty": CERTAINTY_CURVE,
    "patience": PATIENCE,
    "deadlines": DEADLINE_PRICE,
    "claims": CLAIMS_POSITIONS,
    "warnings": STAFFING_WARNING,
}
"""Attribute of a block's staffing -> what its rows are rows of."""


def needed_with(queues: Collection[str], enterprise: Enterprise) -> list[str]:
    """These queues, and those whose overdue work raises contacts of one of them."""
    chasing = [queue.id for queue in enterprise.queues.values() if (rule := _chase(queue)) and rule.queue in queues]
    return sorted({*queues, *chasing})


def staff_block(demand: Demand, enterprise: Enterprise, plan_date: date, queues: Collection[str]) -> BlockStaffing:
    """Staff those of some queues that have a forecast.

    Args:
        demand: what the night knows of them and of those that `needed_with` names beside them.
        enterprise: the settings.
        plan_date: the night.
        queues: the queues.

    Returns:
        Rows of each queue; one whose numbers no model can take has the former plan's people, if there are any, and a warning.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in PART_OF if name != "warnings"}
    warnings: dict[str, str] = {}
    failure: Exception | None = None
    plan: pd.DataFrame | None
    enterprise = with_used_chase(with_used_chat(enterprise, demand.chat), demand.chase)
    overdue: list[OverdueWork] = []
    rows_of = {str(queue): rows for queue, rows in demand.intervals.groupby("queue_id", sort=False)}
    # Queues whose work can wait come first: what is overdue there raises calls elsewhere.
    named = [queue for queue in needed_with(queues, enterprise) if queue in rows_of]
    for queue_id in sorted(named, key=lambda one: (not enterprise.queues[one].is_deferred, one)):
        queue, rows = enterprise.queues[queue_id], rows_of[queue_id]
        try:
            staffed = _staffed(queue, rows, demand, plan_date, enterprise, overdue)
            if staffed.deferred is not None and staffed.deferred.overdue is not None:
                overdue.append(staffed.deferred.overdue)
            if queue_id not in queues:
                continue
            plan = staffed.plan
            found["certainty"].append(staffed.curve.assign(plan_date=plan_date))
            found["claims"].append(staffed.claims)
            if staffed.patience is not None:
                found["patience"].append(staffed.patience.assign(plan_date=plan_date))
            if staffed.deferred is not None and staffed.deadlines is not None:
                found["backlog"].append(staffed.deferred.projection)
                found["deadlines"].append(staffed.deadlines)
        except MODEL_FAILURES as error:
            if queue_id not in queues:
                continue  # its own block says so
            failure = error
            why = f"no people could be worked out for it ({type(error).__name__}: {error})"
            plan = _carried(queue, rows, demand.former, plan_date, enterprise, why)
            warnings[queue_id] = f"{why}, and no earlier plan has any" if plan is None else str(plan["reason"].iloc[0])
            logger.warning("%s: %s", queue_id, warnings[queue_id])
        if plan is not None:
            found["intervals"].append(plan)
            logger.info(
                "%s: %d intervals, at most %d people", queue_id, len(plan), plan["scheduled_staff"].max() if len(plan) else 0
            )
    told = pd.DataFrame({"queue_id": list(warnings), "words": list(warnings.values())}, dtype="str")
    return BlockStaffing(**{name: _rows_of(name, frames) for name, frames in found.items()}, warnings=told, failure=failure)


def _rows_of(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    table = PART_OF[name]
    together: pd.DataFrame = pd.concat([table.arrow_schema.empty_table().to_pandas(), *frames], ignore_index=True)
    return together[table.column_names]


def _chase(queue: Queue) -> ChaseContacts | None:
    return queue.deferred.chase if queue.is_deferred else None


def _staffed(
    queue: Queue,
    forecast: pd.DataFrame,
    demand: Demand,
    plan_date: date,
    enterprise: Enterprise,
    overdue: Sequence[OverdueWork],
) -> _Staffed:
    require_numbers(queue.id, forecast, enterprise.time_zone)
    _, unknown = handle_seconds_or_prior(forecast, queue.mean_handle_seconds_prior)
    if unknown.any():
        logger.warning("%s: %s, in %d intervals", queue.id, prior_in_words(queue.mean_handle_seconds_prior), unknown.sum())
    wanted = enterprise.planning.goal_probability
    levels = probabilities_of(wanted)
    claims = demand.claims[demand.claims["queue_id"] == queue.id]
    if queue.is_deferred:
        start = deferred_input(queue, forecast, demand, plan_date, enterprise)
        staffed = staff_deferred(start, wanted)
        seconds, positions = deferred_certainty(start, levels)
        curve = certainty_rows(queue, levels, positions, seconds)
        of_claims = deferred_claims_positions(claims, forecast, queue.mean_handle_seconds_prior)
        return _Staffed(staffed.plan, curve, of_claims, start, deferred=staffed, deadlines=deadline_rows(start))
    opened = _open_seconds(queue, plan_date, enterprise.planning.horizon_days, enterprise)
    opened = opened[opened["open_seconds"] > 0]
    rows = forecast.merge(opened[["interval_start_utc", "open_seconds"]], on="interval_start_utc", validate="one_to_one")
    rows = with_chase_contacts(rows, [one for one in overdue if one.rule.queue == queue.id])
    estimates = _patience(queue, rows, demand, plan_date, enterprise)
    found = periods(rows["interval_start_utc"], enterprise.time_zone).map(estimates.set_index("period")["mean_patience_seconds"])
    patience = np.asarray(found.astype("float64").fillna(np.inf), dtype=np.float64)
    positions = live_certainty(queue, rows, patience, levels)
    curve = certainty_rows(queue, levels, positions, rows["open_seconds"].to_numpy(dtype="float64"))
    plan = staff_live(queue, rows, patience, wanted)
    of_claims = live_claims_positions(claims, plan, partial(positions_with, queue, plan))
    return _Staffed(plan, curve, of_claims, patience=estimates.assign(queue_id=queue.id))


def _patience(queue: Queue, rows: pd.DataFrame, demand: Demand, plan_date: date, enterprise: Enterprise) -> pd.DataFrame:
    """Patience of a queue in every period in which history knows it or the plan needs it."""
    history = demand.history[demand.history["queue_id"] == queue.id]
    history = history.assign(period=periods(history["interval_start_utc"], enterprise.time_zone))
    wanted = sorted(set(periods(rows["interval_start_utc"], enterprise.time_zone)))
    return estimated_patience(history, wanted, queue.mean_patience_seconds_prior, plan_date)


def deferred_input(
    queue: Queue, forecast: pd.DataFrame, demand: Demand, plan_date: date, enterprise: Enterprise
) -> DeferredInput:
    """What the staffing of a queue whose work can wait starts from."""
    waiting = demand.backlog[demand.backlog["queue_id"] == queue.id].sort_values("arrived_interval_start_utc")
    backlog = Backlog(waiting["arrived_interval_start_utc"], waiting["open_items"].to_numpy(dtype="float64"))
    opened = _open_seconds(queue, plan_date, enterprise.planning.horizon_days + DAYS_BEYOND, enterprise)
    return DeferredInput(queue, clock_of(enterprise, queue.id), forecast, opened, backlog)


def _carried(
    queue: Queue, forecast: pd.DataFrame, former: pd.DataFrame, plan_date: date, enterprise: Enterprise, why: str
) -> pd.DataFrame | None:
    """The last plan's people of a queue; None where that plan has none for it."""
    mine = former[former["queue_id"] == queue.id]
    if mine.empty:
        return None
    opened = _open_seconds(queue, plan_date, enterprise.planning.horizon_days, enterprise)
    opened = opened[opened["open_seconds"] > 0].reset_index(drop=True)
    opened = opened[["interval_start_utc", "business_date", "open_seconds"]].assign(
        plan_date=plan_date,
        queue_id=queue.id,
        channel=str(queue.channel),
        lead_days=[(day - plan_date).days for day in opened["business_date"]],
    )
    contacts = forecast.set_index("interval_start_utc")["mean_offered_contacts"]
    return carried_staffing(mine, opened, contacts, enterprise.time_zone, queue.hourly_cost, why)


def _open_seconds(queue: Queue, plan_date: date, days: int, enterprise: Enterprise) -> pd.DataFrame:
    dates = [plan_date + timedelta(days=ahead) for ahead in range(1, days + 1)]
    return opening_of(enterprise, queue.id).open_seconds_per_interval(grid_of(enterprise), dates)
