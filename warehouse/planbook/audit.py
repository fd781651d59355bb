"""The book's page on the simulation audit: does a simulation of the planned positions do what the plan predicts?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from warehouse.planbook.night import BookNight


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
    return f"{mean:+.1f} (at most {largest:+.1f})"


def _worst(day: pd.DataFrame, time_zone: str) -> str:
    if day.empty:
        return ""
    row = day.iloc[int(day["difference"].abs().to_numpy().argmax())]
    when = row["interval_start_utc"].tz_convert(time_zone)
    return (
        f"{when:%A %-d %B at %H:%M}: {100 * row['simulated_answered_fraction']:.0f} % simulated, "
        f"{100 * row['predicted_answered_fraction']:.0f} % predicted"
    )
