"""Check what a stage of the night wrote: read, check, write what was found, and stop the night where a rule says so."""

from __future__ import annotations

import logging
import os
from datetime import date

import pandas as pd

from enterprise.errors import ChecksFailedError
from enterprise.settings import Enterprise
from expectations.findings import with_actions
from expectations.gate import require_valid
from expectations.rule import Stage
from expectations.suites.opened import opened
from expectations.suites.registry import STAGES, rules_of, tables_of
from expectations.suites.run import check_stage
from warehouse.lake import Lake, Written
from warehouse.tables.declaration import Table
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUALITY_RELEASES

logger = logging.getLogger(__name__)
_SHOWN = 5


def validate_night(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Written:
    """Check one stage's rows of the night and write the outcome to data_quality.

    Args:
        stage: core, workstreams, history, forecast or staffing.
        business_date: the night.
        enterprise: the settings.
        lake: where the tables are.

    Raises:
        ValueError: if there is no such stage.
        ChecksFailedError: if a rule of severity `stop` failed; what was found is in data_quality all the same.
    """
    if stage not in STAGES:
        raise ValueError(f"stage {stage!r}: expected one of {', '.join(STAGES)}")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # a check of ours tells nobody else
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # else hundreds of lines a table about its own fields
    known: Stage = stage
    with opened(known, business_date, enterprise, lake) as night:
        checked = check_stage(stage, night, tables_of(known), rules_of(known))
    findings = with_actions(checked.findings, lake.read(QUALITY_RELEASES, last=business_date))
    _keep(QUALITY_FINDINGS, findings, stage, business_date, lake)
    found = checked.outcomes
    written = _keep(DATA_QUALITY, found, stage, business_date, lake)
    failed = found.loc[found["result"] == "failed"]
    for row in failed.itertuples():
        logger.warning(
            "%s: %s.%s: %s (expected: %s). Next: %s",
            row.severity,
            row.table_name,
            row.rule,
            row.observed,
            row.expected,
            row.next_step,
        )
    logger.info("%s of %s: %d checks, %d failed", stage, business_date, len(found), len(failed))
    stopping = failed.loc[failed["severity"] == "stop"]
    if len(stopping):
        shown = "; ".join(
            f"{row.table_name}.{row.rule}: saw {row.observed}, expected {row.expected}; next: {row.next_step}"
            for row in stopping.head(_SHOWN).itertuples()
        )
        raise ChecksFailedError(
            f"{stage} of {business_date}: {len(stopping)} check(s) of severity stop failed: {shown}. "
            "The night's plan is kept back and the last good plan stays current."
        )
    return written


def _keep(table: Table, found: pd.DataFrame, stage: str, business_date: date, lake: Lake) -> Written:
    """Put the stage's rows beside those of the other stages of the same night."""
    before = lake.read(table, first=business_date, last=business_date)
    others = before.loc[before["stage"] != stage]
    rows = pd.concat([others, found], ignore_index=True) if len(others) else found
    return lake.replace(table, require_valid(table, rows), business_date)
