"""The published plans side by side: which there are, what changed between two, and a person's choice of the one in force.

A night puts its own plan in force (see `warehouse.publish`). A person may put another one in force, or reject the one that is;
who and why is kept in `plan_decisions`. The next night publishes as ever: its plan replaces the one that was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pandas as pd
import psycopg

from enterprise.errors import NeedsPersonError
from warehouse.published import PlanVersion, plan_of, read_published
from warehouse.publisher_lock import publisher_lock
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.staffing import STAFFING_DAILY

Kind = Literal["promoted", "rolled_back"]
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d{1,9}))?")
_COLUMNS = "plan_date, version, status, code_version, settings_hash, content_hash, checks_passed, checks_failed, made_at"
_DAY = ["level", "member_id", "business_date"]
_MEASURES = {"mean_offered_contacts": FORECAST_DAILY, "staff_hours": STAFFING_DAILY, "peak_scheduled_staff": STAFFING_DAILY}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A person's choice of the plan in force.

    Attributes:
        now: the plan in force since.
        former: the one that was in force before.
    """

    now: PlanVersion
    former: PlanVersion


def plan_named(connection: psycopg.Connection, name: str) -> PlanVersion:
    """The plan that a person means: "current", a night (`2026-11-12`: its highest version) or a version (`2026-11-12.2`).

    Raises:
        NeedsPersonError: if the name is none of these, or nothing of that name was published.
    """
    if name == "current":
        return _current(connection)
    parts = _NAME.fullmatch(name)
    try:
        night = date.fromisoformat(parts[1]) if parts else None
    except ValueError:
        night = None
    if parts is None or night is None:
        raise NeedsPersonError(
            f"{name!r} names no plan: write current, a night as 2026-11-12 (its newest version), or a version as 2026-11-12.2"
        )
    if parts[2] is None:
        return plan_of(connection, night)
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM plan_version WHERE plan_date = %s AND version = %s",  # noqa: S608 - our own constant
        [night, int(parts[2])],
    ).fetchone()
    if row is None:
        raise NeedsPersonError(f"the warehouse holds no plan {name}; see those it holds with: leadline plan list")
    return PlanVersion(*row)


def newest_plans(connection: psycopg.Connection, at_most: int) -> pd.DataFrame:
    """The newest published plans, newest night first, each with the last decision that put it in force or took it out.

    Returns:
        Columns plan_date, version, status, code_version, checks_passed, checks_failed, made_at, decision (words; empty where
        nobody decided).
    """
    columns = ["plan_date", "version", "status", "code_version", "checks_passed", "checks_failed", "made_at", "decision"]
    rows = connection.execute(
        "SELECT v.plan_date, v.version, v.status, v.code_version, v.checks_passed, v.checks_failed, v.made_at, "
        "coalesce(d.words, '') FROM plan_version AS v LEFT JOIN LATERAL ("
        "  SELECT CASE WHEN (p.plan_date, p.version) = (v.plan_date, v.version) THEN 'put in force by ' ELSE 'taken out by ' END "
        "    || p.decided_by || ': ' || p.reason AS words FROM plan_decisions AS p "
        "  WHERE (p.plan_date, p.version) = (v.plan_date, v.version) "
        "    OR (p.former_plan_date, p.former_version) = (v.plan_date, v.version) ORDER BY p.decision DESC LIMIT 1"
        ") AS d ON TRUE ORDER BY v.plan_date DESC, v.version DESC LIMIT %s",
        [at_most],
    ).fetchall()
    return pd.DataFrame(rows, columns=columns)


def difference(connection: psycopg.Connection, before: PlanVersion, after: PlanVersion) -> pd.DataFrame:
    """What two plans say about the days that either of them plans.

    Returns:
        One row per level, member and day of which one of them says something else than the other: level, member_id,
        business_date, and for mean_offered_contacts, staff_hours and peak_scheduled_staff the value `_before`, `_after` and the
        `_change`. A day that one plan does not reach has missing values there and no change.
    """
    sides = [_days(connection, plan) for plan in (before, after)]
    both = sides[0].merge(sides[1], on=_DAY, how="outer", suffixes=("_before", "_after"), validate="one_to_one")
    for name in _MEASURES:
        both[f"{name}_change"] = both[f"{name}_after"] - both[f"{name}_before"]
    changes = both[[f"{name}_change" for name in _MEASURES]]
    differs = ~(changes.fillna(1.0) == 0.0).all(axis=1)
    columns = [*_DAY, *(f"{name}_{part}" for name in _MEASURES for part in ("before", "after", "change"))]
    return both.loc[differs, columns].sort_values(_DAY, ignore_index=True)


def promote(connection: psycopg.Connection, plan: PlanVersion, by: str, reason: str, at: datetime) -> Chosen:
    """Put a published plan in force; the one in force before becomes `superseded`.

    Raises:
        NeedsPersonError: if it is in force already, or nobody or no reason is named.
        WarehouseUnreachableError: if a publisher holds the lock for long.
    """
    with _deciding(connection, by, reason):
        former = _current(connection)
        if (former.plan_date, former.version) == (plan.plan_date, plan.version):
            raise NeedsPersonError(f"{_words(plan)} is in force already; nothing was changed")
        return _choose(connection, "promoted", plan, former, by, reason, at)


def roll_back(connection: psycopg.Connection, by: str, reason: str, at: datetime) -> Chosen:
    """Reject the plan in force and go back to the one before it: the newest earlier plan that nobody rejected.

    Raises:
        NeedsPersonError: if there is no earlier plan, or nobody or no reason is named.
        WarehouseUnreachableError: if a publisher holds the lock for long.
    """
    with _deciding(connection, by, reason):
        former = _current(connection)
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM plan_version "  # noqa: S608 - our own constant
            "WHERE (plan_date, version) < (%s, %s) AND status = 'superseded' ORDER BY plan_date DESC, version DESC LIMIT 1",
            [former.plan_date, former.version],
        ).fetchone()
        if row is None:
            raise NeedsPersonError(
                f"no plan was published before {_words(former)} that nobody rejected: it stays in force. See leadline plan list"
            )
        return _choose(connection, "rolled_back", PlanVersion(*row), former, by, reason, at)


def _choose(
    connection: psycopg.Connection, kind: Kind, plan: PlanVersion, former: PlanVersion, by: str, reason: str, at: datetime
) -> Chosen:
    """Both changes and who decided them, in one transaction."""
    kept = connection.execute(
        "SELECT EXISTS (SELECT FROM staffing_interval WHERE plan_date = %s AND version = %s)", [plan.plan_date, plan.version]
    ).fetchone()
    if kept is None or not kept[0]:
        raise NeedsPersonError(
            f"{_words(plan)} has no rows per interval any more: retention let them go, so nobody could work by it. Nothing was "
            "changed; choose a newer one: leadline plan list"
        )
    with connection.transaction():
        for one, status in ((former, "rejected" if kind == "rolled_back" else "superseded"), (plan, "current")):
            connection.execute(
                "UPDATE plan_version SET status = %s WHERE plan_date = %s AND version = %s", [status, one.plan_date, one.version]
            )
        connection.execute(
            "INSERT INTO plan_decisions (decision, kind, plan_date, version, former_plan_date, former_version, decided_by, "
            "reason, decided_at) SELECT coalesce(max(decision), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s FROM plan_decisions",
            [kind, plan.plan_date, plan.version, former.plan_date, former.version, by.strip(), reason.strip(), at],
        )
    return Chosen(plan, former)


@contextmanager
def _deciding(connection: psycopg.Connection, by: str, reason: str) -> Iterator[None]:
    """A decision has somebody who makes it and a reason, and no publisher at work beside it."""
    if not by.strip() or not reason.strip():
        raise NeedsPersonError("say who decides (--by) and why (--reason): both are kept beside the plan")
    with publisher_lock(connection):
        yield


def _current(connection: psycopg.Connection) -> PlanVersion:
    row = connection.execute(f"SELECT {_COLUMNS} FROM plan_version WHERE status = 'current'").fetchone()  # noqa: S608 - our own constant
    if row is None:
        raise NeedsPersonError("the warehouse holds no plan yet; publish one first: leadline run")
    return PlanVersion(*row)


def _words(plan: PlanVersion) -> str:
    return f"the plan of {plan.plan_date}, version {plan.version},"


def _days(connection: psycopg.Connection, plan: PlanVersion) -> pd.DataFrame:
    """The plan's measures per level, member and day; a queue without people has none of the staffing."""
    forecast = read_published(connection, FORECAST_DAILY, plan)[[*_DAY, "mean_offered_contacts"]]
    people = read_published(connection, STAFFING_DAILY, plan)[[*_DAY, "staff_hours", "peak_scheduled_staff"]]
    return forecast.merge(people, on=_DAY, how="outer", validate="one_to_one")
