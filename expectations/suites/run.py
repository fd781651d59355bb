"""Running a stage's suites through Great Expectations, and turning what it finds into rows of data_quality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.findings import as_findings
from expectations.rule import Night, Rule
from expectations.suites.derived import derived_expectations
from warehouse.tables.declaration import Table
from warehouse.tables.run import DATA_QUALITY

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import PandasDatasource

_SHOWN = 3
_DERIVED_NEXT_STEP = "tell whoever looks after Leadline, with these values: the step that wrote this table is wrong"


@dataclass(frozen=True, eq=False)
class Checked:
    """What a stage's suites found.

    Attributes:
        outcomes: rows of DATA_QUALITY, one per table and rule, passed or failed.
        findings: rows of QUALITY_FINDINGS but for `action`, one per failed rule and queue (or table).
    """

    outcomes: pd.DataFrame
    findings: pd.DataFrame


def check_stage(stage: str, night: Night, tables: Iterable[Table], rules: Iterable[Rule]) -> Checked:
    """Check the tables of a stage by their declarations and by the rules.

    Args:
        stage: name of the stage, for the rows.
        night: the settings, the date and the frames of the stage.
        tables: tables to check by their declarations.
        rules: domain rules to check.

    Returns:
        What was found.
    """
    data_source = _data_source()
    rows = [row for table in tables for row in _derived(data_source, night.frame(table), table)]
    found = [_form_finding(row) for row in rows if row["result"] == "failed"]
    for rule in rules:
        outcome, broken = _domain(data_source, night, rule)
        rows.append(outcome)
        found += broken
    about: dict[str, Any] = {"plan_date": night.business_date, "stage": stage}
    findings = as_findings(pd.DataFrame(found).assign(**about, business_date=night.business_date))
    return Checked(pd.DataFrame(rows).assign(**about, rows_quarantined=0)[DATA_QUALITY.column_names], findings)


def _data_source() -> PandasDatasource:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("night")


def _validate(data_source: PandasDatasource, name: str, frame: pd.DataFrame, expectations: list[Any]) -> list[Any]:
    import great_expectations as gx

    asset = data_source.add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("night").get_batch({"dataframe": frame})
    return list(batch.validate(gx.ExpectationSuite(name=name, expectations=expectations)).results)


def _derived(data_source: PandasDatasource, frame: pd.DataFrame, table: Table) -> list[dict[str, object]]:
    rows = []
    for result in _validate(data_source, table.name, frame, list(derived_expectations(table))):
        meta = result.expectation_config.meta
        failed = int(result.result.get("unexpected_count") or 0)
        first = ", ".join(_words(value) for value in (result.result.get("partial_unexpected_list") or [])[:_SHOWN])
        observed = f"{failed} of {len(frame)} rows" + (f"; first: {first}" if first else "")
        rows.append(
            {
                "table_name": table.name,
                "rule": meta["rule"],
                "severity": "stop",
                "result": "passed" if result.success else "failed",
                "rows_checked": len(frame),
                "rows_failed": 0 if result.success else max(failed, 1),
                "queues_affected": None,
                "observed": None if result.success else observed,
                "expected": meta["expected"],
                "next_step": None if result.success else _DERIVED_NEXT_STEP,
            }
        )
    return rows


def _words(value: object) -> str:
    """One value, or the values of a key beside one another."""
    return "/".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)


def _form_finding(outcome: dict[str, object]) -> dict[str, object]:
    """The finding of a broken declaration: it is about the table as a whole."""
    return {
        "rule": outcome["rule"],
        "subject_kind": "table",
        "subject_id": outcome["table_name"],
        "table_name": outcome["table_name"],
        "severity": outcome["severity"],
        "reason": f"saw {outcome['observed']}, expected {outcome['expected']}",
        "next_step": outcome["next_step"],
    }


def _domain_findings(rule: Rule, broken: pd.DataFrame) -> list[dict[str, object]]:
    """One finding per queue whose evidence does not hold, or about the table where no queue is named."""
    found: list[dict[str, object]] = []
    for queue_id, rows in broken.groupby("queue_id", dropna=False, sort=True):
        named = not pd.isna(queue_id)
        first = "; ".join(str(text) for text in rows["seen"].head(_SHOWN))
        found.append(
            {
                "rule": rule.name,
                "subject_kind": "queue" if named else "table",
                "subject_id": str(queue_id) if named else rule.table.name,
                "table_name": rule.table.name,
                "severity": rule.severity,
                "reason": f"saw {first}; expected {rule.expected}",
                "next_step": rule.next_step,
            }
        )
    return found


def _domain(data_source: PandasDatasource, night: Night, rule: Rule) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The outcome of a rule and its findings: Great Expectations asks that every row of its evidence holds."""
    import great_expectations.expectations as gxe

    seen = rule.evidence(night)
    expectation = gxe.ExpectColumnValuesToBeInSet(column="holds", value_set=[True])
    result = _validate(data_source, f"{rule.table.name}.{rule.name}", seen, [expectation])[0]
    broken = seen.loc[~seen["holds"]]
    queues = ",".join(sorted({str(queue) for queue in broken["queue_id"].dropna()}))
    first = "; ".join(str(text) for text in broken["seen"].head(_SHOWN))
    outcome: dict[str, object] = {
        "table_name": rule.table.name,
        "rule": rule.name,
        "severity": rule.severity,
        "result": "passed" if result.success else "failed",
        "rows_checked": len(seen),
        "rows_failed": len(broken),
        "queues_affected": queues or None,
        "observed": None if result.success else f"{len(broken)} of {len(seen)}; first: {first}",
        "expected": rule.expected,
        "next_step": None if result.success else rule.next_step,
    }
    return outcome, _domain_findings(rule, broken)
