"""# One DAG per source system: land what is new, byte for byte, and type it.

Each source has its own schedule (`[schedule]` in the settings) and its own runs. A run is about its **partition key**
(`2026-11-12`): the local day that has closed. Its end is told to `nightly_plan` by the source's partitioned asset, however it
ended: one source that cannot be read keeps nobody waiting, and the plan says what it lacks.

| task | asks | next step if it fails |
|---|---|---|
| extract | the source | its message says what is missing; it is tried again by class of error |
| report | nothing | |

A day again: trigger with that partition key. Many days: `airflow backfill create` on these DAGs; the plans follow by themselves.
"""

from typing import Any

from _lineage import name_places
from airflow.sdk import chain, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from _common import A_NIGHT_AT_MOST, DEFAULT_ARGS, SOURCES, after_each_day, cron, night, source_asset, the_enterprise

ENTERPRISE = the_enterprise()
FIRST_NIGHT = ENTERPRISE.schedule.first_night(ENTERPRISE.zone)


def extraction_of(source_name: str) -> None:
    @dag(
        dag_id=f"extract_{source_name}",
        dag_display_name=f"extract {source_name}",
        doc_md=__doc__,
        schedule=after_each_day(cron(ENTERPRISE.schedule.extraction_of(source_name)), ENTERPRISE),
        # Nights missed while Airflow was down are taken up, the oldest first, where the settings ask for it.
        start_date=FIRST_NIGHT,
        catchup=FIRST_NIGHT is not None,
        max_active_runs=1,
        dagrun_timeout=A_NIGHT_AT_MOST,
        default_args=DEFAULT_ARGS,
        tags=["leadline", "extract"],
    )
    def extraction() -> None:
        # What was taken in of a source is read, added to, written back: one at a time, however many runs a backfill has active.
        @task(pool=SOURCES, max_active_tis_per_dag=1)
        def extract(dag_run: Any = None) -> None:
            from etl.job import extract_source

            extract_source(source_name, *night(dag_run))

        # A teardown runs however the extraction ended, and leaves the run as red as that.
        @task(outlets=[source_asset(source_name)], max_active_tis_per_dag=1)
        def report(dag_run: Any = None) -> None:
            from etl.job import report_source

            day, _, lake = night(dag_run)
            if not report_source(source_name, day, lake, dag_run.start_date):
                raise AirflowSkipException(
                    f"{source_name} came after the night of {day} was planned without it. What it brought is taken in by the "
                    f"next night; to have it in this one: leadline run --date {day}"
                )

        chain(extract(), report().as_teardown())

    name_places(extraction(), ENTERPRISE)


for name in ENTERPRISE.sources:
    extraction_of(name)
