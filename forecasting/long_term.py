"""Weeks far ahead: level, damped trend and yearly season of one queue's weekly contacts, drawn to nothing where history is short.

log(contacts of a week / its open share) = level + trend + season + noise, fitted as a Bayesian linear regression with older weeks
weighing less: trend and season have mean 0 and the spread that is usual for contact centres before any data speak, so that two
years of history show a season, one year hints at it and half a year shows none (Gelman et al. 2013, Bayesian Data Analysis,
chapter 14). The trend is damped over the horizon (Gardner, McKenzie 1985); the level of the last weeks stays, and slowly returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.distribution import STRAY_PER_YEAR
from forecasting.trend import damped_weeks

WEEKS_PER_YEAR = 365.25 / 7.0
FEWEST_WEEKS = 4
"""Weeks of history below which only a level is told."""
_TREND_SPREAD = 0.10
_TREND_SPREAD_SHORT = 0.03
_SEASON_SPREAD = 0.08
_SEASON_TERMS = 3
_WEEKS_FOR_TREND = 104
_WEEKS_FOR_SEASON = 60
_HALF_LIFE_WEEKS = 104.0
_LEVEL_HALF_LIFE_WEEKS = 6.0
_LEVEL_RETURN = 0.985
_NOISE = 0.08
_ROUNDS = 2
_CLIP_SIGMA = 3.0
_SMALLEST_SHARE = 0.4
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, eq=False)
class WeekSeries:
    """One queue's weeks, past and future.

    Attributes:
        contacts: contacts of the known days per past week.
        known_share: which share of a usual full week these days are, >= 0; 0 where nothing is known.
        open_share: the same of all days of each week of the horizon.
        week_of_year: place in the year, 0 to 1, of past weeks and those of the horizon.
    """

    contacts: FloatArray
    known_share: FloatArray
    open_share: FloatArray
    week_of_year: FloatArray

    @property
    def past(self) -> int:
        """Number of past weeks."""
        return len(self.contacts)

    @property
    def usable(self) -> IntArray:
        """Past weeks of which enough is known."""
        return np.flatnonzero(self.known_share >= _SMALLEST_SHARE)

    def until(self, past: int, horizon: int) -> WeekSeries:
        """The series as it was known after some of its past weeks; the weeks after them are the horizon."""
        share = np.concatenate([self.known_share, self.open_share])
        end = min(past + horizon, len(share))
        return WeekSeries(self.contacts[:past], self.known_share[:past], share[past:end], self.week_of_year[:end])


@dataclass(frozen=True, eq=False)
class LongTerm:
    """A forecast of weeks.

    Attributes:
        mean: contacts per week of the horizon, >= 0.
        weeks: past weeks it rests on.
        variation: mean squared deviation in logs of these weeks from what was fitted, chance included.
        has_season: whether a yearly season was looked for.
        has_trend: whether there was history enough to tell a trend from a season.
    """

    mean: FloatArray
    weeks: int
    variation: float
    has_season: bool
    has_trend: bool


def forecast_weeks(series: WeekSeries) -> LongTerm:
    """Forecast the weeks of the horizon.

    Example:
        >>> flat = WeekSeries(np.full(120, 700.0), np.ones(120), np.array([1.0, 0.8]), np.arange(122) % 52 / 52)
        >>> forecast_weeks(flat).mean.round(0).tolist()
        [700.0, 560.0]
    """
    rows, horizon = series.usable, len(series.open_share)
    if len(rows) < FEWEST_WEEKS or not series.contacts[rows].any():
        known = series.known_share.sum()
        level = series.contacts.sum() / known if known > 0.0 else 0.0
        return LongTerm(level * series.open_share, len(rows), 0.0, has_season=False, has_trend=False)
    weeks = int(rows[-1] - rows[0]) + 1
    has_season, has_trend = weeks >= _WEEKS_FOR_SEASON, weeks >= _WEEKS_FOR_TREND
    contacts, share = series.contacts[rows], series.known_share[rows]
    typical = max(float(np.median(contacts / share)), float(contacts.sum() / share.sum()) / 10.0)
    target = np.log(np.maximum(contacts, 0.5) / (share * typical))
    design, spread = _design(
        series.week_of_year, series.past - 1, _TREND_SPREAD if has_trend else _TREND_SPREAD_SHORT, has_season
    )
    age = (series.past - 1 - rows).astype(np.float64)
    # Counts below a few a week have logs that say little: chance weighs them down.
    weight = 0.5 ** (age / _HALF_LIFE_WEEKS) / (1.0 + 1.0 / (np.maximum(typical * share, 0.5) * _NOISE**2))
    residual: FloatArray = target
    beta: FloatArray = np.zeros(design.shape[1])
    noise = max(float(_MAD_TO_SIGMA * np.median(np.abs(target - np.median(target)))) ** 2, _NOISE**2)
    for _ in range(_ROUNDS):
        clipped = np.clip(residual, -_CLIP_SIGMA * noise**0.5, _CLIP_SIGMA * noise**0.5) + design[rows] @ beta
        gram = (design[rows].T * weight) @ design[rows] + np.diag(noise / spread**2)
        beta = np.asarray(np.linalg.solve(gram, design[rows].T @ (weight * clipped)), dtype=np.float64)
        residual = target - design[rows] @ beta
        noise = max(float(np.average(np.minimum(residual**2, _CLIP_SIGMA**2 * noise), weights=weight)), _NOISE**2)
    recent = weight * 0.5 ** (age / _LEVEL_HALF_LIFE_WEEKS)
    held = noise / (_NOISE**2)  # how noisy weeks are: the more, the more of them a change of level takes
    level = float(recent @ np.clip(residual, -2 * noise**0.5, 2 * noise**0.5)) / (recent.sum() + held * recent.max(initial=0.0))
    ahead = np.arange(1, horizon + 1, dtype=np.float64)
    fitted = design[series.past :] @ beta + level * _LEVEL_RETURN**ahead
    # The logarithm's mean lies below the mean's logarithm: what was fitted is set right by what came.
    usual = share * typical * np.exp(design[rows] @ beta)
    bias = float(weight @ np.minimum(contacts, usual * np.exp(_CLIP_SIGMA * noise**0.5))) / float(weight @ usual)
    # Level and trend are found from the same weeks, so that they lie nearer to what was fitted than others would.
    strayed = float(np.average(np.minimum(residual**2, _CLIP_SIGMA**2 * noise), weights=weight)) * len(rows) / (len(rows) - 2)
    return LongTerm(typical * bias * np.exp(fitted) * series.open_share, len(rows), strayed, has_season, has_trend)


def _design(week_of_year: FloatArray, now: int, trend_spread: float, has_season: bool) -> tuple[FloatArray, FloatArray]:
    """Columns of all weeks, and the spread that each coefficient has before any data."""
    years = (np.arange(len(week_of_year)) - now) / WEEKS_PER_YEAR
    ahead = np.maximum(np.arange(len(week_of_year)) - now, 0)
    damped = damped_weeks(ahead) / WEEKS_PER_YEAR
    columns, spread = [np.ones(len(years)), np.where(ahead > 0, damped, years)], [1.0, trend_spread]
    for term in range(1, _SEASON_TERMS + 1) if has_season else ():
        angle = 2.0 * np.pi * term * week_of_year
        columns += [np.sin(angle), np.cos(angle)]
        spread += [_SEASON_SPREAD / term] * 2
    return np.column_stack(columns), np.array(spread)


ORIGIN_STEP_WEEKS = 13
_FEWEST_FOR_ORIGIN = 20


def past_errors(series: WeekSeries, horizon: int) -> FloatArray:
    """Errors in logs of forecasts made each quarter with what was known then: origins x leads, NaN where not known.

    Errors of weeks in which chance alone moves counts much are what is beyond it only on average; see `spread_of_weeks`.
    """
    origins = range(series.past - 1, _FEWEST_FOR_ORIGIN - 1, -ORIGIN_STEP_WEEKS)
    errors = np.full((len(origins), horizon), np.nan)
    for row, origin in enumerate(origins):
        then = series.until(origin, horizon)
        if len(then.usable) < _FEWEST_FOR_ORIGIN:
            continue
        expected = forecast_weeks(then).mean
        until = min(origin + len(expected), series.past)
        known = series.known_share[origin:until]
        scale = np.where(known >= _SMALLEST_SHARE, known / np.maximum(then.open_share[: until - origin], 1e-9), np.nan)
        mean = np.maximum(expected[: until - origin] * scale, 0.5)
        errors[row, : until - origin] = np.log(np.maximum(series.contacts[origin:until], 0.5) / mean)
    return errors


_PRIOR_NOW = 0.05**2
_PRIOR_WEEKS = 26.0
_SHORT_WEEKS = 104
_SHORT_FACTOR = 1.3


def spread_of_weeks(errors: FloatArray, mean: FloatArray, found: LongTerm) -> FloatArray:
    """Standard deviation in logs of each week of the horizon, beyond what chance of counting adds.

    Args:
        errors: as `past_errors` gives them.
        mean: contacts per week of the horizon.
        found: what the forecast rests on. How far its past weeks strayed stands in for errors where origins are few or none;
            below two years of history what is usual is widened by rule.

    Returns:
        Shape (horizon,), > 0, never falling with the lead.
    """
    horizon = len(mean)
    years = np.arange(1, horizon + 1) / WEEKS_PER_YEAR
    chance = 1.0 / np.maximum(float(mean.mean()) if horizon else 1.0, 1.0)
    own = max(found.variation - chance, 0.0)
    widened = _SHORT_FACTOR**2 if found.weeks < _SHORT_WEEKS else 1.0
    now = (_PRIOR_WEEKS * widened * _PRIOR_NOW + found.weeks * own) / (_PRIOR_WEEKS + found.weeks)
    prior = now + widened * STRAY_PER_YEAR * years
    squares = np.square(np.clip(errors[:, :horizon], -1.5, 1.5)) - chance
    known = np.isfinite(squares)
    # Origins a quarter apart share most of their weeks: a lead counts as one observation per origin, pooled with near leads.
    count, total = known.sum(axis=0).astype(np.float64), np.where(known, squares, 0.0).sum(axis=0)
    near = np.minimum(np.arange(horizon)[:, None] // 2 + 4, 13) >= np.abs(
        np.arange(horizon)[:, None] - np.arange(horizon)[None, :]
    )
    pooled = (near @ total + _PRIOR_WEEKS * prior) / (near @ count + _PRIOR_WEEKS)
    variance = np.maximum.accumulate(np.maximum(pooled, _PRIOR_NOW / 4.0))
    return np.asarray(np.sqrt(variance), dtype=np.float64)
