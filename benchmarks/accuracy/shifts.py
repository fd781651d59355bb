"""Level shifts planted in real series: how far forecasts are off, and how often days fall into their band, by size and age."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np

from accuracy.leadline import issue
from accuracy.series import Group
from forecasting.calendar import FloatArray
from forecasting.candidates.registry import CANDIDATES
from forecasting.panel import Panel
from warehouse.tables.columns import QUANTILES

RATIOS = (0.6, 0.8, 1.2, 1.4, 2.0)
AGES_DAYS = (3, 5, 8, 15, 29)
DAYS_AHEAD = 14
"""Days that are scored: those for which people are still to be found."""
QUICK = tuple(candidate for candidate in CANDIDATES if candidate.every == 1)
"""Without Prophet, which takes most of the time: there are hundreds of nights to forecast."""
_FEWEST_A_DAY = 1.0
_SEED = 20_261_130
_LOW, _HIGH = QUANTILES.index(0.10), QUANTILES.index(0.90)


@dataclass(frozen=True)
class Found:
    """How forecasts do on one kind of shift.

    Attributes:
        error: mean absolute error, each series in units of its new level.
        bias: mean error in the same units.
        covered: share of days in the 80 % band.
        days: days scored.
    """

    error: float
    bias: float
    covered: float
    days: int


def planted_shift(panel: Panel, past: int, ratio: float) -> Panel:
    """The panel with all that comes from a row on brought to another level, chance included.

    Fewer contacts are each kept with that probability; more are those that came and others by chance.
    """
    rng = np.random.default_rng([_SEED, past, int(100 * ratio)])
    came = np.nan_to_num(panel.offered[past:]).astype(np.int64)
    new = rng.binomial(came, ratio) if ratio < 1.0 else came + rng.poisson((ratio - 1.0) * came)
    offered = panel.offered.copy()
    offered[past:] = np.where(np.isfinite(offered[past:]), new, np.nan)
    return replace(panel, offered=offered)


def score_shift(group: Group, origins: int, ratio: float, age_days: int, *, with_rule: bool) -> Found:
    """Forecasts from some origins of a group, each with a shift that age planted before it.

    Args:
        group: the series.
        origins: how many of the later half of the group's origins, before which there is history enough to look for shifts.
        ratio: new level over old; 1 plants nothing.
        age_days: calendar days since the shift.
        with_rule: whether shifts are looked for at all.
    """
    errors = [
        _errors(group, number, ratio, age_days, with_rule=with_rule)
        for number in np.unique(np.linspace(0, len(group.origins) // 2, origins).astype(int))
    ]
    error, inside = (np.concatenate(parts) for parts in zip(*errors, strict=True))
    return Found(float(np.abs(error).mean()), float(error.mean()), float(inside.mean()), len(error))


def _errors(group: Group, number: int, ratio: float, age_days: int, *, with_rule: bool) -> tuple[FloatArray, FloatArray]:
    origin = group.panel.dates.index(group.origins[number]) + 1
    panel = planted_shift(group.panel, origin - age_days, ratio) if ratio != 1.0 else group.panel
    with _rule(with_rule), patch("accuracy.leadline.CANDIDATES", QUICK):
        issued = issue(replace(group, panel=panel).as_of(number))
    actual = panel.offered[origin : origin + DAYS_AHEAD]
    mean, quantiles = issued.mean[: len(actual)], issued.quantiles[: len(actual)]
    level = ratio * np.nanmean(group.panel.offered[:origin], axis=0)
    known = np.isfinite(actual) & np.isfinite(mean) & (level >= _FEWEST_A_DAY)
    inside = (actual >= quantiles[..., _LOW]) & (actual <= quantiles[..., _HIGH])
    return ((mean - actual) / level)[known], inside[known].astype(np.float64)


def _rule(wanted: bool) -> AbstractContextManager[object]:
    return nullcontext() if wanted else patch("forecasting.cleaning.find_shift", return_value=None)


def kinds() -> Iterator[tuple[float, int]]:
    """Ratio and age of what is planted; nothing at first."""
    yield 1.0, 0
    yield from ((ratio, age) for ratio in RATIOS for age in AGES_DAYS)
