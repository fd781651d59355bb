"""# What is no longer needed goes, once a week, by the settings.

Old plans per interval are dropped and landed files moved to the archive where `[retention]` says so; without it nothing goes.
Nothing that accuracy or an audit needs is touched. A night is not disturbed; broken off, it is simply run again. What would go
just now: `leadline retention --dry-run`.
"""

from airflow.sdk import dag, task

from _common import DATABASE, DEFAULT_ARGS, after_each_day, the_enterprise

ENTERPRISE = the_enterprise()


@dag(
    dag_id="maintenance",
    doc_md=__doc__,
    schedule=after_each_day("0 12 * * 7", ENTERPRISE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "maintenance"],
)
def maintenance() -> None:
    @task(pool=DATABASE)
    def let_go() -> None:
        from warehouse.job import retention_night

        retention_night(the_enterprise())

    let_go()


maintenance()
