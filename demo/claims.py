"""Claims as they are reported: peril, region, storms with a surge and a decay, and the life of each claim.

Storm claims are reported over the storm day and the days after it, decaying geometrically. Work on a claim (its first
assessment) is simulated elsewhere (backlog.py); settlement, closing and re-opening follow here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.clock import Clock, FloatArray, IntArray
from demo.demand import Demand, draw_arrivals
from demo.queues import QUEUE_INDEX

REGIONS = ("north", "east", "south", "west")
"""The twelve provinces: north = Groningen, Friesland, Drenthe; east = Overijssel, Flevoland, Gelderland;
south = Zeeland, Noord-Brabant, Limburg; west = Utrecht, Noord-Holland, Zuid-Holland."""
REGION_SHARE = np.array([0.12, 0.22, 0.23, 0.43])
CLASSES: tuple[tuple[str, str], ...] = (
    ("motor", "collision"),
    ("motor", "theft"),
    ("motor", "glass"),
    ("property", "storm"),
    ("property", "water"),
    ("property", "fire"),
    ("property", "theft"),
)
CLASS_SHARE = np.array([0.52, 0.10, 0.38, 0.18, 0.46, 0.10, 0.26])
"""Ordinary share of each class within its line of business."""
STORM_CLASS = 3
FIRST_CUSTOMER = 10_000_001
CUSTOMERS = 240_000
_STORMS_PER_YEAR = 5.0
_STORM_MONTH_WEIGHT = np.array([3, 3, 2, 1, 0.5, 0.7, 0.8, 0.8, 1, 2, 2.5, 3])
_DECAY = 0.55
_SURGE_DAYS = 8


@dataclass(frozen=True)
class Storm:
    """One storm: `code` is the catastrophe code, `claims` the expected claims it causes in all, `weights` its path by region."""

    code: str
    day: int
    claims: float
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Claims:
    """Claims in order of report; arrays of one length.

    Attributes:
        reported: UTC epoch seconds.
        claim_class: index in `CLASSES`.
        region: index in `REGIONS`.
        storm: index in `storms`, -1 for none.
        customer: customer numbers.
        loss_day: local day of the loss as an index in the clock's days (may be negative: before the simulation).
        storms: the storms.
    """

    reported: IntArray
    claim_class: IntArray
    region: IntArray
    storm: IntArray
    customer: IntArray
    loss_day: IntArray
    storms: tuple[Storm, ...]

    def is_property(self) -> IntArray:
        """1 for property, 0 for motor."""
        return (self.claim_class >= STORM_CLASS).astype(np.int64)


def make_storms(clock: Clock, rng: np.random.Generator) -> tuple[Storm, ...]:
    """About five storms a year, mostly in winter and a few of them large; the last one two days before the end."""
    span = clock.last - clock.first + 1
    count = round(_STORMS_PER_YEAR * span / 365.25) - 1
    month = np.array([day.month for day in clock.days])
    weight = _STORM_MONTH_WEIGHT[month - 1].copy()
    weight[: clock.first] = 0.0
    weight[max(clock.last - 25, 0) :] = 0.0
    chosen: list[int] = []
    # One storm in each stretch of equal wintriness: the winters share them evenly.
    total = np.cumsum(weight) / max(float(weight.sum()), 1e-9)
    for stretch in range(max(count, 0)):
        if weight.sum() <= 0.0:
            break
        day = int(np.searchsorted(total, (stretch + rng.uniform(0.15, 0.85)) / count))
        chosen.append(min(day, len(weight) - 1))
    chosen = [*sorted(chosen), max(clock.last - 2, clock.first)]
    storms, number = [], dict.fromkeys((day.year for day in clock.days), 0)
    for position, day in enumerate(chosen):
        year = clock.days[day].year
        number[year] += 1
        large = position % 3 == 1 or day == chosen[-1]
        size = float(rng.uniform(650, 1100) if large else rng.uniform(130, 380))
        path = rng.dirichlet(6.0 * REGION_SHARE)
        storms.append(Storm(f"NL-{year}-S{number[year]:02d}", day, size, tuple(float(part) for part in path)))
    return tuple(storms)


def _storm_claims(index: int, storm: Storm, demand: Demand, clock: Clock, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Report times and regions of one storm's claims."""
    share = _DECAY ** np.arange(_SURGE_DAYS)
    share[0] *= 0.6
    share = share / share.sum()
    shape = demand.planned_rate[QUEUE_INDEX["claims_property"]]
    rate = np.zeros(len(shape))
    for lag, part in enumerate(share):
        day = storm.day + lag
        if day >= len(clock.days):
            break
        slots = np.flatnonzero(clock.slot_day == day)
        if lag == 0:  # the wind rises in the afternoon: nobody reports the damage of a storm before it comes
            slots = slots[clock.slot_minute[slots] >= 720]
        weight = shape[slots]
        rate[slots] += storm.claims * part * weight / weight.sum()
    reported = draw_arrivals(rate, clock, rng)
    region = rng.choice(len(REGIONS), size=len(reported), p=np.array(storm.weights))
    return reported, region.astype(np.int64)


def make_claims(clock: Clock, demand: Demand, rng: np.random.Generator) -> Claims:
    """Draw every claim reported from the warm-up to the spare day after the last."""
    storms = make_storms(clock, rng)
    parts: list[tuple[IntArray, IntArray, IntArray, IntArray]] = []
    for queue_id, first_class, classes in (("claims_motor", 0, 3), ("claims_property", 3, 4)):
        index = QUEUE_INDEX[queue_id]
        rate = demand.planned_rate[index] * demand.day_factor[index][clock.slot_day]
        reported = draw_arrivals(rate, clock, rng)
        kind = first_class + rng.choice(classes, len(reported), p=CLASS_SHARE[first_class : first_class + classes])
        region = rng.choice(len(REGIONS), len(reported), p=REGION_SHARE)
        parts.append((reported, kind.astype(np.int64), region.astype(np.int64), np.full(len(reported), -1, np.int64)))
    for position, storm in enumerate(storms):
        reported, region = _storm_claims(position, storm, demand, clock, rng)
        kind = np.full(len(reported), STORM_CLASS, np.int64)
        parts.append((reported, kind, region, np.full(len(reported), position, np.int64)))
    reported, claim_class, region, storm_of = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(reported, kind="stable")
    reported, claim_class, region, storm_of = reported[order], claim_class[order], region[order], storm_of[order]
    report_day = clock.day_of(reported)
    loss_day = report_day - rng.geometric(0.45, len(reported)) + 1
    storm_day = np.array([storm.day for storm in storms], np.int64)
    loss_day = np.where(storm_of >= 0, storm_day[storm_of], loss_day)
    customer = FIRST_CUSTOMER + rng.integers(0, CUSTOMERS, len(reported))
    return Claims(reported, claim_class, region, storm_of, customer, loss_day.astype(np.int64), storms)


@dataclass(frozen=True)
class ClaimLives:
    """What becomes of each claim after its first assessment; UTC epoch seconds, -1 where it never happens."""

    settled: IntArray
    closed: IntArray
    reopened: IntArray
    closed_again: IntArray


def claim_lives(assessed: IntArray, rng: np.random.Generator) -> ClaimLives:
    """Settlement some days after assessment, closing after that, a few per cent re-opened and closed again.

    Args:
        assessed: UTC epoch seconds of the first assessment, -1 if it never came.
        rng: source of the delays.
    """
    count = len(assessed)

    def later(moment: IntArray, mean_days: float, sigma: float) -> IntArray:
        delay: FloatArray = rng.lognormal(np.log(mean_days) - sigma**2 / 2, sigma, count) * 86_400
        return np.where(moment >= 0, moment + delay.astype(np.int64) + 60, -1)

    settled = later(assessed, 9.0, 0.8)
    closed = later(settled, 5.0, 0.7)
    again = rng.random(count) < 0.035
    reopened = np.where(again, later(closed, 15.0, 0.8), -1)
    closed_again = later(reopened, 8.0, 0.7)
    return ClaimLives(settled, closed, reopened, closed_again)
