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


def spans_of_events(agents: pa.Array, activities: pa.Array, at: pa.Array, begins: Flags, usable: Flags) -> tuple[pa.Array, Flags]:
    """Where each beginning ends, and which ends have no beginning.

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
        The end of each beginning (missing for ends and for what lasts); the ends that close no beginning.

    Example:
        >>> times = pa.array([0, 3_600_000_000, 7_200_000_000], INSTANT)
        >>> one = pa.array(["a"] * 3)
        >>> ends, alone = spans_of_events(one, one, times, np.array([True, True, False]), np.ones(3, dtype=bool))
        >>> [None if end is None else end.hour for end in ends.to_pylist()], alone.tolist()
        ([1, 2, None], [False, False, False])
    """
    agent, activity = (np.asarray(names.dictionary_encode().indices.fill_null(-1)) for names in (agents, activities))
    times = np.asarray(at.cast(pa.int64()).fill_null(0))
    rows = np.flatnonzero(usable)
    rows = rows[np.lexsort((begins[rows], times[rows], activity[rows], agent[rows]))]
    before, after = rows[:-1], rows[1:]
    follows = (agent[after] == agent[before]) & (activity[after] == activity[before])
    follows &= begins[before] & (times[after] - times[before] <= _LONGEST_US)
    end, alone = np.zeros(len(times), dtype=np.int64), usable & ~begins
    ended, ending = before[follows], after[follows]
    end[ended] = times[ending]
    alone[ending] = False
    lasts = np.ones(len(times), dtype=bool)
    lasts[ended] = False
    return pa.array(end, mask=lasts).cast(INSTANT), alone


def bounds_by_group(at: pa.Array, group: npt.NDArray[np.int64], among: Flags, groups: int) -> tuple[pa.Array, pa.Array]:
    """The first and the last instant of each row's group; missing where none of it is looked at.

    Args:
        at: instants.
        group: group of each row, from 0.
        among: rows to be looked at; they have an instant.
        groups: how many groups there are.

    Example:
        >>> at = pa.array([5, 3, None, 9], INSTANT)
        >>> first, last = bounds_by_group(at, np.array([0, 0, 0, 1]), np.array([True, True, False, False]), 2)
        >>> first.cast(pa.int64()).to_pylist(), last.cast(pa.int64()).to_pylist()
        ([3, 3, 3, None], [5, 5, 5, None])
    """
    times = at.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    bounds = np.iinfo(np.int64)
    first, last = np.full(groups, bounds.max), np.full(groups, bounds.min)
    np.minimum.at(first, group[among], times[among])
    np.maximum.at(last, group[among], times[among])
    empty = (first > last)[group]
    return pa.array(first[group], mask=empty).cast(INSTANT), pa.array(last[group], mask=empty).cast(INSTANT)


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
