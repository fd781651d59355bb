"""Shares of rows that are empty, impossible or lead nowhere, against the days before (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from expectations.monitors.follow import count_surprise
from expectations.monitors.robust import middle

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_DAYS = 28
_FEWEST_DAYS = 7
_LARGEST_DISPERSION = 400.0
_RARE = 0.1
_WEEKS = 8
_WEEKDAY_PRIOR = 4.0
"""So many days of the weekday say as much of it as all days together."""


@dataclass(frozen=True)
class Share:
    """A share that is watched.

    Attributes:
        rule: name of the rule.
        part, whole: columns of the profile (or of the feeds).
        least_excess: smallest excess of the share that matters.
        severity: what a failure does.
        words: what the part is, for people.
        next_step: what to do.
    """

    rule: str
    part: str
    whole: str
    least_excess: float
    severity: str
    words: str
    next_step: str
    by_weekday: bool = False
    """Whether weekdays may differ, as people who know a customer's number do not work every day."""


SHARES = (
    Share(
        "rows_twice", "twin_rows", "item_rows", 0.03, "quarantine",
        "rows that stand there twice under different ids (same second, customer, agent and handle time)",
        "ask whether the source exported the day twice or joined two exports, deliver the day again"
        " once, then run the night again",
    ),
    Share(
        "rows_of_one_second", "same_second_rows", "item_rows", 0.05, "quarantine",
        "rows that came in the very second of another one of the queue",
        "ask whether the source exported the day twice or joined two exports, deliver the day again once, then run the night"
        " again",
    ),
    Share(
        "rows_echoed", "echo_rows", "item_rows", 0.05, "quarantine",
        "rows of a customer who had come within the minute before",
        "ask whether two systems export the same contacts, or one of them twice; deliver the day again once, then run the night"
        " again",
    ),
    Share(
        "rows_of_another_day", "returned_rows", "item_rows", 0.05, "quarantine",
        "rows of a customer who came at the same second on a day before",
        "ask whether rows of another day were exported again as this day's; deliver the day again without them, then run the"
        " night again",
    ),
    Share(
        "one_customer", "same_customer_rows", "item_rows", 0.10, "quarantine",
        "rows of one and the same customer",
        "look who that is: test calls, a dialler or another machine are no customers; leave their number out in the source, or"
        " release the day if the person really called so often",
    ),
    Share(
        "agents_in_two_calls", "overlapping_rows", "answered_rows", 0.05, "quarantine",
        "calls that began while their agent was still in another call",
        "look whether rows were doubled or agents or times mixed up in the export; deliver the day "
        "again, then run the night again",
    ),
    Share(
        "handle_time_zero", "zero_handle_rows", "answered_rows", 0.05, "quarantine",
        "answered contacts without any handle time",
        "look for a lost or renamed column of talk or wrap time in the source, then deliver the day again",
    ),
    Share(
        "handle_time_too_long", "overlong_handle_rows", "answered_rows", 0.05, "quarantine",
        "contacts whose handle time is longer than from answer to end",
        "look whether the unit of the handle time changed (seconds, minutes, milliseconds) and set "
        "it in the settings of the source",
    ),
    Share(
        "handle_time_too_short", "short_handle_rows", "answered_rows", 0.05, "quarantine",
        "contacts whose handle time is shorter than from answer to end",
        "look whether the unit of the handle time changed or talk, hold or wrap time is missing from the export",
    ),
    Share(
        "customer_missing", "customer_missing_rows", "item_rows", 0.10, "warn",
        "rows without a customer",
        "ask what changed in the source's customer column; the plan itself does not need it, matters and repeat contacts do",
        by_weekday=True,
    ),
    Share(
        "agent_missing", "agent_missing_rows", "answered_rows", 0.10, "warn",
        "answered contacts without an agent",
        "ask what changed in the source's agent column; occupancy and adherence cannot be trusted for the day",
        by_weekday=True,
    ),
    Share(
        "agents_idle_while_customers_wait", "idle_waited_rows", "waited_rows", 0.15, "quarantine",
        "waiting customers whose agent had no call before theirs: calls seem to be missing",
        "compare the day's number of calls with the switch's own report; if calls are missing, deliver the day again",
    ),
)  # fmt: skip
"""What is watched per queue and day."""

_COLUMNS = [(share.part, share.whole) for share in SHARES]

ORPHANS = Share(
    "links_lead_nowhere", "orphan_rows", "link_rows", 0.03, "quarantine",
    "events or replies whose case, claim or mail is not there",
    "part of the source's rows did not arrive: compare the counts with the source's own and deliver the day again",
)  # fmt: skip
"""What is watched per source and day."""


@dataclass(frozen=True, eq=False)
class Usual:
    """What a share usually is, shape (subjects, dates) each.

    Attributes:
        share: the share.
        dispersion: how much wider than by chance it scatters, at least 1.
        variance: relative variance of what is expected of a day: how little is known of the share, and how it scatters.
    """

    share: Floats
    dispersion: Floats
    variance: Floats


def usual_share(part: Floats, whole: Floats) -> Usual:
    """The share of each day's `_DAYS` days before, by medians: no single bad day can move it.

    Args:
        part: rows of the kind, shape (subjects, dates), NaN where unknown.
        whole: all rows, same shape.

    Returns:
        NaN where fewer than a week of days is known.
    """
    subjects, dates = part.shape
    share, dispersion, variance = (np.full((subjects, dates), np.nan) for _ in range(3))
    known = np.isfinite(part) & (np.nan_to_num(whole) > 0)
    ratio = np.where(known, part / np.where(known, whole, 1.0), np.nan)
    for day in np.flatnonzero(known.any(axis=0)).tolist():
        window = slice(max(day - 2 * _DAYS, 0), day)
        rows = known[:, window]
        enough = rows.sum(axis=1) >= _FEWEST_DAYS
        if not enough.any():
            continue
        parts, wholes = np.where(rows, part[:, window], 0.0)[enough], np.where(rows, whole[:, window], 0.0)[enough]
        ratios = ratio[enough, window]
        centre = middle(ratios)
        ordinary = rows[enough] & (
            np.nan_to_num(ratios)
            <= centre[:, np.newaxis] + 3.0 * np.sqrt((centre[:, np.newaxis] + 0.01) / np.maximum(wholes, 1.0)) + 0.1
        )
        days, total = ordinary.sum(axis=1), np.where(ordinary, parts, 0).sum(axis=1)
        usual = (total + 0.5) / (np.where(ordinary, wholes, 0).sum(axis=1) + 1.0)
        spread = np.maximum(wholes * (usual * (1 - usual))[:, np.newaxis], 0.25)
        pearson = np.where(ordinary, (parts - wholes * usual[:, np.newaxis]) ** 2 / spread, np.nan)
        share[enough, day] = usual
        wider = np.clip(np.nanmean(pearson, axis=1), 1.0, _LARGEST_DISPERSION)
        dispersion[enough, day] = wider
        variance[enough, day] = 1 / (total + 0.5) + (wider - 1) / np.maximum(total / np.maximum(days, 1), 0.25)
    return Usual(share, dispersion, variance)


def of_weekday(part: Floats, whole: Floats, usual: Usual) -> Usual:
    """The usual share moved towards that of the own weekday: a median of eight weeks, shrunk to all days where few are known.

    Args:
        part: rows of the kind, shape (subjects, consecutive dates), NaN where unknown.
        whole: all rows, same shape.
        usual: the share of all days.
    """
    known = np.isfinite(part) & (np.nan_to_num(whole) > 0)
    ratio = np.where(known, part / np.where(known, whole, 1.0), np.nan)
    weeks = np.full((_WEEKS, *part.shape), np.nan)
    for back in range(1, min(_WEEKS, (part.shape[1] - 1) // 7) + 1):
        weeks[back - 1, :, 7 * back :] = ratio[:, : -7 * back]
    flat = weeks.reshape(_WEEKS, -1).T
    count = np.isfinite(flat).sum(axis=1)
    weight = (count / (count + _WEEKDAY_PRIOR)).reshape(part.shape)
    own = np.nan_to_num(middle(flat).reshape(part.shape))  # where none is known the weight is none
    return replace(usual, share=usual.share + weight * (own - usual.share))


def excess(part: Floats, whole: Floats, usual: Usual) -> Floats:
    """By how many standard deviations a day's share is too high (negative: too low); NaN where nothing is known.

    Shares that are rare are judged by the exact tail of a negative binomial, as a handful of rows that never come is proof in
    a small queue; the others by a normal with the scatter of the days before.
    """
    mean = whole * usual.share
    spread = np.sqrt(usual.dispersion * mean * (1 - usual.share) + 1.0)
    near = np.asarray((np.abs(part - mean) - np.minimum(0.5, np.abs(part - mean))) * np.sign(part - mean) / spread)
    rare = np.isfinite(part) & np.isfinite(mean) & (np.nan_to_num(usual.share, nan=1.0) < _RARE)
    near[rare] = count_surprise(part[rare], mean[rare], usual.variance[rare])
    return np.where(np.nan_to_num(whole) > 0, near, np.nan)


def usual_shares(columns: Mapping[str, Floats]) -> dict[str, Usual]:
    """What every watched share usually is, by rule (all at once: the days are gone through one by one)."""
    part, whole = (np.concatenate([columns[name] for name in names]) for names in zip(*_COLUMNS, strict=True))
    usual, rows = usual_share(part, whole), len(columns[SHARES[0].part])
    found = {}
    for place, share in enumerate(SHARES):
        mine = slice(place * rows, (place + 1) * rows)
        own = Usual(usual.share[mine], usual.dispersion[mine], usual.variance[mine])
        found[share.rule] = of_weekday(part[mine], whole[mine], own) if share.by_weekday else own
    return found
