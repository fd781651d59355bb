"""A small world of three phone queues of one switch, a year of it, and claims of one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from expectations.monitors.watched import Watched
from tests.support.small_enterprise import ENTERPRISE, QUEUE_LOG, VOICE, WEEKDAYS, small_enterprise

FIRST = date(2025, 9, 1)
NIGHT = date(2026, 5, 21)
MEANS = {"large": 400.0, "middle": 120.0, "small": 60.0}
HANDLE_SECONDS = 300.0
_SOURCE = QUEUE_LOG.replace('support = "voice"', 'a = "large", b = "middle", c = "small"')


@dataclass
class World:
    """Counts per queue, day and half hour, which a test may change before it asks for the frames."""

    enterprise: Enterprise
    dates: list[date]
    slots: dict[str, np.ndarray]
    handle_seconds: dict[str, np.ndarray]
    claims: np.ndarray
    profile: dict[tuple[str, date, str], float] = field(default_factory=dict)

    def place(self, day: date) -> int:
        return (day - FIRST).days

    def watched(self, night: date) -> Watched:
        """The frames of a night."""
        dates = [day for day in self.dates if day <= night]
        daily, intervals, profiles = [], [], []
        grid = grid_of(self.enterprise)
        opening = opening_of(self.enterprise, "large")
        starts = {day: grid.intervals_of(day) for day in dates[-112:]}
        for queue, counts in self.slots.items():
            for place, day in enumerate(dates):
                offered = counts[place].sum()
                row = {"queue_id": queue, "business_date": day, "channel": "voice", "offered_contacts": int(offered)}
                row |= {"answered_contacts": offered, "abandoned_contacts": 0.0, "completed_items": np.nan}
                row |= {"handle_seconds": offered * self.handle_seconds[queue][place], "wait_seconds": offered * 12.0}
                daily.append(row | {"open_seconds": float(opening.open_seconds(day)), "source_complete": True})
                if day in starts and offered:
                    local = pd.Series(starts[day]).dt.tz_convert("Europe/Amsterdam")
                    slot = (local.dt.hour * 2 + local.dt.minute // 30).to_numpy()
                    intervals.append(
                        pd.DataFrame(
                            {
                                "queue_id": queue, "interval_start_utc": pd.Series(starts[day]), "business_date": day,
                                "offered_contacts": counts[place][slot],
                            }
                        )
                    )  # fmt: skip
                    known = {"queue_id": queue, "business_date": day, "item_rows": offered, "answered_rows": offered}
                    known |= dict.fromkeys(("twin_rows", "overlapping_rows", "zero_handle_rows", "customer_missing_rows"), 0.0)
                    known |= {"waited_rows": np.nan, "idle_waited_rows": np.nan, "content_mark": f"{queue}{day}"}
                    profiles.append(
                        known | {name: value for (q, d, name), value in self.profile.items() if (q, d) == (queue, day)}
                    )
        claims = pd.DataFrame(
            [
                {"line_of_business": "motor", "region": "north", "peril": peril, "business_date": day,
                 "reported_claims": int(count),
                 "catastrophe_claims": 0, "source_complete": True}
                for place, day in enumerate(dates)
                for peril, count in zip(("collision", "storm"), self.claims[place], strict=True)
            ]
        )  # fmt: skip
        feeds = pd.DataFrame({"source_system": [], "business_date": []})
        return Watched(pd.DataFrame(daily), pd.concat(intervals), claims, pd.DataFrame(profiles), feeds)


def watched_world(folder: Path) -> World:
    """The world, always the same."""
    queues = "".join(VOICE.replace("voice]", f"{name}]").replace("Phone", name) for name in MEANS)
    enterprise = small_enterprise(folder, ENTERPRISE + WEEKDAYS + queues + _SOURCE)
    rng = np.random.default_rng(4)
    dates = [FIRST + timedelta(days=k) for k in range((NIGHT - FIRST).days + 40)]
    opening = opening_of(enterprise, "large")
    is_open = np.array([opening.is_open_day(day) for day in dates])
    shape = np.zeros(48)
    shape[16:36] = 1.2 + np.sin(np.arange(20) / 2.5)
    shape /= shape.sum()
    weekday = np.array([[1.2, 1.0, 0.95, 0.95, 0.9, 0.0, 0.0][day.weekday()] for day in dates]) * is_open
    slots = {
        queue: rng.poisson(mean * (weekday * rng.gamma(400, 1 / 400, len(dates)))[:, None] * shape)
        for queue, mean in MEANS.items()
    }
    handle = {queue: HANDLE_SECONDS * np.exp(rng.normal(0, 0.04, len(dates))) for queue in MEANS}
    claims = rng.poisson([60, 6], (len(dates), 2))
    return World(enterprise, dates, slots, handle, claims)
