"""A large enterprise: hundreds of queues and any number of contacts a day, drawn day by day without simulating people.

It is for measuring what a night costs, not for judging forecasts. Each queue has a level, a weekday shape, a bump in the morning
and one in the afternoon; days stray by a gamma factor, arrivals are Poisson. How long a contact waits and lasts is drawn, too.
Every day has a stream of random numbers of its own, so that days can be made in any order and each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from demo.clock import SLOT_SECONDS, FloatArray, IntArray

ZONE = ZoneInfo("Europe/Amsterdam")
VOICE, CHAT, CASES = "voice", "chat", "cases"
_SHARES = ((VOICE, 0.80), (CHAT, 0.15), (CASES, 0.05))
_WEEKDAY = np.array([1.15, 1.04, 0.99, 0.96, 0.90, 0.30, 0.0])
OPENING = {VOICE: (480, 1200), CHAT: (510, 1200), CASES: (0, 1440)}
"""Local minutes in which contacts come, Monday to Saturday; voice and chat are closed on Sundays."""
_MEAN_SECONDS = {VOICE: 300.0, CHAT: 480.0, CASES: 900.0}
_ANSWERED_FRACTION = 0.94
_AT_ONCE_FRACTION = 0.6
AGENTS_PER_DAILY_CONTACT = 1.0 / 45.0
CUSTOMERS = 2_000_000


@dataclass(frozen=True)
class Contacts:
    """The contacts of one day, ascending by arrival.

    Attributes:
        number: running number of the contact, different on all days.
        queue: position of the queue.
        arrived: UTC epoch second at which it came.
        waited: seconds until it was answered or given up.
        lasted: seconds of work; 0 where nobody answered.
        answered: whether somebody did.
        agent: number of the agent among the queue's.
        customer: number of the customer.
    """

    number: IntArray
    queue: IntArray
    arrived: IntArray
    waited: IntArray
    lasted: IntArray
    answered: npt.NDArray[np.bool_]
    agent: IntArray
    customer: IntArray

    def of(self, rows: npt.NDArray[np.bool_]) -> Contacts:
        """Some of them."""
        return Contacts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Scale:
    """How large the enterprise is.

    Attributes:
        queues: number of queues, at least three.
        contacts_per_day: contacts on a mean weekday, all queues together.
        seed: seed of every draw.
    """

    queues: int
    contacts_per_day: int
    seed: int = 1

    def __post_init__(self) -> None:
        if self.queues < len(_SHARES) or self.contacts_per_day < self.queues:
            raise ValueError(
                f"{self.queues} queues and {self.contacts_per_day} contacts a day; expected at least {len(_SHARES)} queues and a "
                "contact a day for each"
            )

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Channel of each queue: most take calls, some chats, a few have cases."""
        cases = max(1, round(_SHARES[2][1] * self.queues))
        chats = max(1, round(_SHARES[1][1] * self.queues))
        return (VOICE,) * (self.queues - cases - chats) + (CHAT,) * chats + (CASES,) * cases

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Name of each queue."""
        return tuple(f"{channel}_{number:03d}" for number, channel in enumerate(self.channels))

    @cached_property
    def level(self) -> FloatArray:
        """Contacts of each queue on a mean weekday: a few large queues, many small ones."""
        rng = np.random.default_rng([self.seed, 0])
        size = rng.lognormal(0.0, 0.8, self.queues) * np.array([{VOICE: 1.0, CHAT: 0.7, CASES: 0.3}[c] for c in self.channels])
        return np.asarray(size / size.sum() * self.contacts_per_day, np.float64)

    def day(self, day: date) -> Contacts:
        """The contacts of a local day."""
        rng = np.random.default_rng([self.seed, 1, day.toordinal()])
        slots, open_slots = _slots(day), {channel: _shape(channel, day) for channel in OPENING}
        share = np.stack([open_slots[channel][: len(slots)] for channel in self.channels])
        deferred = np.array([channel == CASES for channel in self.channels])
        weekday = np.where(deferred, np.maximum(_WEEKDAY[day.weekday()], 0.25), _WEEKDAY[day.weekday()])
        factor = rng.gamma(150.0, 1.0 / 150.0, self.queues) * rng.gamma(900.0, 1.0 / 900.0)
        counts = rng.poisson((self.level * weekday * factor)[:, None] * share)
        total = int(counts.sum())
        queue = np.repeat(np.arange(self.queues), counts.sum(axis=1))
        arrived = np.repeat(np.broadcast_to(slots, counts.shape).ravel(), counts.ravel()) + rng.integers(0, SLOT_SECONDS, total)
        order = np.argsort(arrived, kind="stable")
        queue, arrived = queue[order], arrived[order]
        waited = np.where(
            rng.random(total) < _AT_ONCE_FRACTION, rng.integers(2, 9, total), 5 + rng.exponential(35.0, total)
        ).astype(np.int64)
        answered = rng.random(total) < _ANSWERED_FRACTION
        mean = np.array([_MEAN_SECONDS[channel] for channel in self.channels])[queue]
        lasted = np.where(answered, np.maximum(mean * rng.lognormal(-0.28, 0.75, total), 10.0), 0.0).astype(np.int64)
        people = np.maximum(self.level * AGENTS_PER_DAILY_CONTACT, 3.0).astype(np.int64)[queue]
        return Contacts(
            number=day.toordinal() * 4_000_000 + np.arange(total, dtype=np.int64),
            queue=queue,
            arrived=arrived,
            waited=waited,
            lasted=lasted,
            answered=answered,
            agent=(rng.random(total) * people).astype(np.int64),
            customer=rng.integers(0, CUSTOMERS, total),
        )


def _slots(day: date) -> IntArray:
    """UTC epoch seconds of the quarter hours of a local day; 92 or 100 of them when the clocks change."""
    begin, end = (
        int(datetime.combine(day + timedelta(days=ahead), time(0), ZONE).astimezone(UTC).timestamp()) for ahead in (0, 1)
    )
    return np.arange(begin, end, SLOT_SECONDS, dtype=np.int64)


def _shape(channel: str, day: date) -> FloatArray:
    """Share of a channel's day in each quarter hour of the local day."""
    minute = np.array([_local_minute(second) for second in _slots(day)], np.float64)
    first, last = OPENING[channel]
    weight = 0.25 + np.exp(-0.5 * ((minute - 630) / 85) ** 2) + 0.75 * np.exp(-0.5 * ((minute - 865) / 110) ** 2)
    weight = np.where((minute >= first) & (minute < last), weight, 0.0)
    return np.asarray(weight / weight.sum(), np.float64)


def _local_minute(second: int) -> int:
    shown = datetime.fromtimestamp(int(second), ZONE)
    return shown.hour * 60 + shown.minute
