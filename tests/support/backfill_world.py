"""An enterprise whose nights are made in any order: half a year with both clock changes, files that come late, two sources."""

from __future__ import annotations

import calendar
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.small_enterprise import CLAIMS_SHEET, ENTERPRISE, INTERVAL_REPORT, VOICE

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST_DAY = date(2026, 1, 24)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""The nights in which the clocks change."""
DAY = timedelta(days=1)

ROUND_THE_CLOCK = "[opening_hours.phone]\n" + "".join(f'{day.lower()} = ["00:00-06:00"]\n' for day in calendar.day_name)
PLANNING = "[planning]\nhorizon_days = 7\n"
SETTINGS = ENTERPRISE + 'motor = "Motor"\n' + PLANNING + ROUND_THE_CLOCK + VOICE + INTERVAL_REPORT + CLAIMS_SHEET


def nights(around: date, count: int) -> list[date]:
    """So many nights one after another, the one of a clock change among them."""
    first = around - (count // 2) * DAY
    return [first + number * DAY for number in range(count)]


def write_sources(folder: Path, last: date, first: date = FIRST_DAY) -> Path:
    """What the source systems hold of some days, each file as old as its day; returns the settings file."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    day = first
    while day <= last:
        _put(exports / f"acd-{day}.csv", day, ["q,at,n,a,h", *_calls(day, 0)])
        lines = [f"c{day}-{number},motor,{day} 1{number}:15" for number in range(day.toordinal() % 5)]
        _put(exports / f"claims-{day}.csv", day, ["id,line,at", *lines])
        if day.day % 10 == 3:  # three days later the switch has counted some calls more
            late = day + 3 * DAY
            if late <= last:
                _put(exports / f"acd-{day}-again.csv", late, ["q,at,n,a,h", *_calls(day, 2)])
        day += DAY
    path = folder / "enterprise.toml"
    path.write_text(SETTINGS)
    return path


def _put(path: Path, day: date, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n")
    written = datetime(day.year, day.month, day.day, 23, 30, tzinfo=ZONE).timestamp()
    os.utime(path, (written, written))


def _calls(day: date, more: int) -> Iterator[str]:
    """Half hours from midnight to six by the wall clock: ten of them where clocks skip an hour, fourteen where it comes twice."""
    at = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    number = 0
    while (local := at.astimezone(ZONE)).date() == day and local.hour < 6:
        offered = 6 + (day.toordinal() * 7 + number * 3) % 5 + 2 * (day.weekday() == 0) + more
        yield f"support,{local:%Y-%m-%d %H:%M},{offered},{offered - 1},{(offered - 1) * (280 + day.toordinal() % 40)}"
        at += timedelta(minutes=30)
        number += 1
