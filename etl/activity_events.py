"""Log-ins, log-outs, starts and stops as single events: which of them stand, and the spans they make (pure).

Every event that was ever read is kept in staging; spans are made of them when core is made, so that a log-out in the file of the
next night ends the log-in of the night before. An event has no id by which a later one could replace it: what a file says when
it is delivered again holds for the time between its first and its last event, and what it said of that time before is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from etl.shifts import spans_of_events
from etl.typed import INSTANT
from warehouse.tables.columns import BUSINESS_DATE, LANDING_FILE, LANDING_ROW, SOURCE_SYSTEM, flag, instant, text
from warehouse.tables.core import AGENT_STATES
from warehouse.tables.declaration import Table

ACTIVITY_EVENTS = Table(
    "activity_events",
    layer="core",
    grain="one event of a workforce file",
    meaning="Beginnings and ends of what agents do, kept in staging only: spans are made of them.",
    key=(SOURCE_SYSTEM, LANDING_FILE, LANDING_ROW),
    columns=(
        BUSINESS_DATE,
        text("agent_id", "Agent, as the source names it."),
        instant("occurred_at", "When it happened."),
        text("activity", "What began or ended."),
        flag("begins", "True for a beginning, false for an end."),
        text("queue_id", "Queue that the activity is work on.").optional(),
        instant("file_first_at", "First event of its file."),
        instant("file_last_at", "Last event of its file."),
        text("row_text", "An end as received: it is shown where nothing began.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)

_KEY = ["agent_id", "activity", "occurred_at", "begins"]
_RECEIVED = ["sequence", "landing_row"]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activities:
    """What some events say.

    Args:
        spans: rows of AGENT_STATES, each as read with the event it begins with.
        ends: all ends, each once as it was received first: landing_file, landing_row, business_date, row_text, queue_id and
            whether they are `alone`: nothing began that they could end.
        events: all events, each once as it was received first: what they are (`agent_id`, `activity`, `occurred_at`, `begins`),
            business_date, landing_file, landing_row and whether they still `stand`.
        repeated: landing file of every further row that says the same as one received before.
    """

    spans: pa.Table
    ends: pd.DataFrame
    events: pd.DataFrame
    repeated: list[str]


def activities_of(events: pd.DataFrame, deliveries: pd.DataFrame) -> Activities:
    """Spans of some events.

    Args:
        events: rows of ACTIVITY_EVENTS with instants in microseconds, and with `sequence`, the order in which their files were
            received, and `place`, where each file lay in the source.
        deliveries: place, sequence, first_us and last_us of every file that spans a part of the time that is looked at.
    """
    ordered = events.sort_values(_RECEIVED, kind="stable", ignore_index=True)
    first = ~ordered.duplicated(_KEY).to_numpy()
    last_told = _last_told(ordered, deliveries) <= ordered["sequence"].to_numpy()
    number = ordered.groupby(_KEY, sort=False).ngroup().to_numpy()
    stands = np.zeros(number.max(initial=-1) + 1, dtype=bool)
    np.logical_or.at(stands, number, last_told)
    once = ordered[first].assign(stands=stands[number[first]]).reset_index(drop=True)
    begins, standing = once["begins"].to_numpy(dtype=bool), once["stands"].to_numpy(dtype=bool)
    at = pa.array(once["occurred_at"].to_numpy(dtype=np.int64)).cast(INSTANT)
    end, alone = spans_of_events(_texts(once["agent_id"]), _texts(once["activity"]), at, begins, standing)
    rows = pa.array(begins & standing)
    columns = {
        "started_at": at,
        "ended_at": end,
        **{name: _texts(once[name]) for name in ("agent_id", "activity", "queue_id", "source_system", "landing_file")},
        "business_date": pa.array(once["business_date"].tolist(), pa.date32()),
        "landing_row": pa.array(once["landing_row"].to_numpy(dtype=np.int64)),
    }
    schema = AGENT_STATES.arrow_schema
    spans = pa.table({name: columns[name].cast(schema.field(name).type) for name in schema.names}, schema).filter(rows)
    ends = once.assign(alone=alone)[~begins]
    of_end = ["landing_file", "landing_row", "business_date", "row_text", "queue_id", "alone"]
    of_event = [*_KEY, "business_date", "landing_file", "landing_row", "stands"]
    return Activities(spans, ends[of_end], once[of_event], ordered.loc[~first, "landing_file"].tolist())


def changed_dates(before: Activities, after: Activities) -> set[object]:
    """Business dates of the events that did not stand, do not stand any more, or were received first by another file."""
    mark = [*_KEY, "landing_file", "landing_row"]
    one, other = (each.events.loc[each.events["stands"], [*mark, "business_date"]] for each in (before, after))
    both = pd.concat([one, other], ignore_index=True)
    return set(both.loc[~both.duplicated(mark, keep=False), "business_date"])


def _last_told(events: pd.DataFrame, deliveries: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Sequence of the file that was delivered last to each event's place and spans its time; -1 if none does."""
    told = np.full(len(events), -1, dtype=np.int64)
    at, places = events["occurred_at"].to_numpy(dtype=np.int64), events["place"].to_numpy()
    columns = ("place", "sequence", "first_us", "last_us")
    files = zip(*(deliveries.sort_values("sequence")[name].tolist() for name in columns), strict=True)
    in_time: dict[str, npt.NDArray[np.int64]] = {}
    for place, sequence, first, last in files:
        if place not in in_time:
            rows = np.flatnonzero(places == place)
            in_time[place] = rows[np.argsort(at[rows], kind="stable")]
        order = in_time[place]
        since, until = np.searchsorted(at[order], np.array([first, last + 1]))
        told[order[since:until]] = sequence
    return told


def _texts(values: pd.Series[str]) -> pa.Array:
    return pa.array([None if pd.isna(value) else value for value in values], pa.string())
