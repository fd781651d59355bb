"""Small synthetic histories: a panel of queues whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.calendar import QueueCalendar, queue_calendar
from forecasting.features import make_design
from forecasting.panel import Panel, make_panel

LAST = date(2026, 11, 12)
OFFICE = Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))
WEEKDAY = np.array([1.2, 1.05, 1.0, 0.95, 0.9, 0.4, 0.3])

PanelMaker = Callable[..., Panel]


def daily_rows(queue: str, calendar: QueueCalendar, offered: np.ndarray) -> pd.DataFrame:
    """Rows of daily_history for the calendar's first dates."""
    frame = calendar.frame.iloc[: len(offered)]
    return pd.DataFrame(
        {
            "queue_id": queue,
            "business_date": frame["business_date"].to_numpy(),
            "offered_contacts": offered,
            "source_complete": True,
        }
    )


@pytest.fixture
def make_test_panel() -> PanelMaker:
    """A panel of queues with given levels; `offered(calendar, level)` makes the counts, weekday-shaped Poisson by default."""

    def make(
        levels: tuple[float, ...] = (200.0,),
        days: int = 200,
        horizon: int = 28,
        deferred: bool = False,
        offered: Callable[[QueueCalendar, float], np.ndarray] | None = None,
        seed: int = 1,
    ) -> Panel:
        rng = np.random.default_rng(seed)
        calendar = queue_calendar(OFFICE, LAST - timedelta(days=days - 1), LAST + timedelta(days=horizon), deferred=deferred)

        def usual(calendar: QueueCalendar, level: float) -> np.ndarray:
            mean = level * WEEKDAY[calendar.weekday_like] * calendar.takes_contacts
            return rng.poisson(mean).astype(float)

        rows = [
            daily_rows(f"queue_{number}", calendar, (offered or usual)(calendar, level)[:days])
            for number, level in enumerate(levels)
        ]
        calendars = {f"queue_{number}": calendar for number in range(len(levels))}
        design = make_design(calendar)
        return make_panel(pd.concat(rows), calendars, dict.fromkeys(calendars, design), LAST, horizon)

    return make
