"""Starting, following and explaining a night, against a stand-in for Airflow's REST interface."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.runtime import night
from cli.runtime.airflow_api import AirflowUnreachableError
from cli.runtime.folders import Folders
from cli.runtime.night import NightFailedError, error_in_log, follow_night, require_plan, start_night

DAY = date(2026, 11, 12)


def entry(task_id: str, state: str | None, try_number: int = 1, duration: float | None = None) -> dict[str, Any]:
    return {"task_id": task_id, "state": state, "try_number": try_number, "duration": duration}


@dataclass
class FakeAirflow:
    """Answers like the API server: runs by id, and one list of task instances per look."""

    states: dict[str, str] = field(default_factory=dict)
    looks: list[list[dict[str, Any]] | None] = field(default_factory=list)
    triggered: list[tuple[str, str]] = field(default_factory=list)

    def unfinished_runs(self, dag_id: str) -> list[str]:
        return [run_id for run_id, state in self.states.items() if state in {"queued", "running"}]

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        return self.states.get(run_id)

    def trigger(self, dag_id: str, run_id: str, partition_key: str) -> None:
        self.triggered.append((run_id, partition_key))
        self.states[run_id] = "queued"

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if look is None:
            raise AirflowUnreachableError("busy")
        if len(self.looks) == 1 and all(task["state"] == "success" for task in look):
            self.states[run_id] = "success"
        return look


def test_the_first_run_of_a_night_is_named_after_its_day() -> None:
    airflow = FakeAirflow()
    assert start_night(airflow, DAY) == "night_2026-11-12"  # type: ignore[arg-type]
    assert airflow.triggered == [("night_2026-11-12", "2026-11-12")]


def test_running_a_night_again_keeps_the_earlier_runs() -> None:
    airflow = FakeAirflow({"night_2026-11-12": "success", "night_2026-11-12_2": "failed"})
    assert start_night(airflow, DAY) == "night_2026-11-12_3"  # type: ignore[arg-type]
    assert airflow.triggered == [("night_2026-11-12_3", "2026-11-12")]


def test_a_night_cut_off_by_a_killed_command_is_taken_up_again_not_doubled() -> None:
    airflow = FakeAirflow({"night_2026-11-1": "running", "night_2026-11-12": "failed", "night_2026-11-12_2": "running"})
    assert start_night(airflow, DAY) == "night_2026-11-12_2"  # type: ignore[arg-type]
    assert airflow.triggered == []


def test_following_tells_of_changes_only_and_survives_a_busy_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    waiting, running, done = [entry("a", None)], [entry("a", "running")], [entry("a", "success", 1, 2.5)]
    airflow = FakeAirflow({"r": "running"}, [waiting, waiting, None, running, running, done])
    seen = [(tasks[0].state, tasks[0].seconds) for tasks in follow_night(airflow, "r")]  # type: ignore[arg-type]
    assert seen == [("waiting", None), ("running", None), ("success", 2.5)]


def test_a_server_that_stays_away_ends_the_following(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(night, "UNREACHABLE_SECONDS", 0.0)
    with pytest.raises(AirflowUnreachableError):
        list(follow_night(FakeAirflow({"r": "running"}, [None]), "r"))  # type: ignore[arg-type]


def test_a_failed_night_names_task_error_log_and_next_step(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path / "state")
    log = folders.logs / "tasks" / "dag_id=nightly_plan" / "run_id=r" / "task_id=conform" / "attempt=2.log"
    log.parent.mkdir(parents=True)
    frames = [{"filename": "outer.py", "lineno": 1, "name": "x"}, {"filename": "etl/job.py", "lineno": 7, "name": "y"}]
    chain = [
        {"exc_type": "AccountingError", "exc_value": "2 rows lost\nin acd", "frames": frames},
        {"exc_type": "KeyError", "exc_value": "'queue'", "frames": frames},
    ]
    events = [{"event": "Task failed", "error_detail": chain}, {"event": "Retry policy decision"}]
    log.write_text("\n".join(json.dumps(event) for event in events) + "\nnot json\n")
    airflow = FakeAirflow({"r": "failed"}, [[entry("conform", "failed", 2), entry("forecast", "upstream_failed", 0)]])
    with pytest.raises(NightFailedError) as raised:
        require_plan(airflow, "r", folders)  # type: ignore[arg-type]
    message = str(raised.value)
    for part in ("Task conform failed after 2 tries", "AccountingError: 2 rows lost", "in acd", "etl/job.py, line 7", str(log)):
        assert part in message
    assert "last good plan stays current" in message
    assert "forecast" not in message


def test_a_task_without_a_log_was_killed_and_one_without_exception_shows_its_last_words(tmp_path: Path) -> None:
    assert "killed" in error_in_log(tmp_path / "none.log")[0]
    plain = tmp_path / "plain.log"
    plain.write_text('{"event": "first"}\n[1, 2]\nlast words\n')
    assert error_in_log(plain) == ["first", "[1, 2]", "last words"]


def test_a_good_night_passes() -> None:
    assert require_plan(FakeAirflow({"r": "success"}, [[]]), "r", Folders(Path(), Path())) == []  # type: ignore[arg-type]


def test_a_night_with_a_plan_in_spite_of_a_failed_source_names_it_and_does_not_say_that_the_plan_was_kept_back(
    tmp_path: Path,
) -> None:
    airflow = FakeAirflow({"r": "success"}, [[entry("extract_claims", "failed", 4), entry("publish", "success", 1)]])
    (said,) = require_plan(airflow, "r", Folders(tmp_path, tmp_path))  # type: ignore[arg-type]
    assert "Task extract_claims failed after 4 tries" in said
    assert "went ahead without it" in said
    assert "last good plan" not in said
