"""Real daily series with their calendars, as panels; every source is skipped where it is not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import AROUND_THE_CLOCK, Opening
from forecasting.calendar import queue_calendar
from forecasting.features import make_design
from forecasting.panel import Panel, make_panel

HORIZON = 28
SHORT_DAYS = (31, 38, 45, 59)
SHORT_HORIZON = 14
BANK_HOLIDAYS = HolidayCalendar("US", not_observed=frozenset({"Columbus Day"}))
BANK = Opening({day: [(time(7), time(21, 30))] for day in range(5)}, "America/New_York", holidays=BANK_HOLIDAYS)
ISRAELI_BANK = Opening(
    {
        **{day: [(time(7), time(23, 59))] for day in (6, 0, 1, 2, 3)},
        4: [(time(7), time(14))],
        5: [(time(18), time(23, 59))],
    },
    "Asia/Jerusalem",
    holidays=HolidayCalendar("IL"),
)


@dataclass(frozen=True, eq=False)
class Group:
    """Series that are judged together.

    Attributes:
        name: data set and what its series are.
        panel: all of its history, with room for the horizon.
        country: whose holidays Prophet as it comes is given.
        origins: as-of dates, latest first.
        history_days: days of history that are left before each origin, taken in turn; none for all there are.
    """

    name: str
    panel: Panel
    country: str
    origins: tuple[date, ...]
    history_days: tuple[int, ...] = ()

    def as_of(self, number: int) -> Panel:
        """What is known at the origin of that number, and of it what its history is cut to."""
        then = self.panel.until(self.origins[number], self.panel.horizon)
        return _last_days(then, self.history_days[number % len(self.history_days)]) if self.history_days else then


def data_folder() -> Path:
    """Where the real data would lie."""
    return Path(os.environ.get("LEADLINE_SHARED", Path(__file__).parents[3] / "shared")) / "data"


def bank_intervals(folder: Path) -> pd.DataFrame:
    """The bank's calls per half hour: business_date, minute_of_day, offered_contacts."""
    calls = pd.read_csv(folder / "bank_calls" / "bank_calls_5min.csv", parse_dates=["timestamp"])
    start = calls["timestamp"].dt.floor("30min")
    frame = calls.groupby(start)["calls"].sum().rename("offered_contacts").reset_index()
    return pd.DataFrame(
        {
            "queue_id": "bank",
            "business_date": frame["timestamp"].dt.date,
            "minute_of_day": frame["timestamp"].dt.hour * 60 + frame["timestamp"].dt.minute,
            "offered_contacts": frame["offered_contacts"].astype("float64"),
        }
    )


def panel_of(series: Mapping[str, pd.Series], opening: Opening, *, deferred: bool = False) -> Panel:
    """A panel of series by date that share their hours; dates that a series does not name are not known."""
    first = min(min(values.index) for values in series.values())
    last = max(max(values.index) for values in series.values())
    calendar = queue_calendar(opening, first, last + timedelta(days=HORIZON), deferred=deferred)
    daily = pd.concat(
        [
            pd.DataFrame({"queue_id": name, "business_date": values.index, "offered_contacts": values.to_numpy(dtype=np.float64)})
            for name, values in series.items()
        ],
        ignore_index=True,
    ).assign(source_complete=True)
    design = make_design(calendar)
    return make_panel(daily, dict.fromkeys(series, calendar), dict.fromkeys(series, design), last, HORIZON)


def rolling_origins(panel: Panel, first_after_days: int, step_days: int, known_days: int = HORIZON) -> tuple[date, ...]:
    """As-of dates, latest first, each with so many known days after it."""
    return tuple(panel.dates[row] for row in range(panel.past - 1 - known_days, first_after_days - 2, -step_days))


def _last_days(panel: Panel, days: int) -> Panel:
    """The panel as if there had been nothing before its last days; queues of which nothing is known then are left out."""
    first = max(panel.past - days, 0)
    cut = {
        id(calendar): replace(
            calendar,
            frame=calendar.frame.iloc[first:].reset_index(drop=True),
            takes_contacts=calendar.takes_contacts[first:],
            weekday_like=calendar.weekday_like[first:],
        )
        for calendar in panel.calendars.values()
    }
    calendars = {queue: cut[id(calendar)] for queue, calendar in panel.calendars.items()}
    return replace(
        panel,
        dates=panel.dates[first:],
        past=panel.past - first,
        offered=panel.offered[first:],
        fit=panel.fit[first:],
        takes_contacts=panel.takes_contacts[first:],
        from_claims=panel.from_claims[first:],
        calendars=calendars,
        designs={queue: make_design(calendar) for queue, calendar in calendars.items()},
    )


def _short(whole: Callable[[Path], Group], step_days: int) -> Callable[[Path], Group]:
    """The same series at many more origins, each with a month or two of history."""

    def group(folder: Path) -> Group:
        full = whole(folder)
        after = int(np.flatnonzero(np.isfinite(full.panel.offered).all(axis=1))[0]) + min(SHORT_DAYS)
        origins = rolling_origins(full.panel, after, step_days, known_days=SHORT_HORIZON)
        return Group(
            f"{full.name}, {min(SHORT_DAYS)} to {max(SHORT_DAYS)} days of history", full.panel, full.country, origins, SHORT_DAYS
        )

    return group


def _zero_filled(counts: pd.Series, first: date, last: date) -> pd.Series:
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    return counts.reindex(days).fillna(0.0)


def _around_the_clock(zone: str, holidays: HolidayCalendar) -> Opening:
    return Opening(AROUND_THE_CLOCK, zone, holidays=holidays, open_on_holidays=True)


def bank(folder: Path) -> Group:
    """Calls of a large bank, five days a week (Weinberg, Brown, Stroud 2007)."""
    intervals = bank_intervals(folder)
    panel = panel_of({"bank": intervals.groupby("business_date")["offered_contacts"].sum()}, BANK)
    return Group("bank_calls", panel, "US", rolling_origins(panel, 89, 7))


def _montgomery(folder: Path) -> pd.DataFrame:
    calls = pd.read_csv(folder / "montgomery_911" / "interval_30min_by_category.csv", parse_dates=["timestamp"])
    day = calls["timestamp"].dt.date
    return calls[(day > day.min()) & (day < day.max())]  # first and last day are partial


def montgomery(folder: Path) -> Group:
    """Emergency calls of a county per day, three categories and their total."""
    calls = _montgomery(folder)
    daily = calls.groupby(calls["timestamp"].dt.date)[["EMS", "Fire", "Traffic"]].sum()
    series = {name: daily[name] for name in daily} | {"all": daily.sum(axis=1)}
    panel = panel_of(series, _around_the_clock("America/New_York", HolidayCalendar("US")))
    return Group("montgomery_911 by category", panel, "US", rolling_origins(panel, 89, 7))


def montgomery_half_hours(folder: Path) -> Group:
    """The same by category and every third half hour of the day: 48 daily series of low counts."""
    calls = _montgomery(folder)
    minute = calls["timestamp"].dt.hour * 60 + calls["timestamp"].dt.minute
    series = {}
    for category in ("EMS", "Fire", "Traffic"):
        table = calls.assign(day=calls["timestamp"].dt.date, minute=minute).pivot_table(
            index="day", columns="minute", values=category, aggfunc="sum"
        )
        series |= {f"{category} {slot // 60:02d}:{slot % 60:02d}": table[slot].fillna(0.0) for slot in table if slot % 90 == 0}
    panel = panel_of(series, _around_the_clock("America/New_York", HolidayCalendar("US")))
    return Group("montgomery_911 by half hour", panel, "US", rolling_origins(panel, 89, 49))


def _incidents(folder: Path) -> pd.DataFrame:
    tickets = pd.read_csv(folder / "it_incidents" / "tickets.csv.gz", parse_dates=["opened_at"])
    return tickets.assign(day=tickets["opened_at"].dt.date)


def incidents(folder: Path) -> Group:
    """IT incidents opened per day: all of them, and by category (a hierarchy with many zeros); eleven weeks in all."""
    tickets = _incidents(folder)
    first, last = tickets["day"].min(), tickets["day"].max()
    series = {"all": _zero_filled(tickets.groupby("day").size(), first, last)}
    for category, rows in tickets.groupby("category"):
        series[str(category)] = _zero_filled(rows.groupby("day").size(), first, last)
    panel = panel_of(series, _around_the_clock("America/New_York", HolidayCalendar("US")), deferred=True)
    return Group("it_incidents opened by category", panel, "US", rolling_origins(panel, 43, 8, known_days=7))


def incidents_by_group(folder: Path) -> Group:
    """IT incidents opened per day by the group that solves them: 65 series, most of them nearly empty."""
    tickets = _incidents(folder)
    first, last = tickets["day"].min(), tickets["day"].max()
    series = {
        str(name): _zero_filled(rows.groupby("day").size(), first, last) for name, rows in tickets.groupby("assignment_group")
    }
    panel = panel_of(series, _around_the_clock("America/New_York", HolidayCalendar("US")), deferred=True)
    return Group("it_incidents opened by group", panel, "US", rolling_origins(panel, 43, 8, known_days=7))


def _claims(path: Path, days: int) -> pd.Series:
    claims = pd.read_csv(path, parse_dates=["date"])
    return claims.set_index(claims["date"].dt.date)["claims"].astype("float64").iloc[-days:]


def fire_claims(folder: Path) -> Group:
    """Commercial fire claims in France per day, the last three years: bursts and empty days."""
    series = {"fire": _claims(folder / "insurance_claims" / "frecomfire_daily_counts.csv", 1_096)}
    panel = panel_of(series, _around_the_clock("Europe/Paris", HolidayCalendar("FR")), deferred=True)
    return Group("insurance_claims, France", panel, "FR", rolling_origins(panel, 400, 46))


def danish_claims(folder: Path) -> Group:
    """Large fire claims in Denmark per day, the last three years: more than half the days are empty."""
    series = {"fire": _claims(folder / "insurance_claims" / "danishuni_daily_counts.csv", 1_096)}
    panel = panel_of(series, _around_the_clock("Europe/Copenhagen", HolidayCalendar("DK")), deferred=True)
    return Group("insurance_claims, Denmark", panel, "DK", rolling_origins(panel, 400, 46))


def _insurers_claims(folder: Path, last: date) -> pd.Series:
    """Claims per day from 4 March 2002 on."""
    claims = pd.read_csv(folder / "real_insurer" / "claims.csv", parse_dates=["reported_date"])
    reported = claims.groupby(claims["reported_date"].dt.date).size()
    start = date(2002, 3, 4)
    return _zero_filled(reported[reported.index >= start], start, last)


def insurer_claims(folder: Path) -> Group:
    """That enterprise's claims alone, of which twenty months are known: one or two a day."""
    series = {"claims": _insurers_claims(folder, date(2003, 10, 24))}
    panel = panel_of(series, _around_the_clock("America/New_York", BANK_HOLIDAYS), deferred=True)
    return Group("real_insurer, its claims alone", panel, "US", rolling_origins(panel, 89, 15))


def insurer(folder: Path) -> Group:
    """One enterprise from real sources, one holiday calendar: calls on weekdays, cases on all days, gaps before both begin."""
    intervals = pd.read_csv(folder / "real_insurer" / "acd_intervals.csv", parse_dates=["interval_start_local"])
    calls = intervals.groupby(intervals["interval_start_local"].dt.date)["offered"].sum()
    cases = pd.read_csv(folder / "real_insurer" / "cases.csv.gz", parse_dates=["opened_at"])
    last = calls.index[-1]
    opened = cases.groupby(cases["opened_at"].dt.date).size()
    series = {
        "service": calls.astype("float64"),
        "cases": _zero_filled(opened, opened.index[0], last),
        "claims": _insurers_claims(folder, last),
    }
    panel = panel_of(series, _around_the_clock("America/New_York", BANK_HOLIDAYS), deferred=True)
    calls_calendar = queue_calendar(BANK, panel.dates[0], panel.dates[-1] + timedelta(days=HORIZON), deferred=False)
    calendars = dict(panel.calendars) | {"service": calls_calendar}
    daily = pd.concat(
        [pd.DataFrame({"queue_id": q, "business_date": s.index, "offered_contacts": s.to_numpy()}) for q, s in series.items()],
        ignore_index=True,
    ).assign(source_complete=True)
    designs = {queue: make_design(calendar) for queue, calendar in calendars.items()}
    panel = make_panel(daily, calendars, designs, last, HORIZON)
    return Group("real_insurer", panel, "US", rolling_origins(panel, 580, 3, known_days=7))


def israeli_bank(folder: Path) -> Group:
    """Calls of an Israeli bank by kind, January 1999: a Sunday to Thursday week, less than five weeks in all."""
    calls = pd.read_csv(folder / "anonymous_bank_january" / "calls.csv.gz", parse_dates=["arrival"])
    calls = calls[calls["offered"] == 1].assign(day=lambda frame: frame["arrival"].dt.date)
    table = calls.groupby(["day", "type"]).size().unstack().fillna(0.0)
    panel = panel_of({str(name): table[name] for name in table}, ISRAELI_BANK)
    return Group("anonymous_bank_january", panel, "IL", rolling_origins(panel, 17, 1, known_days=7))


def _every_day(whole: Callable[[Path], Group], after_days: int, since: str) -> Callable[[Path], Group]:
    """The same series from every day of which enough is known, so that what is luck at a few origins shows as luck."""

    def group(folder: Path) -> Group:
        full = whole(folder)
        first = int(np.isfinite(full.panel.offered).argmax(axis=0).max())
        origins = rolling_origins(full.panel, first + after_days, 1, known_days=7)
        return Group(f"{full.name}, every day from {since} on", full.panel, full.country, origins)

    return group


GROUPS: Mapping[str, Callable[[Path], Group]] = {
    "bank": bank,
    "montgomery": montgomery,
    "half_hours": montgomery_half_hours,
    "incidents": incidents,
    "incidents_by_group": incidents_by_group,
    "fire_claims": fire_claims,
    "danish_claims": danish_claims,
    "insurer": insurer,
    "insurer_daily": _every_day(insurer, 28, "four weeks of its cases"),
    "insurer_claims": insurer_claims,
    "israeli_bank": israeli_bank,
    "israeli_bank_daily": _every_day(israeli_bank, 9, "its ninth"),
    "short_bank": _short(bank, 7),
    "short_montgomery": _short(montgomery, 14),
    "short_incidents": _short(incidents, 8),
    "short_fire_claims": _short(fire_claims, 28),
}
