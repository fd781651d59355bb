"""Who was planned and who was there: time per interval and queue, and adherence per agent, from schedules and states. Pure.

A span is work if its activity is a queue, or if the switch says that the agent was a member of one; a pause takes a membership
away. Source: the spans of `core.schedules` and `core.agent_states` (see docs/sources.md for how activities are named).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from staffing.doors import FloatArray
from warehouse.tables.looking_back import ADHERENCE_DAILY

_MEMBER, _PAUSE = "member:", "pause"


def scheduled_seconds(schedules: pd.DataFrame, queue_id: str, starts: pd.Series, ends: pd.Series) -> FloatArray:
    """Time that people are scheduled on a queue in each interval.

    Args:
        schedules: activity, starts_at, ends_at.
        queue_id: activity that counts.
        starts: begin of each interval.
        ends: end of each interval.

    Returns:
        Seconds of all people together.
    """
    mine = schedules[schedules["activity"] == queue_id]
    first, last = np.sort(_seconds(mine["starts_at"])), np.sort(_seconds(mine["ends_at"]))
    return _covered(first, last, _seconds(ends)) - _covered(first, last, _seconds(starts))


def _covered(first: FloatArray, last: FloatArray, until: FloatArray) -> FloatArray:
    """Time that all spans together cover up to an instant; begins and ends sorted each for itself."""
    sums = [np.concatenate([[0.0], np.cumsum(edges)]) for edges in (first, last)]
    begun, over = np.searchsorted(first, until), np.searchsorted(last, until)
    return np.asarray((begun * until - sums[0][begun]) - (over * until - sums[1][over]), dtype=np.float64)


def adherence_rows(
    schedules: pd.DataFrame, states: pd.DataFrame, queues: Collection[str], day_start: pd.Timestamp, day_end: pd.Timestamp
) -> pd.DataFrame:
    """Scheduled, worked and in-adherence time per agent of a day, in any order of the spans.

    Args:
        schedules: agent_id, activity, starts_at, ends_at.
        states: agent_id, activity, started_at, ended_at; one without an end lasts to the end of the day.
        queues: the queues' ids.
        day_start: local midnight, tz-aware.
        day_end: the next one.

    Returns:
        Columns of ADHERENCE_DAILY but for business_date; agents who neither were planned nor worked are not there.
    """
    planned = schedules[schedules["activity"].isin(list(queues))]
    activity = states["activity"].astype("str")
    pause = activity.str.startswith(_PAUSE)
    at_work = states[(activity.str.startswith(_MEMBER) | activity.isin(list(queues)) | pause).to_numpy(dtype=bool)]
    sign = np.where(at_work["activity"].astype("str").str.startswith(_PAUSE), -1, 1)
    events = pd.concat(
        [
            _events(planned["agent_id"], planned["starts_at"], planned["ends_at"], 1, 0, day_start, day_end),
            _events(at_work["agent_id"], at_work["started_at"], at_work["ended_at"].fillna(day_end), 0, sign, day_start, day_end),
        ],
        ignore_index=True,
    ).sort_values(["agent_id", "at"], kind="stable", ignore_index=True)
    if events.empty:
        return pd.DataFrame(columns=[name for name in ADHERENCE_DAILY.column_names if name != "business_date"])
    # Every span that begins ends, so that counts are back at 0 where the next agent's events begin.
    is_planned = events["planned"].cumsum().to_numpy() > 0
    is_working = events["working"].cumsum().to_numpy() > 0
    length = np.append(np.diff(events["at"].to_numpy(dtype=np.float64)), 0.0)
    length[np.append(events["agent_id"].to_numpy()[1:] != events["agent_id"].to_numpy()[:-1], True)] = 0.0
    spent = pd.DataFrame(
        {
            "agent_id": events["agent_id"],
            "scheduled_seconds": length * is_planned,
            "worked_seconds": length * is_working,
            "in_adherence_seconds": length * (is_planned & is_working),
        }
    )
    sums = spent.groupby("agent_id", as_index=False).sum()
    sums = sums[(sums["scheduled_seconds"] > 0) | (sums["worked_seconds"] > 0)].reset_index(drop=True)
    base = sums["scheduled_seconds"].where(sums["scheduled_seconds"] > 0)
    return sums.assign(
        adherence_fraction=(sums["in_adherence_seconds"] / base).clip(upper=1.0),
        conformance_fraction=sums["worked_seconds"] / base,
    )


def _events(
    agents: pd.Series,
    starts: pd.Series,
    ends: pd.Series,
    planned: int,
    working: int | np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    day_start: pd.Timestamp,
    day_end: pd.Timestamp,
) -> pd.DataFrame:
    """Begin and end of every span within the day, with what each adds to the counts."""
    first = np.maximum(_seconds(starts), day_start.timestamp())
    last = np.minimum(_seconds(ends), day_end.timestamp())
    spans = pd.DataFrame({"agent_id": agents.to_numpy(), "first": first, "last": last, "planned": planned, "working": working})
    spans = spans[spans["last"] > spans["first"]]
    begins = spans.rename(columns={"first": "at"})[["agent_id", "at", "planned", "working"]]
    over = spans.rename(columns={"last": "at"})[["agent_id", "at", "planned", "working"]]
    return pd.concat([begins, over.assign(planned=-over["planned"], working=-over["working"])], ignore_index=True)


def _seconds(instants: pd.Series) -> FloatArray:
    """Seconds since 1970 of instants in UTC."""
    return np.asarray(instants.astype("datetime64[us, UTC]").astype("int64") / 1e6, dtype=np.float64)
