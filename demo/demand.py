"""Base demand: how many contacts each queue expects in every quarter hour, and the arrivals drawn from it.

rate(queue, slot) = level x weekday x trend x year x month pattern x holiday neighbourhood x day factor x intraday shape.
The day factor is gamma with mean 1 (Jongbloed and Koole 2001; Avramidis et al. 2004), partly shared by all queues, so
that the counts of one day are correlated. Contacts that claims cause are added elsewhere (lead.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.clock import SLOT_SECONDS, BoolArray, Clock, FloatArray, IntArray
from demo.queues import QUEUES, Opening, QueueSpec

_WEEKDAY = np.array([1.15, 1.04, 0.97, 0.95, 0.89])
_SHARED_DAY_SHAPE = 900.0
_SEASONAL_BREAK_FACTOR = 0.88


@dataclass(frozen=True)
class Demand:
    """Expected and drawn base arrivals.

    Attributes:
        planned_rate: contacts per slot as a perfect calendar planner would expect them (queues x slots).
        day_factor: the hidden gamma factor per queue and day (queues x days), mean 1.
        open_slot: whether contacts can arrive in the slot (queues x slots).
    """

    planned_rate: FloatArray
    day_factor: FloatArray
    open_slot: BoolArray


def open_slots(opening: Opening, clock: Clock, *, closed_on_holidays: bool) -> BoolArray:
    """Which quarter hours lie inside opening hours (True), holidays closed where asked."""
    begin = np.array([hours[0] if hours else 1440 for hours in opening])
    until = np.array([hours[1] if hours else 0 for hours in opening])
    weekday = clock.weekday[clock.slot_day]
    inside = (clock.slot_minute >= begin[weekday]) & (clock.slot_minute < until[weekday])
    if closed_on_holidays:
        inside &= ~clock.holiday[clock.slot_day]
    return np.asarray(inside, np.bool_)


def business_days(clock: Clock) -> BoolArray:
    """Monday to Friday outside public holidays."""
    return np.asarray((clock.weekday < 5) & ~clock.holiday, np.bool_)


def _month_pattern(spec: QueueSpec, clock: Clock) -> FloatArray:
    """Month start by business day from the start, pay day on the 25th (the business day before when it falls on a weekend)."""
    factor = np.ones(len(clock.days))
    working = business_days(clock)
    billing = spec.queue_id == "voice_billing"
    start_effect = (1.60, 1.38, 1.22, 1.10) if billing else (1.07, 1.04, 1.0, 1.0)
    pay_effect = (1.45, 1.28, 1.10) if billing else (1.03, 1.02, 1.0)
    position, month = 0, 0
    for index, day in enumerate(clock.days):
        if day.month != month:
            month, position = day.month, 0
        if working[index]:
            if position < len(start_effect):
                factor[index] *= start_effect[position]
            position += 1
        if day.day == 25:
            pay_day = index
            while pay_day > 0 and not working[pay_day]:
                pay_day -= 1
            following = [later for later in range(pay_day, min(pay_day + 7, len(clock.days))) if working[later]]
            for later, effect in zip(following, pay_effect, strict=False):
                factor[later] *= effect
    return factor


def _holiday_neighbourhood(clock: Clock) -> FloatArray:
    """Catch-up after a closed weekday, quieter eves and bridge days, Christmas and the summer break."""
    factor = np.ones(len(clock.days))
    working = business_days(clock)
    closed_weekday = (clock.weekday < 5) & clock.holiday
    for index in np.flatnonzero(closed_weekday).tolist():
        after = [later for later in range(index + 1, min(index + 6, len(working))) if working[later]]
        for later, effect in zip(after, (1.24, 1.07), strict=False):
            factor[later] *= effect
        if index > 0 and working[index - 1]:
            factor[index - 1] *= 0.93
        if index + 1 < len(working) and working[index + 1] and clock.weekday[index + 1] == 4:
            factor[index + 1] *= 0.78
    for index, day in enumerate(clock.days):
        if (day.month, day.day) >= (12, 24) or (day.month == 1 and day.day == 1):
            factor[index] *= 0.80
        elif (7, 20) <= (day.month, day.day) <= (8, 20):
            factor[index] *= _SEASONAL_BREAK_FACTOR + 0.04
    return np.clip(factor, 0.55, 1.5)


def day_level(spec: QueueSpec, clock: Clock) -> FloatArray:
    """Expected arrivals of each day from level, week, trend, year, month and holidays, contacts."""
    in_week = np.append(_WEEKDAY, [spec.saturday_factor, spec.sunday_factor])
    if spec.arrives[6] is not None and spec.channel == "voice":
        in_week = np.array([1.02, 0.98, 0.97, 0.99, 1.05, spec.saturday_factor, spec.sunday_factor])
    level = spec.weekday_mean * in_week[clock.weekday]
    age = np.arange(len(clock.days)) / 365.25
    of_year = np.array([day.timetuple().tm_yday for day in clock.days])
    level *= 1.0 + spec.trend_per_year * age
    level *= 1.0 + spec.yearly_amplitude * np.cos(2.0 * np.pi * (of_year - spec.yearly_peak_day) / 365.25)
    level *= _month_pattern(spec, clock)
    if spec.queue_id == "voice_roadside":
        return level * np.where(clock.holiday, 0.9, 1.0)
    level *= _holiday_neighbourhood(clock)
    if spec.arrives[6] is None:
        return np.where(clock.holiday, 0.0, level)
    return np.where(clock.holiday, 0.45 * level, level)


def intraday_weight(spec: QueueSpec, minute: IntArray) -> FloatArray:
    """Relative arrival intensity at local minutes of the day (bumps over a floor), not normalised."""
    weight = np.full(minute.shape, spec.floor)
    for centre, width, height in spec.bumps:
        weight += height * np.exp(-0.5 * ((minute + SLOT_SECONDS / 120 - centre) / width) ** 2)
    return weight


def make_demand(clock: Clock, claim_share: FloatArray, rng: np.random.Generator) -> Demand:
    """Expected base arrivals per queue and slot, and the hidden day factors.

    Args:
        clock: the simulated days.
        claim_share: fraction in [0, 1) of each queue's ordinary volume that claims cause; the base is lowered by it.
        rng: source of the day factors.
    """
    count = len(QUEUES)
    rate = np.zeros((count, len(clock.slot_start)))
    is_open = np.zeros(rate.shape, np.bool_)
    factor = np.ones((count, len(clock.days)))
    shared = rng.gamma(_SHARED_DAY_SHAPE, 1.0 / _SHARED_DAY_SHAPE, len(clock.days))
    quarter = np.arange(96, dtype=np.int64) * 15
    for index, spec in enumerate(QUEUES):
        around_the_clock = spec.arrives[6] is not None
        is_open[index] = open_slots(spec.arrives, clock, closed_on_holidays=not around_the_clock)
        weight = np.where(is_open[index], intraday_weight(spec, clock.slot_minute), 0.0)
        norm = np.ones(7)
        for weekday, hours in enumerate(spec.arrives):
            if hours:
                inside = (quarter >= hours[0]) & (quarter < hours[1])
                norm[weekday] = float(intraday_weight(spec, quarter)[inside].sum())
        level = day_level(spec, clock) * (1.0 - claim_share[index])
        rate[index] = weight * (level / norm[clock.weekday])[clock.slot_day]
        shape = 1.0 / spec.day_factor_cv**2
        factor[index] = rng.gamma(shape, 1.0 / shape, len(clock.days)) * shared
    return Demand(planned_rate=rate, day_factor=factor, open_slot=is_open)


def draw_arrivals(rate: FloatArray, clock: Clock, rng: np.random.Generator) -> IntArray:
    """Poisson arrivals at the given rate per slot, uniform within the slot; sorted UTC epoch seconds."""
    counts = rng.poisson(rate)
    seconds = np.repeat(clock.slot_start, counts) + rng.integers(0, SLOT_SECONDS, int(counts.sum()))
    return np.sort(seconds)
