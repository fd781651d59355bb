"""What a forecast from a file is told about its place, and what it says of what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from enterprise.holiday_calendar import HolidayCalendar

MOST_DAYS = 546
"""78 weeks."""


def checked_horizon(days: int) -> int:
    """The horizon, if it can be served.

    Raises:
        ValueError: if it is not 1 to 546 days.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"horizon is {days} days; expected 1 to {MOST_DAYS}")
    return days


@dataclass(frozen=True)
class Place:
    """Where the contacts of a file come from; what a file cannot say itself.

    Attributes:
        country: ISO 3166-1 code whose holidays count; None where no holidays are known.
        subdivision: state or province of it.
        time_zone: zone in which days begin, and of timestamps without one.
    """

    country: str | None = None
    subdivision: str | None = None
    time_zone: str = "UTC"

    def holidays(self) -> HolidayCalendar | None:
        """The country's holidays.

        Raises:
            ValueError: if country or subdivision is not known.
        """
        if self.country is None:
            if self.subdivision is not None:
                raise ValueError(
                    f"subdivision {self.subdivision} is given without a country; expected both: name the country too"
                )
            return None
        return HolidayCalendar(self.country.upper(), self.subdivision)


@dataclass(frozen=True, eq=False)
class FileResult:
    """What a forecast from a file wrote.

    Attributes:
        rows: rows of the forecast.
        kernels: rows of the drivers' kernels; empty without drivers.
        kernels_file: where these were written; None without drivers.
        notes: what was left out or put right, in words.
    """

    rows: pd.DataFrame
    kernels: pd.DataFrame
    kernels_file: Path | None
    notes: tuple[str, ...]
