"""When the night's work starts: by local time of day, always about the day that closed last."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from enterprise.hours import WEEKDAYS
from enterprise.model import Settings


def _whole_minutes(value: object) -> object:
    """Refuse what a schedule cannot say: seconds, and a zone of its own."""
    if not isinstance(value, (str, time)):
        raise ValueError(f"{value!r}: expected a local time of day as text, such as '00:15'")  # noqa: TRY004  (pydantic words it)
    said = time.fromisoformat(value) if isinstance(value, str) else value
    if said.tzinfo is not None or said.second or said.microsecond:
        raise ValueError(f"'{value}': expected a local time of day in whole minutes, such as '00:15'")
    return said


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[time, BeforeValidator(_whole_minutes)]


class Schedule(Settings):
    """Times of day in the enterprise's zone.

    Keep them out of the hour that the clocks skip or repeat in the night of a change (02:00 to 03:00 in Europe): a time in it
    comes an hour late once a year.
    """

    extract_at: TimeOfDay = time(0, 15)
    """When the sources are read; the night is planned as soon as all of them have been."""
    extract_at_by_source: dict[str, TimeOfDay] = Field(default_factory=dict)
    """Sources whose exports are written later: source -> time."""
    plan_at_the_latest: TimeOfDay = time(4, 0)
    """When the night is planned with what is there; sources that are still being read or tried again are flagged as missing."""
    plan_ready_by: TimeOfDay = time(6, 30)
    """When planners start work: people are told if the plan is not published by then."""
    backtest_weekday: Weekday = "saturday"
    """Day at whose end the models are compared anew, once a week; the nights after it choose champions by that comparison."""
    backtest_at: TimeOfDay = time(10, 0)
    """When that is worked out, on the day after; a night that needs it sooner works it out itself."""
    queues_per_task: Annotated[int, Field(ge=1)] = 100
    """Queues that one task forecasts or staffs: with more queues these steps are several tasks, which several machines share."""
    catch_up_since: date | None = None
    """First day that is planned even if Airflow was down in its night; without it, missed nights wait for `airflow backfill`."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        extractions = {f"extract_at_by_source.{source}": at for source, at in self.extract_at_by_source.items()}
        for where, at in {"extract_at": self.extract_at, **extractions}.items():
            if at >= self.plan_at_the_latest:
                raise ValueError(f"{where} is {at:%H:%M}, not before plan_at_the_latest {self.plan_at_the_latest:%H:%M}")
        if self.plan_at_the_latest >= self.plan_ready_by:
            raise ValueError(
                f"plan_at_the_latest is {self.plan_at_the_latest:%H:%M}, not before plan_ready_by {self.plan_ready_by:%H:%M}"
            )
        return self

    def extraction_of(self, source: str) -> time:
        """When a source is read.

        Example:
            >>> schedule = Schedule(extract_at_by_source={"claims": "01:30"})
            >>> schedule.extraction_of("claims"), schedule.extraction_of("acd")
            (datetime.time(1, 30), datetime.time(0, 15))
        """
        return self.extract_at_by_source.get(source, self.extract_at)

    def last_backtest(self, plan_date: date) -> date:
        """Day at whose end the models were compared that a night chooses by: the last such weekday before the night.

        Example:
            >>> thursday, saturday = date(2026, 11, 12), date(2026, 11, 14)
            >>> str(Schedule().last_backtest(thursday)), str(Schedule().last_backtest(saturday))
            ('2026-11-07', '2026-11-07')
        """
        return plan_date - timedelta(days=(plan_date.weekday() - WEEKDAYS.index(self.backtest_weekday) - 1) % 7 + 1)

    @property
    def backtest_cron(self) -> str:
        """When the weekly comparison is worked out.

        Example:
            >>> Schedule().backtest_cron
            '0 10 * * 0'
        """
        day = (WEEKDAYS.index(self.backtest_weekday) + 2) % 7  # cron counts from Sunday, and it is the day after
        return f"{self.backtest_at.minute} {self.backtest_at.hour} * * {day}"

    def first_night(self, zone: ZoneInfo) -> datetime | None:
        """When the night of `catch_up_since` begins.

        Example:
            >>> Schedule(catch_up_since="2026-11-12").first_night(ZoneInfo("Europe/Amsterdam")).isoformat()
            '2026-11-13T00:00:00+01:00'
        """
        if self.catch_up_since is None:
            return None
        return datetime.combine(self.catch_up_since + timedelta(days=1), time(0), zone)
