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
from cli.runtime.night import DAG_ID, Night, NightFailedError, Run, error_in_log, follow_night, require_plan, start_night

DAY = date(2026, 11, 12)
KEY = "2026-11-12"
ACD, PLAN = Run("extract_acd", "r"), Run(DAG_ID, "p")
NIGHT = Night(DAY, (ACD,), frozenset())


def entry(task_id: str, state: str | None, try_number: int = 1, duration: float | None = None) -> dict[str, Any]:
    return {"task_id": task_id, "state": state, "try_number": try_number, "duration": duration}


@dataclass
class FakeAirflow:
    """Answers like the API server: the state of each run of that day, and per run one list of task instances a look.

    The plan's run is there from the beginning if it has a state.
    """

    states: dict[Run, str] = field(default_factory=dict)
    looks: dict[Run, list[list[dict[str, Any]] | None]] = field(default_factory=dict)
    triggered: list[tuple[Run, str]] = field(default_factory=list)

    def runs(self, dag_id: str, partition_key: str) -> list[str]:
        return [run.run_id for run in reversed(self.states) if run.dag_id == dag_id and partition_key == KEY]

    def unfinished_runs(self, dag_id: str, partition_key: str) -> list[str]:
        return [
            run_id for run_id in self.runs(dag_id, partition_key) if self.states[Run(dag_id, run_id)] in {"queued", "running"}
        ]

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        return self.states.get(Run(dag_id, run_id))

    def trigger(self, dag_id: str, run_id: str, partition_key: str) -> None:
        self.triggered.append((Run(dag_id, run_id), partition_key))
        self.states[Run(dag_id, run_id)] = "queued"

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        looks = self.looks.get(Run(dag_id, run_id), [[]])
        look = looks.pop(0) if len(looks) > 1 else looks[0]
        if look is None:
            raise AirflowUnreachableError("busy")
        if len(looks) == 1 and all(task["state"] == "success" for task in look):
            self.states[Run(dag_id, run_id)] = "success"
        return look


def started(airflow: FakeAirflow, *sources: str) -> Night:
    return start_night(airflow, DAY, sources)  # type: ignore[arg-type]


def test_a_night_starts_with_its_sources_and_each_run_is_named_after_its_day() -> None:
    airflow = FakeAirflow()
    night = started(airflow, "acd", "mail")
    assert night.extractions == (Run("extract_acd", "night_2026-11-12"), Run("extract_mail", "night_2026-11-12"))
    assert airflow.triggered == [(run, KEY) for run in night.extractions]


def test_running_a_night_again_keeps_the_earlier_runs_and_waits_for_a_new_plan() -> None:
    airflow = FakeAirflow({Run("extract_acd", "night_2026-11-12"): "success", Run(DAG_ID, "first"): "success"})
    night = started(airflow, "acd")
    assert night.extractions == (Run("extract_acd", "night_2026-11-12_2"),)
    assert night.plan(airflow) is None  # type: ignore[arg-type]
    airflow.states[Run(DAG_ID, "second")] = "running"
    assert night.plan(airflow) == Run(DAG_ID, "second")  # type: ignore[arg-type]


def test_a_night_cut_off_by_a_killed_command_is_taken_up_again_not_doubled() -> None:
    reading = Run("extract_acd", "night_2026-11-12_2")
    airflow = FakeAirflow({Run("extract_acd", "night_2026-11-12"): "failed", reading: "running"})
    assert started(airflow, "acd").extractions == (reading,)
    planning = FakeAirflow({Run("extract_acd", "night_2026-11-12"): "success", PLAN: "running"})
    night = started(planning, "acd")
    assert night.extractions == ()
    assert night.plan(planning) == PLAN  # type: ignore[arg-type]
    assert airflow.triggered == planning.triggered == []


def test_following_tells_of_changes_only_and_survives_a_busy_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    read = [entry("extract", "success", 1, 1.0), entry("report", "success", 1, 0.1)]
    waiting, running, done = [entry("a", None)], [entry("a", "running")], [entry("a", "success", 1, 2.5)]
    airflow = FakeAirflow(
        {ACD: "running", PLAN: "running"}, {ACD: [read], PLAN: [waiting, waiting, None, running, running, done]}
    )
    seen = [
        [(task.name, task.state, task.seconds) for task in tasks]
        for tasks in follow_night(airflow, NIGHT)  # type: ignore[arg-type]
    ]
    first = ("extract_acd", "success", 1.0)
    assert seen == [[first, ("a", "waiting", None)], [first, ("a", "running", None)], [first, ("a", "success", 2.5)]]


def test_a_server_that_stays_away_ends_the_following(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(night, "UNREACHABLE_SECONDS", 0.0)
    with pytest.raises(AirflowUnreachableError):
        list(follow_night(FakeAirflow({ACD: "running"}, {ACD: [None]}), NIGHT))  # type: ignore[arg-type]


def test_a_scheduler_that_does_not_start_the_plan_ends_the_following(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(night, "START_SECONDS", 0.0)
    with pytest.raises(AirflowUnreachableError, match="did not start nightly_plan"):
        list(follow_night(FakeAirflow({ACD: "success"}), NIGHT))  # type: ignore[arg-type]


BY_HAND = Run(DAG_ID, f"night_{KEY}")


def test_a_plan_whose_sources_reported_in_the_same_instant_is_started_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(night, "TRIGGER_SECONDS", 0.0)
    airflow = FakeAirflow({ACD: "success"}, {BY_HAND: [[entry("conform", "running")], [entry("conform", "success")]]})
    looks = [[(task.name, task.state) for task in tasks] for tasks in follow_night(airflow, NIGHT)]  # type: ignore[arg-type]
    assert airflow.triggered == [(BY_HAND, KEY)]
    assert looks[-2:] == [[("conform", "running")], [("conform", "success")]]


def test_a_scheduler_that_starts_nothing_by_hand_either_ends_the_following(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(night, "TRIGGER_SECONDS", 0.0)
    monkeypatch.setattr(night, "START_SECONDS", 0.2)
    airflow = FakeAirflow({ACD: "success"}, {BY_HAND: [[entry("conform", None)]]})
    with pytest.raises(AirflowUnreachableError, match="did not start nightly_plan"):
        list(follow_night(airflow, NIGHT))  # type: ignore[arg-type]
    assert airflow.triggered == [(BY_HAND, KEY)]


def test_a_failed_night_names_task_error_log_and_next_step(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path / "state")
    log = folders.logs / "tasks" / "dag_id=nightly_plan" / "run_id=p" / "task_id=conform" / "attempt=2.log"
    log.parent.mkdir(parents=True)
    frames = [{"filename": "outer.py", "lineno": 1, "name": "x"}, {"filename": "etl/job.py", "lineno": 7, "name": "y"}]
    chain = [
        {"exc_type": "AccountingError", "exc_value": "2 rows lost\nin acd", "frames": frames},
        {"exc_type": "KeyError", "exc_value": "'queue'", "frames": frames},
    ]
    events = [{"event": "Task failed", "error_detail": chain}, {"event": "Retry policy decision"}]
    log.write_text("\n".join(json.dumps(event) for event in events) + "\nnot json\n")
    tasks = [entry("conform", "failed", 2), entry("forecast", "upstream_failed", 0)]
    airflow = FakeAirflow({ACD: "success", PLAN: "failed"}, {PLAN: [tasks]})
    with pytest.raises(NightFailedError) as raised:
        require_plan(airflow, NIGHT, folders)  # type: ignore[arg-type]
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
    airflow = FakeAirflow({ACD: "success", PLAN: "success"})
    assert require_plan(airflow, NIGHT, Folders(Path(), Path())) == []  # type: ignore[arg-type]


def test_a_night_with_a_plan_in_spite_of_a_failed_source_names_it_and_does_not_say_that_the_plan_was_kept_back(
    tmp_path: Path,
) -> None:
    looks = {ACD: [[entry("extract", "failed", 4), entry("report", "success")]], PLAN: [[entry("publish", "success", 1)]]}
    airflow = FakeAirflow({ACD: "failed", PLAN: "success"}, looks)  # type: ignore[arg-type]
    (said,) = require_plan(airflow, NIGHT, Folders(tmp_path, tmp_path))  # type: ignore[arg-type]
    assert "Task extract_acd failed after 4 tries" in said
    assert "went ahead without it" in said
    assert "last good plan" not in said
