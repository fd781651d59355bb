"""The frames of a night as arrays: what was seen of each queue, feed and line of claims on each day (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from expectations.monitors.watched import Watched

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAILY = ("offered_contacts", "answered_contacts", "abandoned_contacts", "completed_items", "handle_seconds", "wait_seconds")
PROFILE = (
    "item_rows",
    "customer_missing_rows",
    "answered_rows",
    "agent_missing_rows",
    "twin_rows",
    "overlapping_rows",
    "zero_handle_rows",
    "overlong_handle_rows",
    "short_handle_rows",
    "waited_rows",
    "idle_waited_rows",
    "same_second_rows",
    "echo_rows",
    "returned_rows",
    "same_customer_rows",
    "longest_handle_seconds",
    "reported_contacts",
)
FEED = ("link_rows", "orphan_rows", "number_rows", "number_span")


@dataclass(frozen=True, eq=False)
class Observed:
    """What was seen, day by day.

    Attributes:
        dates: consecutive days, the night last.
        queue_ids: the queues, in order.
        daily: by column of DAILY_HISTORY, shape (queues, dates), NaN where unknown.
        complete: whether the queue's feed arrived whole, same shape.
        profile: by column of `PROFILES_SQL` and `RETURNED_SQL`, same shape, NaN where nothing is known of the day.
        content_mark: what tells a day's rows from any other's, same shape; "" where unknown.
        slots: contacts per interval of the local clock, shape (queues, last dates, slots), over the last dates only.
        sources: feeds with the places of their queues.
        feeds: by column of `LINKS_SQL` and `NUMBERS_SQL`, shape (sources, dates).
        lines, perils: lines of business that claims come from, and their perils.
        claims: claims per line and day, shape (lines, dates), NaN where the feed was not whole.
        peril_claims: claims per line, peril and day.
    """

    dates: Sequence[date]
    queue_ids: Sequence[str]
    daily: Mapping[str, Floats]
    complete: Flags
    profile: Mapping[str, Floats]
    content_mark: npt.NDArray[np.str_]
    slots: Floats
    sources: Mapping[str, Sequence[int]]
    feeds: Mapping[str, Floats]
    lines: Sequence[str]
    perils: Sequence[str]
    claims: Floats
    peril_claims: Floats


def observe(watched: Watched, enterprise: Enterprise, business_date: date) -> Observed:
    """Bring the night's frames into arrays over consecutive days that end with the night."""
    firsts = [min(frame["business_date"]) for frame in (watched.daily, watched.claims) if len(frame)]
    first = min([*firsts, business_date])
    dates = [first + timedelta(days=k) for k in range((business_date - first).days + 1)]
    queue_ids = sorted(enterprise.queues)
    whole = _wide(watched.daily.assign(whole=watched.daily["source_complete"].astype("float64")), "whole", queue_ids, dates)
    sources = sources_of(enterprise, queue_ids)
    lines = sorted(set(watched.claims["line_of_business"])) if len(watched.claims) else []
    perils = sorted(set(watched.claims["peril"])) if len(watched.claims) else []
    claims, by_peril = _claims(watched.claims, lines, perils, dates)
    profiles = _of_queues(watched.profiles, enterprise)
    return Observed(
        dates=dates,
        queue_ids=queue_ids,
        daily={name: _wide(watched.daily, name, queue_ids, dates) for name in DAILY},
        complete=np.nan_to_num(whole) > 0,
        profile={name: _wide(profiles, name, queue_ids, dates) for name in PROFILE},
        content_mark=_marks(profiles, queue_ids, dates),
        slots=_slots(watched.intervals, enterprise, queue_ids, dates),
        sources=sources,
        feeds={name: _wide(watched.feeds, name, list(sources), dates, by="source_system") for name in FEED},
        lines=lines,
        perils=perils,
        claims=claims,
        peril_claims=by_peril,
    )


def sources_of(enterprise: Enterprise, queue_ids: Sequence[str]) -> dict[str, list[int]]:
    """Which queues each source brings contacts or items to, as places in `queue_ids`; sources of none are left out."""
    found: dict[str, list[int]] = {}
    for source_id, source in enterprise.sources.items():
        named = set(getattr(source, "queues", {}).values())
        if source.kind == "claims_database":
            named |= {queue.id for queue in enterprise.queues.values() if queue.work_of_claims}
        places = [place for place, queue_id in enumerate(queue_ids) if queue_id in named]
        if places:
            found[source_id] = places
    return found


def _of_queues(profiles: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """The summaries with each line of claims under the queue that works on it, if that works on no other."""
    works = {
        f"claims of {queue.work_of_claims[0]}": queue.id for queue in enterprise.queues.values() if len(queue.work_of_claims) == 1
    }
    return profiles.assign(queue_id=profiles["queue_id"].replace(works)) if works else profiles


def day_of(values: pd.Series) -> pd.Series:
    """Dates as `datetime.date`, whether they came as such or as instants (as DuckDB gives them)."""
    dates: pd.Series = values.dt.date if pd.api.types.is_datetime64_any_dtype(values) else values
    return dates


def _wide(frame: pd.DataFrame, column: str, rows: Sequence[str], dates: Sequence[date], by: str = "queue_id") -> Floats:
    wide = np.full((len(rows), len(dates)), np.nan)
    if column not in frame.columns or frame.empty:
        return wide
    row, day = _places(frame, rows, dates, by)
    known = (row >= 0) & (day >= 0)
    wide[row[known], day[known]] = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)[known]
    return wide


def _places(
    frame: pd.DataFrame, rows: Sequence[str], dates: Sequence[date], by: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    ordinal = {day: place for place, day in enumerate(dates)}
    day = np.asarray(day_of(frame["business_date"]).map(ordinal).fillna(-1), dtype=np.int64)
    row = np.asarray(pd.Index(rows).get_indexer(pd.Index(frame[by])), dtype=np.int64)
    return row, day


def _marks(profiles: pd.DataFrame, queue_ids: Sequence[str], dates: Sequence[date]) -> npt.NDArray[np.str_]:
    marks = np.full((len(queue_ids), len(dates)), "", dtype="<U24")
    if len(profiles):
        row, day = _places(profiles, queue_ids, dates, "queue_id")
        known = (row >= 0) & (day >= 0)
        marks[row[known], day[known]] = profiles["content_mark"].fillna("").to_numpy(dtype="<U24")[known]
    return marks


def _slots(intervals: pd.DataFrame, enterprise: Enterprise, queue_ids: Sequence[str], dates: Sequence[date]) -> Floats:
    minutes = enterprise.interval_minutes
    per_day = 24 * 60 // minutes
    if intervals.empty:
        return np.zeros((len(queue_ids), 0, per_day))
    first = min(intervals["business_date"])
    days = [day for day in dates if day >= first]
    slots = np.zeros((len(queue_ids), len(days), per_day))
    row, day = _places(intervals, queue_ids, days, "queue_id")
    local = intervals["interval_start_utc"].dt.tz_convert(grid_of(enterprise).time_zone)
    slot = ((local.dt.hour * 60 + local.dt.minute) // minutes).to_numpy(dtype=np.int64)
    known = (row >= 0) & (day >= 0)
    counts = intervals["offered_contacts"].to_numpy(dtype=np.float64, na_value=0.0)
    np.add.at(slots, (row[known], day[known], slot[known]), counts[known])
    return slots


def _claims(claims: pd.DataFrame, lines: Sequence[str], perils: Sequence[str], dates: Sequence[date]) -> tuple[Floats, Floats]:
    by_peril = np.zeros((len(lines), len(perils), len(dates)))
    if not lines:
        return np.zeros((0, len(dates))), by_peril
    row, day = _places(claims, lines, dates, "line_of_business")
    peril = pd.Index(perils).get_indexer(pd.Index(claims["peril"]))
    np.add.at(by_peril, (row, peril, day), claims["reported_claims"].to_numpy(dtype=np.float64))
    counts = by_peril.sum(axis=1)
    known = np.maximum.accumulate(counts > 0, axis=1)
    broken = np.zeros(counts.shape, dtype=bool)
    np.logical_or.at(broken, (row, day), ~claims["source_complete"].to_numpy(dtype=bool))
    return np.where(known & ~broken, counts, np.nan), by_peril
