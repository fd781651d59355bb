"""The hidden lag kernel: how many calls and mails a claim causes, and on which later day.

contacts(queue, claim) ~ Poisson(total(class, queue)), each with a lag of 0..10 calendar days drawn from a gamma-like shape that
peaks on days 1 to 3. A contact whose day is closed comes on the next open day. This is the truth that a pipeline
should recover from contacts and claims alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.claims import CLASSES, Claims
from demo.clock import BoolArray, Clock, FloatArray, IntArray
from demo.demand import Demand, intraday_weight
from demo.queues import QUEUE_INDEX, QUEUES

MAXIMUM_LAG_DAYS = 10
TARGETS = ("voice_claims", "voice_service", "email_claims")
_CONTACTS_PER_CLAIM = {
    "voice_claims": (0.64, 0.80, 0.38, 0.76, 0.72, 0.95, 0.70),
    "voice_service": (0.26, 0.22, 0.18, 0.34, 0.28, 0.30, 0.24),
    "email_claims": (0.50, 0.66, 0.30, 0.56, 0.56, 0.78, 0.62),
}
_PEAK_DAY = {"voice_claims": 1.6, "voice_service": 2.6, "email_claims": 1.2}
_SAME_DAY = {"voice_claims": 0.07, "voice_service": 0.03, "email_claims": 0.10}


@dataclass(frozen=True)
class ClaimContacts:
    """Contacts caused by claims: which queue, when, by which claim and with which planned lag."""

    queue: IntArray
    arrived: IntArray
    claim: IntArray
    lag: IntArray


def kernel() -> FloatArray:
    """Expected contacts per claim by class, target queue and lag day (classes x targets x 11).

    Example:
        >>> beta = kernel()
        >>> bool((beta >= 0).all()), beta.shape
        (True, (7, 3, 11))
        >>> [int(day) for day in beta[3].argmax(axis=1)]
        [2, 3, 1]
    """
    lag = np.arange(MAXIMUM_LAG_DAYS + 1)
    out = np.zeros((len(CLASSES), len(TARGETS), len(lag)))
    for target, queue_id in enumerate(TARGETS):
        for index, (line, _) in enumerate(CLASSES):
            scale = _PEAK_DAY[queue_id] * (1.1 if line == "property" else 0.95)
            shape = np.where(lag > 0, (lag / scale) ** 1.5 * np.exp(1.5 * (1.0 - lag / scale)), 0.0)
            shape = (1.0 - _SAME_DAY[queue_id]) * shape / shape.sum()
            shape[0] = _SAME_DAY[queue_id]
            out[index, target] = _CONTACTS_PER_CLAIM[queue_id][index] * shape
    return out


def ordinary_share(claims_per_day: FloatArray) -> FloatArray:
    """Share of each queue's ordinary weekday volume that claims cause without storms, by position in `QUEUES`.

    Args:
        claims_per_day: expected claims per class, mean over a week.
    """
    share = np.zeros(len(QUEUES))
    for target, queue_id in enumerate(TARGETS):
        spec = QUEUES[QUEUE_INDEX[queue_id]]
        per_week = spec.weekday_mean * (5.0 + spec.saturday_factor + spec.sunday_factor)
        share[QUEUE_INDEX[queue_id]] = 7.0 * float(claims_per_day @ kernel()[:, target].sum(axis=1)) / per_week
    return share


def _quantile_table(queue: int, weekday: int) -> tuple[IntArray, FloatArray]:
    """Local quarter hours of the queue's day and the cumulated share of arrivals by their end."""
    hours = QUEUES[queue].arrives[weekday]
    begin, until = hours if hours else (480, 1080)
    minute = np.arange(begin, until, 15, dtype=np.int64)
    weight = intraday_weight(QUEUES[queue], minute)
    return minute, np.cumsum(weight) / weight.sum()


def _time_within(queue: int, day: IntArray, earliest: IntArray, clock: Clock, uniform: FloatArray) -> IntArray:
    """A moment of the day by the queue's intraday shape, after `earliest` where that lies on the day."""
    out = np.empty(len(day), np.int64)
    for weekday in range(7):
        rows = np.flatnonzero(clock.weekday[day] == weekday)
        minute, cumulated = _quantile_table(queue, weekday)
        begin = clock.utc(day[rows], np.full(len(rows), minute[0]))
        passed = np.clip((earliest[rows] - begin) // 900 + 1, 0, len(minute) - 1)
        low = np.where(earliest[rows] > begin, cumulated[passed], 0.0)
        drawn = low + (1.0 - low) * uniform[rows]
        slot = np.minimum(np.searchsorted(cumulated, drawn, side="left"), len(minute) - 1)
        out[rows] = clock.utc(day[rows], minute[slot]) + (uniform[rows] * 1e6).astype(np.int64) % 900
    return out


def next_open(open_day: BoolArray) -> IntArray:
    """For each day the first open day not before it; the number of days if there is none."""
    following = np.full(len(open_day) + 1, len(open_day), np.int64)
    for day in range(len(open_day) - 1, -1, -1):
        following[day] = day if open_day[day] else following[day + 1]
    return following


def draw_claim_contacts(claims: Claims, demand: Demand, clock: Clock, rng: np.random.Generator) -> ClaimContacts:
    """Draw every contact that claims cause until the end of the simulation."""
    beta = kernel()
    queue_parts, time_parts, claim_parts, lag_parts = [], [], [], []
    report_day = clock.day_of(claims.reported)
    for target, queue_id in enumerate(TARGETS):
        queue = QUEUE_INDEX[queue_id]
        open_day = np.bincount(clock.slot_day, weights=demand.open_slot[queue], minlength=len(clock.days)) > 0
        following = next_open(np.asarray(open_day, np.bool_))
        closing = np.zeros(len(clock.days) + 1, np.int64)
        last_open = np.flatnonzero(demand.open_slot[queue])
        np.maximum.at(closing, clock.slot_day[last_open], clock.slot_start[last_open] + 900)
        for index in range(len(CLASSES)):
            mine = np.flatnonzero(claims.claim_class == index)
            counts = rng.poisson(beta[index, target], size=(len(mine), MAXIMUM_LAG_DAYS + 1))
            which, lag = np.nonzero(counts)
            times = counts[which, lag]
            claim, lag = np.repeat(mine[which], times), np.repeat(lag, times).astype(np.int64)
            day = np.minimum(report_day[claim] + lag, len(clock.days))
            day = following[day]
            # A claim reported after closing time cannot be called about on the same day.
            too_late = (day == report_day[claim]) & (claims.reported[claim] + 1800 > closing[day])
            day = np.where(too_late, following[np.minimum(day + 1, len(clock.days))], day)
            keep = day < len(clock.days) - 1
            claim, lag, day = claim[keep], lag[keep], day[keep]
            arrived = _time_within(queue, day, claims.reported[claim] + 300, clock, rng.random(len(day)))
            arrived = np.maximum(arrived, claims.reported[claim] + 120)
            queue_parts.append(np.full(len(claim), queue, np.int64))
            time_parts.append(arrived)
            claim_parts.append(claim.astype(np.int64))
            lag_parts.append(lag)
    return ClaimContacts(
        np.concatenate(queue_parts), np.concatenate(time_parts), np.concatenate(claim_parts), np.concatenate(lag_parts)
    )
