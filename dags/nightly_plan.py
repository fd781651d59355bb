"""# The nightly plan.

Made after every local day, about that day: from the source systems to the published staffing plan of the weeks ahead.

| step | asks | next step if it fails |
|---|---|---|
| extract | one task per source system | the source's message says what is missing |
| conform, history | typed facts, then counts per queue and interval | `leadline doctor` |
| stitch workstreams | which contacts, mails, cases and claims are one matter | the log names dates and kinds |
| check history | great expectations on core and history before publication | failed rules are in the log and in data_quality |
| forecast, staff | models | the log names queue and day |
| check plan | great expectations on forecast and staffing before anything is published | as above |
| publish | one transaction; before it the last good plan stays current | |
| plan book | the page people read | publish stays as it is |

A run is about its **partition key** (`2026-11-12`), never about the clock. Running a day again gives the same plan.
Again for one day: clear its run, or trigger with that partition key.
"""

from typing import Any

from airflow.sdk import CronPartitionTimetable, chain, dag, task

from _common import DEFAULT_ARGS, KEY_FORMAT, night, the_enterprise

ENTERPRISE = the_enterprise()


@dag(
    dag_id="nightly_plan",
    doc_md=__doc__,
    # A quarter past midnight, about the day before: its last contacts have been written down by then.
    schedule=CronPartitionTimetable("15 0 * * *", timezone=ENTERPRISE.time_zone, run_offset=-1, key_format=KEY_FORMAT),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "nightly"],
)
def nightly_plan() -> None:
    @task
    def extract(source_name: str, dag_run: Any = None) -> None:
        from etl.job import extract_source

        extract_source(source_name, *night(dag_run))

    @task
    def conform(dag_run: Any = None) -> None:
        from etl.job import conform_night

        conform_night(*night(dag_run))

    @task
    def build_history(dag_run: Any = None) -> None:
        from etl.job import build_history_night

        build_history_night(*night(dag_run))

    @task
    def stitch_workstreams(dag_run: Any = None) -> None:
        from etl.job import stitch_night

        stitch_night(*night(dag_run))

    @task
    def check(stages: list[str], dag_run: Any = None) -> None:
        from expectations.job import validate_night

        for stage in stages:
            validate_night(stage, *night(dag_run))

    @task
    def forecast(dag_run: Any = None) -> None:
        from forecasting.job import forecast_night

        forecast_night(*night(dag_run))

    @task
    def staff(dag_run: Any = None) -> None:
        from staffing.job import staff_night

        staff_night(*night(dag_run))

    @task
    def publish(dag_run: Any = None) -> None:
        from warehouse.job import publish_night

        publish_night(*night(dag_run))

    @task
    def write_planbook(dag_run: Any = None) -> None:
        from warehouse.job import write_planbook_night

        write_planbook_night(*night(dag_run))

    conformed, history, stitched, plan = conform(), build_history(), stitch_workstreams(), forecast()
    # Great Expectations takes seconds to load, so two stages share a task, and the past is checked while it is forecast from:
    # nothing is published before both checks have passed.
    check_history = check.override(task_id="check_history")(["core", "history"])
    check_plan = check.override(task_id="check_plan")(["forecast", "staffing"])
    chain([extract.override(task_id=f"extract_{name}")(name) for name in ENTERPRISE.sources], conformed, [history, stitched])
    chain(history, plan, staff(), check_plan)
    chain([history, stitched], check_history)
    chain([check_history, check_plan], publish(), write_planbook())


nightly_plan()
