"""The book's shifts: per staff group how many people of each contract, and on each day the hours left to fill."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import is_missing


@dataclass(frozen=True, slots=True)
class ContractPeople:
    """People of one contract and their shifts."""

    name: str
    people: int
    shifts: int
    paid_hours: float


@dataclass(frozen=True, slots=True)
class GroupShifts:
    """What a staff group's shifts are and leave open.

    Attributes:
        name: the group.
        queues: names of its queues.
        contracts: people per contract; those without people are left out.
        people: of all contracts.
        paid_hours: of all shifts in the plan.
        cost: of all shifts in the plan.
        hours_to_fill: hours in which somebody is missing.
        surplus_hours: hours in which somebody is to spare.
        worst: the interval with the most people missing, in words; "" where nobody is.
        saving: no other plan of shifts saves more than this share.
        note: why there are no shifts; "" where there are.
    """

    name: str
    queues: str
    contracts: tuple[ContractPeople, ...]
    people: int
    paid_hours: float
    cost: float
    hours_to_fill: float
    surplus_hours: float
    worst: str
    saving: float
    note: str


def group_shifts(night: BookNight) -> list[GroupShifts]:
    """One per staff group, in the order of the settings."""
    found = []
    for key, group in night.enterprise.staff_groups.items():
        people = night.shift_people[night.shift_people["staff_group"] == key]
        if people.empty:
            continue
        cover = night.shift_cover[night.shift_cover["staff_group"] == key]
        local = cover["interval_start_utc"].dt.tz_convert(night.enterprise.time_zone)
        missing = cover["missing_people"].to_numpy()
        worst = ""
        if len(missing) and missing.max() > 0:
            place = int(missing.argmax())
            worst = f"{missing[place]} missing on {local.iloc[place]:%A %-d %B at %H:%M}"
        note, saving = people["note"].iloc[0], people["highest_saving_fraction"].iloc[0]
        found.append(
            GroupShifts(
                name=group.name,
                queues=", ".join(night.queue_name(queue) for queue in group.queues),
                contracts=tuple(
                    ContractPeople(row["contract_name"], row["people"], row["shifts"], row["paid_hours"])
                    for row in people.to_dict("records")
                    if row["people"]
                ),
                people=int(people["people"].sum()),
                paid_hours=float(people["paid_hours"].sum()),
                cost=float(people["cost"].sum()),
                hours_to_fill=float(cover["hours_to_fill"].sum()),
                surplus_hours=float(cover["surplus_hours"].sum()),
                worst=worst,
                saving=0.0 if is_missing(saving) else float(saving),
                note="" if is_missing(note) else str(note),
            )
        )
    return found
