"""Level shifts: since some day contacts lie clearly above or below what they were, and stay there.

What the calendar explains and what drivers bring is taken out first. A shift is told from chance by the series' own past: how far
four weeks have strayed from the days after them, with the same number of days, shows what storms and a wandering level do there.
Days around holidays prove nothing, nor does one day however wild: all days have to lie on the new side. A few days say only that
a shift is possible, since storms last that long as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.calendar import BoolArray, FloatArray, IntArray, QueueCalendar

FEWEST_POSSIBLE, FEWEST_LASTING = 3, 5
"""Days on the new side from which a shift is possible, and from which it is taken to last."""
_MOST_DAYS = 120
_WINDOW = 28
_SIGMAS = 4.0
_FEWEST_BEFORE = 84
"""Days before a shift from which the series' own past can say what is usual: twelve weeks where it is open every day."""
_SMALLEST_LOG = 0.1
"""Ten percent: less is followed by the models' own level corrections."""
_LARGEST_LOG = 2.5
_NEARER = 0.7
"""Of the days on either side, those nearer to their own level than to the other's."""
_LATEST, _LATEST_GRACE = 5, 0.1
_ALL_OF_FIRST = 7
"""Days that lie on the new side of the old level, every one of them."""
_WILD_SIGMAS = 3.0
_MOST_SPLITS = 8
_SMALLEST_SCALE = 0.5
_ANSCOMBE = 0.375
_MAD_TO_SIGMA = 1.4826
_NORMAL_95 = 1.645
_HOLIDAY_SEASON_DAYS, _AROUND_SEASON_DAYS = 9, 3


@dataclass(frozen=True)
class LevelShift:
    """The last change of a queue's level.

    Attributes:
        first_date: first day of the new level.
        ratio: new level over old.
        days: days that show it, those around holidays not counted.
    """

    first_date: date
    ratio: float
    days: int

    @property
    def is_lasting(self) -> bool:
        """Whether so many days show it that it is taken to last."""
        return self.days >= FEWEST_LASTING

    @property
    def applied(self) -> float:
        """Factor by which earlier days are brought to the new level: half of it, in logs, while it is only possible."""
        return self.ratio if self.is_lasting else float(np.sqrt(self.ratio))

    @property
    def extra_variation(self) -> float:
        """What the chance that it goes back adds to the squared coefficient of variation.

        Of days that have all been on one side the next is on the other with probability 1 / (days + 1) or so (Laplace); while
        the shift is only possible both levels are as likely.
        """
        if not self.is_lasting:
            return float(np.expm1(abs(np.log(self.applied))) ** 2)
        return (1.0 - 1.0 / self.ratio) ** 2 / (self.days + 1.0)

    def in_words(self) -> str:
        """Date and size, for people."""
        size = f"{self.ratio - 1.0:+.0%} since {self.first_date} ({self.days} days)"
        if self.is_lasting:
            return f"the level has shifted, {size}: earlier days are brought to the new level"
        return f"the level may have shifted, {size}: the forecast lies between both levels, its band holds them"


def proves_nothing(calendar: QueueCalendar) -> BoolArray:
    """Dates that are no evidence of a shift: holidays, their neighbours, seasons of holidays and school holidays."""
    result = near_holidays(calendar)
    return result | calendar.frame["is_school_holiday"].to_numpy(dtype=bool) if "is_school_holiday" in calendar.frame else result


def near_holidays(calendar: QueueCalendar) -> BoolArray:
    """Holidays, their neighbours and seasons of holidays, such as from Christmas to New Year."""
    holiday = np.flatnonzero(calendar.frame["is_holiday"].to_numpy(dtype=bool))
    days = np.arange(len(calendar))
    result = np.zeros(len(calendar), dtype=bool)
    for row in holiday:
        result |= np.abs(days - row) <= 1
    for first, last in pairwise(holiday):
        if last - first <= _HOLIDAY_SEASON_DAYS:
            result[max(first - _AROUND_SEASON_DAYS, 0) : last + _AROUND_SEASON_DAYS + 1] = True
    return result


def find_shift(
    own: FloatArray, expected: FloatArray, variation: float, rows: IntArray, dates: tuple[date, ...]
) -> LevelShift | None:
    """The last shift of one queue's level, if any.

    Args:
        own: contacts per past day, those that claims bring taken out.
        expected: what the calendar says for these days, > 0; its level does not matter.
        variation: squared coefficient of variation of days beyond Poisson.
        rows: days that are evidence, ascending.
        dates: the past dates.
    """
    came, usual = np.maximum(own[rows], 0.0), expected[rows]
    # On the scale of square roots chance is the same for all counts (Anscombe 1948).
    standard = 2.0 * (np.sqrt(came + _ANSCOMBE) - np.sqrt(usual + _ANSCOMBE)) / np.sqrt(1.0 + variation * usual)
    total = len(rows)
    lengths = np.arange(FEWEST_POSSIBLE, min(_MOST_DAYS, total - _FEWEST_BEFORE) + 1)
    if not lengths.size:
        return None
    chance = max(_MAD_TO_SIGMA * float(np.median(np.abs(np.diff(standard)))) / np.sqrt(2.0), _SMALLEST_SCALE)
    start = total - lengths
    sums = np.concatenate([[0.0], np.cumsum(standard)])
    end = np.minimum(start + _WINDOW, total)
    after = (sums[end] - sums[start]) / (end - start)
    before = (sums[start] - sums[start - _WINDOW]) / _WINDOW
    clarity = np.abs(after - before) / (chance * np.sqrt(1.0 / (end - start) + 1.0 / _WINDOW))
    for place in np.argsort(-clarity, kind="stable")[:_MOST_SPLITS]:
        if clarity[place] < _SIGMAS:
            return None
        found = _shift_at(standard, came, usual, chance, int(start[place]))
        if found is not None:
            return LevelShift(dates[rows[start[place]]], found, int(lengths[place]))
    return None


def _shift_at(standard: FloatArray, came: FloatArray, usual: FloatArray, chance: float, start: int) -> float | None:
    """New level over old if a shift at this place holds against every objection."""
    old, new = standard[start - _WINDOW : start], standard[start:][:_WINDOW]
    middle_old, middle_new = float(np.median(old)), float(np.median(new))
    step = middle_new - middle_old
    towards = np.sign(step) * (standard - middle_old)
    near_new, near_old = towards[start:] > 0.5 * abs(step), towards[start - _WINDOW : start] < 0.5 * abs(step)
    if min(near_new.mean(), near_new[:_WINDOW].mean(), near_new[-_LATEST:].mean() + _LATEST_GRACE, near_old.mean()) < _NEARER:
        return None
    if not near_new[0] or (towards[start:][:_ALL_OF_FIRST] <= 0.0).any():
        return None
    floor = chance * np.sqrt(1.0 / len(new) + 1.0 / _WINDOW)
    usual_steps = _steps(standard[:start], len(new))
    away = np.abs(usual_steps - np.median(usual_steps))
    scale = max(floor, _MAD_TO_SIGMA * float(np.median(away)), float(np.quantile(away, 0.9)) / _NORMAL_95)
    if abs(step - float(np.median(usual_steps))) < _SIGMAS * scale:
        return None
    was = _level(came[start - _WINDOW : start], usual[start - _WINDOW : start], old, chance)
    size = float(np.log(_level(came[start:][:_WINDOW], usual[start:][:_WINDOW], new, chance) / was))
    return float(np.exp(size)) if _SMALLEST_LOG <= abs(size) <= _LARGEST_LOG and size * step > 0.0 else None


def _level(came: FloatArray, usual: FloatArray, standard: FloatArray, chance: float) -> float:
    """Contacts over what the calendar says, single wild days left out."""
    away = np.abs(standard - np.median(standard))
    kept = away <= _WILD_SIGMAS * max(chance, _MAD_TO_SIGMA * float(np.median(away)))
    return float((came[kept].sum() + 0.5) / usual[kept].sum())


def _steps(standard: FloatArray, days: int) -> FloatArray:
    """How far every run of so many days lay from the four weeks before it."""
    before = np.median(sliding_window_view(standard, _WINDOW), axis=1)
    after = np.median(sliding_window_view(standard, days), axis=1)
    return np.asarray(after[_WINDOW:] - before[: len(after) - _WINDOW], dtype=np.float64)
