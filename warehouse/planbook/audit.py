"""The book's page on the simulation audit: does a simulation of the planned positions do what the plan predicts?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_long, is_missing, number, signed


@dataclass(frozen=True, slots=True)
class AuditedQueue:
    """One queue's audit; differences are simulated less predicted service level in points, in words.

    Attributes:
        name: the queue.
        intervals: intervals simulated under the model's own assumptions.
        within: those of them within one point.
        steady: their mean difference, and the largest.
        observed: the same with the handle times that history shows; "" without.
        day: the same over a whole day; "" without.
        worst: the interval of that day that differs most.
    """

    name: str
    intervals: int
    within: int
    steady: str
    observed: str
    day: str
    worst: str


def audited_queues(night: BookNight) -> list[AuditedQueue]:
    """One per queue that was audited, in the order of the settings."""
    audit = night.simulation_audit.assign(
        difference=100
        * (night.simulation_audit["simulated_answered_fraction"] - night.simulation_audit["predicted_answered_fraction"])
    )
    found = []
    for queue_id in night.enterprise.queues:
        rows = audit[audit["queue_id"] == queue_id]
        if rows.empty:
            continue
        own = _own(rows)
        steady = rows[(rows["scope"] == "interval") & (rows["handle_times"] == "observed")]
        day = rows[(rows["scope"] == "day") & (rows["handle_times"] == "observed")]
        day = rows[rows["scope"] == "day"] if day.empty else day
        found.append(
            AuditedQueue(
                name=night.queue_name(queue_id),
                intervals=len(own),
                within=int(own["within_one_point"].sum()),
                steady=_points(own),
                observed=_points(steady),
                day=_points(day),
                worst=_worst(day, night.enterprise.time_zone),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class AuditedDay:
    """One queue of a group on the day that was simulated whole; shares as percent, in words.

    Attributes:
        heading: the people, the day and who takes what.
        queue: the queue.
        goal: its service goal.
        planned: service level that the plan promises.
        simulated: that of the simulation, with its error.
        is_kept: whether the simulated level keeps the goal.
        items: items completed, planned and simulated; "" for calls and chats.
        gaps: hours worked in gaps, planned and simulated; "" for calls and chats.
    """

    heading: str
    queue: str
    goal: str
    planned: str
    simulated: str
    is_kept: bool
    items: str
    gaps: str


_WAYS = {
    "teams": "calls go to teams by skill",
    "put_aside": "items are put aside for the next call or chat, as planned",
    "finished_first": "if items were finished first",
}


def audited_days(night: BookNight) -> list[AuditedDay]:
    """One per group, way of working and queue, in the order of the settings; what the plan assumes comes first."""
    found = []
    order = list(night.enterprise.queues)
    for name, group in night.enterprise.staff_groups.items():
        own = night.group_audit[night.group_audit["staff_group"] == name]
        places = own.assign(way=own["way_of_working"].map(list(_WAYS).index), place=own["queue_id"].map(order.index)).sort_values(
            ["way", "place"]
        )
        for row in places.to_dict("records"):
            level, low, high = (row[f"simulated_answered_fraction{end}"] for end in ("", "_low", "_high"))
            items = not is_missing(row["planned_completed_items"])
            found.append(
                AuditedDay(
                    heading=f"{group.name}, {day_long(row['business_date'])}: {_WAYS[row['way_of_working']]}",
                    queue=night.queue_name(row["queue_id"]),
                    goal=f"{100 * row['goal_fraction']:.0f} %",
                    planned=f"{100 * row['planned_answered_fraction']:.1f} %",
                    simulated=f"{100 * level:.1f} % (± {50 * (high - low):.1f})",
                    is_kept=bool(high >= row["goal_fraction"]),
                    items=f"{number(row['planned_completed_items'])} / {number(row['simulated_completed_items'])}"
                    if items
                    else "",
                    gaps=f"{number(row['planned_gap_hours'], 1)} / {number(row['simulated_gap_hours'], 1)}" if items else "",
                )
            )
    return found


def audit_sentence(night: BookNight) -> str:
    """What the audit says, in one sentence; "" without an audit."""
    own = _own(night.simulation_audit)
    if own.empty:
        return ""
    within, share = int(own["within_one_point"].sum()), own["within_one_point"].mean()
    verdict = "the plan's numbers can be relied on" if share >= 0.95 else "fewer than 95 %: look at the rows that differ"
    return (
        f"{within} of {len(own)} intervals, drawn by lot, reach in a simulation of the same assumptions the service level that "
        f"the plan predicts, within one point: {verdict}."
    )


def _own(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["scope"] == "interval") & (rows["handle_times"] == "exponential")]


def _points(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    weights = rows["mean_offered_contacts"]
    mean = float((rows["difference"] * weights).sum() / weights.sum())
    largest = float(rows["difference"].iloc[int(rows["difference"].abs().to_numpy().argmax())])
    return f"{signed(mean, 1)} (at most {signed(largest, 1)})"


def _worst(day: pd.DataFrame, time_zone: str) -> str:
    if day.empty:
        return ""
    row = day.iloc[int(day["difference"].abs().to_numpy().argmax())]
    when = row["interval_start_utc"].tz_convert(time_zone)
    return (
        f"{when:%A %-d %B at %H:%M}: {100 * row['simulated_answered_fraction']:.0f} % simulated, "
        f"{100 * row['predicted_answered_fraction']:.0f} % predicted"
    )
