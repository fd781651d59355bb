"""What people are told of a night that found something wrong, in words. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import pandas as pd

from enterprise.alerts import Severity
from enterprise.settings import Enterprise
from expectations.wording import by_rule, named

_SEVERITIES: tuple[Severity, ...] = ("stop", "quarantine", "warn")
_BESIDE_THE_NIGHT = {
    "intraday_reforecast": (
        "the rest of the day is not forecast anew; the night's plan stays in force",
        "the next interval tries again by itself; for one that has passed: leadline reforecast --at {day}T12:00",
    ),
    "maintenance": (
        "nothing old goes until it has run, and the disk fills; plans are not touched",
        "mend it and start the run again in Airflow; what would go: leadline retention --dry-run",
    ),
    "weekly_backtest": (
        "the first night that needs the comparison of models makes it itself and takes longer; its plan is the same",
        "mend it and start the run again in Airflow",
    ),
}
"""Runs on which no plan rests, by DAG: what it means if they fail, and what to do."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One message.

    Attributes:
        outcome: "kept_back" (no plan tonight), "flagged" (a plan that rests on fewer data) or "noted".
        subject: one line.
        text: what there is to say.
        findings: the same as records, for programs.
        logs: where the log of each failed step is shown, by step; a run of its own each time, so it makes no other message.
    """

    outcome: str
    subject: str
    text: str
    findings: Sequence[dict[str, str]]
    logs: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The whole message: what there is to say, and where the logs are."""
        lines = [f"Log of {step}: {address}" for step, address in self.logs.items()]
        return "\n".join([self.text, *lines]) + ("\n" if lines else "")

    @property
    def fingerprint(self) -> str:
        """Hash of what it says: a message that was sent is not sent again."""
        return hashlib.sha256(f"{self.subject}\n{self.text}".encode()).hexdigest()


def night_alert(
    findings: pd.DataFrame,
    failed_tasks: Mapping[str, str],
    published: bool,
    night: date,
    enterprise: Enterprise,
    planbook: str,
    lake_trouble: str = "",
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> Alert | None:
    """The message of a night.

    Args:
        findings: rows of QUALITY_FINDINGS that are news.
        failed_tasks: names of the tasks that failed, each with the address of its log; "" where that is not known.
        published: whether the night's plan was published.
        night: the night.
        enterprise: the settings: names, and what is worth a message.
        planbook: where the plan book is.
        lake_trouble: why the lake cannot be used just now; "" where it can.
        reasons: why tasks failed, in the words of their errors, where that is known.

    Returns:
        None where all is well, or nothing is worth a message.
    """
    worth = _SEVERITIES[: _SEVERITIES.index(enterprise.alerts.minimum_severity) + 1]
    loud = findings[findings["severity"].isin(worth) & (findings["action"] != "released")]
    if published and loud.empty and not failed_tasks and not lake_trouble:
        return None
    held = loud["action"].eq("held").any()
    outcome = "kept_back" if not published else "flagged" if held else "noted"
    head = {
        "kept_back": f"no plan of {night} was published; the last good plan stays in force",
        "flagged": f"plan of {night} published, but part of it rests on earlier data",
        "noted": f"plan of {night} published, with something to look at",
    }[outcome]
    parts = [f"{enterprise.name}: {head}."]
    if failed_tasks:
        kept = f"all {len(enterprise.queues)} queues: the last good plan stays in force"
        touched = "what it adds to the plan" if published else kept
        parts.append(
            "\n".join(
                [
                    "Steps that failed: " + ", ".join(sorted(failed_tasks)),
                    *_why(reasons),
                    f"  touches:       {touched}",
                    "  next step:     its log says why and what to mend (below, or: make up, then Airflow); "
                    f"then leadline run --date {night}",
                ]
            )
        )
    if lake_trouble:
        parts.append(f"The lake: {lake_trouble}.")
    records = []
    for group in by_rule(loud):
        touched = named(group, enterprise)
        parts.append(
            "\n".join(
                [
                    f"{group.rule} ({group.severity}, {group.table_name})",
                    f"  touches:       {touched}",
                    f"  seen:          {group.reason}",
                    f"  the plan:      {group.action_in_words}",
                    f"  next step:     {group.next_step}",
                ]
            )
        )
        records.append({"rule": group.rule, "severity": group.severity, "touches": touched, "seen": group.reason,
                        "plan": group.action_in_words, "next_step": group.next_step})  # fmt: skip
    parts.append(
        f"All findings: leadline quality list --date {night}\n"
        f"A day that is right after all: leadline quality release --help\n"
        f"Plan book: {enterprise.alerts.planbook_address or planbook}"
    )
    logs = {name: address for name, address in sorted(failed_tasks.items()) if address}
    return Alert(outcome, f"Leadline: {head}", "\n\n".join(parts) + "\n", records, logs)


def late_alert(why: str, night: date, enterprise: Enterprise, address: str, lake_trouble: str = "") -> Alert:
    """The message of a night that has no plan when planners start work.

    Args:
        why: what the warehouse said when it was asked for the plan.
        night: the night.
        enterprise: the settings: its name, and by when the plan was to be there.
        address: where Airflow shows the night's runs; "" where that is not known.
        lake_trouble: why the lake cannot be used; "" where it can.
    """
    head = f"no plan of {night} by {enterprise.schedule.plan_ready_by:%H:%M}"
    text = "\n\n".join(
        [
            f"{enterprise.name}: {head}; the last good plan stays in force for all {len(enterprise.queues)} queues.",
            f"The warehouse: {why}" + (f"\nThe lake: {lake_trouble}" if lake_trouble else ""),
            f"What runs, and what failed: make up, then Airflow; the run of nightly_plan with the key {night}.\n"
            f"Servers, sources, disk: leadline doctor\n"
            f"To make the plan now: leadline run --date {night}",
        ]
    )
    return Alert("kept_back", f"Leadline: {head}", f"{text}\n", [], {"nightly_plan": address} if address else {})


def broken_file_alert(file: str, error: str, enterprise: Enterprise, address: str) -> Alert:
    """The message of a DAG file that Airflow cannot read.

    Args:
        file: the file's name.
        error: what Airflow said; its last line is the error itself.
        enterprise: the settings: its name.
        address: address of Airflow's pages; "" where it has none.
    """
    head = f"Airflow cannot read the DAG file {file}"
    lines = [line for line in error.strip().splitlines() if line.strip()]
    text = "\n\n".join(
        [
            f"{enterprise.name}: {head}: what it schedules does not start. The other DAG files go on, and the last good plan "
            "stays in force.",
            f"The error: {lines[-1].strip() if lines else '(none said)'}",
            "Mend the file, or put the former one back; Airflow reads it again within a minute. Whether it can: leadline doctor",
        ]
    )
    return Alert("kept_back", f"Leadline: {head}", f"{text}\n", [], {file: address} if address else {})


def beside_alert(
    dag_id: str, failed_tasks: Mapping[str, str], day: date, enterprise: Enterprise, reasons: Mapping[str, str]
) -> Alert:
    """The message of a run that failed and on which no plan rests; the same for all runs of a day that fail alike.

    Args:
        dag_id: its DAG: intraday_reforecast, maintenance or weekly_backtest.
        failed_tasks: names of the tasks that failed, each with the address of its log; "" where that is not known.
        day: the local day it was about.
        enterprise: the settings: its name, and how many queues are touched.
        reasons: why tasks failed, in the words of their errors, where that is known.
    """
    head = f"{dag_id} of {day} failed"
    meaning, next_step = _BESIDE_THE_NIGHT[dag_id]
    text = "\n".join(
        [
            f"{enterprise.name}: {head}.",
            "",
            "Steps that failed: " + ", ".join(sorted(failed_tasks)),
            *_why(reasons),
            f"  touches:       all {len(enterprise.queues)} queues: {meaning}",
            f"  next step:     its log says why and what to mend (below, or: make up, then Airflow); {next_step.format(day=day)}",
        ]
    )
    logs = {name: address for name, address in sorted(failed_tasks.items()) if address}
    return Alert("noted", f"Leadline: {head}", f"{text}\n", [], logs)


def _why(reasons: Mapping[str, str]) -> list[str]:
    return [f"  why:           {step}: {' '.join(reason.split())}" for step, reason in sorted(reasons.items())]
