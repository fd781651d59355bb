"""# The rest of the day, forecast anew every interval.

A run is about its **partition key** (`2026-11-12T12:00`, local time), never about the clock: what was known by that moment.

| step | asks | next step if it fails |
|---|---|---|
| extract | the sources, one after the other | the next interval reads them again |
| history | what came so far of the day | `leadline doctor` |
| reforecast | last night's plan, the day so far, how earlier days went on | a silent feed is tried again |
| staff | people for the rest of the day | the log names the queue |
| publish | tables `forecast_today` and `staffing_today` | the night's plan stays in force in any case |
| tell_people | nothing | by mail and webhook, once a day where the same failed |

It runs between the hour in which planners start work (`plan_ready_by`) and closing, so that it does not meet the night; while a
late night or a backfill is under way, it is skipped. An enterprise that has closed by then has no such runs but by hand.
By hand: trigger with such a partition key, or `leadline reforecast --at 2026-11-12T12:00` on what was read already.
"""

from typing import Any

from airflow.sdk import chain, dag, task

from _common import (
    A_MOMENT_AT_MOST,
    DATABASE,
    DEFAULT_ARGS,
    MEMORY,
    SOURCES,
    during_the_day,
    give_way,
    moment,
    tell_beside_the_night,
    the_enterprise,
)

ENTERPRISE = the_enterprise()


@dag(
    dag_id="intraday_reforecast",
    doc_md=__doc__,
    schedule=during_the_day(ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_MOMENT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "intraday"],
)
def intraday_reforecast() -> None:
    @task(pool=SOURCES)
    def extract(source_name: str, dag_run: Any = None, ti: Any = None) -> None:
        from etl.job import extract_source

        at, enterprise, lake = moment(dag_run)
        give_way(ti, enterprise)
        extract_source(source_name, at.date(), enterprise, lake)

    @task(pool=MEMORY, trigger_rule="all_done_min_one_success")
    def history(dag_run: Any = None, ti: Any = None) -> None:
        from etl.job import build_history_night, conform_night

        at, enterprise, lake = moment(dag_run)
        give_way(ti, enterprise)
        conform_night(at.date(), enterprise, lake)
        build_history_night(at.date(), enterprise, lake)

    @task
    def reforecast(dag_run: Any = None) -> None:
        from forecasting.job import reforecast_day

        reforecast_day(*moment(dag_run))

    @task
    def staff(dag_run: Any = None) -> None:
        from staffing.job import staff_day

        staff_day(*moment(dag_run))

    @task(pool=DATABASE)
    def publish(dag_run: Any = None) -> None:
        from warehouse.job import publish_day

        publish_day(*moment(dag_run))

    chain(
        [extract.override(task_id=f"extract_{name}")(name) for name in ENTERPRISE.sources],
        history(),
        reforecast(),
        staff(),
        publish(),
        tell_beside_the_night().as_teardown(),
    )


intraday_reforecast()
