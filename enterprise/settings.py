"""The enterprise in one readable file: loaded, checked and frozen here, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator, model_validator

from enterprise.alerts import Alerts
from enterprise.deferred import broken_deferred_rules
from enterprise.drivers import Driver, broken_driver_rules
from enterprise.errors import SettingsError
from enterprise.hierarchy import QueuePlace
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.hours import OpeningHours
from enterprise.model import Settings
from enterprise.privacy import Privacy
from enterprise.queues import Positive, Queue
from enterprise.retention import Retention
from enterprise.schedule import Schedule
from enterprise.settings_file import read_settings
from enterprise.settings_problems import explained
from enterprise.shifts import ShiftContract, StaffGroup, broken_shift_rules
from enterprise.sources import Source
from enterprise.workstreams import WorkstreamRules

EMBEDDED = "embedded"
_ZONES_OF_THE_MACHINE = {"localtime", "posixrules", "Factory"}
"""Names that mean another zone on another machine."""
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@cache
def _time_zones() -> frozenset[str]:
    """Zones that mean the same everywhere; looked up once, as all their files are read for it."""
    return frozenset(available_timezones() - _ZONES_OF_THE_MACHINE)


class Period(Settings):
    """Days from the first to the last, both included."""

    first_date: date
    last_date: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_date < self.first_date:
            raise ValueError(f"last_date {self.last_date} lies before first_date {self.first_date}")
        return self


class Planning(Settings):
    """How far and how surely to plan."""

    horizon_days: Annotated[int, Field(ge=1, le=120)] = 28
    goal_probability: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """Probability with which `positions_for_certainty` meet the goal."""
    full_time_hours_per_week: Positive = 40.0
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    pay_days: tuple[Annotated[int, Field(ge=1, le=31)], ...] = ()
    """Days of the month on which people are paid."""
    school_holidays: tuple[Period, ...] = ()
    """School holidays of past and coming years; their effect is learnt from the past ones."""
    seed: int = 20_000
    """Seed of every random draw of the night."""


class ClaimsLead(Settings):
    """Which queues claims may announce contacts to, and how far ahead."""

    queues: tuple[str, ...] = ()
    maximum_lag_days: Annotated[int, Field(ge=1, le=60)] = 14


PLAN_BOOK = "plan-book-{day}.html"
"""Name of a night's plan book."""


class Storage(Settings):
    """Where the lake, the warehouse and the plan book are."""

    lake_url: Annotated[str, Field(min_length=1)]
    """Folder of the lake: any fsspec URL, or a path below the working folder."""
    warehouse_url: Annotated[str, Field(min_length=1)] = EMBEDDED
    """SQLAlchemy URL of a PostgreSQL database, or "embedded" for the one that Leadline starts itself."""
    warehouse_database: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")] = "leadline"
    """Database of the embedded server that holds this enterprise's warehouse."""
    state_folder: Annotated[str, Field(min_length=1)] = ".leadline"
    """Folder for what Leadline itself keeps on this machine: embedded database, secrets, logs."""
    planbook_folder: Annotated[str, Field(min_length=1)]
    """Folder of the plan books: any fsspec URL, or a path below the working folder."""
    data_docs_folder: Annotated[str, Field(min_length=1)] | None = None
    """Folder of the pages that show what was checked; without it `data-docs` beside the plan books."""

    @property
    def data_docs(self) -> str:
        """Folder of the pages that show what was checked."""
        return self.data_docs_folder or f"{self.planbook_folder.rstrip('/').rpartition('/')[0]}/data-docs"

    def plan_book(self, night: date) -> str:
        """Where a night's plan book stands."""
        return f"{self.planbook_folder}/{PLAN_BOOK.format(day=night)}"


class Event(Settings):
    """What planners know: a day on which something other than usual happens (mailing, price change, closure)."""

    name: str
    first_date: date
    last_date: date
    queues: tuple[str, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_date < self.first_date:
            raise ValueError(f"event {self.name!r}: last_date {self.last_date} lies before first_date {self.first_date}")
        return self


_NOT_FOR_NUMBERS = {"storage", "sources", "workstreams", "alerts", "schedule", "site_access", "retention", "privacy"}


class Enterprise(Settings):
    """Everything Leadline knows about the enterprise before it looks at data."""

    name: str
    time_zone: str
    interval_minutes: Literal[15, 30, 60] = 30
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    subdivision: str | None = None
    sites: dict[str, str]
    """Site id -> name."""
    lines_of_business: dict[str, str]
    """Line of business id -> name."""
    opening_hours: dict[str, OpeningHours]
    queues: dict[str, Queue]
    sources: dict[str, Source]
    storage: Storage
    planning: Planning = Planning()
    claims_lead: ClaimsLead = ClaimsLead()
    drivers: dict[str, Driver] = Field(default_factory=dict)
    """What else may announce contacts (mailings, web traffic, weather), by name."""
    workstreams: WorkstreamRules = WorkstreamRules()
    events: tuple[Event, ...] = ()
    alerts: Alerts = Alerts()
    site_access: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Login of the warehouse -> sites whose rows it may see; logins that are not named see all sites."""
    schedule: Schedule = Schedule()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    contracts: dict[str, ShiftContract] = Field(default_factory=dict)
    """What people may work, by name; used by staff groups."""
    staff_groups: dict[str, StaffGroup] = Field(default_factory=dict)
    """People that share queues, by name; without any, people are planned per interval only, and no shifts."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in _time_zones():
            raise ValueError(f"{value!r} is no time zone of the IANA database; write one such as 'Europe/Amsterdam'")
        return value

    @field_validator("queues", mode="before")
    @classmethod
    def _queues_know_their_id(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for key, queue in value.items():
            if isinstance(queue, dict) and queue.get("id", key) != key:
                raise ValueError(f"{key}.id is {queue['id']!r}; a queue's id is the name of its table, so leave `id` out")
        return {key: {**queue, "id": key} if isinstance(queue, dict) else queue for key, queue in value.items()}

    @model_validator(mode="after")
    def _known_holidays(self) -> Self:
        HolidayCalendar(self.country, self.subdivision)  # refuses an unknown country or part of it, naming those it knows
        return self

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        problems = list(self._broken_references())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _broken_references(self) -> Iterator[str]:
        if not self.queues:
            yield "queues: there is none; describe at least one under [queues.<id>]"
        named_things = (self.queues, self.sources, self.sites, self.lines_of_business, self.opening_hours, self.contracts)
        for key in (key for things in (*named_things, self.staff_groups, self.drivers) for key in things):
            if not _IDENTIFIER.fullmatch(key):
                yield f"the name {key!r} must be lower-case letters, digits and underscores"
        for queue in self.queues.values():
            for kind, used, known in (
                ("opening_hours", queue.opening_hours, self.opening_hours),
                ("line_of_business", queue.line_of_business, self.lines_of_business),
                ("site", queue.site, self.sites),
            ):
                if used not in known:
                    yield f"queues.{queue.id}.{kind}: {used!r} is not described; known are {', '.join(known)}"
        lines_of_claims = {line for queue in self.queues.values() for line in queue.work_of_claims}
        yield from broken_driver_rules(self.drivers, self.sources, self.queues, lines_of_claims)
        for login, sites in self.site_access.items():
            for site in sites:
                if site not in self.sites:
                    yield f"site_access.{login}: {site!r} is not described; known are {', '.join(self.sites)}"
        yield from broken_deferred_rules(self.queues, self.interval_minutes)
        yield from broken_shift_rules(self.contracts, self.staff_groups, self.queues, self.interval_minutes)
        working: dict[str, str] = {}
        for queue in self.queues.values():
            for line in queue.work_of_claims:
                if working.setdefault(line, queue.id) != queue.id:
                    yield f"queues.{queue.id}.work_of_claims: {line!r} is {working[line]}'s work already; keep one"
        named = {f"sources.{name}.queues": getattr(source, "queues", {}).values() for name, source in self.sources.items()}
        named["claims_lead.queues"] = self.claims_lead.queues
        named |= {f"events.{event.name}.queues": event.queues for event in self.events}
        for unknown in sorted(set(self.schedule.extract_at_by_source) - set(self.sources)):
            yield f"schedule.extract_at_by_source: {unknown!r} is no source; known are {', '.join(self.sources)}"
        for where, ids in named.items():
            for unknown in sorted(set(ids) - set(self.queues)):
                yield f"{where}: {unknown!r} is no queue; known are {', '.join(self.queues)}"

    @property
    def places(self) -> dict[str, QueuePlace]:
        """Queue id -> its place in the levels above it."""
        return {queue.id: QueuePlace.of(queue) for queue in self.queues.values()}

    @property
    def zone(self) -> ZoneInfo:
        """The enterprise's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def intraday_cron(self) -> str | None:
        """When the rest of the day is forecast anew: each interval from the hour after planners start to the last closing.

        None where everything has closed by then: nothing is left of such a day.
        """
        ends = [end for hours in self.opening_hours.values() for spans in hours.weekly.values() for _, end in spans]
        last = max(ends, default=time(18))
        # Cron counts in whole hours: the last one is that of the last open minute, which is not the hour of a full-hour closing.
        first_hour, last_hour = self.schedule.plan_ready_by.hour + 1, (last.hour * 60 + last.minute - 1) // 60
        if last_hour < first_hour:
            return None
        minutes = {60: "0"}.get(self.interval_minutes, f"*/{self.interval_minutes}")
        return f"{minutes} {first_hour}-{last_hour} * * *"

    @property
    def settings_hash(self) -> str:
        """Hash of everything that can change a plan's numbers: places of storage and of sources are left out."""
        content = self.model_dump(mode="json", exclude=_NOT_FOR_NUMBERS)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def load_enterprise(path: Path, environment: Mapping[str, str], root: Path) -> Enterprise:
    """Read and check the settings file.

    Args:
        path: the TOML file.
        environment: values for `${NAME}` placeholders in the file's strings.
        root: folder against which relative paths of `storage` and `sources` are resolved.

    Returns:
        The frozen settings, with absolute paths.

    Raises:
        SettingsError: naming the file, the key and what is expected there.
    """
    try:
        return Enterprise.model_validate(read_settings(path, environment, root))
    except ValidationError as error:
        raise SettingsError(explained(error, path, Enterprise)) from error
