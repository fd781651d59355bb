"""The book's work between calls: per blended queue what gaps do, who is needed beside them, and what that saves."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.planbook.night import BookNight


@dataclass(frozen=True, slots=True)
class BlendedQueue:
    """One queue whose work is partly done between calls and chats, over the whole plan.

    Attributes:
        name: the queue.
        group: the people who do it.
        live_queues: names of the queues in whose gaps it is done.
        reserve: share of everybody's time that stays idle.
        setup_seconds: time lost in every gap.
        useful_idle_hours: what the gaps offer this queue.
        gap_hours: what they do.
        separate_hours: hours to schedule if it is staffed by itself.
        ring_fenced_hours: hours to schedule beside the gaps.
        saved_hours: the difference.
        saved_cost: its cost.
    """

    name: str
    group: str
    live_queues: str
    reserve: float
    setup_seconds: float
    useful_idle_hours: float
    gap_hours: float
    separate_hours: float
    ring_fenced_hours: float
    saved_hours: float
    saved_cost: float


def blended_queues(night: BookNight) -> list[BlendedQueue]:
    """One per blended queue, in the order of the settings."""
    daily = night.staffing_daily[night.staffing_daily["level"] == "queue"].groupby("member_id")["staff_hours"].sum()
    queues, found = night.enterprise.queues, []
    for group in night.enterprise.staff_groups.values():
        for queue_id in group.blending.queues if group.blending else ():
            rows = night.staffing_blended[night.staffing_blended["queue_id"] == queue_id]
            if group.blending is None or rows.empty:
                continue
            saved = float(rows["saved_staff_hours"].sum())
            separate = float(daily.get(queue_id, 0.0))
            found.append(
                BlendedQueue(
                    name=night.queue_name(queue_id),
                    group=group.name,
                    live_queues=", ".join(night.queue_name(one) for one in group.queues if not queues[one].is_deferred),
                    reserve=group.blending.reserve_fraction,
                    setup_seconds=group.blending.setup_seconds,
                    useful_idle_hours=float(rows["useful_idle_hours"].sum()),
                    gap_hours=float(rows["gap_hours"].sum()),
                    separate_hours=separate,
                    ring_fenced_hours=separate - saved,
                    saved_hours=saved,
                    saved_cost=float(rows["saved_cost"].sum()),
                )
            )
    return found
