"""# What is no longer needed goes, once a week, by the settings.

Old plans per interval are dropped and landed files moved to the archive where `[retention]` says so; without it nothing goes.
Nothing that accuracy or an audit needs is touched. A night is not disturbed; broken off, it is simply run again. What would go
just now: `leadline retention --dry-run`. Then the warehouse is vacuumed and analysed, which keeps no reader waiting. A run's
**partition key** is its own day; what is old enough is reckoned from today.
"""

from airflow.sdk import chain, dag, task

from _common import A_NIGHT_AT_MOST, DATABASE, DEFAULT_ARGS, on_its_day, tell_beside_the_night, the_enterprise

ENTERPRISE = the_enterprise()


@dag(
    dag_id="maintenance",
    doc_md=__doc__,
    schedule=on_its_day("0 12 * * 7", ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_NIGHT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "maintenance"],
)
def maintenance() -> None:
    @task(pool=DATABASE)
    def let_go() -> None:
        from warehouse.job import retention_night

        retention_night(the_enterprise())

    @task(pool=DATABASE)
    def vacuum() -> None:
        from warehouse.operations.job import tidy_warehouse

        tidy_warehouse(the_enterprise())

    chain(let_go(), vacuum(), tell_beside_the_night().as_teardown())


maintenance()
