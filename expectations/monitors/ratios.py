"""Handle time, abandonment and waits that are not believed, and new levels that were accepted (pure)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from expectations.monitors.follow import Followed
from expectations.monitors.hit import Hit, percent
from expectations.monitors.learnt import HANDLE_NOISE, Learnt, abandonment_of, group_handle, handle_of, wait_of
from expectations.monitors.observed import Observed
from expectations.monitors.thresholds import Thresholds

Floats = npt.NDArray[np.float64]

_UNIT = (
    "look whether the source changed the unit or the meaning of its durations (seconds, "
    "minutes, milliseconds; with or without after-contact work), and deliver the day again or "
    "release it"
)
_SERVICE = (
    "look whether agents were missing or the source changed what it counts; the forecast of "
    "contacts does not rest on it, patience does"
)
_SIDE_WITH = 1.0
_LEVEL_DAYS = 7


def distance(value: Floats, noise: Floats, followed: Followed) -> Floats:
    """How far logarithms are off what was expected, in deviations; NaN where nothing is expected yet."""
    known = np.isfinite(value) & np.isfinite(followed.expected)
    mean = np.log(np.where(known, np.maximum(followed.expected, 1e-9), 1.0))
    spread = np.sqrt(np.where(known, followed.deviation, 1.0) ** 2 + noise)
    return np.where(known, (np.where(known, value, 0.0) - mean) / spread, np.nan)


def judge_ratios(seen: Observed, learnt: Learnt, limits: Thresholds, first: int) -> Iterator[Hit]:
    """Judge handle time, abandonment and waits of the dates from place `first` on."""
    value, parts = handle_of(seen)
    noise = HANDLE_NOISE / np.maximum(np.nan_to_num(parts), 5.0)
    far = np.where(learnt.usable & (parts >= 5), distance(value, noise, learnt.handle), np.nan)
    for row, place in _where(np.abs(far) > limits.handle, first):
        strength = abs(float(far[row, place])) / limits.handle
        yield _handle("handle_time", seen, learnt, value, noise, row, place, limits.handle, strength, "")
    together, counts = group_handle(seen, learnt.groups, learnt.usable)
    feed_noise = HANDLE_NOISE / np.maximum(np.nan_to_num(counts), 5.0)
    feed = np.where(counts >= 20, distance(together, feed_noise, learnt.feed_handle), np.nan)
    for number, place in _where(np.abs(feed) > limits.handle_feed, first):
        name = learnt.groups[number]
        words = (
            f"; all queues of {name} together {np.exp(together[number, place]):.0f} s instead of "
            f"{learnt.feed_handle.expected[number, place]:.0f} s"
        )
        for row in seen.sources[name]:
            if np.nan_to_num(far[row, place]) * np.sign(feed[number, place]) > _SIDE_WITH:
                strength = abs(float(feed[number, place])) / limits.handle_feed
                yield _handle("feed_handle_time", seen, learnt, value, noise, row, place, limits.handle_feed, strength, words)
    value, noise = abandonment_of(seen)
    far = np.where(learnt.usable, distance(value, noise, learnt.abandonment), np.nan)
    for row, place in _where(np.abs(far) > limits.abandonment, first):
        odds = learnt.abandonment.expected[row, place]
        lost, offered = seen.daily["abandoned_contacts"][row, place], seen.daily["offered_contacts"][row, place]
        spread = limits.abandonment * np.sqrt(learnt.abandonment.deviation[row, place] ** 2 + noise[row, place])
        low, high = (float(odds * np.exp(sign * spread)) for sign in (-1, 1))
        yield Hit(
            "abandonment", "queue", seen.queue_ids[row], place, "warn", "daily_history", "abandoned_fraction",
            float(lost / offered), float(odds / (1 + odds)), low / (1 + low), high / (1 + high),
            f"{lost:.0f} of {offered:.0f} customers gave up; {100 * odds / (1 + odds):.0f} % were to be expected", _SERVICE,
            abs(float(far[row, place])) / limits.abandonment,
        )  # fmt: skip
    value, noise = wait_of(seen)
    far = np.where(learnt.usable, distance(value, noise, learnt.wait), np.nan)
    for row, place in _where(np.abs(far) > limits.wait, first):
        expected, observed = float(learnt.wait.expected[row, place]) - 1, float(np.exp(value[row, place])) - 1
        yield Hit(
            "wait", "queue", seen.queue_ids[row], place, "warn", "daily_history", "mean_wait_seconds", observed, expected,
            None, None, f"customers waited {observed:.0f} s on average; about {expected:.0f} s were to be expected", _SERVICE,
            abs(float(far[row, place])) / limits.wait,
        )  # fmt: skip
    yield from _levels(seen, learnt.volume, "offered_contacts", "contacts a day", first)
    yield from _levels(seen, learnt.handle, "mean_handle_seconds", "seconds of mean handle time", first)


def _levels(seen: Observed, followed: Followed, measure: str, words: str, first: int) -> Iterator[Hit]:
    last = len(seen.dates) - 1
    for row, place in _where(followed.shifted, max(first, last - _LEVEL_DAYS + 1)):
        expected = float(followed.expected[row, place])
        yield Hit(
            "level_shift", "queue", seen.queue_ids[row], place, "warn", "daily_history", measure, None, expected, None, None,
            "the days up to this one differ from before by about as much each, so this is taken as the "
            f"new level (before: about {expected:.0f} {words})",
            "say in the settings or to the planners what changed; nothing has to be done if it is right",
        )  # fmt: skip


def _handle(
    rule: str, seen: Observed, learnt: Learnt, value: Floats, noise: Floats, row: int, place: int, limit: float, strength: float,
    words: str,
) -> Hit:  # fmt: skip
    expected, observed = float(learnt.handle.expected[row, place]), float(np.exp(value[row, place]))
    spread = limit * float(np.sqrt(learnt.handle.deviation[row, place] ** 2 + noise[row, place]))
    return Hit(
        rule, "queue", seen.queue_ids[row], place, "quarantine", "daily_history", "mean_handle_seconds", observed, expected,
        float(expected * np.exp(-spread)), float(expected * np.exp(spread)),
        f"a contact took {observed:.0f} s on average; about {expected:.0f} s were to be expected "
        f"({percent(observed, expected)}){words}", _UNIT, strength,
    )  # fmt: skip


def _where(found: npt.NDArray[np.bool_], first: int) -> list[tuple[int, int]]:
    return [(int(row), int(place)) for row, place in np.argwhere(found) if place >= first]
