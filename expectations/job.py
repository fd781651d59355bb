"""Check what a stage of the night wrote: read, check, write what was found, and stop the night where a rule says so."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import duckdb
import pandas as pd

from enterprise.errors import ChecksFailedError, LeadlineError, NeedsPersonError
from enterprise.settings import Enterprise
from expectations.data_docs import data_docs
from expectations.findings import with_actions
from expectations.gate import require_valid
from expectations.releases import HeldDay, released, reread, revoked
from expectations.stage_checks import NIGHT_STAGES, check_of, could_not_check, tables_of
from expectations.suites.run import Checked
from expectations.wording import Line, lines, recent
from warehouse.lake import Lake, Written
from warehouse.overrides.night import as_planned
from warehouse.pages import put_page
from warehouse.scratch import scratch_room
from warehouse.tables.declaration import Table
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUALITY_RELEASES, STAGES_BESIDE_THE_PLAN

logger = logging.getLogger(__name__)
_SHOWN = 5
_CONSEQUENCE = {
    False: "The night's plan is kept back and the last good plan stays current.",
    True: "No plan rests on these tables: the night goes ahead without them.",
}


@scratch_room()
def validate_night(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Written:
    """Check one stage's rows of the night and write the outcome to data_quality.

    Args:
        stage: sources, core, workstreams, history, monitors, forecast or staffing.
        business_date: the night.
        enterprise: the settings.
        lake: where the tables are.

    Raises:
        ValueError: if there is no such stage.
        ChecksFailedError: if a rule of severity `stop` failed; what was found is in data_quality all the same.
    """
    if stage not in NIGHT_STAGES:
        raise ValueError(f"stage {stage!r}: expected one of {', '.join(NIGHT_STAGES)}")
    checked = check_of(stage, business_date, as_planned(enterprise, lake, business_date), lake)
    written = _keep_both(checked, stage, business_date, lake)
    found = checked.outcomes
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
            + _CONSEQUENCE[stage in STAGES_BESIDE_THE_PLAN]
        )
    return written


def validate_beside(stage: str, business_date: date, enterprise: Enterprise, lake: Lake) -> None:
    """Check a stage on which no plan rests: what is found is written down and told, and keeps nothing back.

    A stage that wrote nothing for the night is not judged: its own task has failed, and says why.

    Args:
        stage: one of STAGES_BESIDE_THE_PLAN.
        business_date: the night.
        enterprise: the settings.
        lake: where the tables are.
    """
    if not any(lake.partitions(table, business_date, business_date) for table in tables_of(stage)):
        logger.warning("%s of %s: nothing was written, so nothing is checked", stage, business_date)
        return
    try:
        validate_night(stage, business_date, enterprise, lake)
    except ChecksFailedError as error:
        logger.error("%s", error)  # noqa: TRY400 - what was seen is said, the place in our code is of no use
    except (LeadlineError, duckdb.Error, OSError) as error:
        logger.exception("%s of %s could not be checked", stage, business_date)
        _keep_both(could_not_check(stage, business_date, error), stage, business_date, lake)


def write_data_docs_night(business_date: date, enterprise: Enterprise, lake: Lake) -> str:
    """Write the page that shows every check of a night.

    Args:
        business_date: the night.
        enterprise: the settings: where the pages are.
        lake: where the outcomes are.

    Returns:
        Path of the page; the newest night's is also `latest.html` of the folder.

    Raises:
        NeedsPersonError: if no check of that night is known.
    """
    checks = lake.read(DATA_QUALITY, first=business_date, last=business_date)
    if not len(checks):
        raise NeedsPersonError(f"the lake {lake.url} holds no checks of {business_date}; run the night first: leadline run")
    page = data_docs(business_date, enterprise.name, checks, _findings(business_date, lake))
    return put_page(enterprise.storage.data_docs, "{day}/index.html", business_date, page)


def night_findings(business_date: date | None, enterprise: Enterprise, lake: Lake) -> tuple[date, list[Line]]:
    """What a night found about its last four weeks, in words.

    Args:
        business_date: the night; None for the last one that was checked.
        enterprise: the settings.
        lake: where the findings are.

    Raises:
        NeedsPersonError: if no such night was checked.
    """
    nights = lake.partitions(QUALITY_FINDINGS, business_date, business_date)
    if not nights:
        which = f"the night of {business_date}" if business_date else "any night"
        raise NeedsPersonError(f"the lake {lake.url} holds no findings of {which}; run it first: leadline run")
    return nights[-1], lines(recent(_findings(nights[-1], lake), nights[-1]), enterprise)


def release_day(rule: str, kind: str, subject: str, day: date, by: str, why: str, lake: Lake) -> date:
    """Record that a held day is right after all.

    Args:
        rule: the rule that holds it.
        kind: "queue", "source" or "claims".
        subject: which queue, source or line of business.
        day: the held day.
        by: who says so.
        why: why it is right.
        lake: where findings and releases are.

    Returns:
        The last night that was checked: run again, its plan rests on that day, too.

    Raises:
        NeedsPersonError: if nobody or no reason is named, or nothing holds that day.
    """
    night = _last_night(lake)
    releases, held = lake.read(QUALITY_RELEASES, first=day, last=day), HeldDay(rule, kind, subject, day)
    rows = released(releases, _findings(night, lake), held, by, why, datetime.now(UTC))
    lake.replace(QUALITY_RELEASES, require_valid(QUALITY_RELEASES, rows), day)
    return night


def revoke_release(rule: str, kind: str, subject: str, day: date, lake: Lake) -> date:
    """Take a release back; the arguments are those of `release_day`.

    Returns:
        The last night that was checked: run again, its plan no longer rests on that day.

    Raises:
        NeedsPersonError: if that day was not released.
    """
    night = _last_night(lake)
    rows = revoked(lake.read(QUALITY_RELEASES, first=day, last=day), HeldDay(rule, kind, subject, day))
    lake.replace(QUALITY_RELEASES, require_valid(QUALITY_RELEASES, rows), day)
    return night


def record_reread(source: str, rules_by_night: Mapping[date, Sequence[str]], by: str, why: str, lake: Lake) -> date:
    """Record that rows which rules had put aside were read again.

    Args:
        source: the source they came from.
        rules_by_night: rules by the night on which they had put rows aside.
        by: who had them read again.
        why: what was corrected.
        lake: where releases are.

    Returns:
        The last night that was checked: run again, its plan rests on the rows that came back.
    """
    now = datetime.now(UTC)
    for night, rules in rules_by_night.items():
        rows = reread(lake.read(QUALITY_RELEASES, first=night, last=night), source, rules, night, by, why, now)
        lake.replace(QUALITY_RELEASES, require_valid(QUALITY_RELEASES, rows), night)
    return _last_night(lake)


def _last_night(lake: Lake) -> date:
    nights = lake.partitions(QUALITY_FINDINGS)
    if not nights:
        raise NeedsPersonError(f"the lake {lake.url} holds no findings of any night; run one first: leadline run")
    return nights[-1]


def _findings(night: date, lake: Lake) -> pd.DataFrame:
    return lake.read(QUALITY_FINDINGS, first=night, last=night)


def _keep_both(checked: Checked, stage: str, business_date: date, lake: Lake) -> Written:
    """Write what a stage's checks found, and what the plan does about it; gives the outcomes as written."""
    findings = with_actions(checked.findings, lake.read(QUALITY_RELEASES, last=business_date))
    _keep(QUALITY_FINDINGS, findings, stage, business_date, lake)
    return _keep(DATA_QUALITY, checked.outcomes, stage, business_date, lake)


def _keep(table: Table, found: pd.DataFrame, stage: str, business_date: date, lake: Lake) -> Written:
    """Put the stage's rows beside those of the other stages of the same night."""
    before = lake.read(table, first=business_date, last=business_date)
    others = before.loc[before["stage"] != stage]
    rows = pd.concat([others, found], ignore_index=True) if len(others) else found
    return lake.replace(table, require_valid(table, rows), business_date)
