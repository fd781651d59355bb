"""A planner's file of past contacts as series by queue: checked row by row, nothing of the as-of date or after looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.file_columns import named_columns, require_readable
from forecasting.file_grain import DAY_MINUTES, grain_of, off_grid
from forecasting.file_times import WallTimes, contacts_in_skipped_hours, in_doubled_hour, wall_times
from forecasting.file_unknown import days_not_known

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "queue": ("queue_id", "queue_name"),
    "timestamp": ("interval_start", "datetime", "date", "time"),
    "contacts": ("offered_contacts", "offered", "calls", "volume", "count"),
}
"""Needed columns and other names for them."""
DAYS_TO_NOTICE = 7
_MOST_CONTACTS = 1e9
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class QueueHistory:
    """What came to one queue before the as-of date.

    Attributes:
        queue: its name.
        grain_minutes: length of its intervals; 1440 is daily.
        first: first date with a row.
        daily: contacts per date from `first` to the last date of the file, NaN where there is no row.
        day: position in `daily` of each interval row.
        minute: its local minute of the day.
        contacts: its contacts.
        unknown: dates of which rows are there but too few numbers: neither closed nor quiet.
    """

    queue: str
    grain_minutes: int
    first: date
    daily: FloatArray
    day: IntArray
    minute: IntArray
    contacts: FloatArray
    unknown: frozenset[date] = frozenset()

    @property
    def is_daily(self) -> bool:
        """Whether there is nothing finer than days."""
        return self.grain_minutes == DAY_MINUTES


@dataclass(frozen=True, eq=False)
class FileHistory:
    """All queues of a file.

    Attributes:
        queues: by name, in the order of their names.
        as_of: the date before which everything lies.
        time_zone: the zone in which days begin.
        is_zoned: whether timestamps named their offset from UTC.
        notes: what was left out or put right, in words.
    """

    queues: Mapping[str, QueueHistory]
    as_of: date
    time_zone: str
    is_zoned: bool
    notes: tuple[str, ...]


def read_history(rows: pd.DataFrame, as_of: date, time_zone: str) -> FileHistory:
    """Check the rows of a history file and put them into series.

    Args:
        rows: columns queue, timestamp and contacts (or other names of `COLUMNS`), as text or typed.
        as_of: rows of this local date and later are not looked at.
        time_zone: zone of timestamps without one, and in which days begin.

    Raises:
        ValueError: naming queue, row (from 1), what is there and what to do.

    Example:
        >>> rows = pd.DataFrame({"queue": "sales", "timestamp": ["2026-11-10", "2026-11-11"], "contacts": [3, 4]})
        >>> read_history(rows, date(2026, 11, 12), "UTC").queues["sales"].daily.tolist()
        [3.0, 4.0]
    """
    table = named_columns(rows, COLUMNS, "history")
    times = wall_times(table["timestamp"], time_zone)
    queue = table["queue"].astype("str").str.strip().to_numpy(dtype=object)
    known, notes = rows_before(times, as_of, queue, table["timestamp"], "queue", "history")
    is_zoned = _one_kind(times, known, queue)
    number = np.flatnonzero(known)
    names, text = queue[known], table["contacts"][known]
    contacts = _contacts(text, names, number, notes)
    blank = np.array([name in ("", "nan", "None", "<NA>") for name in names], dtype=bool)
    if blank.any():
        raise ValueError(f"row {number[blank][0] + 1} names no queue; expected a name in every row: fill it in")
    require_readable("queue", names, number)
    wall = times.wall[known]
    here = ~np.isnan(contacts)
    frame = pd.DataFrame({"queue": names, "wall": wall, "contacts": contacts, "number": number})[here]
    unknown = days_not_known(names, wall, contacts)
    frame["key"] = times.instant[known][here] if is_zoned else wall[here]
    frame = frame.sort_values(["queue", "key", "number"], kind="stable", ignore_index=True)
    frame = _without_doubles(frame, time_zone, notes, is_zoned)
    notes += [] if is_zoned else contacts_in_skipped_hours(frame, time_zone)
    if frame.empty:
        raise ValueError(
            f"no row of the history lies before the as-of date {as_of}; expected past contacts: choose a later date or file"
        )
    last = frame["wall"].max().date()
    queues = {}
    usual = 0
    parts = [(str(name), part) for name, part in frame.groupby("queue", sort=True)]
    grains = {name: grain_of(part["wall"].to_numpy(dtype="datetime64[us]")) for name, part in parts}
    fine = [grain for name, grain in grains.items() if 0 < grain < DAY_MINUTES]
    usual = max(set(fine), key=lambda grain: (fine.count(grain), grain)) if fine else DAY_MINUTES
    for name, part in parts:
        stamps = part["wall"].to_numpy(dtype="datetime64[us]")
        wrong = off_grid(stamps, grains[name])
        if wrong is not None:
            raise ValueError(
                f"queue {name}, row {part['number'].iloc[wrong] + 1}: timestamp {_stamp(stamps[wrong])} is not on a regular grid "
                "with the others of the queue; expected one row per interval of 5, 10, 15, 20, 30 or 60 minutes, or per day: "
                "sum the contacts up to such intervals"
            )
        queues[name] = _series(name, part, _settled(grains[name], usual, stamps), last, unknown.get(name, frozenset()))
    notes += _ended(parts, as_of)
    return FileHistory(queues, as_of, time_zone, is_zoned, tuple(notes))


def rows_before(
    times: WallTimes, as_of: date, group: np.ndarray, cells: pd.Series, kind: str, what: str
) -> tuple[BoolArray, list[str]]:
    """Rows before the as-of date. Those without a readable timestamp count as later if they stand behind all of these.

    Raises:
        ValueError: if a row among the earlier ones has no readable timestamp.
    """
    limit = np.datetime64(as_of, "us")
    unreadable = np.isnat(times.wall)
    known = ~unreadable & (np.where(unreadable, limit, times.wall) < limit)
    if not unreadable.any():
        return known, []
    end = int(np.flatnonzero(known)[-1]) if known.any() else -1
    last_of = pd.Series(np.flatnonzero(known)).groupby(group[known]).max() if known.any() else pd.Series(dtype="int64")
    suspects = np.flatnonzero(unreadable)
    bound = np.array([last_of.get(group[row], end) for row in suspects]) if known.any() else np.full(len(suspects), len(cells))
    wrong = suspects[suspects < bound] if known.any() else suspects
    if wrong.size and (known.any() or unreadable.all()):
        row = int(wrong[0])
        raise ValueError(
            f"{kind} {group[row]}, row {row + 1} of the {what}: {cells.name} {str(cells.iloc[row])!r} cannot be read; expected "
            "ISO 8601 such as 2026-11-12 or 2026-11-12 09:30 (with +01:00 if not local): mend the cell or leave the row out"
        )
    later = f"{len(suspects)} rows of the {what} have no readable timestamp; they stand behind all earlier ones and were not read"
    return known, [later]


def _one_kind(times: WallTimes, known: BoolArray, queue: np.ndarray) -> bool:
    """Whether timestamps name their offset.

    Raises:
        ValueError: if some do and some do not.
    """
    zoned = times.is_zoned[known]
    if zoned.any() and not zoned.all():
        with_zone = int(np.flatnonzero(known & times.is_zoned)[0])
        without = int(np.flatnonzero(known & ~times.is_zoned)[0])
        raise ValueError(
            f"timestamps with and without offset from UTC are mixed: queue {queue[with_zone]}, row {with_zone + 1} has one, "
            f"queue {queue[without]}, row {without + 1} has none; expected one kind: write the offset in all rows or in none"
        )
    return bool(zoned.any())


def _contacts(text: pd.Series, names: np.ndarray, number: IntArray, notes: list[str]) -> FloatArray:
    """Contacts as numbers, NaN where the cell is empty.

    Raises:
        ValueError: naming up to five cells that hold no number that can be.
    """
    words = text.astype("str").str.strip()
    empty = text.isna().to_numpy(dtype=bool) | words.str.casefold().isin(["", "nan", "none", "null", "na", "<na>"]).to_numpy()
    values = pd.to_numeric(text.where(~empty), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~empty & ~((values >= 0.0) & (values <= _MOST_CONTACTS)))
    if wrong.size:
        shown = "; ".join(f"queue {names[at]}, row {number[at] + 1}: contacts is {words.iloc[at]}" for at in wrong[:_SHOWN])
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ValueError(
            f"{shown}{more}; expected a finite number of 0 or more, {_MOST_CONTACTS:,.0f} at most, with a point for decimals: "
            "mend the cell, or leave it empty if the number is not known"
        )
    if empty.any():
        notes.append(f"{int(empty.sum())} rows have no contacts and count as not known, the first is row {number[empty][0] + 1}")
    broken = np.flatnonzero(~empty & (np.nan_to_num(values) % 1.0 != 0.0))
    if broken.size:
        notes.append(
            f"{broken.size} rows have contacts that are no whole numbers, the first is row {number[broken][0] + 1}: taken so"
        )
    return np.where(empty, np.nan, values)


def _without_doubles(frame: pd.DataFrame, time_zone: str, notes: list[str], is_zoned: bool) -> pd.DataFrame:
    """Rows of the same queue and time once.

    Raises:
        ValueError: if they contradict each other.
    """
    same = frame.duplicated(["queue", "key"]).to_numpy(dtype=bool)
    if not same.any():
        return frame
    doubled = same & (np.zeros(len(frame), dtype=bool) if is_zoned else in_doubled_hour(frame["wall"].to_numpy(), time_zone))
    third = doubled & frame.duplicated(["queue", "key"], keep=False).to_numpy() & (frame.groupby(["queue", "key"]).cumcount() > 1)
    doubled &= ~third.to_numpy(dtype=bool)
    again = np.flatnonzero(same & ~doubled)
    contacts = frame["contacts"].to_numpy()
    for row in again:
        if contacts[row] != contacts[row - 1]:
            first, second = frame.iloc[row - 1], frame.iloc[row]
            raise ValueError(
                f"queue {second['queue']}, rows {first['number'] + 1} and {second['number'] + 1}: timestamp "
                f"{_stamp(second['wall'])} is there with {first['contacts']:g} and {second['contacts']:g} contacts; expected "
                "one row per queue and interval: keep the right one, sum them, or name the time zone if clocks went back then"
            )
    if again.size:
        notes.append(
            f"{again.size} rows are there twice and count once, the first is row {frame['number'].iloc[again[0]] + 1} "
            f"(queue {frame['queue'].iloc[again[0]]})"
        )
    return frame.drop(index=list(again)).reset_index(drop=True)


def _ended(parts: Sequence[tuple[str, pd.DataFrame]], as_of: date) -> list[str]:
    """Which queues have no row in the last week before the as-of date, in words."""
    last = {name: part["wall"].max().date() for name, part in parts}
    ended = [name for name, day in last.items() if (as_of - day).days > DAYS_TO_NOTICE]
    if not ended:
        return []
    shown = ", ".join(f"{name} ({last[name]})" for name in ended[:_SHOWN])
    more = f" and {len(ended) - _SHOWN} more" if len(ended) > _SHOWN else ""
    return [f"no row in the {DAYS_TO_NOTICE} days before {as_of}, forecast from what was before, of queue {shown}{more}"]


def _settled(grain: int, usual: int, stamps: np.ndarray) -> int:
    """A queue with few rows has the grain of the file where that fits: three calls on full hours do not make an hourly file."""
    few = len(stamps) < 50 and grain != usual and usual < DAY_MINUTES
    return usual if few and off_grid(stamps, usual) is None and (grain < DAY_MINUTES or bool(_minutes(stamps).any())) else grain


def _series(name: str, part: pd.DataFrame, grain: int, last: date, unknown: frozenset[date]) -> QueueHistory:
    stamps = part["wall"].to_numpy(dtype="datetime64[us]")
    days = stamps.astype("datetime64[D]")
    first = days[0].astype(object)
    day = (days - days[0]).astype(np.int64)
    contacts = part["contacts"].to_numpy(dtype=np.float64)
    length = (last - first).days + 1
    daily: FloatArray = np.bincount(day, weights=contacts, minlength=length).astype(np.float64)
    gone = [number for one in unknown if 0 <= (number := (one - first).days) < length]
    daily[np.bincount(day, minlength=length) == 0] = np.nan
    daily[gone] = np.nan
    kept = ~np.isin(day, gone)
    return QueueHistory(name, grain, first, daily, day[kept], (_minutes(stamps) // grain * grain)[kept], contacts[kept], unknown)


def _minutes(stamps: np.ndarray) -> IntArray:
    return np.asarray((stamps - stamps.astype("datetime64[D]")).astype("timedelta64[m]"), dtype=np.int64)


def _stamp(value: object) -> str:
    return str(pd.Timestamp(value))  # type: ignore[arg-type]
