"""Drivers declared in the settings as any night knew them: values that were known by then, of its past and of days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from enterprise.drivers import Driver
from enterprise.grid import IntervalGrid

_NOT_SAID = date(1970, 1, 1)
"""When a value became known whose source does not say it."""


@dataclass(frozen=True, eq=False)
class Announced:
    """What is known of some drivers.

    Attributes:
        drivers: their settings by name.
        rows: driver (its name in the settings), business_date, value and known_on: the first night that knew the value; of
            values of the same driver and date the one known last counts.
    """

    drivers: Mapping[str, Driver]
    rows: pd.DataFrame

    def of(self, names: tuple[str, ...]) -> Announced:
        """Some of the drivers."""
        kept = self.rows[self.rows["driver"].isin(names)]
        return Announced({name: self.drivers[name] for name in names}, kept)

    def known(self, as_of: date) -> pd.DataFrame:
        """Value per date (index) and driver (columns) as known at the end of a date.

        A day without a row is 0 or missing, as the settings say; ahead of the night it is 0 only as far as the driver is always
        known, and has a value beyond where that was told earlier than usual.
        """
        columns = {name: self._series(name, driver, as_of) for name, driver in self.drivers.items()}
        return pd.DataFrame(columns, dtype="float64")

    def _series(self, name: str, driver: Driver, as_of: date) -> pd.Series:
        until = as_of + timedelta(days=driver.known_ahead_days)
        mine = self.rows[self.rows["driver"] == name]
        known = (mine["known_on"] <= as_of) & ((mine["business_date"] <= until) | (mine["known_on"] > _NOT_SAID))
        mine = mine[known]
        values = mine.sort_values(["business_date", "known_on"], kind="stable").groupby("business_date")["value"].last()
        if values.empty:
            return pd.Series(dtype="float64")
        first = min(values.index)
        days = [first + timedelta(days=k) for k in range((max(until, max(values.index)) - first).days + 1)]
        series = values.astype("float64").reindex(days)
        if driver.without_row == "zero":
            series[[day <= until for day in days]] = series[[day <= until for day in days]].fillna(0.0)
        return series


def announced_drivers(values: pd.DataFrame, drivers: Mapping[str, Driver], grid: IntervalGrid) -> Announced:
    """Rows of driver values under the names that the settings give them.

    Args:
        values: rows of DRIVER_VALUES.
        drivers: the settings' drivers.
        grid: the enterprise's grid: what became known in the course of a local day is known to that day's night.
    """
    known_on = grid.business_date(values["known_at"])
    frames = []
    for name, driver in drivers.items():
        chosen = (values["source_system"] == driver.source) & (values["driver"] == (driver.series or name))
        mine = values.loc[chosen, ["business_date", "value"]].assign(driver=name, known_on=known_on[chosen])
        frames.append(mine)
    none = pd.DataFrame(columns=["business_date", "value", "driver", "known_on"])
    return Announced(dict(drivers), pd.concat(frames, ignore_index=True) if frames else none)
