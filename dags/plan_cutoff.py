"""# The night is planned at the latest at a set hour, with what is there.

`nightly_plan` starts when every source has been read, or given up by its own retries. At `plan_at_the_latest` (settings,
`[schedule]`) this DAG speaks for the sources that have not reported by then: the night goes ahead without them, and its plan
says so.

One task per source; a skipped one is the rule: its source was in time.
"""

from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from _common import A_NIGHT_AT_MOST, DEFAULT_ARGS, after_each_day, cron, night, source_asset, the_enterprise

ENTERPRISE = the_enterprise()


@dag(
    dag_id="plan_cutoff",
    doc_md=__doc__,
    schedule=after_each_day(cron(ENTERPRISE.schedule.plan_at_the_latest), ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_NIGHT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "nightly"],
)
def plan_cutoff() -> None:
    for name in ENTERPRISE.sources:

        @task(task_id=f"give_up_{name}", outlets=[source_asset(name)])
        def give_up(source_name: str, dag_run: Any = None) -> None:
            from etl.job import give_up_source

            day, _, lake = night(dag_run)
            if not give_up_source(source_name, day, lake, dag_run.start_date):
                raise AirflowSkipException(f"{source_name} was in time for the night of {day}")

        give_up(name)


plan_cutoff()
