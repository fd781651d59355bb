"""# Once a week the models are compared anew, and the nights of the week choose their champions by that.

Every model forecasts every queue from many past days, each time from what was known then (a rolling-origin backtest). A run is
about its **partition key**: the first night that chooses by the comparison (`2026-11-08`). Nothing after the end of the last
`backtest_weekday` before that night is looked at. The leaderboard is published with each plan (`model_leaderboard`).

| task | asks | next step if it fails |
|---|---|---|
| compare | every model, for a share of the queues | nothing breaks: the first night that needs it works it out itself |
| tell_people | nothing | by mail and webhook, where a share failed |

It runs in a quiet hour (`backtest_at` of `[schedule]`), so that nights are shorter. A queue whose history is too short for the
whole comparison is compared by each night itself.
"""

from typing import Any

from airflow.sdk import chain, dag, task

from _common import A_NIGHT_AT_MOST, DEFAULT_ARGS, MEMORY, SHARE, night, on_its_day, tell_beside_the_night, the_enterprise
from enterprise.blocks import shard_count

ENTERPRISE = the_enterprise()


@dag(
    dag_id="weekly_backtest",
    doc_md=__doc__,
    schedule=on_its_day(ENTERPRISE.schedule.backtest_cron, ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_NIGHT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "weekly"],
)
def weekly_backtest() -> None:
    @task(pool=MEMORY, map_index_template=SHARE)
    def compare(shard: int, dag_run: Any = None) -> None:
        from forecasting.job import backtest_week

        backtest_week(shard, *night(dag_run))

    chain(compare.expand(shard=list(range(shard_count(ENTERPRISE)))), tell_beside_the_night().as_teardown())


weekly_backtest()
