"""The check of each stage of a night: what it reads, and who judges it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import cast

import pandas as pd

from enterprise.settings import Enterprise
from expectations.case_origins import judge_origins, origin_days
from expectations.findings import as_findings
from expectations.monitors.watch import STAGE as MONITORS
from expectations.monitors.watch import watch
from expectations.named_items import judge_named, named_items
from expectations.rule import Stage
from expectations.suites import registry
from expectations.suites.opened import opened
from expectations.suites.run import Checked, check_stage
from expectations.unread import STAGE as SOURCES
from expectations.unread import unread_sources
from expectations.watched_night import watched_night
from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.history import CLAIMS_DAILY
from warehouse.tables.run import DATA_QUALITY, SOURCE_READS

NIGHT_STAGES = (SOURCES, *registry.STAGES, MONITORS)
_CLAIMS_DAYS = 60
"""A line of business of which claims were reported within these is one whose claims are expected."""


def check_of(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Checked:
    """What the checks of a stage find; nothing is written but summaries of days, kept for the next night.

    Args:
        stage: one of NIGHT_STAGES.
        business_date: the night.
        enterprise: the settings.
        lake: where the tables are.
    """
    return _CHECKS.get(stage, _by_suites)(stage, business_date, enterprise, lake)


def tables_of(stage: str) -> Sequence[Table]:
    """Tables that a stage with suites writes."""
    return registry.tables_of(cast("Stage", stage))


def could_not_check(stage: str, business_date: date, error: Exception) -> Checked:
    """The outcome of a stage whose checks themselves failed: one broken rule that says why."""
    table = tables_of(stage)[0].name
    about: dict[str, object] = {
        "plan_date": business_date,
        "stage": stage,
        "table_name": table,
        "rule": f"{stage}_could_be_checked",
        "severity": "stop",
        "next_step": f"mend what the reason names, then run the night again: leadline run --date {business_date}",
    }
    expected = f"the tables of {stage} can be read and checked"
    words = " ".join(str(error).split()) or type(error).__name__
    outcome = {"result": "failed", "rows_checked": 0, "rows_failed": 0, "rows_quarantined": 0, "queues_affected": None}
    finding = {"subject_kind": "table", "subject_id": table, "business_date": business_date}
    return Checked(
        pd.DataFrame([about | outcome | {"observed": words, "expected": expected}])[DATA_QUALITY.column_names],
        as_findings(pd.DataFrame([about | finding | {"reason": f"saw {words}; expected {expected}"}])),
    )


def _by_suites(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Checked:
    """The stage's tables by their declarations and by the rules."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # a check of ours tells nobody else
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # else hundreds of lines a table about its own fields
    known = cast("Stage", stage)
    with opened(known, business_date, enterprise, lake) as night:
        return check_stage(stage, night, registry.tables_of(known), registry.rules_of(known))


def _by_reading(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Checked:
    """Whether every source could be read, knows what the others name, and tells of as many customers as they do."""
    reads = lake.read(SOURCE_READS, first=business_date, last=business_date)
    claims = lake.read(CLAIMS_DAILY, first=business_date - timedelta(days=_CLAIMS_DAYS), last=business_date)
    unread = unread_sources(reads, enterprise, sorted(set(claims["line_of_business"])), business_date)
    unknown = judge_named(named_items(business_date, lake), business_date)
    origins = judge_origins(origin_days(business_date, lake), business_date)
    return Checked(*(pd.concat(parts, ignore_index=True) for parts in zip(unread, unknown, origins, strict=True)))


def _by_history(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Checked:
    """Every queue-day, feed and line of claims by the days before it."""
    seen = watch(watched_night(business_date, lake), enterprise, business_date)
    return Checked(seen.outcomes, seen.findings)


_CHECKS: dict[str, Callable[[str, date, Enterprise, Lake], Checked]] = {SOURCES: _by_reading, MONITORS: _by_history}
