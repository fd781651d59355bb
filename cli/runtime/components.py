"""Airflow's components as processes of their own: started in their own sessions, stopped as whole groups."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from cli.runtime.airflow_settings import MARK
from cli.runtime.folders import Folders

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # its log server would listen on every interface
    "dag-processor": ("dag-processor",),
}
STOP_SECONDS = 20
_SAME_SECONDS = 2.0
"""Starts closer than this are the same: the machine's is known to the second only. No process id comes round as soon."""


@dataclass(frozen=True)
class Program:
    """What is to be started as a component.

    Attributes:
        name: how people call it; its log has this name.
        words: its command line.
        folder: its working folder; empty for that of the runtime.
        environment: what it sees beside the environment of the runtime.
    """

    name: str
    words: Sequence[str]
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Component:
    """One running component.

    Attributes:
        name: Airflow's name of it.
        pid: process id, also the id of its session and process group.
        started: seconds from the machine's start to that process's (see `_started`); tells it from a later one of the same id.
        api_port: port of the API server of this runtime.
        config: the settings file the runtime was started with.
    """

    name: str
    pid: int
    started: float
    api_port: int
    config: str

    @property
    def alive(self) -> bool:
        """Whether that very process still runs."""
        try:
            process = psutil.Process(self.pid)
            return _is(process, self) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def log(self, folders: Folders) -> Path:
        """Its log file."""
        return folders.logs / f"{self.name}.log"


def airflow_command(*words: str) -> list[str]:
    """Command line of Airflow in this very environment."""
    return [sys.executable, "-m", "airflow", *words]


def airflow_programs() -> list[Program]:
    """Airflow's own parts, as every runtime has them."""
    return [Program(name, airflow_command(*words)) for name, words in COMPONENTS.items()]


def start_components(
    folders: Folders, environment: Mapping[str, str], api_port: int, programs: Sequence[Program] | None = None
) -> list[Component]:
    """Start every program in a session of its own; they go on without their starter.

    Args:
        folders: where things are.
        environment: environment of all of them.
        api_port: port of the API server.
        programs: what to start, in this order, beside what runs already; Airflow's own parts if not given.

    Returns:
        All components of the runtime, in the order of their start.
    """
    folders.logs.mkdir(parents=True, exist_ok=True)
    started = running_components(folders)
    for program in airflow_programs() if programs is None else programs:
        with (folders.logs / f"{program.name}.log").open("a") as log:
            process = subprocess.Popen(
                program.words,
                cwd=program.folder or folders.work,
                env={**environment, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(
            Component(
                program.name, process.pid, _started(psutil.Process(process.pid)), api_port, environment.get("LEADLINE_CONFIG", "")
            )
        )
        # One by one: a starter killed between two components leaves none that nobody knows of.
        folders.processes.write_text(json.dumps([vars(component) for component in started]))
    return started


def running_components(folders: Folders) -> list[Component]:
    """The components that run, as far as the file of processes and the operating system agree."""
    return [component for component in _known_components(folders) if component.alive]


def _known_components(folders: Folders) -> list[Component]:
    if not folders.processes.exists():
        return []
    return [Component(**entry) for entry in json.loads(folders.processes.read_text() or "[]")]


def stop_components(folders: Folders) -> int:
    """Stop every process of this runtime: politely, together, and after a while without asking.

    Returns:
        How many processes there were.
    """
    groups = [component.pid for component in running_components(folders)]
    found = _processes_of(folders)
    for group in groups:
        _signal_group(group, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while (left := _processes_of(folders)) and time.monotonic() < deadline:
        if not any(component.alive for component in running_components(folders)):
            for process in left:  # tasks have groups of their own and may outlive the scheduler
                _signal(process, signal.SIGTERM)
        time.sleep(0.2)
    for process in _processes_of(folders):
        _signal(process, signal.SIGKILL)
    folders.processes.unlink(missing_ok=True)
    return len(found)


def _processes_of(folders: Folders) -> list[psutil.Process]:
    """Every process of this runtime, but for the caller: by session, which tasks share although they leave the group; or by mark.

    The mark alone does not do: Airflow gives its processes telling names, and that overwrites what the system shows of their
    environment.
    """
    sessions = {component.pid: component for component in _known_components(folders)}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                session = sessions.get(os.getsid(process.pid))
                if (session and _is_of(process, session)) or process.environ().get(MARK) == str(folders.state):
                    found.append(process)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or another user's
    return found


def _is_of(process: psutil.Process, component: Component) -> bool:
    """Whether a process in a session of the component's number is the component's, not of a later session of that number."""
    if not psutil.pid_exists(component.pid):  # the number stays taken as long as the session has members
        return _started(process) > component.started - _SAME_SECONDS and "airflow" in " ".join(process.cmdline())
    return _is(psutil.Process(component.pid), component)


def _started(process: psutil.Process) -> float:
    """Seconds from the machine's start to a process's: by the wall clock, all seem to start anew whenever it is set right."""
    return float(process.create_time() - psutil.boot_time())


def _is(process: psutil.Process, component: Component) -> bool:
    return abs(_started(process) - component.started) < _SAME_SECONDS


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
