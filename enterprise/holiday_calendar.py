"""Public holidays of a country or a part of it, as an enterprise observes them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES

COMPANY_HOLIDAY = "company holiday"
"""Name shown for an extra date, which no public calendar names."""
_COUNTRIES = frozenset(code for _, *codes in COUNTRIES.values() for code in codes)
"""From the library's register: its own list of them would load the calendars of all countries."""


@dataclass(frozen=True)
class HolidayCalendar:
    """The holidays a queue or enterprise observes: the country's, and its own, less those it works through.

    Attributes:
        country: ISO 3166-1 code, e.g. "NL".
        subdivision: state, province or region by the code of the library `holidays`, e.g. "BY" with "DE"; None for the
            holidays of the whole country.
        extra: further days off.
        not_observed: dates, or names in English where the library has them (all years of that holiday), that are
            ordinary days here, e.g. "Good Friday" in a Dutch office.

    Raises:
        ValueError: if country or subdivision is not known, or a name in `not_observed` is no holiday there.

    Example:
        >>> dutch = HolidayCalendar("NL", not_observed=frozenset({"Good Friday"}))
        >>> dutch.name_of(date(2026, 4, 27)), dutch.name_of(date(2026, 4, 3))
        ("King's Day", None)
    """

    country: str
    subdivision: str | None = None
    extra: frozenset[date] = frozenset()
    not_observed: frozenset[date | str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse an unknown country, subdivision or holiday name."""
        object.__setattr__(self, "extra", frozenset(self.extra))
        object.__setattr__(self, "not_observed", frozenset(self.not_observed))
        if self.country not in _COUNTRIES:
            raise ValueError(f"country {self.country!r} has no holiday calendar; expected an ISO 3166-1 code such as 'NL'")
        if self.subdivision is not None and self.subdivision not in _known_subdivisions(self.country):
            known = ", ".join(_known_subdivisions(self.country)) or "none"
            raise ValueError(f"subdivision {self.subdivision!r} of {self.country} is not known; known are: {known}")
        unknown = sorted(self._names_not_observed() - _known_names(self.country, self.subdivision))
        if unknown:
            known = ", ".join(sorted(_known_names(self.country, self.subdivision)))
            raise ValueError(f"not_observed {unknown[0]!r} is no holiday in {self.country}; its holidays are: {known}")

    def name_of(self, day: date) -> str | None:
        """The holiday's name, or None on an ordinary day.

        Two holidays on one date are joined by "; ".
        """
        if day in self.not_observed:
            return None
        ignored = self._names_not_observed()
        names = [name for name in _names_by_date(self.country, self.subdivision, day.year).get(day, ()) if name not in ignored]
        if not names and day in self.extra:
            return COMPANY_HOLIDAY
        return "; ".join(names) or None

    @property
    def weekend(self) -> frozenset[int]:
        """Weekdays off in the country (Monday = 0): Saturday and Sunday in most, Friday and Saturday in others.

        Example:
            >>> sorted(HolidayCalendar("IL").weekend)
            [4, 5]
        """
        return _weekend(self.country, self.subdivision)

    def _names_not_observed(self) -> frozenset[str]:
        return frozenset(entry for entry in self.not_observed if isinstance(entry, str))


@lru_cache(maxsize=4096)
def _names_by_date(country: str, subdivision: str | None, year: int) -> dict[date, tuple[str, ...]]:
    calendar = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    # The library joins the names of one date by "; ".
    return {day: tuple(name.split("; ")) for day, name in calendar.items()}


@lru_cache(maxsize=256)
def _weekend(country: str, subdivision: str | None) -> frozenset[int]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision).weekend)


@lru_cache(maxsize=256)
def _known_names(country: str, subdivision: str | None) -> frozenset[str]:
    """Every holiday name of two decades, enough to contain those that fall in some years only."""
    years = range(2010, 2036)
    return frozenset(name for year in years for names in _names_by_date(country, subdivision, year).values() for name in names)


def _known_subdivisions(country: str) -> tuple[str, ...]:
    entity = holidays.country_holidays(country)
    return (*entity.subdivisions, *entity.subdivisions_aliases)
