"""Mailings of the sales department: announced weeks ahead, told again when changed, followed by calls and chats for a week.

contacts(queue, day) ~ Poisson(letters x contacts per letter x share of the lag), lags of 1 to 8 calendar days after posting that
peak on day 2 or 3. What falls on a closed day comes on the next open one. This is the truth that a pipeline should recover.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from demo.clock import ZONE, Clock, FloatArray
from demo.demand import Demand, intraday_weight
from demo.lead import next_open
from demo.queues import QUEUE_INDEX, QUEUES

HEADER = "campaign,post_date,letters,announced_at\n"
MAXIMUM_LAG_DAYS = 8
CONTACTS_PER_LETTER = {"voice_sales": 0.022, "chat_sales": 0.008}
_PEAK_DAY = {"voice_sales": 2.4, "chat_sales": 1.7}
_GAP_DAYS = (8, 17)
_LETTERS = (50, 121)
_ANNOUNCED_DAYS = (15, 25)
_TOLD_AGAIN_DAYS = (4, 10)
_TOLD_AGAIN = 0.25


@dataclass(frozen=True)
class Mailing:
    """One mailing.

    Attributes:
        day: index of the posting day in the clock's days.
        announcements: (when, letters) in their order; the last one was posted.
    """

    day: int
    announcements: tuple[tuple[datetime, int], ...]

    @property
    def letters(self) -> int:
        """Letters that were posted."""
        return self.announcements[-1][1]


def letter_kernel() -> FloatArray:
    """Expected contacts per letter by target queue and lag day (targets x 9).

    Example:
        >>> beta = letter_kernel()
        >>> beta.shape, [int(day) for day in beta.argmax(axis=1)], beta.sum(axis=1).round(3).tolist()
        ((2, 9), [2, 2], [0.022, 0.008])
    """
    lag = np.arange(MAXIMUM_LAG_DAYS + 1)
    out = np.zeros((len(CONTACTS_PER_LETTER), len(lag)))
    for target, (queue_id, total) in enumerate(CONTACTS_PER_LETTER.items()):
        shape = (lag / _PEAK_DAY[queue_id]) ** 2.0 * np.exp(2.0 * (1.0 - lag / _PEAK_DAY[queue_id]))
        out[target] = total * shape / shape.sum()
    return out


def make_mailings(clock: Clock, rng: np.random.Generator) -> tuple[Mailing, ...]:
    """Mailings on business days of all simulated days, one at a time."""
    found = []
    at = int(rng.integers(*_GAP_DAYS))
    while at < len(clock.days):
        while at < len(clock.days) and (clock.weekday[at] not in (1, 2, 3) or clock.holiday[at]):
            at += 1
        if at == len(clock.days):
            break
        told = [(_before(clock.days[at], _ANNOUNCED_DAYS, rng), 100 * int(rng.integers(*_LETTERS)))]
        if rng.random() < _TOLD_AGAIN:
            told.append((_before(clock.days[at], _TOLD_AGAIN_DAYS, rng), 100 * int(rng.integers(*_LETTERS))))
        found.append(Mailing(at, tuple(told)))
        at += int(rng.integers(*_GAP_DAYS))
    return tuple(found)


def _before(day: date, days: tuple[int, int], rng: np.random.Generator) -> datetime:
    """An office moment some days before a date."""
    minutes = int(rng.integers(9 * 60, 17 * 60))
    return datetime.combine(day - timedelta(days=int(rng.integers(*days))), time(minutes // 60, minutes % 60), ZONE)


def mailing_rate(mailings: tuple[Mailing, ...], demand: Demand, clock: Clock) -> FloatArray:
    """Expected contacts that letters bring per queue and slot (queues x slots)."""
    rate = np.zeros(demand.planned_rate.shape)
    letters = np.zeros(len(clock.days))
    for mailing in mailings:
        letters[mailing.day] += mailing.letters
    for beta, queue_id in zip(letter_kernel(), CONTACTS_PER_LETTER, strict=True):
        queue = QUEUE_INDEX[queue_id]
        per_day = np.convolve(letters, beta)[: len(clock.days)]
        is_open = np.bincount(clock.slot_day, weights=demand.open_slot[queue], minlength=len(clock.days)) > 0
        moved = np.bincount(next_open(is_open)[:-1], weights=per_day, minlength=len(clock.days) + 1)
        weight = np.where(demand.open_slot[queue], intraday_weight(QUEUES[queue], clock.slot_minute), 0.0)
        whole = np.bincount(clock.slot_day, weights=weight, minlength=len(clock.days))
        rate[queue] = weight * (moved[:-1] / np.maximum(whole, 1e-9))[clock.slot_day]
    return rate


def write_mailings(mailings: tuple[Mailing, ...], clock: Clock, folder: Path) -> int:
    """Write `marketing/mailings.csv`: every announcement made by the end of the last day; returns their number."""
    rows = []
    for number, mailing in enumerate(mailings, start=1):
        for when, letters in mailing.announcements:
            if when.timestamp() < clock.end:
                rows.append(f"M{number:03d},{clock.days[mailing.day]},{letters},{when.isoformat()}\n")
    (folder / "marketing").mkdir()
    (folder / "marketing" / "mailings.csv").write_text(HEADER + "".join(rows), encoding="utf-8", newline="")
    return len(rows)
