"""Columns that several tables share, so that one word means one thing everywhere."""

from __future__ import annotations

from enterprise.hierarchy import LEVELS_ABOVE
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column

CHANNELS = ("voice", "chat", "email", "message", "task", "cases", "claims")
LEVELS = ("queue", *LEVELS_ABOVE)
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


def text(name: str, meaning: str, *, allowed: tuple[str, ...] = ()) -> Column:
    """A text column."""
    return Column(name, TEXT, unit="text", meaning=meaning, allowed=allowed)


def instant(name: str, meaning: str) -> Column:
    """A point in time, UTC."""
    return Column(name, TIMESTAMP, unit="instant UTC", meaning=meaning)


def day(name: str, meaning: str) -> Column:
    """A calendar date."""
    return Column(name, DATE, unit="date", meaning=meaning)


def count(name: str, unit: str, meaning: str, *, minimum: float | None = 0) -> Column:
    """A whole number of things."""
    return Column(name, COUNT, unit=unit, meaning=meaning, minimum=minimum)


def number(name: str, unit: str, meaning: str, *, minimum: float | None = 0, maximum: float | None = None) -> Column:
    """A real number with a unit."""
    return Column(name, NUMBER, unit=unit, meaning=meaning, minimum=minimum, maximum=maximum)


def seconds(name: str, meaning: str) -> Column:
    """A duration in seconds, never negative."""
    return number(name, "seconds", meaning)


def fraction(name: str, meaning: str, *, minimum: float | None = 0, maximum: float | None = 1) -> Column:
    """A share between 0 and 1."""
    return number(name, "fraction", meaning, minimum=minimum, maximum=maximum)


def flag(name: str, meaning: str) -> Column:
    """True or false."""
    return Column(name, FLAG, unit="flag", meaning=meaning)


def quantile_columns(stem: str, unit: str, meaning: str) -> tuple[Column, ...]:
    """One column per published quantile: `<stem>_q05` ... `<stem>_q95`."""
    return tuple(number(f"{stem}_q{round(100 * q):02d}", unit, f"{round(100 * q)} % quantile of: {meaning}.") for q in QUANTILES)


PLAN_DATE = day("plan_date", "The night on which the plan was made: it knows what had happened by the end of this local day.")
BUSINESS_DATE = day("business_date", "Local calendar date in the enterprise's time zone.")
QUEUE_ID = text("queue_id", "Queue, as named in the settings.")
CHANNEL = text("channel", "Channel of the queue.", allowed=CHANNELS)
LEVEL = text("level", "Level of the enterprise that the row adds up to.", allowed=LEVELS)
MEMBER_ID = text("member_id", "Which queue, channel, line of business or site of that level; 'all' for the enterprise.")
INTERVAL_START_UTC = instant("interval_start_utc", "Start of the interval of the enterprise's grid, UTC.")
LEAD_DAYS = count("lead_days", "days", "Days from the plan date to the business date; 1 is tomorrow.", minimum=1)
LINE_OF_BUSINESS = text("line_of_business", "Line of business.")
SOURCE_SYSTEM = text("source_system", "Name of the source in the settings that delivered the row.")
LANDING_FILE = text("landing_file", "Landing file (content hash and name) the row was read from.")
LANDING_ROW = count("landing_row", "row", "Row (or first line) in the landing file, counted from 1.", minimum=1)
CUSTOMER_ID = text("customer_id", "Customer, as the source names it.").optional()
AGENT_ID = text("agent_id", "Agent, as the source names it.").optional()
MADE_BY = (SOURCE_SYSTEM, LANDING_FILE, LANDING_ROW)
