"""Log-ins and log-outs, or beginnings and ends of activities, written as single events: paired into spans (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from etl.typed import INSTANT

BEGINS = ("log_in", "login", "logon", "log_on", "sign_in", "start", "begin")
ENDS = ("log_out", "logout", "logoff", "log_off", "sign_out", "stop", "end")
_LONGEST_US = 24 * 3_600_000_000

Flags = npt.NDArray[np.bool_]


def spans_of_events(
    agents: pa.Array, activities: pa.Array, at: pa.Array, begins: Flags, usable: Flags
) -> tuple[pa.Array, Flags, Flags]:
    """Where each beginning ends, which ends were used up, and which have no beginning.

    The events of one agent and one activity are taken in order of time (of equal times an end comes first). A beginning ends at
    the end that follows it; at the next beginning where the end was forgotten; and nowhere (it lasts) where nothing follows
    within a day.

    Args:
        agents: agent of each event.
        activities: activity of each event.
        at: when it happened.
        begins: whether it is a beginning; otherwise it is an end.
        usable: events to be looked at.

    Returns:
        The end of each beginning (missing for ends and for what lasts); the ends that close a beginning; the ends that close
        none.

    Example:
        >>> times = pa.array([0, 3_600_000_000, 7_200_000_000], INSTANT)
        >>> one = pa.array(["a"] * 3)
        >>> ends, used, alone = spans_of_events(one, one, times, np.array([True, True, False]), np.ones(3, dtype=bool))
        >>> [None if end is None else end.hour for end in ends.to_pylist()], used.tolist(), alone.tolist()
        ([1, 2, None], [False, False, True], [False, False, False])
    """
    rows = len(at)
    frame = pd.DataFrame(
        {"agent": agents.to_pandas(), "activity": activities.to_pandas(), "at": at.cast(pa.int64()).to_pandas(), "begins": begins}
    )
    ordered = frame[usable].sort_values(["agent", "activity", "at", "begins"], kind="stable")
    groups = ordered.groupby(["agent", "activity"], dropna=False)
    following, before = groups["at"].shift(-1), groups["begins"].shift(1)
    previous = groups["at"].shift(1)
    near = (following - ordered["at"]) <= _LONGEST_US
    closes = ~ordered["begins"] & before.eq(True) & ((ordered["at"] - previous) <= _LONGEST_US)
    end = following.where(ordered["begins"] & near)
    ends = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    ends[ordered.index] = end.astype("Int64")
    used, alone = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool)
    used[ordered.index] = closes.to_numpy(dtype=bool)
    alone[ordered.index] = (~ordered["begins"] & ~closes).to_numpy(dtype=bool)
    return pa.Array.from_pandas(ends, type=pa.int64()).cast(INSTANT), used, alone


def overlapping(agents: pa.Array, begin: pa.Array, end: pa.Array, among: Flags) -> Flags:
    """Spans that begin before an earlier one of the same agent is over; of equal beginnings the first row stands.

    Args:
        agents: agent of each span.
        begin: when it began.
        end: when it ended; missing while it lasts.
        among: spans that exclude each other.

    Example:
        >>> hours = lambda *values: pa.array([None if v is None else v * 3_600_000_000 for v in values], INSTANT)
        >>> overlapping(pa.array(["a"] * 4), hours(0, 1, 2, 9), hours(2, 3, 4, None), np.ones(4, dtype=bool)).tolist()
        [False, True, False, False]
    """
    result = np.zeros(len(begin), dtype=bool)
    frame = pd.DataFrame({"agent": agents.to_pandas(), "begin": begin.cast(pa.int64()).to_pandas()})
    frame["end"] = end.cast(pa.int64()).fill_null(0).to_pandas()  # what lasts still ends the look: nobody knows until when
    ordered = frame[among].sort_values(["agent", "begin"], kind="stable")
    columns = (ordered[name].tolist() for name in ("agent", "begin", "end"))
    busy_until: dict[str, int] = {}
    for place, agent, start, stop in zip(ordered.index.tolist(), *columns, strict=True):
        if start < busy_until.get(agent, start):
            result[place] = True
        else:
            busy_until[agent] = stop
    return result
