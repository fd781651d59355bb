"""Why a day's service level was not the planned one: volume, handle time, staffing, adherence, and what no model explains. Pure.

The staffing model says what the day's level would have been with any of the four causes as they were and the others as planned;
`staffing.attribution` makes parts of that. What is left between the model and the day is the model's part, so that the parts add
up to the miss to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from staffing.attribution import coalitions, shapley_parts
from staffing.chat import chat_measures
from staffing.doors import FloatArray
from staffing.erlang import queue_measures
from warehouse.tables.looking_back import MISS_ANALYSIS

CAUSES = ("volume", "handle_time", "staffing", "adherence")
_DIGITS = 9
_WORDS = {
    "volume": "volume",
    "handle_time": "handle time",
    "staffing": "people scheduled",
    "adherence": "adherence",
    "model": "other",
}


@dataclass(frozen=True, eq=False)
class DaySeen:
    """A live queue's day as planned and as it was; arrays by open interval.

    Attributes:
        planned_contacts: contacts planned.
        actual_contacts: contacts that came.
        open_seconds: open time, > 0.
        planned_handle_seconds: mean handle time planned (of a chat handled alone), > 0.
        handle_ratio: the day's mean handle time over the planned one, > 0; 1 where unknown.
        planned_positions: people at work that the plan asked for.
        scheduled_positions: people that were scheduled on the queue; None where no schedule is known.
        present_positions: people that were there; None where unknown.
        patience_seconds: mean patience, > 0; infinity where nobody hangs up.
        planned_level: the service level that the plan predicted for the day.
        actual_level: the service level that the day had.
    """

    planned_contacts: FloatArray
    actual_contacts: FloatArray
    open_seconds: FloatArray
    planned_handle_seconds: FloatArray
    handle_ratio: float
    planned_positions: FloatArray
    scheduled_positions: FloatArray | None
    present_positions: FloatArray | None
    patience_seconds: FloatArray
    planned_level: float
    actual_level: float


def split_miss(queue: Queue, day: DaySeen) -> dict[str, float]:
    """The parts of a day's miss, by cause and "model".

    Without a schedule nothing is told apart: what is between the people planned and those present counts as staffing. Without
    either, people were as planned.

    Returns:
        Parts that add up to `actual_level - planned_level`, rounded to a billionth.
    """
    put_in = coalitions(len(CAUSES))
    contacts = np.where(put_in[:, [0]], day.actual_contacts, day.planned_contacts)
    handle = day.planned_handle_seconds * np.where(put_in[:, [1]], day.handle_ratio, 1.0)
    scheduled = _known(day.scheduled_positions, _known(day.present_positions, day.planned_positions))
    present = _known(day.present_positions, scheduled)
    positions = np.maximum(
        day.planned_positions + put_in[:, [2]] * (scheduled - day.planned_positions) + put_in[:, [3]] * (present - scheduled),
        0.0,
    )
    levels = day_level(queue, contacts, day.open_seconds, handle, positions, day.patience_seconds)
    found = np.round(shapley_parts(levels, len(CAUSES)), _DIGITS)
    parts = {cause: float(part) for cause, part in zip(CAUSES, found, strict=True)}
    miss = round(round(day.actual_level, _DIGITS) - round(day.planned_level, _DIGITS), _DIGITS)
    return parts | {"model": round(miss - sum(parts.values()), _DIGITS)}


def day_level(
    queue: Queue, contacts: FloatArray, open_seconds: FloatArray, handle: FloatArray, positions: FloatArray, patience: FloatArray
) -> FloatArray:
    """The model's service level of a day, per row: the intervals' levels weighted by their contacts.

    Positions need not be whole: between two whole numbers the level goes in a straight line.

    Args:
        queue: channel, goal and concurrency.
        contacts: rows x intervals, >= 0.
        open_seconds: per interval.
        handle: mean handle time, rows x intervals, > 0.
        positions: rows x intervals, >= 0.
        patience: mean patience per interval, > 0.

    Returns:
        Fractions per row; 1 where nothing is offered.
    """
    below = np.floor(positions)
    share = positions - below
    low, high = (_levels(queue, contacts, open_seconds, handle, n, patience) for n in (below, below + 1.0))
    level = (1.0 - share) * low + share * high
    total = contacts.sum(axis=1)
    return np.where(total > 0.0, (level * contacts).sum(axis=1) / np.where(total > 0.0, total, 1.0), 1.0)


def _levels(
    queue: Queue, contacts: FloatArray, open_seconds: FloatArray, handle: FloatArray, positions: FloatArray, patience: FloatArray
) -> FloatArray:
    given: dict[str, Any] = {
        "offered_contacts": contacts,
        "interval_seconds": open_seconds,
        "mean_handle_seconds": handle,
        "positions": positions,
        "answer_within_seconds": queue.service_goal.seconds,
        "mean_patience_seconds": patience,
    }
    if queue.channel == "chat":
        held = queue.chat
        measures = chat_measures(
            **given, concurrency=held.concurrency, slowdown_per_extra_chat=held.slowdown_per_extra_chat
        ).queue
    else:
        measures = queue_measures(**given)
    level = measures.service_level(queue.service_goal.definition)  # type: ignore[arg-type]  # settings refuse completed_within here
    return np.clip(level, 0.0, 1.0)


def _known(values: FloatArray | None, otherwise: FloatArray) -> FloatArray:
    return otherwise if values is None else values


def miss_row(queue: Queue, business_date: date, plan_date: date, day: DaySeen) -> dict[str, object]:
    """The row of MISS_ANALYSIS of a queue's day."""
    parts = split_miss(queue, day)
    planned, actual = round(day.planned_level, _DIGITS), round(day.actual_level, _DIGITS)
    handle = _mean(day.planned_handle_seconds, day.planned_contacts)
    hours = day.open_seconds / 3600.0

    def worked(positions: FloatArray | None) -> float | None:
        return None if positions is None else float((positions * hours).sum())

    return {
        "business_date": business_date,
        "queue_id": queue.id,
        "plan_date": plan_date,
        "lead_days": (business_date - plan_date).days,
        "service_level_definition": queue.service_goal.definition,
        "planned_answered_fraction": planned,
        "actual_answered_fraction": actual,
        "miss_fraction": round(actual - planned, _DIGITS),
        **{f"{name}_part_fraction": part for name, part in parts.items()},
        "planned_contacts": float(day.planned_contacts.sum()),
        "actual_contacts": float(day.actual_contacts.sum()),
        "planned_handle_seconds": handle,
        "actual_handle_seconds": handle * day.handle_ratio,
        "planned_position_hours": worked(day.planned_positions),
        "scheduled_position_hours": worked(day.scheduled_positions),
        "present_position_hours": worked(day.present_positions),
        "in_words": _in_words(queue, planned, actual, parts),
    }


def miss_rows(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of MISS_ANALYSIS as a frame, also where there are none."""
    frame = pd.DataFrame(rows, columns=MISS_ANALYSIS.column_names)
    optional = ["actual_handle_seconds", "scheduled_position_hours", "present_position_hours"]
    return frame.astype(dict.fromkeys(optional, "float64"))


def _in_words(queue: Queue, planned: float, actual: float, parts: dict[str, float]) -> str:
    points = 100.0 * (actual - planned)
    loud = sorted(((100.0 * part, name) for name, part in parts.items() if abs(part) >= 0.005), key=lambda one: -abs(one[0]))
    because = ", ".join(f"{_WORDS[name]} {part:+.0f}" for part, name in loud)
    return (
        f"{100 * actual:.0f} % within {queue.service_goal.seconds:g} s, {100 * planned:.0f} % planned: {points:+.0f} points"
        + (f" ({because})" if because else "")
    )


def _mean(values: FloatArray, weights: FloatArray) -> float:
    total = float(weights.sum())
    return float((values * weights).sum() / total) if total > 0 else float(values.mean())
