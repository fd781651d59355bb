"""# People are told if there is no plan when planners start work.

At `plan_ready_by` (settings, `[schedule]`) this looks into the warehouse for the night's plan. Without one, mail and webhook of
the settings say so, with the next step; the last good plan stays in force. It does not ask the scheduler what became of the
night: one that never started is as late as one that failed.
"""

from typing import Any

from airflow.sdk import dag, task

from _common import (
    A_NIGHT_AT_MOST,
    DATABASE,
    DEFAULT_ARGS,
    FIRST_OF_ALL,
    after_each_day,
    airflow_address,
    cron,
    night_to_tell,
    the_enterprise,
)

ENTERPRISE = the_enterprise()


@dag(
    dag_id="plan_deadline",
    doc_md=__doc__,
    schedule=after_each_day(cron(ENTERPRISE.schedule.plan_ready_by), ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_NIGHT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "nightly"],
)
def plan_deadline() -> None:
    @task(pool=DATABASE, priority_weight=FIRST_OF_ALL)
    def require_plan(dag_run: Any = None) -> None:
        from expectations.telling.job import tell_if_late

        tell_if_late(*night_to_tell(dag_run), airflow_address=airflow_address())

    require_plan()


plan_deadline()
