"""# The nightly plan.

Made after every local day, about that day: from what the sources brought to the published staffing plan of the weeks ahead.
It starts when every source has reported that day (`extract_<source>`), or at the latest at the hour of `plan_cutoff`.

| step | asks | next step if it fails |
|---|---|---|
| take overrides | what planners entered by the night's end | `leadline override list` |
| conform, history | typed facts, then counts per queue and interval | `leadline doctor` |
| check history | sources, core, history and how they compare with their own past | the log and data_quality name the rules |
| verify staffing | cases with known answers: with wrong mathematics nobody is staffed | `leadline verify-staffing` |
| forecast, staff | models, on days that no check holds; many queues in several tasks | the log names queue and day |
| measure accuracy, explain misses | days that are over, against what was said of them | the plan goes ahead without |
| plan shifts | people per contract, shifts and breaks; hires of a year and a half | the log names the staff group |
| audit plan | a simulation of some of the plan's intervals | the night goes ahead without |
| stitch | which contacts, mails, cases and claims are one matter | the night goes ahead without |
| check plan | forecast and staffing before anything is published; and audit and workstreams, which keep nothing back | as above |
| publish | one transaction; before it the last good plan stays current | |
| plan book | the page people read | publish stays as it is |
| data docs | a page of everything that was checked | the plan stays as it is |
| tell people | mail and webhook of the settings, once per outcome | the plan stays as it is |
| summarise night | how each step went, into the warehouse's `run_summary` and the metrics | the plan stays as it is |

One source that fails stops nothing but itself; the night ends without a plan if none could ever be read, or if a step or a check
of severity `stop` fails. Such a run is red; one with a plan is green, and what failed in it stays red in its grid and is told.

A run is about its **partition key** (`2026-11-12`), never about the clock. Running a day again gives the same plan.
Again for one day: clear its run, or trigger with that partition key; with what the sources bring late: `leadline run --date`.
"""

from typing import Any

from _lineage import name_places
from _metrics import send
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetAll, PartitionedAssetTimetable, TriggerRule, chain, dag, task

from _common import (
    A_NIGHT_AT_MOST,
    DATABASE,
    DEFAULT_ARGS,
    MEMORY,
    SHARE,
    night,
    night_to_tell,
    runs_of_night,
    source_asset,
    the_enterprise,
)
from enterprise.blocks import shard_count

ENTERPRISE = the_enterprise()
SHARDS = list(range(shard_count(ENTERPRISE)))


@dag(
    dag_id="nightly_plan",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=AssetAll(*map(source_asset, ENTERPRISE.sources))),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=A_NIGHT_AT_MOST,
    default_args=DEFAULT_ARGS,
    tags=["leadline", "nightly"],
)
def nightly_plan() -> None:
    @task(pool=MEMORY)
    def conform(dag_run: Any = None) -> None:
        from etl.job import conform_night

        conform_night(*night(dag_run))

    @task(pool=DATABASE)
    def take_overrides(dag_run: Any = None) -> None:
        from warehouse.job import take_overrides_night

        take_overrides_night(*night(dag_run))

    @task(pool=MEMORY)
    def build_history(dag_run: Any = None) -> None:
        from etl.job import build_history_night

        build_history_night(*night(dag_run))

    @task(pool=MEMORY, trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def stitch_workstreams(dag_run: Any = None) -> None:
        from etl.job import stitch_night

        stitch_night(*night(dag_run))

    @task(pool=MEMORY)
    def check(stages: list[str], beside: list[str], dag_run: Any = None) -> None:
        from expectations.job import validate_beside, validate_night

        for stage in stages:
            validate_night(stage, *night(dag_run))
        for stage in beside:
            validate_beside(stage, *night(dag_run))

    @task(pool=MEMORY)
    def forecast(dag_run: Any = None) -> None:
        from forecasting.job import forecast_night

        forecast_night(*night(dag_run))

    @task(pool=MEMORY, map_index_template=SHARE)
    def forecast_queues(shard: int, dag_run: Any = None) -> None:
        from forecasting.job import forecast_queues

        forecast_queues(shard, *night(dag_run))

    @task(pool=MEMORY)
    def merge_forecast(dag_run: Any = None) -> None:
        from forecasting.job import merge_forecast

        merge_forecast(*night(dag_run))

    @task
    def measure_accuracy(dag_run: Any = None) -> None:
        from forecasting.job import measure_night

        measure_night(*night(dag_run))

    @task
    def explain_misses(dag_run: Any = None) -> None:
        from staffing.job import explain_night

        explain_night(*night(dag_run))

    @task
    def verify_staffing() -> None:
        from staffing.files.job import verify_night

        verify_night()

    @task(pool=MEMORY)
    def staff(dag_run: Any = None) -> None:
        from staffing.job import staff_night

        staff_night(*night(dag_run))

    @task(pool=MEMORY, map_index_template=SHARE)
    def staff_queues(shard: int, dag_run: Any = None) -> None:
        from staffing.job import staff_queues

        staff_queues(shard, *night(dag_run))

    @task(pool=MEMORY)
    def merge_staffing(dag_run: Any = None) -> None:
        from staffing.job import merge_staffing

        merge_staffing(*night(dag_run))

    @task(pool=MEMORY)
    def plan_shifts(dag_run: Any = None) -> None:
        from staffing.job import capacity_night, shift_night

        shift_night(*night(dag_run))
        capacity_night(*night(dag_run))

    @task
    def audit_plan(dag_run: Any = None) -> None:
        from staffing.job import audit_night

        audit_night(*night(dag_run))

    @task(pool=DATABASE)
    def publish(dag_run: Any = None) -> None:
        from warehouse.job import publish_night

        publish_night(*night(dag_run))

    @task(pool=DATABASE)
    def write_planbook(dag_run: Any = None) -> None:
        from warehouse.job import write_planbook_night

        write_planbook_night(*night(dag_run))

    @task
    def write_data_docs(dag_run: Any = None) -> None:
        from expectations.job import write_data_docs_night

        write_data_docs_night(*night(dag_run))

    @task
    def tell_people(dag_run: Any = None, ti: Any = None, triggering_asset_events: Any = None) -> None:
        from expectations.telling.job import tell_night

        states = ti.get_task_states(dag_id=dag_run.dag_id, run_ids=[dag_run.run_id])[dag_run.run_id]
        tell_night(*night_to_tell(dag_run), task_states=states, ran=runs_of_night(dag_run, ti, triggering_asset_events))

    @task(pool=DATABASE)
    def summarise_night(dag_run: Any = None, ti: Any = None, triggering_asset_events: Any = None) -> None:
        from warehouse.operations.job import summarise_night

        send(summarise_night(*night(dag_run), ran=runs_of_night(dag_run, ti, triggering_asset_events)))

    conformed = conform()
    # The past is checked before it is forecast from. No two checks at once: they write the same partitions of the night.
    past_checked = check.override(task_id="check_history")(["sources", "core", "history", "monitors"], beside=[])
    # Each check loads its libraries anew: workstreams and audit are checked with the plan, once they ended, well or not.
    plan_checked = check.override(task_id="check_plan")(["forecast", "staffing"], beside=["workstreams", "audit"])
    beside_ended = EmptyOperator(task_id="beside_ended", trigger_rule=TriggerRule.ALL_DONE)
    # Queues are shared out among several tasks where there are many; few queues are one task, which costs less.
    forecasts = [forecast()] if len(SHARDS) == 1 else [forecast_queues.expand(shard=SHARDS), merge_forecast()]
    staffings = [staff()] if len(SHARDS) == 1 else [staff_queues.expand(shard=SHARDS), merge_staffing()]
    # Before history: hours that planners closed are closed there, too.
    chain([conformed, take_overrides()], build_history(), past_checked, *forecasts, *staffings, plan_shifts(), plan_checked)
    chain(verify_staffing(), staffings[0])
    # After the check, whatever came of it: these two hold the most memory, and are not to hold it at once.
    chain([conformed, past_checked], stitch_workstreams(), beside_ended)
    chain(past_checked, explain_misses(), beside_ended)
    chain(forecasts[-1], measure_accuracy(), beside_ended)
    chain(staffings[-1], audit_plan(), beside_ended, plan_checked)
    # A teardown runs however the night ended, and does not say whether it was good: the plan book does.
    told = [write_data_docs().as_teardown(), tell_people().as_teardown()]
    chain(plan_checked, publish(), write_planbook(), told, summarise_night().as_teardown())


name_places(nightly_plan(), ENTERPRISE)
