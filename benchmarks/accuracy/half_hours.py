"""Half hours of the bank's calls: ahead of the day, beside the noise floor, and the rest of the day at noon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from accuracy.series import bank, bank_intervals
from forecasting.calendar import FloatArray
from forecasting.candidates.prophet_log import PROPHET_LOG
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4
from forecasting.candidates.smoothing import SMOOTHING
from forecasting.champion import mean_forecast
from forecasting.cleaning import clean
from forecasting.intraday import rest_of_day
from forecasting.panel import Panel
from forecasting.profile import learn_profiles

MINUTES = 30
NOON = 720
BUSINESS_DAYS = 10
FIRST_ORIGIN_DAYS = 89
STEP_DAYS = 3
FIRST_NOON_DAYS = 20
_MEMBERS = (DYNAMIC_REGRESSION, SMOOTHING, PROPHET_LOG)


@dataclass(frozen=True)
class HalfHours:
    """WAPE as fractions; changes against the night's forecast as fractions, negative is better."""

    ahead: float
    ahead_with_true_total: float
    four_week_mean: float
    noise_floor: float
    origins: int
    noon_interval_change: float
    noon_total_change: float
    noon_in_band: float
    noons: int


class _Bank:
    """The bank's half hours, and the night's forecast of them from any date."""

    def __init__(self, folder: Path) -> None:
        self.panel: Panel = bank(folder).panel
        self.intervals = bank_intervals(folder)
        table = self.intervals.pivot_table(
            index="business_date", columns="minute_of_day", values="offered_contacts", aggfunc="sum"
        ).fillna(0.0)
        self.minutes = table.columns.to_numpy(dtype=np.int64)
        self.came = {day: row.to_numpy(dtype=np.float64) for day, row in table.iterrows()}

    def night(self, row: int, horizon: int) -> tuple[FloatArray, FloatArray, Panel]:
        """Half hours of each future date (rows), those of a four-week mean, and the panel of that night."""
        then, _ = clean(self.panel.until(self.panel.dates[row], horizon))
        made = {member.name: member.forecast(then)[:, 0] for member in _MEMBERS}
        daily = mean_forecast(made, list(made))
        as_of = then.as_of
        known = self.intervals[[day <= as_of for day in self.intervals["business_date"]]]
        profile = learn_profiles(known, then.calendars, {"bank": "voice"}, set(), as_of, MINUTES)["bank"]
        like = then.weekday_like("bank")
        seconds = np.full(len(self.minutes), MINUTES * 60.0)
        mean = np.zeros((then.horizon, len(self.minutes)))
        simple = np.zeros_like(mean)
        last_weeks = [day for day in self.came if as_of - timedelta(weeks=4) < day <= as_of]
        for ahead in range(then.horizon):
            weekday = np.full(len(self.minutes), like[then.past + ahead])
            shares = profile.shares(weekday, self.minutes, seconds, np.full(len(self.minutes), ahead + 1))
            mean[ahead] = daily[ahead] * shares / shares.sum()
            same = [self.came[day] for day in last_weeks if day.weekday() == weekday[0]]
            simple[ahead] = np.mean(same, axis=0) if same else SEASONAL_MEAN_4.forecast(then)[ahead, 0] * shares / shares.sum()
        return mean, simple, then


def half_hours(folder: Path) -> HalfHours:
    """Score half hours from rolling origins; no origin sees anything after it."""
    data = _Bank(folder)
    absolute = dict.fromkeys(("ahead", "true_total", "simple", "noise"), 0.0)
    total = 0.0
    rows = list(range(data.panel.past - 15, FIRST_ORIGIN_DAYS - 1, -STEP_DAYS))
    for row in rows:
        mean, simple, then = data.night(row, 28)
        judged = [ahead for ahead, day in enumerate(then.future_dates) if day in data.came and mean[ahead].sum() > 0.0]
        for ahead in judged[:BUSINESS_DAYS]:
            came = data.came[then.future_dates[ahead]]
            scaled = mean[ahead] / mean[ahead].sum() * came.sum()
            absolute["ahead"] += np.abs(came - mean[ahead]).sum()
            absolute["true_total"] += np.abs(came - scaled).sum()
            absolute["simple"] += np.abs(came - simple[ahead]).sum()
            # Mean absolute deviation of a Poisson count that large: what is left if every rate were known.
            absolute["noise"] += np.sqrt(2.0 * np.maximum(scaled, 0.0) / np.pi).sum()
            total += came.sum()
    at_noon = _noon(data)
    return HalfHours(
        absolute["ahead"] / total,
        absolute["true_total"] / total,
        absolute["simple"] / total,
        absolute["noise"] / total,
        len(rows),
        *at_noon,
    )


def _noon(data: _Bank) -> tuple[float, float, float, int]:
    """Change of the interval's and the total's error of the rest of the day, share of totals in the 80 % band, days."""
    expected, came = [], []
    for row in range(FIRST_ORIGIN_DAYS - 25, data.panel.past - 1):
        day = data.panel.dates[row + 1]
        if day not in data.came:
            continue
        mean, _, _ = data.night(row, 1)
        if mean[0].sum() > 0.0:
            expected.append(mean[0])
            came.append(data.came[day])
    night, actual = np.array(expected), np.array(came)
    over = data.minutes < NOON
    errors = np.zeros(4)
    inside = 0
    days = range(FIRST_NOON_DAYS, len(night))
    for day in days:
        update = rest_of_day(night[day], actual[day, over], night[:day], actual[:day], MINUTES)
        rest, before = actual[day, ~over], night[day, ~over]
        errors += [
            np.abs(update.mean - rest).sum(),
            np.abs(before - rest).sum(),
            abs(update.mean.sum() - rest.sum()),
            abs(before.sum() - rest.sum()),
        ]
        inside += bool(update.total_quantiles[1] <= rest.sum() <= update.total_quantiles[5])
    return float(errors[0] / errors[1] - 1.0), float(errors[2] / errors[3] - 1.0), inside / len(days), len(days)
