"""Counts that are not believed: of a queue, of a feed as a whole, of a line's claims, of two queues mixed up (pure)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from enterprise.settings import Enterprise
from expectations.monitors.follow import Followed, count_surprise
from expectations.monitors.hit import Hit, percent
from expectations.monitors.learnt import Learnt, group_sum
from expectations.monitors.observed import Observed
from expectations.monitors.shares import excess
from expectations.monitors.thresholds import Thresholds

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

RULES = (
    "volume_low", "volume_high", "volume_doubled", "contacts_missing", "feed_low", "feed_high", "queues_mixed_up",
    "claims_low", "claims_high",
)  # fmt: skip
_LOST = (
    "compare the day's count with the source's own report; if contacts are missing, deliver the"
    " day again; if the day was really this quiet, release it"
)
_MORE = (
    "look whether the day was delivered twice or calls of another queue were booked here; if "
    "people really called, leave it as it is"
)
_IDLE = "agents_idle_while_customers_wait"
_SIDE_WITH = 0.8
_FEWEST_WAITED = 20
_DOUBLED = (1.85, 2.15)
_WAVE_SHARE = 0.5


def surprise_of(counts: Floats, followed: Followed) -> Floats:
    """How far counts are off what was expected of them, in deviations; NaN where nothing is expected yet."""
    known = np.isfinite(counts) & np.isfinite(followed.expected)
    mean = np.where(known, followed.expected, 1.0)
    variance = np.where(known, followed.deviation, 1.0) ** 2
    return np.where(known, count_surprise(np.where(known, counts, 1.0), mean, variance), np.nan)


def judge_volume(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, first: int) -> Iterator[Hit]:
    """Judge the counts of the dates from place `first` on."""
    count = seen.daily["offered_contacts"]
    far = np.where(learnt.usable, surprise_of(count, learnt.volume), np.nan)
    works = [bool(enterprise.queues[queue_id].work_of_claims) for queue_id in seen.queue_ids]
    yield from _queues(seen, learnt, enterprise, limits, far, works, first)
    yield from _feeds(seen, learnt, enterprise, limits, far, first)
    yield from _mixed(seen, learnt, enterprise, limits, far, first)
    yield from _claims(seen, learnt, limits, first)


def _queues(
    seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, far: Floats, works: list[bool], first: int
) -> Iterator[Hit]:
    count = seen.daily["offered_contacts"]
    idle = np.nan_to_num(excess(seen.profile["idle_waited_rows"], seen.profile["waited_rows"], learnt.shares[_IDLE]))
    both = (np.nan_to_num(idle) - np.nan_to_num(far)) / np.sqrt(2.0)
    for row, place in _where(far < -limits.volume, first):
        strength = -float(far[row, place]) / limits.volume
        yield _hit("volume_low", seen, learnt.volume, count, row, place, "quarantine", limits.volume, strength, _LOST)
    missing = (both > limits.volume_with_idle) & (idle > 1.5) & (far < -1.5)
    missing &= seen.profile["waited_rows"] >= _FEWEST_WAITED
    for row, place in _where(missing, first):
        words = (
            f"; and {seen.profile['idle_waited_rows'][row, place]:.0f} of "
            f"{seen.profile['waited_rows'][row, place]:.0f} customers waited although their agent had no"
            " call before"
        )
        strength = float(both[row, place]) / limits.volume_with_idle
        yield _hit(
            "contacts_missing", seen, learnt.volume, count, row, place, "quarantine", limits.volume_with_idle, strength, _LOST,
            words,
        )  # fmt: skip
    for row, place in _where(far > limits.volume, first):
        if works[row] and is_wave(seen, enterprise.queues[seen.queue_ids[row]].work_of_claims, place):
            continue
        ratio = count[row, place] / max(float(learnt.volume.expected[row, place]), 0.5)
        doubled = _DOUBLED[0] <= ratio <= _DOUBLED[1] and far[row, place] > limits.volume + 1.0
        rule, severity = ("volume_doubled", "quarantine") if doubled else ("volume_high", "warn")
        strength = float(far[row, place]) / limits.volume
        yield _hit(rule, seen, learnt.volume, count, row, place, severity, limits.volume, strength, _MORE)


def _feeds(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, far: Floats, first: int) -> Iterator[Hit]:
    count = seen.daily["offered_contacts"]
    for number, source in enumerate(learnt.groups):
        places = seen.sources[source]
        together = group_sum(count, learnt.usable, places)
        one = learnt.feed_volume.of(number)
        off = surprise_of(together[np.newaxis], one)
        for _, place in _where(np.abs(off) > limits.volume_feed, first):
            low = off[0, place] < 0
            lines = tuple(line for row in places for line in enterprise.queues[seen.queue_ids[row]].work_of_claims)
            if not low and lines and is_wave(seen, lines, place):
                continue
            names = [row for row in places if (far[row, place] < -_SIDE_WITH if low else far[row, place] > _SIDE_WITH)]
            for row in names:
                ratio = together[place] / max(one.expected[0, place], 0.5)
                words = (
                    f"; all queues of {source} together: {together[place]:.0f} instead of about {one.expected[0, place]:.0f}"
                    f" ({ratio:.2f} of it)"
                )
                yield _hit(
                    "feed_low" if low else "feed_high", seen, learnt.volume, count, row, place,
                    "quarantine" if low or off[0, place] > 1.5 * limits.volume_feed else "warn", limits.volume_feed,
                    abs(float(off[0, place])) / limits.volume_feed, _LOST if low else _MORE, words,
                )  # fmt: skip


def _mixed(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, far: Floats, first: int) -> Iterator[Hit]:
    """One queue down and another of its feed up by about as many contacts."""
    count, mean = seen.daily["offered_contacts"], learnt.volume.expected
    moved = count - mean
    for places in seen.sources.values():
        for low in places:
            for high in places:
                if low == high or enterprise.queues[seen.queue_ids[high]].work_of_claims:
                    continue
                together = (far[high] - far[low]) / np.sqrt(2.0)
                size = np.maximum(np.abs(moved[low]), np.abs(moved[high]))
                same = np.abs(moved[low] + moved[high]) < 0.5 * size
                found = (together > limits.mapping) & same & (far[low] < -1.8) & (far[high] > 1.8)
                for _, place in _where(found[np.newaxis], first):
                    for row, other in ((low, high), (high, low)):
                        words = f"; {seen.queue_ids[other]} is off by {moved[other, place]:+.0f} at the same time"
                        yield _hit(
                            "queues_mixed_up", seen, learnt.volume, count, row, place, "quarantine", limits.mapping,
                            float(together[place]) / limits.mapping,
                            "look whether a queue was renamed or its number given to another in the source, and mend "
                            "`queues` in the settings", words,
                        )  # fmt: skip


def _claims(seen: Observed, learnt: Learnt, limits: Thresholds, first: int) -> Iterator[Hit]:
    far = surprise_of(seen.claims, learnt.claims)
    for row, place in _where(np.abs(far) > limits.claims, first):
        line, expected = seen.lines[row], float(learnt.claims.expected[row, place])
        low = far[row, place] < 0
        if not low and is_wave(seen, (line,), place):
            continue
        observed = float(seen.claims[row, place])
        doubled = _DOUBLED[0] <= observed / max(expected, 0.5) <= _DOUBLED[1]
        spread = limits.claims * np.sqrt(1 / max(expected, 0.5) + learnt.claims.deviation[row, place] ** 2)
        yield Hit(
            "claims_low" if low else "claims_high", "claims", line, place, "quarantine" if low or doubled else "warn",
            "claims_daily", "reported_claims", observed, expected, expected * max(0.0, 1 - spread), expected * (1 + spread),
            f"{observed:.0f} claims of {line} were reported; about {expected:.0f} were to be expected of"
            f" such a day ({percent(observed, expected)})",
            _LOST.replace("contacts", "claims") if low else _MORE.replace("calls of another queue", "claims of another line"),
            abs(float(far[row, place])) / limits.claims,
        )  # fmt: skip


def is_wave(seen: Observed, lines: tuple[str, ...], place: int) -> bool:
    """Whether a rise of claims lies mostly in one peril, as a storm's does; a feed that doubled doubles all of them."""
    rows = [seen.lines.index(line) for line in lines if line in seen.lines]
    if not rows or place < 14 or seen.peril_claims.shape[1] < 2:
        return False
    window = seen.peril_claims[rows].sum(axis=0)
    usual = np.median(window[:, max(place - 56, 0) : place], axis=1)
    more = window[:, place] - usual
    share = usual / max(usual.sum(), 1.0)
    rise = max(float(more.sum()), 1.0)
    top = int(more.argmax())
    return bool(more[top] / rise > max(_WAVE_SHARE, float(share[top]) + 0.2) and more[top] > 0)


def _hit(
    rule: str, seen: Observed, followed: Followed, count: Floats, row: int, place: int, severity: str, limit: float,
    strength: float, next_step: str, words: str = "",
) -> Hit:  # fmt: skip
    expected, observed = float(followed.expected[row, place]), float(count[row, place])
    spread = limit * float(np.sqrt(1 / max(expected, 0.5) + followed.deviation[row, place] ** 2))
    low, high = expected * np.exp(-spread), expected * np.exp(spread)
    reason = (
        f"{observed:.0f} contacts came; about {expected:.0f} were to be expected of such a day, {low:.0f} to {high:.0f} is "
        f"ordinary ({percent(observed, expected)}){words}"
    )
    return Hit(
        rule, "queue", seen.queue_ids[row], place, severity, "daily_history", "offered_contacts", observed, expected, float(low),
        float(high), reason, next_step, strength,
    )  # fmt: skip


def _where(found: Flags, first: int) -> list[tuple[int, int]]:
    return [(int(row), int(place)) for row, place in np.argwhere(found) if place >= first]
