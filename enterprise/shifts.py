"""What people may work: contracts with their shifts and breaks, and the groups of people that share queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from enterprise.clock_times import minutes_of
from enterprise.hiring import Hiring
from enterprise.model import Settings
from enterprise.queues import Positive, Queue

_MISSING_HOUR_IN_HOURLY_COSTS = 3.0
_SHARES_SUM_TO = 1e-6


class ShiftContract(Settings):
    """A way to work: so many shifts a week of one length, with a break that begins within a window.

    Lengths are multiples of the enterprise's interval.
    """

    name: str
    days_per_week: Annotated[int, Field(ge=1, le=7)]
    shift_hours: Annotated[float, Field(gt=0, le=24)]
    """From the beginning of a shift to its end, the break included."""
    break_minutes: Annotated[int, Field(ge=0, le=480)] = 0
    """Length of the break; 0 for none."""
    break_earliest_hours: Annotated[float, Field(ge=0)] = 0.0
    """Hours of work before the break may begin."""
    break_latest_hours: Annotated[float, Field(ge=0)] = 0.0
    """Hours after which it must have begun."""
    break_is_paid: bool = False
    starts: tuple[str, ...] = ()
    """Local times at which a shift may begin, as "07:00" or "07:00-10:00" (both ends included); any time if there are none."""

    @property
    def start_minutes(self) -> tuple[tuple[int, int], ...]:
        """First and last local minute of the day of each span of `starts`."""
        return tuple(minutes_of(span) for span in self.starts)

    @property
    def paid_hours(self) -> float:
        """Hours of a shift that are paid."""
        return self.shift_hours if self.break_is_paid else self.shift_hours - self.break_minutes / 60

    @field_validator("starts")
    @classmethod
    def _times_of_day(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for span in value:
            minutes_of(span)
        return value

    @model_validator(mode="after")
    def _break_lies_within_the_shift(self) -> Self:
        last = self.shift_hours - self.break_minutes / 60
        if self.break_minutes and not 0 < self.break_earliest_hours <= self.break_latest_hours < last:
            raise ValueError(
                f"a break of {self.break_minutes} minutes that begins {self.break_earliest_hours:g} to "
                f"{self.break_latest_hours:g} hours after the start does not lie within a shift of {self.shift_hours:g} hours; "
                "there is work before and after a break: mend break_earliest_hours, break_latest_hours or shift_hours"
            )
        return self


class Blending(Settings):
    """Deferred work in the idle time between a group's calls and chats.

    The work can be put aside: whoever is on an item takes the next call or chat at once, so that customers wait as before.
    Work that cannot be put aside does not belong here.
    """

    queues: Annotated[tuple[str, ...], Field(min_length=1)]
    """Deferred queues of the group, in the order in which idle time is given to them."""
    reserve_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of everybody's time that stays idle."""
    setup_seconds: Annotated[float, Field(ge=0)] = 60.0
    """Time that is lost in every gap, until the item that was put aside is in mind again."""


class Team(Settings):
    """People of a group who can do the same."""

    queues: Annotated[tuple[str, ...], Field(min_length=1)]
    """Voice queues of the group whose calls they can take."""
    share: Annotated[float, Field(gt=0, le=1)]
    """Share of the group's people at work in these queues; the shares of a group's teams sum to 1."""


class StaffGroup(Settings):
    """People who can do the work of all the group's queues, planned together."""

    name: str
    queues: Annotated[tuple[str, ...], Field(min_length=1)]
    contracts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of entries of `[contracts]`."""
    hourly_cost: Positive
    """Cost of a paid hour."""
    missing_hour_cost: Positive | None = None
    """What an hour costs in which somebody is missing (overtime, an agency, a missed goal); three paid hours if not given."""
    people_at_least: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """People per contract that are there in any case."""
    people_at_most: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """People per contract that there can be."""
    planned_losses: tuple[str, ...] = ("breaks",)
    """Kinds of shrinkage that the shifts themselves plan, so that they are not taken off twice."""
    blending: Blending | None = None
    """Which deferred queues are worked in idle time between calls and chats; none if not given."""

    hiring: Hiring = Hiring()
    """How its people come and go, for the capacity plan."""
    teams: dict[str, Team] = Field(default_factory=dict)
    """Who can take the calls of which voice queues; without teams every queue has people of its own at any time."""

    @property
    def price_of_missing_hour(self) -> float:
        """What an hour costs in which somebody is missing."""
        return self.missing_hour_cost or _MISSING_HOUR_IN_HOURLY_COSTS * self.hourly_cost


def broken_shift_rules(
    contracts: Mapping[str, ShiftContract], groups: Mapping[str, StaffGroup], queues: Mapping[str, Queue], interval_minutes: int
) -> Iterator[str]:
    """What does not fit together, in words: unknown names, a queue in two groups, lengths off the grid."""
    for key, contract in contracts.items():
        lengths = {
            "shift_hours": contract.shift_hours * 60,
            "break_minutes": float(contract.break_minutes),
            "break_earliest_hours": contract.break_earliest_hours * 60,
            "break_latest_hours": contract.break_latest_hours * 60,
        }
        for name, minutes in lengths.items():
            if minutes % interval_minutes:
                yield f"contracts.{key}.{name}: {minutes:g} minutes; write a multiple of {interval_minutes}, the interval"
    owner: dict[str, str] = {}
    for key, group in groups.items():
        for queue in group.queues:
            if queue not in queues:
                yield f"staff_groups.{key}.queues: {queue!r} is no queue; known are {', '.join(queues)}"
            elif owner.setdefault(queue, key) != key:
                yield f"staff_groups.{key}.queues: {queue!r} is in {owner[queue]} already; one queue, one group"
        yield from _broken_blending(key, group, queues)
        yield from _broken_teams(key, group, queues)
        for name in group.contracts:
            if name not in contracts:
                yield f"staff_groups.{key}.contracts: {name!r} is not described; known are {', '.join(contracts) or 'none'}"
        for where, limits in (("people_at_least", group.people_at_least), ("people_at_most", group.people_at_most)):
            for name in sorted(set(limits) - set(group.contracts)):
                yield f"staff_groups.{key}.{where}: {name!r} is none of the group's contracts ({', '.join(group.contracts)})"
        for name in group.contracts:
            if group.people_at_least.get(name, 0) > group.people_at_most.get(name, 1_000_000):
                yield f"staff_groups.{key}: people_at_least of {name} is above people_at_most; lower the one or raise the other"


def _broken_teams(key: str, group: StaffGroup, queues: Mapping[str, Queue]) -> Iterator[str]:
    for name, team in group.teams.items():
        for queue in team.queues:
            where = f"staff_groups.{key}.teams.{name}.queues: {queue!r}"
            if queue not in group.queues:
                yield f"{where} is none of the group's queues ({', '.join(group.queues)})"
            elif queue in queues and queues[queue].channel != "voice":
                yield f"{where} is {queues[queue].channel}; teams share voice queues, name those only"
    total = sum(team.share for team in group.teams.values())
    if group.teams and abs(total - 1.0) > _SHARES_SUM_TO:
        yield f"staff_groups.{key}.teams: the shares sum to {total:g}; they are shares of the same people and sum to 1"


def _broken_blending(key: str, group: StaffGroup, queues: Mapping[str, Queue]) -> Iterator[str]:
    if group.blending is None:
        return
    where = f"staff_groups.{key}.blending.queues"
    own = {name: queues[name] for name in group.queues if name in queues}
    for name in group.blending.queues:
        if name not in own:
            yield f"{where}: {name!r} is none of the group's queues ({', '.join(group.queues)})"
        elif not own[name].is_deferred:
            yield f"{where}: {name!r} is {own[name].channel}, which cannot wait; name email, cases or claims work"
    if len(set(group.blending.queues)) != len(group.blending.queues):
        yield f"{where}: a queue stands there twice; name each once, the first to get idle time first"
    if all(queue.is_deferred for queue in own.values()):
        yield f"{where}: the group has no voice or chat queue, whose idle time could be used; leave blending out"
