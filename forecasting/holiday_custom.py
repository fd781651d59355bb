"""What business does on holidays: as a queue did itself, as the others of its file did, and at last as is custom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CLOSED, LOW, ORDINARY = "closed", "low", "ordinary"

WORKED_THROUGH = frozenset(
    {
        "Columbus Day",
        "Veterans Day",
        "Washington's Birthday",
        "Lincoln's Birthday",
        "Election Day",
        "Emancipation Day",
        "Liberation Day",
    }
)
"""Public holidays on which most private business goes on, asked only where history is silent.

United States: federal days that few private employers give (US Bureau of Labor Statistics); Netherlands: Liberation Day, which
most labour agreements give once in five years."""
_OBSERVED = (" (observed)", " (in lieu)", " (substitute day)")


@dataclass(frozen=True, eq=False)
class Custom:
    """What a queue does on a holiday.

    Attributes:
        own: state by name as the queue showed.
        others: state by name as most queues of the file showed.
        usual: state of a holiday of which nothing is known.
        yearly_closures: months and days that are closed every year, where no holiday calendar is given.
    """

    own: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)
    usual: str = CLOSED
    yearly_closures: frozenset[tuple[int, int]] = frozenset()

    def state(self, name: str) -> str:
        """State of a date with this holiday name; several names are joined by "; ".

        Example:
            >>> Custom({"Labor Day": "closed"}).state("Labor Day (observed)"), Custom({}).state("Columbus Day")
            ('closed', 'ordinary')
        """
        found = [self._one(part) for part in names_on(name)]
        return CLOSED if CLOSED in found else LOW if LOW in found else ORDINARY

    def _one(self, name: str) -> str:
        if name in self.own:
            return self.own[name]
        if name in self.others:
            return self.others[name]
        return ORDINARY if name in WORKED_THROUGH else self.usual


def names_on(name: str) -> list[str]:
    """Base names of the holidays of a date."""
    return [base_name(part) for part in name.split("; ")]


def base_name(name: str) -> str:
    """The holiday's name without the remark that it is kept on another date.

    Example:
        >>> base_name("Independence Day (observed)")
        'Independence Day'
    """
    for ending in _OBSERVED:
        name = name.removesuffix(ending)
    return name


def majority(states: Iterable[str]) -> str | None:
    """The most frequent state; None without any. A tie is settled toward closed."""
    found = list(states)
    return max((CLOSED, LOW, ORDINARY), key=found.count) if found else None
