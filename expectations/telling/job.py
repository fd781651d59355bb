"""Tell people what a night found and what the plan did about it, once; and that something is late or broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from enterprise.errors import LeadlineError
from enterprise.night_steps import EXTRACT_PREFIX
from enterprise.settings import Enterprise
from expectations.telling.alerts import Alert, beside_alert, broken_file_alert, late_alert, night_alert
from expectations.telling.sent_once import send_once
from expectations.wording import news
from warehouse.database import connected, warehouse_url
from warehouse.lake import Lake
from warehouse.operations.step_runs import DagRunSeen, dag_address, step_runs
from warehouse.published import plan_of
from warehouse.reach import reaching
from warehouse.tables.run import QUALITY_FINDINGS, SOURCE_READS

_PROBE = "state/alerts/probe"
_PROBE_BYTES = 1 << 20
"""A disk with less room than that is full."""


def tell_night(
    business_date: date, enterprise: Enterprise, lake: Lake, task_states: Mapping[str, str], ran: Iterable[DagRunSeen] = ()
) -> Alert | None:
    """Tell people of what the night found and what the plan did about it, once: the same again is not sent again.

    Args:
        business_date: the night.
        enterprise: the settings: whom to tell, and from which severity on.
        lake: where the findings are.
        task_states: how each task of the night ended, as Airflow says it; "failed" and "success" are looked at.
        ran: what Airflow saw of the night's runs: why steps failed, and where the logs are.

    Returns:
        What there is to tell, sent or not; None if nothing.

    Raises:
        RetryLaterError: if a message could not be delivered.
    """
    findings, unread, trouble = _known_of(business_date, lake)
    if "failed" in task_states.values():
        trouble = trouble or _trouble_of(lake)
    steps = step_runs(ran)
    addresses = {one.step: one.log_address for one in steps}
    reasons = {one.step: one.reason for one in steps if one.reason and not one.step.startswith(EXTRACT_PREFIX)}  # has a finding
    names = [name for name, state in task_states.items() if state == "failed"] + [f"extract_{name}" for name in unread]
    failed = {name: addresses.get(name, "") for name in names}
    written = task_states.get("write_planbook") == "success"
    book = enterprise.storage.plan_book(business_date) if written else f"{enterprise.storage.planbook_folder}/latest.html"
    published = task_states.get("publish") == "success"
    alert = night_alert(findings, failed, published, business_date, enterprise, book, trouble, reasons)
    if alert is not None:
        send_once(alert, business_date, enterprise, lake, f"{lake.root}/state/alerts/{business_date}.json", datetime.now(UTC))
    return alert


def tell_if_late(business_date: date, enterprise: Enterprise, lake: Lake, airflow_address: str = "") -> Alert | None:
    """Tell people, once, if the warehouse holds no plan of the night.

    Args:
        business_date: the night.
        enterprise: the settings: whom to tell, and by when the plan was to be there.
        lake: where it is noted what was sent.
        airflow_address: address of Airflow's pages; "" where it has none.

    Returns:
        What there is to tell, sent or not; None if the plan is there.

    Raises:
        RetryLaterError: if a message could not be delivered.
    """
    try:
        with connected(warehouse_url(enterprise.storage)) as connection:
            plan_of(connection, business_date)
    except LeadlineError as error:
        address = dag_address(airflow_address, "nightly_plan")
        alert = late_alert(str(error), business_date, enterprise, address, _trouble_of(lake))
        send_once(
            alert, business_date, enterprise, lake, f"{lake.root}/state/alerts/{business_date}-late.json", datetime.now(UTC)
        )
        return alert
    return None


def tell_beside(ran: DagRunSeen, day: date, enterprise: Enterprise, lake: Lake) -> Alert | None:
    """Tell people, once a day, of a run that failed and on which no plan rests.

    Args:
        ran: what Airflow saw of it.
        day: the local day it was about.
        enterprise: the settings: whom to tell.
        lake: where it is noted what was sent.

    Returns:
        What there is to tell, sent or not; None if no task failed.

    Raises:
        RetryLaterError: if a message could not be delivered.
    """
    steps = [one for one in step_runs([ran]) if one.status == "failed"]
    failed = {one.step: one.log_address for one in steps}
    if not failed:
        return None
    alert = beside_alert(ran.dag_id, failed, day, enterprise, {one.step: one.reason for one in steps if one.reason})
    send_once(alert, day, enterprise, lake, f"{lake.root}/state/alerts/{day}-{ran.dag_id}.json", datetime.now(UTC))
    return alert


def tell_of_broken_file(path: str, error: str, enterprise: Enterprise, lake: Lake, airflow_address: str = "") -> Alert:
    """Tell people that Airflow cannot read a DAG file; the same error of a file is told once.

    Args:
        path: the file.
        error: what Airflow said of it.
        enterprise: the settings: whom to tell.
        lake: where it is noted what was sent.
        airflow_address: address of Airflow's pages; "" where it has none.

    Raises:
        RetryLaterError: if a message could not be delivered.
    """
    now = datetime.now(UTC)
    alert = broken_file_alert(Path(path).name, error, enterprise, airflow_address)
    send_once(alert, now.date(), enterprise, lake, f"{lake.root}/state/alerts/broken-{Path(path).stem}.json", now)
    return alert


def _known_of(night: date, lake: Lake) -> tuple[pd.DataFrame, list[str], str]:
    """News of a night and sources that were not read; nothing, with the reason, where the lake is away."""
    try:
        with reaching(lake.url):
            lake.require_there()
            findings = news(_findings(night, lake), _findings(_night_before(night, lake), lake), night)
            reads = lake.read(SOURCE_READS, first=night, last=night)
    except LeadlineError as error:
        return QUALITY_FINDINGS.arrow_schema.empty_table().to_pandas(), [], str(error)
    return findings, list(reads.loc[~reads["was_read"].astype(bool), "source_system"]), ""


def _trouble_of(lake: Lake) -> str:
    """Why the lake cannot be read or written just now; "" where it can."""
    try:
        with reaching(lake.url):
            lake.require_there()
            lake.write_bytes(f"{lake.root}/{_PROBE}", bytes(_PROBE_BYTES))
            lake.filesystem.rm_file(f"{lake.root}/{_PROBE}")
    except LeadlineError as error:
        return str(error)
    return ""


def _night_before(night: date, lake: Lake) -> date:
    """The last night before this one that was checked; a date without any where there is none."""
    return next(reversed(lake.partitions(QUALITY_FINDINGS, last=night - timedelta(days=1))), date.min)


def _findings(night: date, lake: Lake) -> pd.DataFrame:
    return lake.read(QUALITY_FINDINGS, first=night, last=night)
