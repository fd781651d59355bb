"""A day of the blended plan as its simulation takes it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from enterprise.shifts import StaffGroup
from staffing.audit import open_spans
from staffing.blended_simulation import Arriving, BlendedDay
from staffing.blending import busy_fraction
from staffing.doors import FloatArray


def blended_day(
    group: StaffGroup, live: list[Queue], waiting: list[Queue], rows: pd.DataFrame, blended: pd.DataFrame
) -> tuple[BlendedDay, list[pd.DataFrame]]:
    """The day of a group's rows, and what is due of each queue whose items wait.

    Args:
        group: with blending.
        live: its calls and chats with people at work that day.
        waiting: queues whose items are worked between them, in their order.
        rows: rows of STAFFING_INTERVAL of the group on one day.
        blended: rows of STAFFING_BLENDED of the night: days before tell what waits in the morning.

    Returns:
        The day; and by queue the blended rows of the day with `begins` and `ends` in seconds and `needed_items`, how many items
        have to be completed since the morning by the end of each interval.
    """
    zero, day = rows["interval_start_utc"].min(), rows["business_date"].iloc[0]
    of_live = [_with_spans(rows[rows["queue_id"] == queue.id], zero) for queue in live]
    of_waiting = []
    for queue in waiting:
        own = blended[blended["queue_id"] == queue.id].sort_values("interval_start_utc")
        before, today = own[own["business_date"] < day], own[own["business_date"] == day]
        ahead = float(before["completed_items"].sum() - (before["due_items"] - before["breached_items"]).sum())
        seconds = rows[rows["queue_id"] == queue.id].set_index("interval_start_utc")
        today = today.assign(
            open_seconds=today["interval_start_utc"].map(seconds["open_seconds"]),
            mean_offered_contacts=today["interval_start_utc"].map(seconds["mean_offered_contacts"]),
            mean_handle_seconds=today["interval_start_utc"].map(seconds["mean_handle_seconds"]),
            needed_items=today["due_items"].cumsum() - ahead,
        )
        of_waiting.append(_with_spans(today, zero))
    spans = [one[["begins", "ends"]].to_numpy().ravel() for one in [*of_live, *of_waiting]]
    edges = np.unique(np.concatenate([[0.0], *spans]))
    reserve = group.blending.reserve_fraction if group.blending else 0.0
    shares = []
    for queue, own in zip(live, of_live, strict=True):
        busy = busy_fraction(queue, own)
        free = np.maximum(1.0 - busy, 0.0)
        shares.append(own.assign(used=np.divide(np.maximum(free - reserve, 0.0), free, out=np.zeros_like(free), where=free > 0)))
    return (
        BlendedDay(
            live=_arriving(of_live),
            items=_arriving(of_waiting),
            opening_items=np.array([float(one["opening_items"].iloc[0]) if len(one) else 0.0 for one in of_waiting]),
            item_seconds=np.array([_item_seconds(queue, rows) for queue in waiting]),
            edges=edges,
            positions=np.array([_on(edges, one, "positions_required", stays=True) for one in of_live], dtype=np.int64).T.copy(),
            used_fraction=np.array([_on(edges, one, "used") for one in shares]).T.copy(),
            own_people=np.array(
                [_on(edges, one, "ring_fenced_positions") * queue.occupancy_cap
                 for queue, one in zip(waiting, of_waiting, strict=True)]
            ).T.copy(),
            is_open=np.array([_on(edges, one.assign(open=1.0), "open") > 0 for one in of_waiting]).T.copy(),
            concurrency=np.array([queue.chat.concurrency if queue.channel == "chat" else 1 for queue in live], dtype=np.int64),
            slowdown=np.array([queue.chat.slowdown_per_extra_chat if queue.channel == "chat" else 0.0 for queue in live]),
            setup_seconds=group.blending.setup_seconds if group.blending else 0.0,
        ),
        of_waiting,
    )  # fmt: skip


def _with_spans(rows: pd.DataFrame, zero: pd.Timestamp) -> pd.DataFrame:
    rows = rows.sort_values("interval_start_utc").reset_index(drop=True)
    if rows.empty:
        return rows.assign(begins=0.0, ends=0.0)
    begins, ends = open_spans(rows, zero)
    return rows.assign(begins=begins, ends=ends)


def _item_seconds(queue: Queue, rows: pd.DataFrame) -> float:
    own = rows.loc[rows["queue_id"] == queue.id, "mean_handle_seconds"]
    return float(own.iloc[0]) if len(own) else queue.mean_handle_seconds_prior


def _arriving(queues: list[pd.DataFrame]) -> Arriving:
    table = pd.concat([rows.assign(place=place) for place, rows in enumerate(queues)], ignore_index=True)

    def column(name: str, otherwise: float) -> FloatArray:
        values = table[name].astype("float64").fillna(otherwise) if name in table else pd.Series(otherwise, index=table.index)
        return np.asarray(values, dtype=np.float64)

    return Arriving(
        table["place"].to_numpy(dtype=np.int64),
        column("begins", 0.0),
        column("ends", 0.0),
        column("mean_offered_contacts", 0.0),
        column("mean_handle_seconds", np.nan),
        column("mean_patience_seconds", np.inf),
    )


def _on(edges: FloatArray, rows: pd.DataFrame, name: str, *, stays: bool = False) -> FloatArray:
    """A column's value from each edge on: 0 where the queue is closed, or with `stays` as it was last."""
    found = np.zeros(len(edges))
    if rows.empty:
        return found
    place = np.searchsorted(rows["begins"].to_numpy(), edges, side="right") - 1
    inside = (place >= 0) & (edges < rows["ends"].to_numpy()[np.maximum(place, 0)])
    if stays:
        inside = place >= 0
    found[inside] = rows[name].to_numpy(dtype=np.float64)[place[inside]]
    return found
