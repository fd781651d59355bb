"""Numbers, dates and drivers as people write them in the plan book."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

_NOTHING = "–"
_DRIVERS = {
    "calendar_contacts": "time of the month",
    "holiday_contacts": "holidays",
    "trend_contacts": "season",
    "claims_lead_contacts": "claims",
    "driver_lead_contacts": "mailings and other drivers",
    "event_contacts": "known events",
    "override_contacts": "planners' changes",
}
_LEAST_CONTACTS = 0.5
_SHARE_WORTH_SAYING = 0.005


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separated; a dash where there is none.

    Example:
        >>> number(12345.6), number(0.25, 1), number(None), number(-0.2)
        ('12,346', '0.2', '–', '0')
    """
    if is_missing(value) or value is None:
        return _NOTHING
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def percent(fraction: float | None, digits: int = 0) -> str:
    """A fraction as percent.

    Example:
        >>> percent(0.834), percent(None)
        ('83 %', '–')
    """
    return _NOTHING if is_missing(fraction) or fraction is None else f"{100 * fraction:.{digits}f} %"


def minutes(seconds: float | None) -> str:
    """A duration as minutes and seconds.

    Example:
        >>> minutes(425), minutes(3725)
        ('7:05', '62:05')
    """
    if is_missing(seconds) or seconds is None:
        return _NOTHING
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def span(seconds: float) -> str:
    """A duration in its largest whole unit.

    Example:
        >>> span(20), span(120), span(28800)
        ('20 s', '2 min', '8 h')
    """
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds % unit == 0 and seconds > unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"


def signed(value: float, digits: int = 0) -> str:
    """A change with its sign; none where it is nothing.

    Example:
        >>> signed(12.4), signed(-3), signed(-0.04, 1)
        ('+12', '−3', '0.0')
    """
    text = f"{value:+,.{digits}f}"
    return text[1:] if not text.strip("+-0.,") else text.replace("-", "−")


def day_long(day: date) -> str:
    """A date in full.

    Example:
        >>> day_long(date(2026, 11, 13))
        'Friday 13 November 2026'
    """
    return f"{day:%A} {day.day} {day:%B %Y}"


def day_short(day: date) -> str:
    """A date in a table or under a chart.

    Example:
        >>> day_short(date(2026, 11, 13))
        'Fri 13 Nov'
    """
    return f"{day:%a} {day.day} {day:%b}"


def is_missing(value: Any) -> bool:
    """Whether there is no value: None or not a number."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def drivers(row: Mapping[Any, Any]) -> str:
    """What moves a day away from an average open day, the largest first.

    Args:
        row: of the declared table `forecast_daily`.

    Example:
        >>> quiet = dict.fromkeys([*_DRIVERS, "weekday_contacts"], 0.0)
        >>> drivers({"business_date": date(2026, 11, 13), "mean_offered_contacts": 400, **quiet, "claims_lead_contacts": 38.2})
        'claims +38'
    """
    words = _DRIVERS | {"weekday_contacts": row["business_date"].strftime("%A")}
    told = [(float(row[name]), text) for name, text in words.items() if not is_missing(row[name])]
    least = max(_LEAST_CONTACTS, _SHARE_WORTH_SAYING * float(row["mean_offered_contacts"]))
    loud = sorted((one for one in told if abs(one[0]) >= least), key=lambda one: (-abs(one[0]), one[1]))
    return ", ".join(f"{text} {signed(contacts)}" for contacts, text in loud) or "an average open day"
