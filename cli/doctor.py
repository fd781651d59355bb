"""`leadline doctor`: what works, what does not, and what to mend; it changes nothing."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from zoneinfo import TZPATH, available_timezones

import typer
from packaging.requirements import Requirement
from rich.table import Table
from rich.text import Text

from cli.runtime.airflow_api import AirflowApi
from cli.runtime.airflow_settings import USER, password
from cli.runtime.components import running_components
from cli.runtime.folders import Folders
from cli.session import ConfigOption, Session, open_session, out
from enterprise.errors import LeadlineError, NeedsPersonError

LEAST_FREE_BYTES = 2_000_000_000
"""Below this a night may not end: the demo's sources, lake and database together take about half of it."""

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
_PASSWORD = re.compile(r"(://[^/\s:@]*:)\S*@")
_DAMAGE = (LeadlineError, OSError, ValueError, LookupError, ImportError)
"""What a check may end with: other errors are mistakes in the program and shall be seen whole."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        subject: what was looked at.
        ok: whether it may stay as it is.
        words: what was found, and if it is not well the next step.
    """

    subject: str
    ok: bool
    words: str


def doctor(config: ConfigOption = None) -> None:
    """Check settings, sources, lake, database and machine, and say what to mend."""
    findings = []
    with out.status("Looking ...") as status:
        for finding in examine(config):
            findings.append(finding)
            status.update(f"Looked at {finding.subject} ...")
    show(findings)
    wrong = sum(not finding.ok for finding in findings)
    out.print(f"{wrong} to mend." if wrong else "All is well.")
    raise typer.Exit(1 if wrong else 0)


def examine(config: Path | None) -> Iterator[Finding]:
    """Look at everything, one finding after the other; what depends on broken settings is not looked at."""
    yield looked_at("Python", python_version)
    yield looked_at("packages", package_versions)
    yield looked_at("time zones", time_zone_data)
    sessions: list[Session] = []
    yield looked_at("settings", partial(_settings, config, sessions))
    if not sessions:
        yield looked_at("disk", partial(free_space, [Path.cwd()]))
        return
    session = sessions[0]
    from etl.job import source_health
    from warehouse.job import storage_health

    enterprise = session.enterprise
    for name in enterprise.sources:
        if _is_demo_to_come(session, name):
            yield Finding(f"sources.{name}", False, "the demo's source systems are not made yet; run: leadline demo-data")
        else:
            yield looked_at(f"sources.{name}", partial(source_health, name, enterprise))
    yield looked_at("lake", partial(storage_health, enterprise, "lake"))
    yield looked_at("warehouse", partial(storage_health, enterprise, "warehouse"))
    local = [Path(place) for place in (enterprise.storage.state_folder, enterprise.storage.lake_url) if "://" not in place]
    yield looked_at("disk", partial(free_space, local))
    yield looked_at("DAG files", partial(dag_files, session.folders))


def looked_at(subject: str, check: Callable[[], str]) -> Finding:
    """A finding from a check that either says what it found or raises what is wrong."""
    try:
        return Finding(subject, True, without_passwords(check()))
    except _DAMAGE as error:
        words = str(error) if isinstance(error, LeadlineError) else f"{type(error).__name__}: {error}"
        return Finding(subject, False, without_passwords(words))


def without_passwords(text: str) -> str:
    """The text with the passwords of addresses struck out.

    Example:
        >>> without_passwords("postgresql://planner:geheim@db/plan does not answer")
        'postgresql://planner:***@db/plan does not answer'
    """
    return _PASSWORD.sub(r"\1***@", text)


def python_version() -> str:
    """The Python that runs, if Leadline knows it.

    Raises:
        ValueError: if it is too old or too new.
    """
    now = sys.version_info[:2]
    shown = f"{now[0]}.{now[1]}.{sys.version_info.micro}"
    if not OLDEST_PYTHON <= now <= NEWEST_PYTHON:
        raise ValueError(f"{shown}: Leadline needs 3.11 to 3.13; run: make setup PYTHON=python3.11")
    return shown


def package_versions() -> str:
    """How many packages Leadline asks for, if all are there in a version it works with.

    Raises:
        ValueError: naming those that are missing or too old or new.
    """
    wanted = [Requirement(line) for line in requires("leadline") or []]
    wanted = [requirement for requirement in wanted if requirement.marker is None or requirement.marker.evaluate({"extra": ""})]
    wrong = [problem for requirement in wanted if (problem := _package_problem(requirement))]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}; run: make setup")
    return f"Leadline {version('leadline')}; all {len(wanted)} packages it asks for are there"


def _package_problem(requirement: Requirement) -> str:
    try:
        there = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is missing"
    return (
        ""
        if requirement.specifier.contains(there, prereleases=True)
        else f"{requirement.name} {there} is not {requirement.specifier}"
    )


def time_zone_data() -> str:
    """Where the time zone rules come from.

    Raises:
        ValueError: if there are none.
    """
    zones = available_timezones()
    if "Europe/Amsterdam" not in zones:
        raise ValueError("no rules are installed; run: make setup (package tzdata)")
    folder = next((place for place in TZPATH if Path(place, "Europe", "Amsterdam").is_file()), "")
    return f"{len(zones)} zones, from {folder or 'package tzdata ' + version('tzdata')}"


def free_space(places: list[Path]) -> str:
    """Free space where Leadline keeps things.

    Raises:
        ValueError: if there is too little.
    """
    words: dict[str, None] = {}
    for place in places:
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        free = shutil.disk_usage(there).free
        if free < LEAST_FREE_BYTES:
            raise ValueError(
                f"{free / 1e9:.1f} GB free at {there}; a night needs {LEAST_FREE_BYTES / 1e9:.0f} GB: "
                "make room, or move storage.state_folder and storage.lake_url"
            )
        words[f"{free / 1e9:.0f} GB free at {there}"] = None
    return "; ".join(words) or "nothing is kept on this machine"


def dag_files(folders: Folders) -> str:
    """Whether Airflow can read the DAG files, as it says itself; where it does not run, whether Python can.

    Raises:
        NeedsPersonError: naming the files that cannot be read, each with its error.
        AirflowUnreachableError: if Airflow runs and does not answer.
    """
    files = sorted(folders.dags.glob("*.py"))
    server = next((component for component in running_components(folders) if component.name == "api-server"), None)
    if server is not None:
        errors = AirflowApi(server.api_port, USER, password(folders)).import_errors()
        wrong = [f"{error.splitlines()[0]} {error.rstrip().splitlines()[-1]}" for error in errors]
    else:
        wrong = [problem for path in files if (problem := _syntax_problem(path))]
    if wrong:
        raise NeedsPersonError(
            f"cannot be read: {'; '.join(wrong)}. What they schedule does not start, the other files go on: mend them, or put "
            "the former ones back"
        )
    return f"{len(files)} can be read" if server else f"{len(files)} can be compiled; Airflow, which reads them, is not running"


def _syntax_problem(path: Path) -> str:
    try:
        compile(path.read_bytes(), str(path), "exec")
    except (SyntaxError, ValueError) as error:
        return f"{path}: {type(error).__name__}: {error}"
    return ""


def show(findings: list[Finding]) -> None:
    """Print the report."""
    table = Table(title="Leadline, looked over")
    table.add_column("")
    table.add_column("")
    table.add_column("what was found, and the next step", overflow="fold")
    for finding in findings:
        state = Text("ok", style="green") if finding.ok else Text("mend", style="bold red")
        table.add_row(finding.subject, state, Text(finding.words.replace(f"{Path.cwd()}/", "")))
    out.print(table)


def _settings(config: Path | None, sessions: list[Session]) -> str:
    """Read the settings, keep them in `sessions`, and say what they describe."""
    session = open_session(config)
    sessions.append(session)
    enterprise = session.enterprise
    return f"{session.config}: {enterprise.name}, {len(enterprise.queues)} queues, {len(enterprise.sources)} sources"


def _is_demo_to_come(session: Session, source_name: str) -> bool:
    """Whether a source lies in the demo's folder and that is not there."""
    demo = session.folders.state / "demo"
    content = session.enterprise.sources[source_name].model_dump().values()
    return not demo.exists() and any(str(demo) in str(value) for value in content)
