"""Daily accuracy of Leadline and its rivals on one group of series, over rolling origins, with a paired test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from accuracy.leadline import issue
from accuracy.rivals import Rival
from accuracy.series import Group
from forecasting.calendar import FloatArray, IntArray
from forecasting.scores import LEAD_BANDS, band_of, wape
from warehouse.tables.columns import QUANTILES

LEADLINE = "Leadline"
FEWEST_WEEKS, FEWEST_DAYS = 4, 8
_LOW, _HIGH = QUANTILES.index(0.10), QUANTILES.index(0.90)


@dataclass(frozen=True, eq=False)
class Scores:
    """Forecasts of a group beside what came: origins x horizon x queues.

    `in_band_split` is the share of each day's count that lies in Leadline's central 80 % (see `split_share`).
    """

    group: Group
    actual: FloatArray
    mean: Mapping[str, FloatArray]
    low: Mapping[str, FloatArray]
    high: Mapping[str, FloatArray]
    champions: Mapping[str, int]
    in_band_split: FloatArray

    @property
    def lead_days(self) -> IntArray:
        """Lead of each entry."""
        return np.broadcast_to(np.arange(1, self.actual.shape[1] + 1)[None, :, None], self.actual.shape)

    def wape_by_band(self, name: str) -> list[float]:
        """WAPE in each band of leads."""
        band = band_of(self.lead_days)
        return [wape(self.actual[band == b], self._on_common(name)[band == b]) for b in range(len(LEAD_BANDS))]

    def wape(self, name: str) -> float:
        """WAPE over all leads."""
        return wape(self.actual, self._on_common(name))

    def relative_square(self, name: str) -> float:
        """Root mean squared error in units of each series' mean, the same weight for every series."""
        scale = np.nanmean(np.where(np.isfinite(self.actual), self.actual, np.nan), axis=(0, 1))
        error = (self._on_common(name) - self.actual) / np.where(scale > 0.0, scale, np.nan)
        return float(np.sqrt(np.nanmean(error**2)))

    def coverage(self, name: str) -> float:
        """Share of days within the 80 % bounds; NaN where none were given."""
        low, high = self.low[name], self.high[name]
        known = np.isfinite(self.actual) & np.isfinite(low)
        return float(((self.actual >= low) & (self.actual <= high))[known].mean()) if known.any() else float("nan")

    def _on_common(self, name: str) -> FloatArray:
        """A forecast on the points that all forecast."""
        present = np.isfinite(self.actual)
        for forecast in self.mean.values():
            present &= np.isfinite(forecast)
        return np.where(present, self.mean[name], np.nan)

    def against(self, rival: str) -> tuple[float, float, float]:
        """Difference of mean absolute errors, Leadline less the rival, as a share of the rival's; and p of two paired tests.

        Absolute errors are taken in units of each series' mean and averaged over the days of each calendar week; weeks are the
        pairs of a two-sided t test, since days and origins of one week move together. Where there are few weeks, or one goes
        with the next, the second test has more to say: its pairs are days, and it allows for their dependence.
        """
        scale = np.nanmean(np.where(np.isfinite(self.actual), self.actual, np.nan), axis=(0, 1))
        scale = np.where(scale > 0.0, scale, np.nan)
        mine = np.abs(self._on_common(LEADLINE) - self.actual) / scale
        theirs = np.abs(self._on_common(rival) - self.actual) / scale
        first = np.array([origin.toordinal() for origin in self.group.origins])
        day = np.broadcast_to(first[:, None, None] + self.lead_days, self.actual.shape)
        known = np.isfinite(mine) & np.isfinite(theirs)
        difference = (mine - theirs)[known]
        share = float(difference.mean() / theirs[known].mean()) if known.any() else float("nan")
        by_week, by_day = _means(difference, day[known] // 7), _means(difference, day[known])
        weeks = float(stats.ttest_1samp(by_week, 0.0).pvalue) if len(by_week) >= FEWEST_WEEKS else float("nan")
        return share, weeks, p_of_mean(by_day) if len(by_day) >= FEWEST_DAYS else float("nan")


def _means(values: FloatArray, of: IntArray) -> FloatArray:
    """Mean of the values of each day or week, in their order."""
    _, place, count = np.unique(of, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(place, weights=values) / count, dtype=np.float64)


def p_of_mean(values: FloatArray) -> float:
    """Two-sided p that the mean of a series is 0, though its values go with those before them.

    The variance of the mean is taken from the slowest waves of the series, in which such dependence shows; their number, which
    grows with the length, is the t distribution's degrees of freedom. So short series need large differences to say anything.
    Source: Lazarus, Lewis, Stock, Watson (2018), "HAR inference: recommendations for practice", Journal of Business & Economic
    Statistics 36.

    Example:
        >>> round(p_of_mean(np.array([1.0, -1.0] * 20) + 0.1), 3), round(p_of_mean(np.repeat([1.0, -0.8], 20)), 3)
        (0.016, 0.826)
    """
    count = len(values)
    waves = np.arange(1, max(int(0.4 * count ** (2 / 3)), 1) + 1)
    cosines = np.sqrt(2.0 / count) * np.cos(np.pi * waves[:, None] * (np.arange(count) + 0.5) / count)
    variance = float(np.square(cosines @ values).mean())
    return float(2.0 * stats.t.sf(abs(values.mean()) / np.sqrt(variance / count), len(waves)))


def split_share(actual: FloatArray, mean: FloatArray, extra: FloatArray) -> FloatArray:
    """Share of each count between the 10 % and 90 % points of its distribution, a count being spread over its own probability.

    The band of whole numbers holds more than 80 % whenever its ends have a probability of their own: with a mean of 0.3 a day 96
    days of 100 are in 0 to 1, and no smaller band holds 80. Split so, a right distribution of any mean has 80 %.
    """
    size = 1.0 / np.maximum(extra, 1e-6)
    success = size / (size + np.maximum(mean, 1e-9))
    upper, lower = stats.nbinom.cdf(actual, size, success), stats.nbinom.cdf(actual - 1.0, size, success)
    inside = np.clip(np.minimum(upper, 0.9) - np.maximum(lower, 0.1), 0.0, None)
    share = np.where(upper > lower, inside / np.maximum(upper - lower, 1e-300), (upper >= 0.1) & (upper <= 0.9))
    return np.where(np.isfinite(actual) & (mean > 0.0), share, np.nan)


def score(group: Group, rivals: Mapping[str, Rival]) -> Scores:
    """Let Leadline and its rivals forecast from every origin; none sees anything after it."""
    panel = group.panel
    shape = (len(group.origins), panel.horizon, len(panel.queues))
    actual = np.full(shape, np.nan)
    names = [*rivals, LEADLINE]
    mean, low, high = ({name: np.full(shape, np.nan) for name in names} for _ in range(3))
    champions: dict[str, int] = {}
    split = np.full(shape, np.nan)
    for number, origin in enumerate(group.origins):
        then = group.as_of(number)
        after = panel.dates.index(origin) + 1
        known = min(panel.horizon, panel.past - after)
        actual[number, :known] = panel.offered[after : after + known]
        for name, rival in rivals.items():
            forecast = rival(then, group)
            mean[name][number, : then.horizon] = forecast.mean
            low[name][number, : then.horizon], high[name][number, : then.horizon] = forecast.low, forecast.high
        issued = issue(then)
        mean[LEADLINE][number, : then.horizon] = issued.mean
        low[LEADLINE][number, : then.horizon] = issued.quantiles[..., _LOW]
        high[LEADLINE][number, : then.horizon] = issued.quantiles[..., _HIGH]
        split[number, : then.horizon] = split_share(actual[number, : then.horizon], issued.mean, issued.extra_variation)
        for forecast in issued.queues:
            champions[forecast.choice.champion] = champions.get(forecast.choice.champion, 0) + 1
    return Scores(group, actual, mean, low, high, champions, split)
