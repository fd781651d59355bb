"""Opening hours as they stand in the settings file."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from enterprise.model import Settings
from enterprise.spans import LocalSpan, checked_spans, parse_span

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class OpeningHours(Settings):
    """Opening hours per weekday with exceptions per date; closed on the country's holidays unless said otherwise.

    Each day is a list of spans; a day that is not named is closed.
    """

    monday: tuple[LocalSpan, ...] = ()
    tuesday: tuple[LocalSpan, ...] = ()
    wednesday: tuple[LocalSpan, ...] = ()
    thursday: tuple[LocalSpan, ...] = ()
    friday: tuple[LocalSpan, ...] = ()
    saturday: tuple[LocalSpan, ...] = ()
    sunday: tuple[LocalSpan, ...] = ()
    open_on_holidays: bool = False
    extra_closed_dates: tuple[date, ...] = ()
    """Dates on which the enterprise is closed as on a holiday; they close even where `open_on_holidays` is set."""
    exceptions: dict[date, tuple[LocalSpan, ...]] = Field(default_factory=dict)
    """Date -> spans of that day instead of the weekday's; an empty list closes it."""

    @field_validator(*WEEKDAYS, mode="before")
    @classmethod
    def _read_spans(cls, value: Any) -> Any:
        return _parsed(value)

    @field_validator("exceptions", mode="before")
    @classmethod
    def _read_exceptions(cls, value: Any) -> Any:
        return {day: _parsed(spans) for day, spans in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _spans_in_order(self) -> Self:
        for name in WEEKDAYS:
            checked_spans(getattr(self, name), name)
        for day, spans in self.exceptions.items():
            checked_spans(spans, f"exceptions.{day}")
        both = sorted(day for day in self.extra_closed_dates if self.exceptions.get(day))
        if both:
            raise ValueError(f"{both[0]} is closed by extra_closed_dates and open by exceptions; keep one of them")
        return self

    @property
    def weekly(self) -> dict[int, list[LocalSpan]]:
        """Spans by weekday, Monday being 0."""
        return {index: list(getattr(self, name)) for index, name in enumerate(WEEKDAYS)}

    @property
    def dates(self) -> dict[date, tuple[LocalSpan, ...]]:
        """Spans of single dates that hold instead of all else: the exceptions, and none for the extra closed dates."""
        return {**dict.fromkeys(self.extra_closed_dates, ()), **self.exceptions}


def _parsed(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError("expected a list of spans such as ['08:00-17:30']")  # noqa: TRY004  (pydantic words ValueError only)
    return tuple(parse_span(span) if isinstance(span, str) else span for span in value)
