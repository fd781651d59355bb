"""Whether a day's feed arrived whole: a missing or broken feed must not read as a quiet day (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_EPOCH = date(1970, 1, 1)
_WEEKS = 8
_EXPECTED_FOR_MISSING = 5
_EXPECTED_FOR_SHORT = 20
_SHORT_SHARE = 0.2
_EXPECTED_FOR_SILENCE = 14.0
_WEEKS_FOR_SILENCE = 4
_LOW_WEEK = 0.25


def source_complete(daily: pd.DataFrame, earlier: pd.DataFrame) -> Flags:
    """Whether each queue-day's feed arrived whole, by its count.

    Rule `feed_expected`: on a day on which the queue is open, its count is compared with the median of its up to eight last equal
    weekdays that had any. The feed is missing if there is nothing although at least 5 were expected, or, where no such weekday is
    known, if no queue of the channel has anything; it is cut short if less than a fifth came of at least 20 expected.

    Args:
        daily: queue_id, business_date, channel, offered_contacts, open_seconds.
        earlier: queue_id, business_date, offered_contacts of all dates that may be looked back on, those of `daily` included;
            not empty.

    Returns:
        One flag per row of `daily`.
    """
    usual = _usual(daily, earlier)
    count = daily["offered_contacts"].to_numpy(dtype=np.float64)
    is_open = daily["open_seconds"].to_numpy(dtype=np.float64) > 0
    silent = daily.groupby(["channel", "business_date"])["offered_contacts"].transform("sum").to_numpy() == 0
    never_seen = np.isnan(usual) & (count == 0) & silent
    return np.asarray(~(is_open & (never_seen | _too_few(count, usual))))


def with_claims_complete(reported: pd.DataFrame, last: date) -> pd.DataFrame:
    """Claims per day with `source_complete`: a day on which the feed of claims is missing must not read as one without claims.

    Rule `feed_expected` (see `source_complete`) is put to each line of business and to the whole feed, of which small lines are a
    part. A weekday on which a line never reported anything expects nothing.

    Args:
        reported: line_of_business, region, peril, business_date, reported_claims, catastrophe_claims.
        last: last date that may be missing.

    Returns:
        The rows with their flag, and one without claims, of unknown region and peril, for every line and date (from the line's
        first on, up to `last`) of which the feed is missing.
    """
    counts = reported.groupby(["line_of_business", "business_date"], as_index=False)["reported_claims"].sum()
    if counts.empty:
        return reported.assign(source_complete=pd.Series(dtype=bool))
    calendar = pd.date_range(min(counts["business_date"]), last, freq="D").date
    wide = counts.pivot(index="business_date", columns="line_of_business", values="reported_claims").reindex(calendar)
    known = wide.notna().cummax()  # from the line's first claim on
    wide = wide.fillna(0.0)
    wide[""] = wide.sum(axis=1)  # the whole feed
    wide.index.name = "business_date"
    daily = wide.melt(var_name="queue_id", value_name="offered_contacts", ignore_index=False).reset_index()
    few = _too_few(daily["offered_contacts"].to_numpy(dtype=np.float64), _usual(daily, daily))
    short = few.reshape(wide.shape[::-1]).T
    missing = pd.DataFrame((short[:, :-1] | short[:, -1:]) & known.to_numpy(), index=wide.index, columns=wide.columns[:-1])
    flags = missing.melt(var_name="line_of_business", value_name="missing", ignore_index=False).reset_index()
    rows = reported.merge(flags, on=["line_of_business", "business_date"], how="outer", sort=True)
    rows = rows[rows["reported_claims"].notna() | rows["missing"]]
    rows = rows.fillna({"region": "unknown", "peril": "unknown", "reported_claims": 0, "catastrophe_claims": 0})
    whole = {"reported_claims": "int64", "catastrophe_claims": "int64"}
    return rows.astype(whole).assign(source_complete=~rows["missing"].astype(bool)).drop(columns="missing")


def _usual(daily: pd.DataFrame, earlier: pd.DataFrame) -> Floats:
    """Median of the up to eight last equal weekdays that had any; NaN where none had."""
    wide = earlier.pivot_table(index="business_date", columns="queue_id", values="offered_contacts", aggfunc="sum")
    calendar = pd.date_range(min(earlier["business_date"]), max(earlier["business_date"]), freq="D").date
    wide = wide.reindex(pd.Index(calendar, name="business_date"))
    seen = wide.where(wide > 0)
    lags = np.stack([seen.shift(7 * week).to_numpy(dtype=np.float64) for week in range(1, _WEEKS + 1)])
    counted = np.isfinite(lags).any(axis=0)
    expected = np.full(counted.shape, np.nan)
    expected[counted] = _quantile(lags[:, counted], 0.5)
    rows = wide.index.get_indexer(pd.Index(daily["business_date"]))
    columns = wide.columns.get_indexer(pd.Index(daily["queue_id"]))
    found = (rows >= 0) & (columns >= 0)
    usual = np.full(len(daily), np.nan)
    usual[found] = expected[rows[found], columns[found]]
    return usual


def _too_few(count: Floats, usual: Floats) -> Flags:
    expected = np.nan_to_num(usual)
    missing = (count == 0) & (expected >= _EXPECTED_FOR_MISSING)
    return np.asarray(missing | ((expected >= _EXPECTED_FOR_SHORT) & (count < _SHORT_SHARE * expected)))


def stops_early(made: pd.DataFrame, earlier: pd.DataFrame, channels: Mapping[str, str]) -> set[tuple[str, date]]:
    """The queues and dates whose feed stopped in the middle of the day.

    Rule `feed_falls_silent` (see `falls_silent`) is put to each queue and to each channel as a whole, whose queues mostly share a
    feed: the small ones are then judged by the large ones.

    Args:
        made: queue_id, `day` (days since 1970), `slot` (number of the interval by the wall clock), offered_contacts and is_open,
            one row per interval; not empty.
        earlier: queue_id, day, slot, offered_contacts of the dates before and between that may be looked back on.
        channels: channel of each queue.

    Returns:
        Queue and date of each feed that stopped, of those in `made`.
    """
    names = list(channels)
    first = min(int(frame["day"].min()) for frame in (earlier, made) if len(frame))
    days, slots = (max(int(frame[name].max()) for frame in (earlier, made) if len(frame)) for name in ("day", "slot"))
    shape = (len(names), days - first + 1, slots + 1)
    counts, is_open = np.zeros(math.prod(shape)), np.zeros(math.prod(shape), dtype=bool)
    for frame in (earlier, made):
        queue = pd.Categorical(frame["queue_id"], categories=names).codes.astype(np.int64)
        known = queue >= 0
        at = np.ravel_multi_index((queue[known], frame["day"].to_numpy()[known] - first, frame["slot"].to_numpy()[known]), shape)
        counts += np.bincount(at, weights=frame["offered_contacts"].to_numpy(dtype=np.float64)[known], minlength=counts.size)
        if frame is made:
            is_open[at[frame["is_open"].to_numpy(dtype=bool)[known]]] = True
    counts, is_open = counts.reshape(shape), is_open.reshape(shape)
    silent = falls_silent(counts, is_open)
    for one in dict.fromkeys(channels.values()):
        members = np.flatnonzero([channel == one for channel in channels.values()])
        together = counts[members].sum(axis=0, keepdims=True)
        stopped = falls_silent(together, np.asarray(is_open[members].any(axis=0, keepdims=True)))[0]
        last = shape[2] - 1 - np.argmax(together[0, :, ::-1] > 0, axis=1)
        still_open = (is_open[members] & (np.arange(shape[2]) > last[:, np.newaxis])).any(axis=2)
        silent[members] |= stopped & still_open
    return {(names[queue], _EPOCH + timedelta(days=first + int(day))) for queue, day in zip(*np.nonzero(silent), strict=True)}


def falls_silent(counts: Floats, is_open: Flags) -> Flags:
    """Whether a feed stopped in the middle of a day: its last open hours brought nothing although much was to be expected.

    Rule `feed_falls_silent`: after the day's last contact come open intervals in which the up to eight last equal weekdays
    brought contacts. What they brought there in a low week (their lower quartile), scaled down if the day was quieter than they
    were until then, is what the silence should have brought. From 14 on the feed is taken to have stopped: a Poisson count of
    that mean is zero once in a million days.

    Args:
        counts: contacts per feed, consecutive date and interval of the local day, shape (feeds, dates, intervals), >= 0; NaN
            where nothing is known of a date.
        is_open: whether contacts are to be expected, same shape.

    Returns:
        One flag per feed and date, shape (feeds, dates). Never set where fewer than four such weekdays are known.

    Example:
        >>> day = np.full(24, 10.0)
        >>> stopped = np.where(np.arange(24) < 20, 10.0, 0.0)
        >>> counts = np.stack([day] * 35 + [stopped])[np.newaxis]
        >>> falls_silent(counts, np.ones(counts.shape, dtype=bool))[0, -2:].tolist()
        [False, True]
    """
    feeds, dates, intervals = counts.shape
    came = np.nan_to_num(counts) > 0
    last = np.where(came.any(axis=2), intervals - 1 - np.argmax(came[:, :, ::-1], axis=2), intervals)
    silence = (np.arange(intervals) > last[:, :, np.newaxis]) & is_open
    known = np.nansum(counts, axis=2) > 0
    tails = np.full((_WEEKS, feeds, dates), np.nan)
    heads = np.full((_WEEKS, feeds, dates), np.nan)
    for week in range(1, _WEEKS + 1):
        back = 7 * week
        if back >= dates:
            break
        then = np.nan_to_num(counts[:, :-back])
        use = known[:, :-back]
        tails[week - 1, :, back:] = np.where(use, (then * silence[:, back:]).sum(axis=2), np.nan)
        until = np.arange(intervals) <= last[:, back:, np.newaxis]
        heads[week - 1, :, back:] = np.where(use, (then * until).sum(axis=2), np.nan)
    enough = np.isfinite(tails).sum(axis=0) >= _WEEKS_FOR_SILENCE
    missed, usual = np.zeros((feeds, dates)), np.ones((feeds, dates))
    missed[enough] = _quantile(tails[:, enough], _LOW_WEEK)
    usual[enough] = _quantile(heads[:, enough], 0.5)
    level = np.minimum(1.0, np.nansum(counts, axis=2) / np.maximum(usual, 1.0))
    return np.asarray(missed * level >= _EXPECTED_FOR_SILENCE)


def _quantile(values: Floats, share: float) -> Floats:
    """Quantile of what is known in each column, between neighbours by their distance; no column may be all NaN.

    What `np.nanquantile` gives, which goes from column to column.
    """
    ordered = np.sort(values, axis=0)  # NaN last
    place = share * (np.isfinite(values).sum(axis=0) - 1)
    below = np.floor(place).astype(np.int64)[np.newaxis]
    low = np.take_along_axis(ordered, below, axis=0)[0]
    high = np.take_along_axis(ordered, np.ceil(place).astype(np.int64)[np.newaxis], axis=0)[0]
    return np.asarray(low + (high - low) * (place - below[0]))
