"""People for live contacts: voice by Erlang A between its bracket with Erlang C, chat by the load-dependent chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.queues import Queue
from staffing.chat import chat_measures, chat_positions_required
from staffing.doors import FloatArray, IntArray
from staffing.erlang import QueueMeasures, queue_measures
from staffing.forecast_door import handle_seconds_or_prior, prior_in_words
from staffing.goals import Goal
from staffing.requirement import Requirement, positions_required
from staffing.shrinkage import scheduled_staff
from staffing.uncertainty import contacts_at_probability, largest_contacts, probability_of_at_most
from warehouse.tables.forecast import OFFERED_QUANTILES

_QUANTILES = [column.name for column in OFFERED_QUANTILES]
_CONCURRENCY_ROUNDS = 4
_WORTH_SAYING = 0.05


@dataclass(frozen=True, eq=False)
class _Demand:
    """What one queue's open intervals ask for; arrays by interval."""

    contacts: FloatArray
    quantiles: FloatArray
    open_seconds: FloatArray
    handle_seconds: FloatArray  # chat: of a chat handled alone
    patience_seconds: FloatArray


def staff_live(queue: Queue, intervals: pd.DataFrame, patience_seconds: FloatArray, goal_probability: float) -> pd.DataFrame:
    """Positions and people of one voice or chat queue for its open intervals.

    Args:
        queue: its settings.
        intervals: rows of FORECAST_INTERVAL of the queue with `open_seconds` > 0 beside them, and where there are any
            `chase_contacts`, as `staffing.chase.with_chase_contacts` adds them.
        patience_seconds: mean patience in each interval, > 0; infinity where nobody abandons.
        goal_probability: probability with which `positions_for_certainty` meet the goal, in (0, 1).

    Returns:
        The same rows, in order, with the columns of STAFFING_INTERVAL.
    """
    demand = _demand(queue, intervals, patience_seconds)
    needed = _required(queue, demand, demand.contacts, _goal(queue, capped=True))
    uncapped = _required(queue, demand, demand.contacts, _goal(queue, capped=False))
    positions = np.maximum(needed.positions, queue.minimum_positions)
    fractional = np.maximum(needed.positions_fractional, np.minimum(positions, queue.minimum_positions))
    measures = _measures(queue, demand, positions)
    certain = _required(queue, demand, contacts_at_probability(demand.quantiles, goal_probability), _goal(queue, capped=True))
    most = _largest(queue, demand, positions)
    people = scheduled_staff(positions, queue.shrinkage).staff
    goal = queue.service_goal
    chase = intervals["chase_contacts"] if "chase_contacts" in intervals else pd.Series(np.nan, index=intervals.index)
    rows = intervals[["plan_date", "queue_id", "interval_start_utc", "business_date", "lead_days", "open_seconds"]].copy()
    erlang_c, erlang_a = _bracket(queue, demand)
    return rows.assign(
        channel=queue.channel,
        staffing_model=_model(queue, patience_seconds),
        mean_offered_contacts=demand.contacts,
        mean_handle_seconds=demand.handle_seconds,
        mean_patience_seconds=np.where(np.isfinite(patience_seconds), patience_seconds, np.nan),
        positions_required_fractional=fractional,
        positions_required=positions,
        positions_erlang_c=erlang_c,
        positions_erlang_a=erlang_a,
        positions_for_certainty=np.maximum(certain.positions, positions),
        scheduled_staff=people,
        service_level_definition=goal.definition,
        goal_fraction=goal.fraction,
        goal_seconds=goal.seconds,
        answered_fraction=np.clip(measures.service_level(goal.definition), 0.0, 1.0),  # type: ignore[arg-type]
        mean_wait_seconds=np.where(np.isfinite(measures.mean_wait_seconds), measures.mean_wait_seconds, np.nan),
        abandoned_fraction=np.clip(measures.abandoned_fraction, 0.0, 1.0),
        occupancy_fraction=np.clip(measures.occupancy, 0.0, 1.0),
        goal_probability=np.clip(probability_of_at_most(most, demand.quantiles), 0.0, 1.0),
        cost=people * demand.open_seconds / 3600.0 * queue.hourly_cost,
        reason=_with_more(
            _reasons(queue, needed.positions, uncapped.positions, positions, patience_seconds), chase, queue, intervals
        ),
        chase_contacts=chase,
    )


def live_certainty(
    queue: Queue, intervals: pd.DataFrame, patience_seconds: FloatArray, probabilities: Sequence[float]
) -> list[IntArray]:
    """Positions per interval that meet the goal with each probability; arguments as of `staff_live`."""
    demand = _demand(queue, intervals, patience_seconds)
    goal = _goal(queue, capped=True)
    needed = [_required(queue, demand, contacts_at_probability(demand.quantiles, one), goal) for one in probabilities]
    return [np.maximum(one.positions, queue.minimum_positions) for one in needed]


def positions_at_volumes(queue: Queue, staffed: pd.DataFrame, factors: Sequence[float]) -> list[IntArray]:
    """Positions of intervals that are staffed already, were their contacts so many times as many.

    Args:
        queue: its settings.
        staffed: its rows of STAFFING_INTERVAL.
        factors: multiples of the contacts, > 0.

    Returns:
        Per factor one number per interval: what the goal, the occupancy cap and the minimum ask for.
    """
    demand, goal = _as_staffed(staffed), _goal(queue, capped=True)
    needed = [_required(queue, demand, demand.contacts * factor, goal).positions for factor in factors]
    return [np.maximum(one, queue.minimum_positions) for one in needed]


def positions_with(queue: Queue, staffed: pd.DataFrame, at: IntArray, contacts: FloatArray) -> IntArray:
    """Positions of intervals that are staffed already, had they other contacts.

    Args:
        queue: its settings.
        staffed: its rows of STAFFING_INTERVAL.
        at: places of the intervals asked for; the same one may be asked for often.
        contacts: contacts in each of them, >= 0.
    """
    demand = _as_staffed(staffed.iloc[at])
    return np.maximum(_required(queue, demand, contacts, _goal(queue, capped=True)).positions, queue.minimum_positions)


def _as_staffed(staffed: pd.DataFrame) -> _Demand:
    """What the plan's rows of STAFFING_INTERVAL rest on; of chat, the handle time of one handled alone."""
    patience = np.asarray(staffed["mean_patience_seconds"].astype("float64").fillna(np.inf), dtype=np.float64)
    seconds, handle = (staffed[name].to_numpy(dtype=np.float64) for name in ("open_seconds", "mean_handle_seconds"))
    contacts = staffed["mean_offered_contacts"].to_numpy(dtype=np.float64)
    return _Demand(contacts, contacts[:, np.newaxis], seconds, handle, patience)


def _demand(queue: Queue, intervals: pd.DataFrame, patience_seconds: FloatArray) -> _Demand:
    handle, _ = handle_seconds_or_prior(intervals, queue.mean_handle_seconds_prior)
    demand = _Demand(
        intervals["mean_offered_contacts"].to_numpy(dtype=np.float64),
        intervals[_QUANTILES].to_numpy(dtype=np.float64),
        intervals["open_seconds"].to_numpy(dtype=np.float64),
        handle,
        patience_seconds,
    )
    if queue.channel != "chat":
        return demand
    return _Demand(demand.contacts, demand.quantiles, demand.open_seconds, _alone(queue, demand), patience_seconds)


def _alone(queue: Queue, demand: _Demand) -> FloatArray:
    """Handle time of a chat handled alone, from the observed one.

    History shows how long chats took beside each other. The mean concurrency behind that is the one the chain itself predicts at
    the staffing that meets the goal; a few rounds settle it.
    """
    slowdown = queue.chat.slowdown_per_extra_chat
    observed = demand.handle_seconds
    alone = observed / (1.0 + slowdown * (queue.chat.concurrency - 1) / 2.0)
    for _ in range(_CONCURRENCY_ROUNDS):
        tried = _Demand(demand.contacts, demand.quantiles, demand.open_seconds, alone, demand.patience_seconds)
        positions = _required(queue, tried, demand.contacts, _goal(queue, capped=True)).positions
        held = chat_measures(
            offered_contacts=demand.contacts,
            interval_seconds=demand.open_seconds,
            mean_handle_seconds=alone,
            positions=np.maximum(positions, queue.minimum_positions),
            concurrency=queue.chat.concurrency,
            slowdown_per_extra_chat=slowdown,
            answer_within_seconds=queue.service_goal.seconds,
            mean_patience_seconds=demand.patience_seconds,
        ).mean_concurrency
        weights = demand.contacts if demand.contacts.sum() > 0 else np.ones_like(demand.contacts)
        mean_held = float(np.average(np.maximum(np.nan_to_num(held, nan=1.0), 1.0), weights=weights))
        alone = observed / (1.0 + slowdown * (mean_held - 1.0))
    return alone


def _goal(queue: Queue, *, capped: bool) -> Goal:
    goal = queue.service_goal
    return Goal(
        answered_fraction=goal.fraction,
        answer_within_seconds=goal.seconds,
        definition=goal.definition,  # type: ignore[arg-type]  # the settings refuse completed_within for live queues
        maximum_occupancy=queue.occupancy_cap if capped else np.nan,
    )


def _required(
    queue: Queue, demand: _Demand, contacts: FloatArray, goal: Goal, patience_seconds: float | None = None
) -> Requirement:
    patience = demand.patience_seconds if patience_seconds is None else patience_seconds
    if queue.channel == "chat":
        return chat_positions_required(
            offered_contacts=contacts,
            interval_seconds=demand.open_seconds,
            mean_handle_seconds=demand.handle_seconds,
            concurrency=queue.chat.concurrency,
            slowdown_per_extra_chat=queue.chat.slowdown_per_extra_chat,
            goal=goal,
            mean_patience_seconds=patience,
        )
    return positions_required(
        offered_contacts=contacts,
        interval_seconds=demand.open_seconds,
        mean_handle_seconds=demand.handle_seconds,
        goal=goal,
        mean_patience_seconds=patience,
    )


def _measures(queue: Queue, demand: _Demand, positions: IntArray) -> QueueMeasures:
    if queue.channel == "chat":
        return chat_measures(
            offered_contacts=demand.contacts,
            interval_seconds=demand.open_seconds,
            mean_handle_seconds=demand.handle_seconds,
            positions=positions,
            concurrency=queue.chat.concurrency,
            slowdown_per_extra_chat=queue.chat.slowdown_per_extra_chat,
            answer_within_seconds=queue.service_goal.seconds,
            mean_patience_seconds=demand.patience_seconds,
        ).queue
    return queue_measures(
        offered_contacts=demand.contacts,
        interval_seconds=demand.open_seconds,
        mean_handle_seconds=demand.handle_seconds,
        positions=positions,
        answer_within_seconds=queue.service_goal.seconds,
        mean_patience_seconds=demand.patience_seconds,
    )


def _largest(queue: Queue, demand: _Demand, positions: IntArray) -> FloatArray:
    """The most contacts with which the positions still meet the service goal (the occupancy cap is comfort, not the goal)."""
    chat = queue.channel == "chat"
    return largest_contacts(
        positions=positions,
        interval_seconds=demand.open_seconds,
        mean_handle_seconds=demand.handle_seconds,
        goal=_goal(queue, capped=False),
        mean_patience_seconds=demand.patience_seconds,
        concurrency=queue.chat.concurrency if chat else None,
        slowdown_per_extra_chat=queue.chat.slowdown_per_extra_chat if chat else 0.0,
    )


def _bracket(queue: Queue, demand: _Demand) -> tuple[pd.Series | None, pd.Series | None]:
    """What Erlang C and Erlang A ask for; nothing for chat, which neither describes."""
    if queue.channel == "chat":
        return None, None
    goal = _goal(queue, capped=True)
    erlang_c = _required(queue, demand, demand.contacts, goal, float("inf")).positions
    erlang_a = _required(queue, demand, demand.contacts, goal).positions
    return np.maximum(erlang_c, queue.minimum_positions), np.maximum(erlang_a, queue.minimum_positions)  # type: ignore[return-value]


def _model(queue: Queue, patience_seconds: FloatArray) -> npt.NDArray[np.str_]:
    if queue.channel == "chat":
        return np.full(patience_seconds.size, "chat_chain")
    return np.where(np.isfinite(patience_seconds), "erlang_a", "erlang_c")


def _reasons(queue: Queue, needed: IntArray, uncapped: IntArray, positions: IntArray, patience_seconds: FloatArray) -> list[str]:
    """What decides each interval's number, in words."""
    goal = queue.service_goal
    names = {"erlang_a": "Erlang A", "erlang_c": "Erlang C", "chat_chain": "chat chain"}
    models = [names[str(model)] for model in _model(queue, patience_seconds)]
    waits = [f"patience {one:.0f} s" if np.isfinite(one) else "nobody known to hang up" for one in patience_seconds]
    promise = f"{100 * goal.fraction:g} % within {goal.seconds:g} s ({goal.definition.replace('_', ' ')})"
    words = np.select(
        [positions > needed, needed > uncapped],
        [
            f"the minimum of {queue.minimum_positions} positions decides",
            f"occupancy of at most {100 * queue.occupancy_cap:g} % decides",
        ],
        default="the goal decides",
    )
    return [f"{model}, {promise}, {wait}: {word}" for model, wait, word in zip(models, waits, words, strict=True)]


def _with_more(reasons: list[str], chase: pd.Series, queue: Queue, intervals: pd.DataFrame) -> list[str]:
    """The reasons with the contacts that overdue work adds, where it does, and with the prior, where it stands in."""
    _, unknown = handle_seconds_or_prior(intervals, queue.mean_handle_seconds_prior)
    prior = f"; {prior_in_words(queue.mean_handle_seconds_prior)}"
    return [
        reason + (f"; {more:.1f} contacts ask after overdue work" if more >= _WORTH_SAYING else "") + (prior if stands_in else "")
        for reason, more, stands_in in zip(reasons, chase.fillna(0.0), unknown, strict=True)
    ]
