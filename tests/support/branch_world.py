"""An enterprise of two phone queues, each with a source of its own, and what one process makes of its nights."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source, stitch_night
from expectations.job import validate_night
from forecasting.job import forecast_night, measure_night
from staffing.job import audit_night, capacity_night, explain_night, shift_night, staff_night
from tests.support.mail_server import HOST, Kept
from tests.support.small_enterprise import VOICE, WITHOUT_SOURCES
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse, take_overrides_night
from warehouse.lake import Lake

BRANCH = VOICE.replace("voice]", "branch]").replace("Phone", "Branch")
REPORT = """
[sources.{name}]
kind = "interval_report"
url = "{place}/{name}*.csv"
interval_minutes = 30
queues = {{ {queue} = "{queue}" }}
columns = {{ queue = "q", interval_start = "at", offered = "n", answered = "a", handle = ["h"] }}
"""
QUEUES = {"acd": "voice", "branch": "branch"}
COMPARED = ("history", "forecast", "staffing")
"""Layers whose bytes depend on nothing but what happened: landing and run logs also say where from and when."""


def export(source: str, night: date) -> bytes:
    """Five weeks of a phone queue's intervals, up to a night; no day is like another."""
    lines, queue = ["q,at,n,a,h"], QUEUES[source]
    for back in range(35):
        day = night - timedelta(days=back)
        for hour, minute in itertools.product(range(8, 18), (0, 30) if day.weekday() < 5 else ()):
            offered = 12 + hour % 3 + day.toordinal() * (2 * hour + minute // 30) % 37 // 5
            lines.append(f"{queue},{day} {hour:02d}:{minute:02d},{offered},11,3300")
    return "\n".join(lines).encode()


def settings(place: str, alerts: str = "") -> str:
    base = WITHOUT_SOURCES + BRANCH
    return base + "".join(REPORT.format(name=name, queue=queue, place=place) for name, queue in QUEUES.items()) + alerts


def people(mails: Kept, hooks: Kept) -> str:
    """Whom to tell."""
    return (
        f'[alerts.mail]\nhost = "{HOST}"\nport = {mails.port}\nsecurity = "none"\nsender = "leadline@us.example"\n'
        f'recipients = ["planners@us.example"]\n[alerts.webhook]\nurl = "http://{HOST}:{hooks.port}/hook"\n'
    )


def checks_of(*stages: str) -> Callable[[date, Enterprise, Lake], None]:
    def check(night: date, enterprise: Enterprise, lake: Lake) -> None:
        for stage in stages:
            validate_night(stage, night, enterprise, lake)

    return check


STEPS: tuple[Callable[[date, Enterprise, Lake], object], ...] = (
    conform_night,
    take_overrides_night,
    build_history_night,
    stitch_night,
    checks_of("sources", "core", "history", "monitors"),
    explain_night,
    forecast_night,
    measure_night,
    staff_night,
    shift_night,
    capacity_night,
    audit_night,
)
"""The night's steps that write to the lake, in the order of its DAG."""


def fingerprint(lake: Lake) -> dict[str, str]:
    files = [path for layer in COMPARED for path in lake.filesystem.find(f"{lake.root}/{layer}") if path.endswith(".parquet")]
    return {
        path.removeprefix(f"{lake.root}/"): hashlib.sha256(lake.filesystem.cat_file(path)).hexdigest() for path in sorted(files)
    }


def made_alone(folder: Path, nights: Sequence[date]) -> dict[str, str]:
    """What nights leave behind where one process makes them in a folder: hash of each file."""
    (folder / "exports").mkdir()
    (folder / "enterprise.toml").write_text(settings(str(folder / "exports")))
    enterprise = load_enterprise(folder / "enterprise.toml", {}, folder)
    lake = Lake(enterprise.storage.lake_url)
    migrate_warehouse(enterprise)
    try:
        for night in nights:
            for source in QUEUES:
                (folder / "exports" / f"{source}-{night}.csv").write_bytes(export(source, night))
                extract_source(source, night, enterprise, lake)
            for step in STEPS:
                step(night, enterprise, lake)
    finally:
        EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))
    return fingerprint(lake)
