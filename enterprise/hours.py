"""Opening hours as they stand in the settings file."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from pydantic import Field, field_validator

from enterprise.model import Settings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
END_OF_DAY = time.max
"""Stands for 24:00, which `datetime.time` cannot say."""

Span = tuple[time, time]
_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")


def parse_span(text: str) -> Span:
    """Read a local time span such as "08:00-17:30"; "24:00" is the end of the day.

    Raises:
        ValueError: if it is not a span, or does not end after it starts.

    Example:
        >>> parse_span("08:00-17:30")
        (datetime.time(8, 0), datetime.time(17, 30))
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time span; write it as '08:00-17:30'")
    hours = [int(part) for part in match.groups()]
    if hours[0] > 23 or hours[1] > 59 or hours[3] > 59 or hours[2] * 60 + hours[3] > 24 * 60:
        raise ValueError(f"{text!r} has an hour that no clock shows; write it as '08:00-17:30', '24:00' being the end of the day")
    start = time(hours[0], hours[1])
    end = END_OF_DAY if hours[2] == 24 else time(hours[2], hours[3])
    if end <= start:
        raise ValueError(f"{text!r} must end after it starts; a span over midnight is written as two, on two days")
    return start, end


class OpeningHours(Settings):
    """Opening hours per weekday with exceptions per date; closed on the country's holidays unless said otherwise.

    Each day is a list of spans; a day that is not named is closed.
    """

    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()
    open_on_holidays: bool = False
    extra_closed_dates: tuple[date, ...] = ()
    exceptions: dict[date, tuple[Span, ...]] = Field(default_factory=dict)
    """Date -> spans of that day instead of the weekday's; an empty list closes it."""

    @field_validator(*WEEKDAYS, mode="before")
    @classmethod
    def _spans(cls, value: Any) -> Any:
        return _parsed(value)

    @field_validator("exceptions", mode="before")
    @classmethod
    def _exception_spans(cls, value: Any) -> Any:
        return {day: _parsed(spans) for day, spans in value.items()} if isinstance(value, dict) else value

    @property
    def weekly(self) -> dict[int, list[Span]]:
        """Spans by weekday, Monday being 0."""
        return {index: list(getattr(self, name)) for index, name in enumerate(WEEKDAYS)}


def _parsed(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise TypeError("expected a list of spans such as ['08:00-17:30']")
    return tuple(parse_span(span) if isinstance(span, str) else span for span in value)
