"""How work that can wait is staffed: limits on people, shift blocks, and the calls that overdue work raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from enterprise.clock_times import minutes_of
from enterprise.model import Settings

if TYPE_CHECKING:
    from enterprise.queues import Queue

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class StaffingLimit(Settings):
    """Fewest and most people at work in a part of the week; the strictest of several holds."""

    days: tuple[Weekday, ...] = ()
    """Every day if there are none."""
    hours: str = "00:00-23:59"
    """Local times of the first and last interval that the limit covers, as "08:00-11:30"."""
    minimum_positions: Annotated[int, Field(ge=0)] = 0
    maximum_positions: Annotated[int, Field(ge=0)] | None = None
    """No limit if not given."""

    @field_validator("hours")
    @classmethod
    def _times_of_day(cls, value: str) -> str:
        minutes_of(value)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum_positions is not None and self.maximum_positions < self.minimum_positions:
            raise ValueError(
                f"at least {self.minimum_positions} and at most {self.maximum_positions} people at {self.hours}; lower "
                "minimum_positions or raise maximum_positions"
            )
        return self


class ChaseContacts(Settings):
    """Contacts of customers who ask where their overdue item is."""

    queue: str
    """Voice or chat queue that they reach."""
    contacts_per_overdue_item_day: Annotated[float, Field(gt=0, le=10)]
    """Contacts that an item raises on each open day of that queue on which it is overdue; counts as much as 20 contacts beside
    what customers with overdue cases and mails did in the last 120 days."""


class DeferredStaffing(Settings):
    """How a queue whose work can wait is staffed."""

    block_starts: tuple[str, ...] = ()
    """Local times at which the number of people may change, as "08:00"; once a day if there are none."""
    limits: tuple[StaffingLimit, ...] = ()
    chase: ChaseContacts | None = None
    """None if overdue work raises no contacts."""

    @field_validator("block_starts")
    @classmethod
    def _times_of_day(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for clock in value:
            if len(set(minutes_of(clock))) > 1:
                raise ValueError(f"{clock!r} is a span; write the time at which a block begins, as '13:00'")
        return value


def broken_deferred_rules(queues: Mapping[str, Queue], interval_minutes: int) -> Iterator[str]:
    """What does not fit together, in words: settings of a live queue, times off the grid, a queue that takes no calls."""
    for key, queue in queues.items():
        own = queue.deferred
        if own != DeferredStaffing() and not queue.is_deferred:
            yield f"queues.{key}.deferred: a {queue.channel} queue's work cannot wait; leave it out"
        for limit in own.limits:
            most = limit.maximum_positions
            if most is not None and most < queue.minimum_positions:
                yield (
                    f"queues.{key}.deferred.limits: at most {most} people at {limit.hours}, but minimum_positions is "
                    f"{queue.minimum_positions}; lower minimum_positions or raise the limit"
                )
        for clock in own.block_starts:
            if minutes_of(clock)[0] % interval_minutes:
                yield f"queues.{key}.deferred.block_starts: {clock} lies within an interval of {interval_minutes} minutes"
        if own.chase is None:
            continue
        if own.chase.queue not in queues:
            yield f"queues.{key}.deferred.chase.queue: {own.chase.queue!r} is no queue; known are {', '.join(queues)}"
        elif queues[own.chase.queue].is_deferred:
            yield f"queues.{key}.deferred.chase.queue: {own.chase.queue!r} takes no calls or chats; name a queue that does"
