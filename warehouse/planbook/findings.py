"""What the book says besides numbers: claims to come, work that can wait, checks and rows put aside, and the night in short."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from warehouse.planbook.charts import bar_chart, past_day
from warehouse.planbook.glance import GlanceRow
from warehouse.planbook.leads import Lead, driver_leads, leads
from warehouse.planbook.night import HISTORY_DAYS, BookNight
from warehouse.planbook.quality import held_in_words
from warehouse.planbook.words import day_short, drivers, number, percent

_LOUDEST = 3
_LOUD_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class DeferredDay:
    """A deferred queue's next open day: opening + arrived - completed = closing."""

    queue: str
    day: str
    opening: float
    arrived: float
    completed: float
    closing: float
    due: float
    breached: float
    breached_q95: float


@dataclass(frozen=True, slots=True)
class StageCheck:
    """Checks of one stage of the night."""

    stage: str
    passed: int
    failed: int
    rows_checked: int


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that found something."""

    table: str
    rule: str
    severity: str
    observed: str
    expected: str
    queues: str
    next_step: str


@dataclass(frozen=True, slots=True)
class PutAside:
    """Rows of one source that one rule rejected."""

    source: str
    table: str
    rule: str
    rows: int
    reason: str


def claims_chart(night: BookNight) -> Markup | None:
    """Claims reported per day over the last six weeks; None where there are none."""
    if night.claims.empty:
        return None
    reported = night.claims.groupby("business_date")["reported_claims"].sum().to_dict()
    days = [night.plan.plan_date - timedelta(days=back) for back in range(HISTORY_DAYS - 1, -1, -1)]
    bars = [past_day(day, float(reported.get(day, 0)), complete=True) for day in days]
    return bar_chart("Claims reported", f"claims per day of the last six weeks, {number(bars[-1].value)} on the last", bars, 130)


def deferred_days(night: BookNight, glance: list[GlanceRow]) -> list[DeferredDay]:
    """The next open day of every queue whose work can wait."""
    found = []
    for row in glance:
        own = night.backlog_projection[
            (night.backlog_projection["queue_id"] == row.member_id)
            & (night.backlog_projection["business_date"] == row.business_date)
        ].sort_values("interval_start_utc")
        if row.level != "queue" or own.empty:
            continue
        sums = own[["arrived_items", "completed_items", "due_items", "breached_items", "breached_items_q95"]].sum()
        found.append(
            DeferredDay(
                queue=row.name,
                day=day_short(row.business_date),
                opening=float(own["opening_items"].iloc[0]),
                arrived=float(sums["arrived_items"]),
                completed=float(sums["completed_items"]),
                closing=float(own["closing_items"].iloc[-1]),
                due=float(sums["due_items"]),
                breached=float(sums["breached_items"]),
                breached_q95=float(sums["breached_items_q95"]),
            )
        )
    return found


def stage_checks(night: BookNight) -> list[StageCheck]:
    """Passed and failed checks per stage, in the order of the night."""
    night_order = ("sources", "core", "history", "monitors", "forecast", "staffing", "workstreams", "audit")
    order = {stage: place for place, stage in enumerate(night_order)}
    groups = sorted(night.data_quality.groupby("stage"), key=lambda item: (order.get(str(item[0]), len(order)), str(item[0])))
    return [
        StageCheck(
            str(stage),
            int((rows["result"] == "passed").sum()),
            int((rows["result"] == "failed").sum()),
            int(rows["rows_checked"].sum()),
        )
        for stage, rows in groups
    ]


def failed_checks(night: BookNight) -> list[FailedCheck]:
    """Every check that found something."""
    failed = night.data_quality[night.data_quality["result"] == "failed"].sort_values(["stage", "table_name", "rule"])
    return [
        FailedCheck(
            table=row["table_name"],
            rule=row["rule"],
            severity=row["severity"],
            observed=_said(row["observed"]),
            expected=row["expected"],
            queues=_said(row["queues_affected"]),
            next_step=_said(row["next_step"]),
        )
        for row in failed.to_dict("records")
    ]


def put_aside(night: BookNight) -> list[PutAside]:
    """Rows in quarantine, by source, table and rule, with the first row's reason, but not what stood in that row."""
    groups = night.quarantine.sort_values(["landing_file", "landing_row"]).groupby(["source_system", "table_name", "rule"])
    return [
        PutAside(str(source), str(table), str(rule), len(rows), _without_values(str(rows["reason"].iloc[0])))
        for (source, table, rule), rows in groups
    ]


def _without_values(reason: str) -> str:
    """A reason without what the row held, which may be anything, a customer's name too; what was expected stays.

    Example:
        >>> _without_values("Date 'Anna Smith' is no date; expected 'Thu, 12 Nov 2026'")
        "Date '...' is no date; expected 'Thu, 12 Nov 2026'"
    """
    said, separator, expected = reason.partition("; expected ")
    return re.sub(r"(['\"]).*\1", "'...'", said, flags=re.DOTALL) + separator + expected


def in_short(night: BookNight, glance: list[GlanceRow]) -> list[str]:
    """The few sentences that a planner reads first."""
    sentences = []
    whole = next((row for row in glance if row.level == "enterprise"), None)
    if whole is not None:
        sentences.append(
            f"{day_short(whole.business_date)}: {number(whole.offered_contacts)} contacts and items are expected "
            f"(80 % band {number(whole.offered_low)} to {number(whole.offered_high)}); {number(whole.staff_hours)} hours are to "
            f"be scheduled, at most {number(whole.peak_staff)} people at once."
        )
    if wave := _still_to_come(leads(night)):
        sentences.append(f"Claims already reported announce contacts still to come: {wave}.")
    if wave := _still_to_come(driver_leads(night)):
        sentences.append(f"Known mailings and other drivers announce contacts still to come: {wave}.")
    days = night.forecast_daily[night.forecast_daily["level"] == "queue"]
    tomorrow = {(row.member_id, row.business_date): row.name for row in glance if row.level == "queue"}
    loud = []
    for row in days.to_dict("records"):
        name = tomorrow.get((row["member_id"], row["business_date"]))
        change = row["mean_offered_contacts"] - row["base_contacts"]
        if name is not None and row["base_contacts"] > 0 and abs(change) >= _LOUD_SHARE * row["base_contacts"]:
            loud.append(
                (
                    abs(change),
                    f"{name} {percent(abs(change) / row['base_contacts'])} {'above' if change > 0 else 'below'} ({drivers(row)})",
                )
            )
    if loud:
        told = "; ".join(text for _, text in sorted(loud, reverse=True)[:_LOUDEST])
        sentences.append(f"Furthest from an average open day: {told}.")
    failed, rows = len(failed_checks(night)), len(night.quarantine)
    sentences.append(
        f"{number(len(night.data_quality) - failed)} checks of the night passed, {number(failed)} found something; "
        f"{number(rows)} source rows were put aside with a reason."
    )
    if held := held_in_words(night):
        sentences.append(held)
    return sentences


def _still_to_come(found: list[Lead]) -> str:
    used = [lead for lead in found if lead.used and lead.contacts_to_come >= 1]
    return ", ".join(f"{number(lead.contacts_to_come)} on {lead.queue}" for lead in used[:_LOUDEST])


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""
