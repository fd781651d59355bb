"""How many contacts an overdue item raises: customers who call while their item is overdue, against those who call before. Pure.

Contacts of a customer with an open item are counted against the open time of the queue that they reach, apart for items that are
overdue and items that are not yet due: what a customer does anyway happens in both, so the difference is what being overdue adds.
Customers who call in the same hours in which they write make that difference smaller than it is, never larger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import gamma, norm

from enterprise.settings import Enterprise
from enterprise.timing import clock_of, grid_of
from warehouse.tables.core import CASES, CONTACTS, MESSAGES
from warehouse.tables.declaration import Table
from warehouse.tables.evidence import CHASE_RATE

CHASE_DAYS = 120
"""How far back items and contacts are looked at."""
PRIOR_CONTACTS = 20.0
"""Weight of the settings' rate, in contacts: with many more than these, the data speaks alone."""
_ITEMS = """
SELECT queue_id, case_id AS item_id, customer_id, opened_at AS arrived_at, coalesce(resolved_at, closed_at) AS done_at FROM cases
UNION ALL BY NAME
SELECT queue_id, message_id AS item_id, customer_id, received_at AS arrived_at, handled_at AS done_at FROM messages
WHERE needs_reply
ORDER BY queue_id, arrived_at, item_id
"""
_CONTACTS = """
SELECT queue_id, customer_id, arrived_at FROM contacts
WHERE customer_id IS NOT NULL AND arrived_by = 'customer' AND segment = 1 ORDER BY queue_id, arrived_at, contact_id
"""


@dataclass(frozen=True)
class ChaseRate:
    """Contacts that an item raises on each open day on which it is overdue, with its 95 % interval."""

    rate: float
    low: float
    high: float


def chase_rate(
    overdue_contacts: float, overdue_item_days: float, other_contacts: float, other_item_days: float, prior_rate: float
) -> ChaseRate:
    """What being overdue adds to the contacts of an item and day.

    Args:
        overdue_contacts: contacts of customers while an item of theirs is overdue.
        overdue_item_days: days of all items together on which they are overdue.
        other_contacts: contacts of customers while an item of theirs is open and not yet due.
        other_item_days: days on which items are open and not yet due.
        prior_rate: what the settings say, > 0; it counts as much as 20 contacts.

    Returns:
        The difference of two rates, each with a gamma distribution (Gelman et al. 2013, section 2.6), never below 0.

    Example:
        >>> few, many = chase_rate(0, 0, 0, 0, prior_rate=0.1), chase_rate(900, 3000, 300, 3000, prior_rate=0.1)
        >>> round(few.rate, 3), round(many.rate, 3), round(many.low, 3), round(many.high, 3)
        (0.1, 0.197, 0.175, 0.219)
    """
    base = other_contacts / other_item_days if other_item_days > 0 else 0.0
    base_variance = other_contacts / other_item_days**2 if other_item_days > 0 else 0.0
    shape = overdue_contacts + PRIOR_CONTACTS
    days = overdue_item_days + PRIOR_CONTACTS / (base + prior_rate)
    low, high = (float(gamma.ppf(level, shape)) / days - base for level in (0.025, 0.975))
    spread = float(norm.ppf(0.975)) ** 2 * base_variance
    rate = shape / days - base
    low, high = rate - np.sqrt((rate - low) ** 2 + spread), rate + np.sqrt((high - rate) ** 2 + spread)
    return ChaseRate(max(rate, 0.0), max(float(low), 0.0), max(float(high), 0.0))


def chase_rows(enterprise: Enterprise, plan_date: date, ask: Callable[[str, tuple[Table, ...]], pd.DataFrame]) -> pd.DataFrame:
    """Rows of CHASE_RATE without `plan_date`: one per deferred queue with a rule for chase contacts.

    Args:
        enterprise: the rules, and the hours of both queues.
        plan_date: the night: what came after it is not looked at.
        ask: answers a query over tables of core of the last `CHASE_DAYS` days; not called if there is no rule.

    Returns:
        A queue without items whose customers are known (claims work among them) keeps the rate of the settings.
    """
    rows: list[dict[str, object]] = []
    names = [name for name in CHASE_RATE.column_names if name != "plan_date"]
    if not any(queue.deferred.chase for queue in enterprise.queues.values()):
        return pd.DataFrame(rows, columns=names)
    items, contacts = ask(_ITEMS, (CASES, MESSAGES)), ask(_CONTACTS, (CONTACTS,))
    until = grid_of(enterprise).intervals_between(plan_date, plan_date)[-1] + pd.Timedelta(minutes=enterprise.interval_minutes)
    most = enterprise.workstreams.shared_customer_items
    for queue in enterprise.queues.values():
        rule = queue.deferred.chase
        if rule is None:
            continue
        own = items[(items["queue_id"] == queue.id) & items["customer_id"].notna() & (items["arrived_at"] < until)]
        own = own[own.groupby("customer_id")["item_id"].transform("size") <= most].reset_index(drop=True)
        calls = contacts[(contacts["queue_id"] == rule.queue) & (contacts["arrived_at"] < until)]
        counted = _counted(own, calls, queue.id, rule.queue, enterprise, until)
        stated = rule.contacts_per_overdue_item_day
        found = chase_rate(*counted, stated)
        words = f"{counted[0]:.0f} contacts on {counted[1]:.0f} overdue item-days, {counted[2]:.0f} on {counted[3]:.0f} others"
        rows.append(
            {
                "queue_id": queue.id, "contacted_queue_id": rule.queue, "stated_rate": stated,
                "overdue_contacts": int(counted[0]), "overdue_item_days": counted[1],
                "other_contacts": int(counted[2]), "other_item_days": counted[3],
                "used_rate": found.rate, "used_rate_low": found.low, "used_rate_high": found.high,
                "source": f"{words}; the settings' rate counts as {PRIOR_CONTACTS:.0f} contacts" if counted[1] > 0
                else "the settings: no customer's overdue item is known",
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def with_used_chase(enterprise: Enterprise, rows: pd.DataFrame) -> Enterprise:
    """The settings with the rates that the plan uses (rows of CHASE_RATE)."""
    queues = dict(enterprise.queues)
    for row in rows.to_dict("records"):
        queue = queues[str(row["queue_id"])]
        if queue.deferred.chase is not None:
            chase = queue.deferred.chase.model_copy(update={"contacts_per_overdue_item_day": float(row["used_rate"])})
            queues[queue.id] = queue.model_copy(update={"deferred": queue.deferred.model_copy(update={"chase": chase})})
    return enterprise.model_copy(update={"queues": queues})


def _counted(
    own: pd.DataFrame, calls: pd.DataFrame, queue_id: str, contacted: str, enterprise: Enterprise, until: pd.Timestamp
) -> tuple[float, float, float, float]:
    """Contacts and open days while overdue, and the same while open and not yet due."""
    if own.empty:
        return 0.0, 0.0, 0.0, 0.0
    goal = enterprise.queues[queue_id].service_goal.seconds
    due = clock_of(enterprise, queue_id).add_open_seconds(own["arrived_at"], goal)
    done = own["done_at"].where(own["done_at"] < until, until)
    clock = clock_of(enterprise, contacted)
    turn = due.clip(upper=done)
    day = _open_seconds_per_day(enterprise, contacted, until)
    overdue_days, other_days = (
        float(clock.open_seconds_between(*span).clip(lower=0.0).sum()) / day for span in ((turn, done), (own["arrived_at"], turn))
    )
    both = calls[["customer_id", "arrived_at"]].reset_index(names="call")
    spans = own[["customer_id"]].assign(begin=own["arrived_at"], due=due, done=done)
    met = both.merge(spans, on="customer_id")
    # The contact that brought the item is none that asks after it.
    met = met[(met["arrived_at"] > met["begin"]) & (met["arrived_at"] <= met["done"])]
    late = (met["arrived_at"] >= met["due"]).groupby(met["call"]).any()
    return float(late.sum()), overdue_days, float((~late).sum()), other_days


def _open_seconds_per_day(enterprise: Enterprise, queue_id: str, until: pd.Timestamp) -> float:
    """Mean open time of the queue's open days in the weeks looked at."""
    last = until.tz_convert(enterprise.time_zone).date()
    days = [last - timedelta(days=back) for back in range(1, CHASE_DAYS + 1)]
    opened = clock_of(enterprise, queue_id).open_seconds_per_interval(days)
    by_day = opened.groupby("business_date")["open_seconds"].sum()
    return float(by_day[by_day > 0].mean()) if (by_day > 0).any() else np.inf
