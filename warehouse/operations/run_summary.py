"""How a night went, step by step: what the scheduler saw of each step, beside what lake and warehouse say of the night.

Times differ from run to run and the lake's bytes do not, so that the summary lies in the warehouse alone and outside of every
plan's hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import psycopg
import pyarrow.dataset as ds
from psycopg import sql

from enterprise.night_steps import EXTRACT_PREFIX, NIGHT_STEPS
from warehouse.lake import Lake, conformed
from warehouse.operations.step_runs import StepRun
from warehouse.publisher_lock import publisher_lock
from warehouse.staging import drop_staging, stage, staging_table
from warehouse.tables.forecast import ACCURACY_LEDGER, FORECAST_DAILY
from warehouse.tables.registry import table_named
from warehouse.tables.run import LANDING_FILES, QUALITY_FINDINGS, RUN_SUMMARY, SOURCE_READS, STAGES_BESIDE_THE_PLAN
from warehouse.tables.staffing import STAFFING_DAILY

_QUEUES_IN = {
    "forecast": FORECAST_DAILY, "merge_forecast": FORECAST_DAILY, "staff": STAFFING_DAILY, "merge_staffing": STAFFING_DAILY,
}  # fmt: skip
_STAGES_OF_HISTORY = ("sources", "core", "history", "monitors")
_STAGES_OF_PLAN = ("forecast", "staffing", *STAGES_BESIDE_THE_PLAN)
_CHECKED_IN = {"check_history": _STAGES_OF_HISTORY, "check_plan": _STAGES_OF_PLAN}
_ACCOUNTS = ("rows_in", "rows_kept", "rows_quarantined", "rows_duplicate")


def run_summary(night: date, ran: Iterable[StepRun], lake: Lake, version: int | None, at: datetime) -> pd.DataFrame:
    """The rows of RUN_SUMMARY of a night.

    Args:
        night: the night.
        ran: what the scheduler knows of its steps; sources that it does not name are known by the lake.
        lake: where the night's tables are.
        version: version of the night's plan in the warehouse; None if it has none.
        at: when this is written.
    """
    steps = {one.step: one for one in (*_by_reads(night, lake), *ran)}
    accounts = lake.read(LANDING_FILES, first=night, last=night, columns=["source_system", *_ACCOUNTS])
    by_source = accounts.groupby("source_system").sum()
    found = lake.read(QUALITY_FINDINGS, first=night, last=night, columns=["stage", "rule", "action"])
    loud = found[found["action"].isin(["held", "kept_back"])]
    rows = []
    for one in steps.values():
        row: dict[str, Any] = dict.fromkeys(RUN_SUMMARY.column_names)
        row |= {"business_date": night, "step": one.step, "status": one.status, "task_runs": one.task_runs}
        row |= {"task_seconds": one.task_seconds, "log_address": one.log_address or None, "recorded_at": at}
        row |= {"rows_written": _rows_written(one.step, night, lake)}
        if one.step.startswith(EXTRACT_PREFIX):
            source = one.step.removeprefix(EXTRACT_PREFIX)
            own = by_source.loc[source] if source in by_source.index else pd.Series(0, index=_ACCOUNTS)
            row |= {name: own[name] for name in _ACCOUNTS}
        if one.step in _QUEUES_IN:
            row["queues"] = _queues(_QUEUES_IN[one.step], night, lake)
        if one.step == "measure_accuracy":
            row["yesterday_error_fraction"] = yesterday_error_fraction(night, lake)
        if one.step == "publish" and one.status == "success":
            row["version"] = version
        if one.step in _CHECKED_IN:
            own = loud.loc[loud["stage"].isin(_CHECKED_IN[one.step]), "rule"]
            row |= {"flags": len(own), "flagged_rules": ", ".join(sorted(set(own))) or None}
        rows.append(row)
    numbers = [column.name for column in RUN_SUMMARY.columns if column.unit in ("rows", "queues", "version", "findings")]
    frame = pd.DataFrame(rows, columns=RUN_SUMMARY.column_names).astype(dict.fromkeys(numbers, "Int64"))
    return frame.astype({"task_seconds": "float64", "yesterday_error_fraction": "float64"})


def yesterday_error_fraction(night: date, lake: Lake) -> float | None:
    """How far the day that just closed was from its last plan: distances of all queues over what came; None without either."""
    ledger = lake.read(ACCURACY_LEDGER, first=night, last=night)
    ledger = ledger[(ledger["level"] == "queue") & (ledger["lead_days"] == ledger["lead_days"].min())]
    came = ledger["offered_contacts"].sum()
    return float(ledger["absolute_error_contacts"].sum() / came) if came else None


def store_run_summary(connection: psycopg.Connection, night: date, rows: pd.DataFrame) -> None:
    """Put a night's summary in the place of what was said of it before, in one transaction."""
    with publisher_lock(connection):
        try:
            stage(connection, RUN_SUMMARY, conformed(RUN_SUMMARY, rows))
            names = sql.SQL(", ").join(map(sql.Identifier, RUN_SUMMARY.column_names))
            with connection.transaction():
                connection.execute("DELETE FROM public.run_summary WHERE business_date = %s", [night])
                connection.execute(
                    sql.SQL("INSERT INTO public.run_summary ({}) SELECT {} FROM {}").format(
                        names, names, staging_table(RUN_SUMMARY)
                    )
                )
        finally:
            drop_staging(connection, [RUN_SUMMARY])


def _by_reads(night: date, lake: Lake) -> Iterator[StepRun]:
    """The sources as the lake knows them: a night started by hand has no events that name their runs."""
    reads = lake.read(SOURCE_READS, first=night, last=night)
    for row in reads.itertuples():
        yield StepRun(f"{EXTRACT_PREFIX}{row.source_system}", "success" if row.was_read else "failed", task_runs=0)


def _rows_written(step: str, night: date, lake: Lake) -> int | None:
    tables: Sequence[str] = NIGHT_STEPS[step].fills if step in NIGHT_STEPS else ()
    files = [path for name in tables for path in lake.files(table_named(name), night, night)]
    if not tables:
        return None
    return sum(int(ds.dataset(path, format="parquet", filesystem=lake.filesystem).count_rows()) for path in files)


def _queues(table: Any, night: date, lake: Lake) -> int:
    rows = lake.read(table, first=night, last=night, columns=["level", "member_id"])
    return int(rows.loc[rows["level"] == "queue", "member_id"].nunique())
