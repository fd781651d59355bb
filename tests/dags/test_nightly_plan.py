"""The DAG files as Airflow's own DAG processor reads them, in a process of its own."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.dag_bag import DAGS, REPOSITORY, read_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_bag(tmp_path_factory.mktemp("bag"))


@pytest.fixture(scope="module")
def nightly(bag: dict[str, Any]) -> dict[str, Any]:
    assert "nightly_plan" in bag["dags"], f"there is no nightly_plan; import errors: {bag['errors']}"
    dag: dict[str, Any] = bag["dags"]["nightly_plan"]
    return dag


def test_every_dag_file_is_read_without_error_and_the_bag_is_not_empty(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert bag["dags"]


def test_reading_the_dag_files_takes_no_heavy_library_and_under_two_seconds_of_computing(bag: dict[str, Any]) -> None:
    assert bag["heavy"] == []
    assert bag["seconds"] < 2


def test_the_night_goes_in_one_direction_and_every_stage_is_checked_before_the_next_reads_it(
    nightly: dict[str, Any],
) -> None:
    tasks = nightly["tasks"]
    after = {
        "conform": [],
        "take_overrides": [],
        "build_history": ["conform", "take_overrides"],
        "stitch_workstreams": ["check_history", "conform"],
        "check_history": ["build_history"],
        "forecast": ["check_history"],
        "measure_accuracy": ["forecast"],
        "explain_misses": ["check_history"],
        "verify_staffing": [],
        "staff": ["forecast", "verify_staffing"],
        "plan_shifts": ["staff"],
        "audit_plan": ["staff"],
        "beside_ended": ["audit_plan", "explain_misses", "measure_accuracy", "stitch_workstreams"],
        "check_plan": ["beside_ended", "plan_shifts"],
        "publish": ["check_plan"],
        "write_planbook": ["publish"],
        "write_data_docs": ["write_planbook"],
        "tell_people": ["write_planbook"],
        "summarise_night": ["tell_people", "write_data_docs"],
    }
    assert {name: tasks[name]["after"] for name in after} == after
    assert set(tasks) == set(after)


SOURCES = ("acd", "chat", "claims", "crm", "mail", "marketing", "workforce")


def test_every_source_has_a_dag_that_reports_however_it_ends_and_the_night_waits_for_all_of_them(bag: dict[str, Any]) -> None:
    assert set(bag["dags"]) >= {f"extract_{source}" for source in SOURCES} | {"nightly_plan", "plan_cutoff", "plan_deadline"}
    for source in SOURCES:
        dag = bag["dags"][f"extract_{source}"]
        assert dag["timetable"] == "CronPartitionTimetable"
        assert set(dag["tasks"]) == {"extract", "report"}
        report = dag["tasks"]["report"]
        assert (report["after"], report["teardown"], report["outlets"]) == (["extract"], True, [f"source_{source}"])
        assert dag["tasks"]["extract"]["outlets"] == [], "a source that failed would not be reported"
    assert bag["dags"]["nightly_plan"]["waits_for"] == [f"source_{source}" for source in SOURCES]


def test_what_tasks_read_and_fill_is_one_chain_from_the_sources_to_the_published_tables(bag: dict[str, Any]) -> None:
    tasks = {f"extract_{source}": bag["dags"][f"extract_{source}"]["tasks"]["extract"] for source in SOURCES}
    tasks |= bag["dags"]["nightly_plan"]["tasks"]
    comes_from: dict[str, set[str]] = {}
    for task in tasks.values():
        for place in task["fills"]:
            comes_from.setdefault(place, set()).update(task["reads"])
    sources = {place for source in SOURCES for place in tasks[f"extract_{source}"]["reads"]}
    assert sources
    seen, due = set(), {"postgres://localhost/leadline.public.staffing_interval"}
    while due:
        seen |= due
        due = {place for one in due for place in comes_from.get(one, ())} - seen
    assert sources <= seen
    silent = {name for name, task in tasks.items() if not task["reads"] and not task["fills"]}
    assert silent <= {"beside_ended", "verify_staffing"}


def test_at_a_set_hour_somebody_speaks_for_every_source(bag: dict[str, Any]) -> None:
    cutoff = bag["dags"]["plan_cutoff"]
    assert {name: task["outlets"] for name, task in cutoff["tasks"].items()} == {
        f"give_up_{source}": [f"source_{source}"] for source in SOURCES
    }
    assert all(task["after"] == [] for task in cutoff["tasks"].values())
    assert cutoff["schedule"] == "0 4 * * *"
    assert bag["dags"]["extract_acd"]["schedule"] == "15 0 * * *"
    assert bag["dags"]["plan_deadline"]["schedule"] == "30 6 * * *"
    assert bag["dags"]["intraday_reforecast"]["schedule"] == "*/30 7-23 * * *"
    assert bag["clock_changes"]["intraday_reforecast"][0][0] == ["2026-03-27 13:00", "2026-03-27T13:00"], "about its own moment"


def test_the_workstreams_do_not_keep_the_plan_back_and_anything_else_does(nightly: dict[str, Any]) -> None:
    tasks = nightly["tasks"]
    tolerant = {name for name, task in tasks.items() if task["rule"] != "all_success"}
    assert tolerant == {"beside_ended", "stitch_workstreams", "write_data_docs", "tell_people", "summarise_night"}
    assert tasks["beside_ended"]["rule"] == "all_done"
    rule = "all_done_min_one_success"
    assert tasks["stitch_workstreams"]["rule"] == rule, "a check that fails keeps no workstream back; nothing conformed does"
    assert tasks["stitch_workstreams"]["before"] == ["beside_ended"]


def test_a_run_is_as_good_as_its_plan_book_and_people_are_told_however_it_ends(nightly: dict[str, Any]) -> None:
    tasks = nightly["tasks"]
    assert {name for name, task in tasks.items() if task["teardown"]} == {"write_data_docs", "tell_people", "summarise_night"}
    waited_for = {name for task in tasks.values() if not task["teardown"] for name in task["after"]}
    assert set(tasks) - waited_for == {"write_planbook", "write_data_docs", "tell_people", "summarise_night"}


def test_people_are_told_of_every_run_beside_the_night_that_fails_and_it_stays_as_red_as_it_is(bag: dict[str, Any]) -> None:
    night = {"nightly_plan", "plan_cutoff", "plan_deadline", *(f"extract_{source}" for source in SOURCES)}
    beside = set(bag["dags"]) - night
    assert beside == {"weekly_backtest", "maintenance", "intraday_reforecast"}
    for dag_id in beside:
        tasks = bag["dags"][dag_id]["tasks"]
        waited_for = {name for task in tasks.values() if not task["teardown"] for name in task["after"]}
        assert [name for name, task in tasks.items() if task["teardown"]] == ["tell_people"], dag_id
        assert set(tasks["tell_people"]["after"]) == set(tasks) - waited_for - {"tell_people"}, f"{dag_id}: told before its end"


def test_every_task_is_tried_again_by_class_of_error_and_has_an_owner(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        for name, task in dag["tasks"].items():
            assert task["retries"] >= 2, (dag_id, name)
            assert task["policy"], (dag_id, name)
            assert task["owner"] == "planning", (dag_id, name)


def test_nothing_hangs_for_ever_and_waits_between_tries_grow_up_to_a_limit(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        longest = 24 * 3600 if dag_id != "intraday_reforecast" else 3600
        assert 0 < dag["seconds_at_most"] <= longest, f"{dag_id}: the next run would find its place taken"
        for name, task in dag["tasks"].items():
            if name != "beside_ended":  # does nothing
                assert 0 < task["seconds_at_most"] <= 3600, (dag_id, name)
            assert task["waits_between_tries"][0] > 0, (dag_id, name)
            assert task["waits_between_tries"][1], (dag_id, name)
            assert 0 < task["waits_at_most"] <= 3600, (dag_id, name)


def test_a_source_is_taken_in_once_at_a_time_however_many_runs_a_backfill_has_active(bag: dict[str, Any]) -> None:
    for source in SOURCES:
        assert all(task["one_at_a_time"] for task in bag["dags"][f"extract_{source}"]["tasks"].values())


def test_what_may_work_later_is_tried_again_and_what_a_person_has_to_mend_is_not(bag: dict[str, Any]) -> None:
    tried_again = {name for name, action in bag["decisions"].items() if action == "retry"}
    assert tried_again == {
        "RetryLaterError", "SourceUnreachableError", "LakeUnreachableError", "WarehouseUnreachableError", "ConnectionResetError",
    }  # fmt: skip
    given_up = {name for name, action in bag["decisions"].items() if action == "fail"}
    assert given_up >= {"NeedsPersonError", "SettingsError", "ChecksFailedError", "PermissionError", "KeyError"}


def test_every_dag_explains_itself_and_runs_one_night_at_a_time(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        assert len(dag["doc"]) > 200, dag_id
        assert dag["doc"].startswith("# "), dag_id
        assert dag["max_active_runs"] == 1, dag_id
        assert dag["catchup"] is False, dag_id
        assert "leadline" in dag["tags"], dag_id
    assert bag["dags"]["nightly_plan"]["timetable"] == "PartitionedAssetTimetable"


def test_each_local_day_has_one_run_at_its_time_also_when_the_clocks_change(bag: dict[str, Any]) -> None:
    times = {"extract_acd": "00:15", "plan_cutoff": "04:00", "plan_deadline": "06:30"}
    for dag_id, at in times.items():
        spring, autumn = bag["clock_changes"][dag_id]
        assert spring == [[f"2026-03-{day} {at}", f"2026-03-{day - 1}"] for day in (28, 29, 30, 31)] + [
            [f"2026-04-01 {at}", "2026-03-31"]
        ]
        assert autumn == [[f"2026-10-{day} {at}", f"2026-10-{day - 1}"] for day in (24, 25, 26, 27, 28)]


def test_missed_nights_are_taken_up_where_the_settings_ask_for_it_and_missed_alarms_are_not(bag: dict[str, Any]) -> None:
    assert bag["caught_up"]["extract_acd"] == [True, "2026-11-12 23:00:00+00:00"], "local midnight after the first day"
    patient = {dag_id for dag_id, (catchup, _) in bag["caught_up"].items() if catchup}
    assert patient == {f"extract_{source}" for source in SOURCES}


def test_few_queues_are_one_task_and_many_are_shared_out_among_several(bag: dict[str, Any]) -> None:
    assert bag["dags"]["weekly_backtest"]["tasks"]["compare"]["shares"] == 1
    large = bag["shared_out"]
    assert large["weekly_backtest.compare"] == [4, []]
    assert large["nightly_plan.forecast_queues"] == [4, ["check_history"]]
    assert large["nightly_plan.merge_forecast"] == [0, ["forecast_queues"]]
    assert large["nightly_plan.staff_queues"] == [4, ["merge_forecast", "verify_staffing"]]
    assert large["nightly_plan.merge_staffing"] == [0, ["staff_queues"]]
    assert {"nightly_plan.forecast", "nightly_plan.staff"}.isdisjoint(large)


def test_where_all_have_closed_when_planners_start_the_rest_of_the_day_is_forecast_by_hand_alone(bag: dict[str, Any]) -> None:
    assert bag["by_hand"] == ["PartitionedAtRuntime"], "which takes a moment as its key, and none by itself"


def test_where_airflow_is_up_for_one_night_nothing_starts_by_the_clock_and_all_else_is_the_same(bag: dict[str, Any]) -> None:
    alone = bag["up_for_one_night"]
    assert {name for name, dag in bag["dags"].items() if dag["timetable"] == "CronPartitionTimetable"} >= {
        "extract_acd",
        "maintenance",
    }
    for name, dag in bag["dags"].items():
        by_clock = dag["timetable"] == "CronPartitionTimetable"
        as_it_is_then = dag | ({"timetable": "PartitionedAtRuntime", "schedule": None} if by_clock else {})
        assert alone[name] == as_it_is_then, name


def test_the_models_are_compared_once_a_week_in_a_quiet_hour_for_the_next_night(bag: dict[str, Any]) -> None:
    assert bag["dags"]["weekly_backtest"]["schedule"] == "0 10 * * 0"
    runs = bag["clock_changes"]["weekly_backtest"][0]
    assert runs[:2] == [["2026-03-29 10:00", "2026-03-29"], ["2026-04-05 10:00", "2026-04-05"]]


def test_what_is_let_go_once_a_week_is_about_its_own_day(bag: dict[str, Any]) -> None:
    runs = bag["clock_changes"]["maintenance"]
    assert runs[0][:2] == [["2026-03-29 12:00", "2026-03-29"], ["2026-04-05 12:00", "2026-04-05"]]
    assert runs[1][:2] == [["2026-10-25 12:00", "2026-10-25"], ["2026-11-01 12:00", "2026-11-01"]]


def test_every_task_that_takes_what_is_short_is_in_a_pool_that_is_made(bag: dict[str, Any]) -> None:
    pools = json.loads((DAGS / "pools.json").read_text())
    used = {f"{name}.{task}": one["pool"] for name, dag in bag["dags"].items() for task, one in dag["tasks"].items()}
    assert set(used.values()) == {*pools, "default_pool"}
    assert all(pool == "sources" for task, pool in used.items() if "extract" in task and not task.endswith(".report"))
    assert {used[f"nightly_plan.{task}"] for task in ("forecast", "staff", "check_history", "stitch_workstreams")} == {"memory"}
    assert used["nightly_plan.publish"] == used["intraday_reforecast.publish"] == "database"
    assert all(pool["slots"] >= 2 and pool["description"] for pool in pools.values())


def test_every_task_whose_job_asks_the_warehouse_is_in_its_pool_and_the_alarm_waits_behind_no_other(bag: dict[str, Any]) -> None:
    asking = {
        (path.stem, task.name)
        for path in DAGS.glob("*.py")
        for task in ast.walk(ast.parse(path.read_text()))
        if isinstance(task, ast.FunctionDef) and any(asks_the_warehouse(*job) for job in jobs_of(task))
    }
    assert {name for dag_id, name in asking if dag_id == "nightly_plan"} >= {"take_overrides", "publish", "summarise_night"}
    assert asking >= {("plan_deadline", "require_plan"), ("maintenance", "let_go"), ("intraday_reforecast", "publish")}
    outside = [name for name in asking if bag["dags"][name[0]]["tasks"][name[1]]["pool"] != "database"]
    assert outside == []
    weights = {f"{name}.{task}": one["weight"] for name, dag in bag["dags"].items() for task, one in dag["tasks"].items()}
    assert max(weights, key=weights.__getitem__) == "plan_deadline.require_plan"


def jobs_of(task: ast.FunctionDef) -> list[tuple[str, str]]:
    """Module and name of each job that a task imports; what is within a task's function belongs to nobody else."""
    if not any(isinstance(how, ast.Name | ast.Call) and "task" in ast.unparse(how) for how in task.decorator_list):
        return []
    imports = [node for node in ast.walk(task) if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".job")]
    return [(node.module or "", alias.name) for node in imports for alias in node.names]


def asks_the_warehouse(module: str, job: str) -> bool:
    tree = ast.parse(REPOSITORY.joinpath(*module.split(".")).with_suffix(".py").read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == job)
    return any(isinstance(node, ast.Name) and node.id == "connected" for node in ast.walk(function))


def test_broken_settings_show_as_an_import_error_that_names_the_key(bag: dict[str, Any]) -> None:
    assert bag["dags_with_broken_settings"] == []
    assert "interval_minuets" in " ".join(bag["errors_with_broken_settings"].values())


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_no_dag_file_reads_the_clock_or_computes(path: Path) -> None:
    tree = ast.parse(path.read_text())
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert called.isdisjoint({"now", "utcnow", "today", "time", "monotonic", "getLogger"})
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported.isdisjoint({"pandas", "numpy", "duckdb", "pyarrow", "sqlalchemy", "demo", "cli"})
    arithmetic = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div | ast.BitOr)]
    assert arithmetic == []
