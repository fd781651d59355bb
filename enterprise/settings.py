"""The enterprise in one readable file: loaded, checked and frozen here, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator, model_validator

from enterprise.errors import SettingsError
from enterprise.hours import OpeningHours
from enterprise.model import Settings
from enterprise.queues import Positive, Queue
from enterprise.sources import Source

EMBEDDED = "embedded"
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


class Planning(Settings):
    """How far and how surely to plan."""

    horizon_days: Annotated[int, Field(ge=1, le=120)] = 28
    goal_probability: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """Probability with which `positions_for_certainty` meet the goal."""
    full_time_hours_per_week: Positive = 40.0
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    pay_days: tuple[Annotated[int, Field(ge=1, le=31)], ...] = ()
    """Days of the month on which people are paid."""
    seed: int = 20_000
    """Seed of every random draw of the night."""


class ClaimsLead(Settings):
    """Which queues claims may announce contacts to, and how far ahead."""

    queues: tuple[str, ...] = ()
    maximum_lag_days: Annotated[int, Field(ge=1, le=60)] = 14


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
    events: tuple[Event, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone of the IANA database; write one such as 'Europe/Amsterdam'")
        return value

    @field_validator("queues", mode="before")
    @classmethod
    def _queues_know_their_id(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: {"id": key, **queue} if isinstance(queue, dict) else queue for key, queue in value.items()}

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        problems = list(self._broken_references())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _broken_references(self) -> Iterator[str]:
        if not self.queues:
            yield "queues: there is none; describe at least one under [queues.<id>]"
        for key in (*self.queues, *self.sources, *self.sites, *self.lines_of_business, *self.opening_hours):
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
        named = {f"sources.{name}.queues": getattr(source, "queues", {}).values() for name, source in self.sources.items()}
        named["claims_lead.queues"] = self.claims_lead.queues
        named |= {f"events.{event.name}.queues": event.queues for event in self.events}
        for where, ids in named.items():
            for unknown in sorted(set(ids) - set(self.queues)):
                yield f"{where}: {unknown!r} is no queue; known are {', '.join(self.queues)}"

    @property
    def zone(self) -> ZoneInfo:
        """The enterprise's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def settings_hash(self) -> str:
        """Hash of everything that can change a plan's numbers: places of storage and of sources are left out."""
        content = self.model_dump(mode="json", exclude={"storage": True, "sources": True})
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
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"settings file {path} does not exist; set LEADLINE_CONFIG to one, or copy config/enterprise.toml and edit it"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not valid TOML: {error}; mend that line") from error
    expanded = _expand(raw, environment, path, "")
    try:
        return Enterprise.model_validate(_resolved(expanded, root))
    except ValidationError as error:
        raise SettingsError(_explain(error, path)) from error


def _expand(value: Any, environment: Mapping[str, str], path: Path, key: str) -> Any:
    """Replace `${NAME}` in every string below `value`."""
    if isinstance(value, dict):
        return {k: _expand(v, environment, path, f"{key}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, environment, path, key) for v in value]
    if not isinstance(value, str):
        return value

    def known(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environment:
            raise SettingsError(
                f"settings file {path}: {key} uses ${{{name}}}, which is not set; set the environment variable {name}"
            )
        return environment[name]

    return _PLACEHOLDER.sub(known, value)


_PLACES = ("url", "history_url", "agents_url", "schedules_url", "activities_url", "lake_url", "planbook_folder", "state_folder")


def _resolved(raw: dict[str, Any], root: Path) -> dict[str, Any]:
    """Make the plain paths of `storage` and `sources` absolute; URLs stay as they are, but for SQLite files."""

    def resolve(section: Any) -> Any:
        if not isinstance(section, dict):
            return section
        return {
            key: _absolute(value, root) if key in _PLACES and isinstance(value, str) and value else value
            for key, value in section.items()
        }

    sources = raw.get("sources")
    if isinstance(sources, dict):
        raw = {**raw, "sources": {name: resolve(source) for name, source in sources.items()}}
    if isinstance(raw.get("storage"), dict):
        raw = {**raw, "storage": resolve({"state_folder": ".leadline", **raw["storage"]})}
    return raw


def _absolute(url: str, root: Path) -> str:
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{(root / url.removeprefix('sqlite:///')).absolute()}"
    return url if "://" in url else str((root / url).absolute())


def _explain(error: ValidationError, path: Path) -> str:
    """Say for every problem which key it is, what is wrong and, for unknown keys, which are known."""
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{key}: unknown key; known here are {', '.join(_known_keys(problem['loc'][:-1]))}")
        elif problem["type"] == "missing":
            lines.append(f"{key}: missing; add it")
        else:
            shown = "" if isinstance(problem["input"], (dict, Settings)) else f" (got {problem['input']!r})"
            lines.append(f"{key or 'settings'}: {problem['msg'].removeprefix('Value error, ')}{shown}")
    return f"settings file {path} needs mending:\n  " + "\n  ".join(lines)


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """Keys of the settings class that a path into the file leads to."""
    annotation: Any = Enterprise
    for part in location:
        annotation = _step(annotation, part)
    return sorted(annotation.model_fields) if hasattr(annotation, "model_fields") else []


def _step(annotation: Any, part: int | str) -> Any:
    fields = getattr(annotation, "model_fields", None)
    if fields is not None:
        return _unwrapped(fields[part].annotation) if part in fields else annotation
    if isinstance(annotation, tuple):  # a union: its parts are named by their kind
        for candidate in annotation:
            if part in getattr(candidate.model_fields["kind"].annotation, "__args__", ()):
                return candidate
    return annotation


def _unwrapped(annotation: Any) -> Any:
    """The settings class inside `dict[str, X]`, `tuple[X, ...]`, `X | None` or an annotated union."""
    arguments = [a for a in getattr(annotation, "__args__", ()) if a not in (str, type(None), Ellipsis)]
    if not arguments:
        return annotation
    if len(arguments) == 1:
        return _unwrapped(arguments[0])
    return tuple(arguments)
