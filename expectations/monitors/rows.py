"""Rows that cannot be so, parts of days that are missing, days delivered again, feeds that disagree (pure)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from enterprise.settings import Enterprise
from expectations.monitors.follow import count_surprise
from expectations.monitors.hit import Hit, clock
from expectations.monitors.learnt import Learnt, density_of, reported_ratio
from expectations.monitors.observed import Observed
from expectations.monitors.shape import holes, repeated, shifts
from expectations.monitors.shares import ORPHANS, SHARES, excess
from expectations.monitors.thresholds import Thresholds
from expectations.monitors.volume import is_wave, surprise_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_DAYS_BACK = 42
_SIDE_WITH = 1.0
_LEAST_GAP = 0.015
_FEWEST_GAPS = 8
_LEAST_DIFFERENCE = 0.08
_SHORT = -1.645
_AGAIN = "ask the source for the day again, then run the night again"


def judge_rows(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, first: int) -> Iterator[Hit]:
    """Judge the rows, shapes and feeds of the dates from place `first` on."""
    for share in SHARES:
        part, whole, usual = seen.profile[share.part], seen.profile[share.whole], learnt.shares[share.rule]
        far = excess(part, whole, usual)
        more = part / np.maximum(whole, 1.0) - usual.share
        for row, place in _where((far > limits.share) & (more > share.least_excess), first):
            yield _share(share.rule, "queue", seen.queue_ids[row], place, share.severity, part, whole, usual.share, row,
                         share.words, share.next_step, float(far[row, place]) / limits.share)  # fmt: skip
    far = np.where(learnt.usable, surprise_of(seen.daily["offered_contacts"], learnt.volume), np.nan)
    yield from _feeds(seen, learnt, limits, far, first)
    yield from _shapes(seen, learnt, enterprise, limits, first)
    yield from _incomplete(seen, learnt, first)
    ratio = reported_ratio(seen)
    off = ratio - learnt.reported
    for row, place in _where(np.abs(off) > np.maximum(_LEAST_DIFFERENCE, 4 / np.sqrt(seen.profile["item_rows"] + 1)), first):
        rows, told = (float(seen.profile[name][row, place]) for name in ("item_rows", "reported_contacts"))
        yield Hit(
            "report_differs", "queue", seen.queue_ids[row], place, "quarantine", "interval_reports", "reported_contacts", told,
            rows * float(np.exp(learnt.reported[row, place])), None, None,
            f"the interval report tells of {told:.0f} contacts, single rows of {rows:.0f}: not the ratio"
            " of the days before", _AGAIN,
        )  # fmt: skip


def _feeds(seen: Observed, learnt: Learnt, limits: Thresholds, far: Floats, first: int) -> Iterator[Hit]:
    names = list(seen.sources)
    part, whole = seen.feeds[ORPHANS.part], seen.feeds[ORPHANS.whole]
    more = part / np.maximum(whole, 1.0) - learnt.orphans.share
    beyond = excess(part, whole, learnt.orphans)
    lost = (beyond > limits.orphans) & (more > ORPHANS.least_excess) & (part >= 5)
    for row, place in _where(lost, first):
        for kind, subject in _concerned(seen, names[row], far, place):
            yield _share(ORPHANS.rule, kind, subject, place, ORPHANS.severity, part, whole, learnt.orphans.share, row,
                         ORPHANS.words, ORPHANS.next_step, float(beyond[row, place]) / limits.orphans)  # fmt: skip
    density, (usual, scatter) = density_of(seen), learnt.density
    gap = 1 - density / np.where(usual > 0, usual, np.nan)
    few = seen.feeds["number_rows"] * gap >= _FEWEST_GAPS
    limit = np.maximum(_LEAST_GAP, limits.numbering * scatter / np.where(usual > 0, usual, np.nan))
    for row, place in _where((gap > limit) & few, first):
        for kind, subject in _concerned(seen, names[row], far, place):
            yield Hit(
                "numbers_missing", kind, subject, place, "quarantine" if kind == "queue" else "warn", "contacts",
                "numbered_fraction", float(density[row, place]), float(usual[row, place]),
                float(usual[row, place] * (1 - limit[row, place])), None,
                f"{100 * gap[row, place]:.1f} % of the running numbers that {names[row]} usually brings are not there: about "
                f"{seen.feeds['number_rows'][row, place] * gap[row, place] / (1 - gap[row, place]):.0f} rows seem to be missing",
                _AGAIN, float(gap[row, place] / limit[row, place]),
            )  # fmt: skip


def _concerned(seen: Observed, source: str, far: Floats, place: int) -> list[tuple[str, str]]:
    """The source, and of its queues those that brought too little."""
    queues = [seen.queue_ids[row] for row in seen.sources[source] if np.nan_to_num(far[row, place]) < -_SIDE_WITH]
    return [("source", source), *(("queue", name) for name in queues)]


def _shapes(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, first: int) -> Iterator[Hit]:
    profiled = len(seen.dates) - seen.slots.shape[1]
    offset = max(profiled, first)
    slots, per_hour = seen.slots.shape[2], 60 // enterprise.interval_minutes
    usable = learnt.usable[:, offset:]
    shape, days = learnt.shape.since(offset - profiled), seen.slots[:, offset - profiled :]
    found, where = holes(days, shape)
    moved, hours = shifts(days, shape, per_hour)
    surge = np.nan_to_num(surprise_of(seen.daily["offered_contacts"], learnt.volume))[:, offset:] > limits.volume
    is_moved = (moved > limits.shifted) & (moved >= found) & usable & ~surge
    for row, place in _where(is_moved, 0):
        if _in_wave(seen, enterprise, row, place + offset):
            continue
        hour = int(hours[row, place])
        yield Hit(
            "day_moved", "queue", seen.queue_ids[row], place + offset, "quarantine", (
                "interval_history"
            ), "hours_moved", float(hour),
            0.0, None, None, (
                f"the day's contacts lie {abs(hour)} h {'later' if hour > 0 else 'earlier'} than on such "
                "days before"
            ),
            "look at the time zone and clock of the source (a change to summer or winter time?), mend "
            "it in its settings and run the night again",
            float(moved[row, place]) / limits.shifted,
        )  # fmt: skip
    for row, place in _where((found > limits.hole) & usable & ~is_moved, 0):
        if _in_wave(seen, enterprise, row, place + offset):
            continue
        begin, length, missed = (int(value) for value in where[row, place])
        count = float(days[row, place, begin : begin + length].sum())
        if not _is_short(count, float(shape.shares[row, place, begin : begin + length].sum()), learnt, row, place + offset):
            continue  # the rest of the day brought more than usual: nothing is missing here
        yield Hit(
            "part_of_day_missing", "queue", seen.queue_ids[row], place + offset, "quarantine", "interval_history",
            "offered_contacts", count, count + missed, None, None,
            f"from {clock(begin, slots)} to {clock(begin + length, slots)} {count:.0f} contacts came; the rest of the day lets "
            f"about {count + missed:.0f} be expected", _AGAIN, float(found[row, place]) / limits.hole,
        )  # fmt: skip
    back = repeated(seen.slots, seen.content_mark[:, profiled:].tolist(), _DAYS_BACK)
    for row, place in _where(back > 0, first - profiled):
        other = seen.dates[place + profiled - int(back[row, place])]
        yield Hit(
            "day_repeated", "queue", seen.queue_ids[row], place + profiled, "quarantine", "interval_history", "days_back",
            float(back[row, place]), None, None, None, (
                f"the day's contacts are those of {other}: it was delivered again as this day"
            ),
            _AGAIN,
        )  # fmt: skip


def _is_short(count: float, share: float, learnt: Learnt, row: int, place: int) -> bool:
    """Whether part of a day brought less than it was to bring by the day's own expectation, not only less than the rest of it."""
    expected, deviation = (float(part[row, place]) for part in (learnt.volume.expected, learnt.volume.deviation))
    if not np.isfinite(expected):
        return True
    return float(count_surprise(np.array([count]), np.array([share * expected]), np.array([deviation**2]))[0]) < _SHORT


def _in_wave(seen: Observed, enterprise: Enterprise, row: int, place: int) -> bool:
    """Whether a storm shapes the day of a queue that works on claims: it comes when it comes."""
    lines = enterprise.queues[seen.queue_ids[row]].work_of_claims
    return bool(lines) and is_wave(seen, lines, place)


def _incomplete(seen: Observed, learnt: Learnt, first: int) -> Iterator[Hit]:
    count = seen.daily["offered_contacts"]
    expected = learnt.volume.expected
    for row, place in _where(np.isfinite(count) & ~seen.complete & (np.nan_to_num(expected) >= 5), first):
        yield Hit(
            "feed_missing", "queue", seen.queue_ids[row], place, "quarantine", "daily_history", "offered_contacts",
            float(count[row, place]), float(expected[row, place]), None, None,
            f"the day's feed did not arrive whole: {count[row, place]:.0f} contacts; about "
            f"{expected[row, place]:.0f} were to be expected", _AGAIN,
        )  # fmt: skip


def _share(
    rule: str, kind: str, subject: str, place: int, severity: str, part: Floats, whole: Floats, usual: Floats, row: int,
    words: str, next_step: str, strength: float,
) -> Hit:  # fmt: skip
    seen, of, before = float(part[row, place]), float(whole[row, place]), float(usual[row, place])
    return Hit(
        rule, kind, subject, place, severity, "contacts", "row_fraction", seen / of, before, None, None,
        f"{seen:.0f} of {of:.0f} ({100 * seen / of:.0f} %) are {words}; {100 * before:.1f} % are usual", next_step, strength,
    )  # fmt: skip


def _where(found: Flags, first: int) -> list[tuple[int, int]]:
    return [(int(row), int(place)) for row, place in np.argwhere(found) if place >= first]
