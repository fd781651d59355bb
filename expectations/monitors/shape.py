"""The shape of a day against the same weekdays before: a part that is missing, a day moved by an hour (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from expectations.monitors.robust import middle

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_WEEKS = 8
_FEWEST_WEEKS = 4
_FEWEST_CONTACTS = 30
_WIDEST_SHARE = 0.75
_ORDINARY_MOVE = 4.0
_ORDINARY_EVIDENCE = 4.5
_LARGEST_DISPERSION = 100.0
"""Shapes differ by a share of the contacts, so that the dispersion of a large queue is a large one."""


@dataclass(frozen=True, eq=False)
class UsualShape:
    """What share of a day each slot usually has, and how much more than by chance days differ from it.

    Attributes:
        shares: shape (queues, dates, slots), adding up to 1; NaN where fewer than four equal weekdays are known.
        dispersion: shape (queues, dates), at least 1.
        unsteadiness: the same of evidence for moves, which small queues without a marked shape have by chance.
    """

    shares: Floats
    dispersion: Floats
    unsteadiness: Floats

    def since(self, place: int) -> UsualShape:
        """The same of the dates from a place on."""
        return UsualShape(self.shares[:, place:], self.dispersion[:, place:], self.unsteadiness[:, place:])


def usual_shape(slots: Floats, ordinary: Flags) -> UsualShape:
    """The shape of the up to eight equal weekdays before each day.

    Args:
        slots: contacts, shape (queues, consecutive dates, slots of the local clock).
        ordinary: days to learn from, shape (queues, dates).
    """
    queues, dates, _ = slots.shape
    total = slots.sum(axis=2)
    use = ordinary & (total > 0)
    sums, weeks = np.zeros(slots.shape), np.zeros((queues, dates))
    for week in range(1, 2 * _WEEKS + 1):
        back = 7 * week
        if back >= dates:
            break
        take = np.zeros((queues, dates), dtype=bool)
        take[:, back:] = use[:, :-back]
        take &= weeks < _WEEKS
        sums[:, back:] += np.where(take[:, back:, np.newaxis], slots[:, :-back], 0.0)
        weeks += take
    smooth = np.maximum(sums.sum(axis=2, keepdims=True), 1.0) * 2e-4
    shares = (sums + smooth) / (sums + smooth).sum(axis=2, keepdims=True)
    shares = np.where((weeks >= _FEWEST_WEEKS)[:, :, np.newaxis], shares, np.nan)
    ones = np.ones((queues, dates))
    plain = UsualShape(shares, ones, ones)
    empty, _ = holes(slots, plain)
    moved, _ = shifts(slots, plain, max(1, slots.shape[2] // 24))
    dispersion, unsteadiness = np.ones((queues, dates)), np.ones((queues, dates))
    for day in range(1, dates):
        before = slice(max(day - 56, 0), day)
        window, moves = (np.where(use[:, before], evidence[:, before], np.nan) for evidence in (empty, moved))
        enough = np.isfinite(window).sum(axis=1) >= 10
        if enough.any():
            dispersion[enough, day] = np.clip(middle(window[enough]) / _ORDINARY_EVIDENCE, 1.0, _LARGEST_DISPERSION)
            often = np.nanquantile(moves[enough], 0.9, axis=1)
            unsteadiness[enough, day] = np.maximum(dispersion[enough, day], often / _ORDINARY_MOVE)
    return UsualShape(shares, dispersion, unsteadiness)


def holes(slots: Floats, usual: UsualShape) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Evidence that a stretch of each day is missing or short, and where it is.

    Returns:
        The scan statistic (log likelihood ratio of the emptiest stretch over the dispersion; Kulldorff 1997), shape (queues,
        dates), NaN where not judged; and first slot, length and contacts missed, shape (queues, dates, 3).
    """
    queues, dates, count = slots.shape
    total = slots.sum(axis=2)
    judged = (total >= _FEWEST_CONTACTS) & np.isfinite(usual.shares[:, :, 0])
    seen = np.concatenate([np.zeros((queues, dates, 1)), slots.cumsum(axis=2)], axis=2)
    meant = np.concatenate([np.zeros((queues, dates, 1)), np.nan_to_num(usual.shares).cumsum(axis=2)], axis=2)
    best, where = np.zeros((queues, dates)), np.zeros((queues, dates, 3), dtype=np.int64)
    for length in sorted({max(1, count * part // 96) for part in (2, 4, 6, 8, 12, 16, 20, 24, 32, 40)}):
        inside = seen[:, :, length:] - seen[:, :, :-length]
        share = np.clip(meant[:, :, length:] - meant[:, :, :-length], 1e-9, 1 - 1e-9)
        mean = total[:, :, np.newaxis] * share
        ratio = _plogp(inside, mean) + _plogp(total[:, :, np.newaxis] - inside, total[:, :, np.newaxis] * (1 - share))
        ratio = np.where((inside < mean) & (share < _WIDEST_SHARE), ratio, 0.0)
        place = ratio.argmax(axis=2)
        found = np.take_along_axis(ratio, place[:, :, np.newaxis], axis=2)[:, :, 0]
        better = found > best
        pick = place[:, :, np.newaxis]
        p, x = (np.take_along_axis(part, pick, axis=2)[:, :, 0] for part in (share, inside))
        missed = np.rint((total - x) * p / (1 - p) - x).astype(np.int64)
        where[better] = np.stack([place, np.full_like(place, length), missed], axis=2)[better]
        best = np.where(better, found, best)
    return np.where(judged, best / usual.dispersion, np.nan), where


def shifts(slots: Floats, usual: UsualShape, slots_per_hour: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Evidence that each day is moved by one or two hours, and by how many (positive: later).

    Returns:
        The log likelihood ratio of the best move over none, over the unsteadiness, shape (queues, dates), NaN where not judged;
        and the hours.
    """
    judged = (slots.sum(axis=2) >= _FEWEST_CONTACTS) & np.isfinite(usual.shares[:, :, 0])
    logs = np.log(np.where(np.isfinite(usual.shares), usual.shares, 1.0))
    best, hours = np.zeros(judged.shape), np.zeros(judged.shape, dtype=np.int64)
    for move in (-2, -1, 1, 2):
        gain = (slots * (np.roll(logs, move * slots_per_hour, axis=2) - logs)).sum(axis=2)
        hours = np.where(gain > best, move, hours)
        best = np.maximum(best, gain)
    return np.where(judged, best / usual.unsteadiness, np.nan), hours


def repeated(slots: Floats, marks: Sequence[Sequence[str]], days_back: int) -> npt.NDArray[np.int64]:
    """How many days back the same day was delivered before, row by row or interval by interval; 0 where it was not."""
    queues, dates, _ = slots.shape
    names = np.array(marks, dtype=np.str_).reshape(queues, dates) if dates else np.zeros((queues, 0), dtype="<U1")
    rich = (slots.sum(axis=2) >= 2 * _FEWEST_CONTACTS) & ((slots > 0).sum(axis=2) >= 8)
    found = np.zeros((queues, dates), dtype=np.int64)
    for back in range(min(days_back, dates - 1), 0, -1):
        same = (slots[:, back:] == slots[:, :-back]).all(axis=2) & rich[:, back:]
        same |= (names[:, back:] == names[:, :-back]) & (names[:, back:] != "")
        found[:, back:] = np.where(same, back, found[:, back:])
    return found


def _plogp(seen: Floats, mean: Floats) -> Floats:
    return np.asarray(np.where(seen > 0, seen * np.log(np.maximum(seen, 1e-9) / np.maximum(mean, 1e-9)), 0.0))
