"""Processes of a runtime are found and stopped, and nobody else's."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli.runtime import components
from cli.runtime.airflow_settings import MARK
from cli.runtime.components import Component, Program, running_components, start_components, stop_components
from cli.runtime.folders import Folders
from cli.runtime.local_airflow import LocalAirflow

SLEEPER = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
# A component whose worker leaves the group and shows no environment, as Airflow's do.
CHILD = f"subprocess.Popen([sys.executable, '-c', {SLEEPER!r}], process_group=0, env={{}})"
PARENT = f"import subprocess, sys, time; {CHILD}; time.sleep(60)"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folders]:
    monkeypatch.setattr(components, "airflow_command", lambda *words: [sys.executable, "-c", words[0]])
    monkeypatch.setattr(components, "COMPONENTS", {"one": (PARENT,), "two": (SLEEPER,)})
    folders = Folders(tmp_path, tmp_path / "state")
    folders.airflow.mkdir(parents=True)
    yield folders
    stop_components(folders)


def environment(folders: Folders) -> dict[str, str]:
    return {**os.environ, MARK: str(folders.state), "LEADLINE_CONFIG": "settings.toml"}


def test_all_processes_end_also_those_that_left_their_group(folders: Folders) -> None:
    started = start_components(folders, environment(folders), 8080)
    assert [component.name for component in running_components(folders)] == ["one", "two"]
    parent = psutil.Process(started[0].pid)
    deadline = time.monotonic() + 10
    while not parent.children() and time.monotonic() < deadline:
        time.sleep(0.02)
    child = parent.children()[0]
    assert os.getpgid(child.pid) != os.getpgid(parent.pid)
    assert stop_components(folders) == 3
    assert running_components(folders) == []
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_process_that_ignores_the_request_is_ended_all_the_same(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "STOP_SECONDS", 0.5)
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], env=environment(folders), stdout=subprocess.PIPE, start_new_session=True
    ) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        assert stop_components(folders) == 1
        assert stubborn.wait(5) == -9


def test_another_runtime_and_a_reused_process_number_are_left_alone(folders: Folders, tmp_path: Path) -> None:
    other = {**os.environ, MARK: str(tmp_path / "elsewhere")}
    with subprocess.Popen([sys.executable, "-c", SLEEPER], env=other, start_new_session=True) as stranger:
        reused = Component("one", stranger.pid, started=1.0, api_port=1, config="")
        folders.processes.write_text(json.dumps([vars(reused)]))
        assert running_components(folders) == []
        assert stop_components(folders) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_a_machine_whose_clock_is_set_right_keeps_its_components(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    start_components(folders, environment(folders), 1, [Program("scheduler", [sys.executable, "-c", SLEEPER])])
    born, boot = psutil.Process.create_time, psutil.boot_time()
    for set_by in (-3600.0, -1.0, 1.0, 3600.0):
        monkeypatch.setattr(psutil.Process, "create_time", lambda process, by=set_by: born(process) + by)
        monkeypatch.setattr(psutil, "boot_time", lambda by=set_by: boot + by)
        assert [component.name for component in running_components(folders)] == ["scheduler"], set_by
    assert stop_components(folders) == 1


def test_nothing_to_stop_is_no_error(folders: Folders) -> None:
    assert stop_components(folders) == 0


def test_a_cluster_is_known_by_its_workers_whoever_started_them(folders: Folders) -> None:
    airflow = LocalAirflow(folders, {})
    start_components(folders, environment(folders), 1, [Program("scheduler", [sys.executable, "-c", SLEEPER])])
    assert not airflow.has_workers
    start_components(folders, environment(folders), 1, [Program("worker-1", [sys.executable, "-c", SLEEPER])])
    assert airflow.has_workers
    stop_components(folders)
    assert not airflow.has_workers
