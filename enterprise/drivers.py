"""What else than claims may announce contacts: mailings, price changes, web visits, weather; used only where it is proved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from enterprise.model import Settings

LagDays = Annotated[int, Field(ge=1, le=60)]


class Driver(Settings):
    """One driver: a number per day that may announce contacts."""

    name: str
    """Name that planners read."""
    source: str
    """Entry of `[sources]`, a mapped table that fills `driver_values`."""
    series: str = ""
    """What the source calls it, in column `driver`; empty: the name of this section."""
    known_ahead_days: Annotated[int, Field(ge=0, le=365)] = 0
    """Days ahead up to which its values are always known; 0: each only when its day is over (web visits)."""
    without_row: Literal["zero", "unknown"] = "zero"
    """What a day without row is: nothing happened (a mailing), or it is not known (a temperature)."""
    queues: tuple[str, ...] = ()
    """Queues to which it may announce contacts; empty: all."""
    maximum_lag_days: LagDays = 14
    lags_count: Literal["best", "calendar_days", "business_days"] = "best"
    """Days that lags count; `best` takes what fits better out of sample."""

    def may_announce(self, queue: str) -> bool:
        """Whether the settings let it announce contacts of a queue."""
        return not self.queues or queue in self.queues


def broken_driver_rules(
    drivers: Mapping[str, Driver], sources: Mapping[str, Any], queues: Collection[str], lines_of_claims: Collection[str]
) -> Iterator[str]:
    """What does not fit in the drivers' settings, in words.

    Args:
        drivers: the drivers by name of their section.
        sources: the sources by name.
        queues: ids of the queues.
        lines_of_claims: lines of business of claims: a driver of that name could not be told from them.
    """
    named: dict[tuple[str, str], str] = {}
    for key, driver in drivers.items():
        filling = [name for name, source in sources.items() if getattr(source, "table", None) == "driver_values"]
        if driver.source not in filling:
            yield (
                f"drivers.{key}.source: {driver.source!r} is no source that fills driver_values; "
                + (f"known are {', '.join(filling)}" if filling else "describe one under [sources.<id>], kind mapped_table")
            )
        for unknown in sorted(set(driver.queues) - set(queues)):
            yield f"drivers.{key}.queues: {unknown!r} is no queue; known are {', '.join(queues)}"
        same = named.setdefault((driver.source, driver.series or key), key)
        if same != key:
            yield f"drivers.{key}.series: {driver.series or key!r} of {driver.source!r} is driver {same!r} already; keep one"
        if key in lines_of_claims:
            yield f"drivers.{key}: claims have a line of business of that name; call the driver otherwise"
