"""What is to be expected of every day, learnt from the days before it alone (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from enterprise.settings import Enterprise
from expectations.monitors.calendar import (
    COLUMNS,
    PRIOR_DEVIATIONS,
    design_of,
    event_days,
    holidays,
    open_days,
    unsure_of,
)
from expectations.monitors.follow import Followed, Pace, follow_counts, follow_values
from expectations.monitors.leads import LEAD_WINDOWS, leads
from expectations.monitors.observed import Observed
from expectations.monitors.robust import middle
from expectations.monitors.shape import UsualShape, usual_shape
from expectations.monitors.shares import ORPHANS, SHARES, Usual, excess, usual_share, usual_shares
from expectations.monitors.thresholds import Thresholds

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LEAD_DEVIATION = 0.15
_OWN_LEAD_DEVIATION = 0.4
_FEED_WARM_UP = 14
HANDLE_NOISE = 0.4
"""Squared coefficient of variation of single handle times that is taken for granted; what is more is learnt."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """Expectations of every day; what is expected of a day never rests on the day itself or on later ones.

    Attributes:
        usable: queue-days that can be judged by their count, shape (queues, dates).
        volume, handle, abandonment, wait: by queue.
        groups: sources of more than one queue, in order; feed_volume, feed_handle: by group.
        claims: by line of business of claims.
        shares: by rule; orphans: by source.
        density: usual share of running numbers by source and date, and its scatter.
        shape: by queue over the last dates.
        reported: usual logarithm of reported over recorded contacts.
    """

    usable: Flags
    volume: Followed
    handle: Followed
    abandonment: Followed
    wait: Followed
    groups: tuple[str, ...]
    feed_volume: Followed
    feed_handle: Followed
    claims: Followed
    shares: dict[str, Usual]
    orphans: Usual
    density: tuple[Floats, Floats]
    shape: UsualShape
    reported: Floats


def learn(seen: Observed, enterprise: Enterprise, limits: Thresholds) -> Learnt:
    """Learn from every day what to expect of the next, leaving out days that are not to be believed."""
    queues, dates = seen.queue_ids, seen.dates
    count = seen.daily["offered_contacts"]
    deferred = np.array([enterprise.queues[queue_id].is_deferred for queue_id in queues])
    known_event = event_days(enterprise, queues, dates)
    is_open = open_days(enterprise, queues, dates)
    usable = seen.complete & np.isfinite(count) & (is_open | deferred[:, np.newaxis]) & ~known_event
    usable &= is_open | (count > 0)
    shares = usual_shares(seen.profile)
    orphans = usual_share(seen.feeds[ORPHANS.part], seen.feeds[ORPHANS.whole])
    density = _usual_density(seen.feeds["number_rows"], seen.feeds["number_span"])
    distrusted = _impossible(seen, shares, limits)
    total_claims = np.nansum(np.nan_to_num(seen.claims), axis=0, keepdims=True) if len(seen.lines) else np.zeros((1, len(dates)))
    lead = leads(total_claims)[0]
    own = leads(_own_claims(seen, enterprise))
    of_calendar = design_of(enterprise, queues, dates)
    design = np.concatenate([of_calendar, np.zeros((len(queues), len(dates), 2 * len(LEAD_WINDOWS)))], axis=2)
    works = np.array([bool(enterprise.queues[queue_id].work_of_claims) for queue_id in queues])
    width = len(COLUMNS)
    design[~works, :, width : width + 4] = lead
    design[works, :, width + 5 : width + 8] = own[works][:, :, 1:]
    prior = np.concatenate([PRIOR_DEVIATIONS, np.full(4, _LEAD_DEVIATION), np.full(4, _OWN_LEAD_DEVIATION)])
    groups = tuple(source for source, places in seen.sources.items() if len(places) > 1)
    unsure = unsure_of(design)
    volume = follow_counts(count, design, prior, usable, distrusted, Pace(hold_at=limits.volume), unsure)
    one_of_each = [seen.sources[name][0] for name in groups]
    of_group = design[one_of_each]
    feed_volume = _follow_feeds(seen, groups, usable, volume, unsure[one_of_each], limits)
    mean, parts = handle_of(seen)
    handled = usable & (parts >= 5) & np.isfinite(mean)
    of_queues = _Values(mean, HANDLE_NOISE / np.maximum(np.nan_to_num(parts), 5.0), design, handled, limits.handle)
    mean, parts = group_handle(seen, groups, usable)
    noise = HANDLE_NOISE / np.maximum(np.nan_to_num(parts), 5.0)
    of_feeds = _Values(mean, noise, of_group, np.isfinite(mean) & (parts >= 20), limits.handle_feed)
    value, noise = abandonment_of(seen)
    lost = _Values(value, noise, design, usable & np.isfinite(value), limits.abandonment, 0.5)
    value, noise = wait_of(seen)
    waited = _Values(value, noise, design, usable & np.isfinite(value), limits.wait, 0.5)
    handle, feed_handle, abandonment, wait = _follow_values((of_queues, of_feeds, lost, waited), prior)
    claims = _follow_claims(seen, enterprise, design, limits)
    recent = slice(len(dates) - seen.slots.shape[1], None)
    ordinary = usable[:, recent] & ~distrusted[:, recent] & ~holidays(of_calendar)[:, recent]
    return Learnt(
        usable, volume, handle, abandonment, wait, groups, feed_volume, feed_handle, claims, shares, orphans, density,
        usual_shape(seen.slots, ordinary), _usual_ratio(seen),
    )  # fmt: skip


def group_sum(values: Floats, usable: Flags, places: Sequence[int]) -> Floats:
    """Sum over the queues of a feed.

    NaN on days on which fewer than two are usable, or one that is not usable brought something all the same.
    """
    part, use = values[list(places)], usable[list(places)]
    broken = (~use & (np.nan_to_num(part) > 0)).any(axis=0)
    return np.where((use.sum(axis=0) > 1) & ~broken, np.where(use, np.nan_to_num(part), 0.0).sum(axis=0), np.nan)


def handle_of(seen: Observed) -> tuple[Floats, Floats]:
    """Logarithm of the mean handle time in seconds, and of how many contacts (of deferred work: items finished)."""
    parts = np.where(np.isfinite(seen.daily["answered_contacts"]), seen.daily["answered_contacts"], seen.daily["completed_items"])
    return _log_mean(seen.daily["handle_seconds"], parts), parts


def _follow_feeds(
    seen: Observed, groups: Sequence[str], usable: Flags, volume: Followed, unsure: Floats, limits: Thresholds
) -> Followed:
    """Counts of all queues of each feed together, judged by the sum of what was expected of each: how far such sums are off."""
    count = seen.daily["offered_contacts"]
    together = _stacked([group_sum(count, usable, seen.sources[name]) for name in groups], count)
    mean = np.where(usable, volume.expected, 0.0)
    expected = _stacked([mean[list(seen.sources[name])].sum(axis=0) for name in groups], count)
    known = np.isfinite(together) & (np.nan_to_num(expected) > 0) & (np.nan_to_num(together) > 0)
    ratio = np.log(np.where(known, together, 1.0) / np.where(known, expected, 1.0))
    noise = np.where(known, 1.0 / np.where(known, expected, 1.0), 1.0) + unsure
    level = np.ones((*together.shape, 1))
    pace = Pace(level_drift=0.002, extra_deviation=0.07, hold_at=limits.volume_feed, warm_up=_FEED_WARM_UP)
    off = follow_values(ratio, noise, level, np.array([0.05]), known, np.zeros(known.shape, dtype=bool), pace)
    return replace(off, expected=expected * off.expected, deviation=np.sqrt(off.deviation**2 + unsure))


def _stacked(rows: Sequence[Floats], like: Floats) -> Floats:
    return np.stack(rows) if rows else like[:0]


def group_handle(seen: Observed, groups: tuple[str, ...], usable: Flags) -> tuple[Floats, Floats]:
    """The same over all queues of each feed together."""
    _, parts = handle_of(seen)
    use = usable & np.isfinite(seen.daily["handle_seconds"])
    rows = [np.asarray(seen.sources[name]) for name in groups]
    if not rows:
        return parts[:0], parts[:0]
    seconds = np.stack([np.where(use[row], seen.daily["handle_seconds"][row], 0.0).sum(axis=0) for row in rows])
    counts = np.stack([np.where(use[row], np.nan_to_num(parts[row]), 0.0).sum(axis=0) for row in rows])
    return _log_mean(seconds, counts), counts


def abandonment_of(seen: Observed) -> tuple[Floats, Floats]:
    """Log odds of giving up, and their sampling variance."""
    offered, lost = seen.daily["offered_contacts"], seen.daily["abandoned_contacts"]
    value = np.log((lost + 0.5) / np.maximum(offered - lost + 0.5, 0.5))
    noise = 1.0 / np.maximum(np.nan_to_num(lost), 1.0) + 1.0 / np.maximum(np.nan_to_num(offered), 1.0)
    return np.where(offered >= 20, value, np.nan), noise


def wait_of(seen: Observed) -> tuple[Floats, Floats]:
    """Logarithm of the mean wait in seconds and one, and its sampling variance."""
    offered = seen.daily["offered_contacts"]
    value = np.log(seen.daily["wait_seconds"] / np.maximum(offered, 1.0) + 1.0)
    return np.where(offered >= 20, value, np.nan), 2.0 / np.maximum(np.nan_to_num(offered), 5.0)


def density_of(seen: Observed) -> Floats:
    """Share of running numbers of which a row is there, by source and date."""
    span = seen.feeds["number_span"]
    return np.asarray(np.where(np.nan_to_num(span) >= 50, seen.feeds["number_rows"] / np.maximum(span, 1.0), np.nan))


def reported_ratio(seen: Observed) -> Floats:
    """Logarithm of contacts by the interval report over contacts by single rows, where both are known."""
    rows, reported = seen.profile["item_rows"], seen.profile["reported_contacts"]
    both = (np.nan_to_num(rows) > 0) & (np.nan_to_num(reported) > 0)
    return np.asarray(np.where(both, np.log(np.where(both, reported, 1.0) / np.where(both, rows, 1.0)), np.nan))


@dataclass(frozen=True, eq=False)
class _Values:
    """Series of one kind: logarithms, their sampling variance, and what `follow_values` wants to know of them."""

    value: Floats
    noise: Floats
    design: Floats
    usable: Flags
    hold_at: float
    extra: float = 0.05


def _follow_values(kinds: Sequence[_Values], prior: Floats) -> list[Followed]:
    """Follow series of several kinds at once: the days are gone through one by one, which costs the same for one as for all."""
    narrow = prior.copy()
    narrow[1:] *= 0.3
    value, noise, design, usable = (
        np.concatenate([getattr(kind, name) for kind in kinds]) for name in ("value", "noise", "design", "usable")
    )
    rows = [len(kind.value) for kind in kinds]
    hold_at, extra = (np.repeat([getattr(kind, name) for kind in kinds], rows) for name in ("hold_at", "extra"))
    pace = Pace(hold_at=hold_at, extra_deviation=extra)
    followed = follow_values(value, noise, design, narrow, usable, np.zeros(usable.shape, dtype=bool), pace)
    ends = np.cumsum(rows).tolist()
    return [followed.of(end - count, count) for count, end in zip(rows, ends, strict=True)]


def _impossible(seen: Observed, shares: dict[str, Usual], limits: Thresholds) -> Flags:
    found = np.zeros(seen.complete.shape, dtype=bool)
    for share in SHARES:
        if share.severity == "quarantine":
            part, whole = seen.profile[share.part], seen.profile[share.whole]
            far = np.nan_to_num(excess(part, whole, shares[share.rule])) > limits.share
            found |= far & (
                np.nan_to_num(part / np.maximum(whole, 1)) - np.nan_to_num(shares[share.rule].share) > share.least_excess
            )
    return found


def _own_claims(seen: Observed, enterprise: Enterprise) -> Floats:
    """Claims of the lines that each queue works on, by queue and date; all claims for the other queues."""
    rows = np.zeros((len(seen.queue_ids), len(seen.dates)))
    place = {line: number for number, line in enumerate(seen.lines)}
    for row, queue_id in enumerate(seen.queue_ids):
        for line in enterprise.queues[queue_id].work_of_claims:
            if line in place:
                rows[row] += np.nan_to_num(seen.claims[place[line]])
    return rows


def _follow_claims(seen: Observed, enterprise: Enterprise, design: Floats, limits: Thresholds) -> Followed:
    """Claims per line, which go on at night and on Sundays: judged by calendar and by their own wave."""
    lines, dates = len(seen.lines), len(seen.dates)
    rows = np.tile(design[:1] if len(design) else np.zeros((1, dates, design.shape[2])), (lines, 1, 1))
    rows[:, :, len(COLUMNS) :] = 0.0
    if lines:
        rows[:, :, len(COLUMNS) + 5 :] = leads(seen.claims)[:, :, 1:]
    prior = np.concatenate([PRIOR_DEVIATIONS, np.zeros(4), np.full(4, _OWN_LEAD_DEVIATION)])
    usable = np.isfinite(seen.claims)
    return follow_counts(seen.claims, rows, prior, usable, np.zeros(usable.shape, dtype=bool), Pace(hold_at=limits.claims))


def _usual_density(rows: Floats, span: Floats) -> tuple[Floats, Floats]:
    known = np.nan_to_num(span) >= 50
    density = np.where(known, rows / np.where(known, span, 1.0), np.nan)
    usual, scatter = np.full(density.shape, np.nan), np.full(density.shape, np.nan)
    for day in range(density.shape[1]):
        window = density[:, max(day - 56, 0) : day]
        enough = np.isfinite(window).sum(axis=1) >= 14
        if enough.any():
            usual[enough, day] = middle(window[enough])
            away = np.abs(window[enough] - usual[enough, day, np.newaxis])
            scatter[enough, day] = 1.4826 * middle(away)
    return usual, scatter


def _usual_ratio(seen: Observed) -> Floats:
    ratio = reported_ratio(seen)
    usual = np.full(ratio.shape, np.nan)
    for day in range(ratio.shape[1]):
        window = ratio[:, max(day - 56, 0) : day]
        enough = np.isfinite(window).sum(axis=1) >= 7
        if enough.any():
            usual[enough, day] = middle(window[enough])
    return usual


def _log_mean(total: Floats, parts: Floats) -> Floats:
    known = (np.nan_to_num(parts) > 0) & (np.nan_to_num(total) > 0)
    return np.asarray(np.where(known, np.log(np.where(known, total, 1.0) / np.where(known, parts, 1.0)), np.nan))
