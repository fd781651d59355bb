"""The monitors' rules by name, and all of them put to the days (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from enterprise.settings import Enterprise
from expectations.monitors.hit import Hit
from expectations.monitors.learnt import Learnt
from expectations.monitors.observed import Observed
from expectations.monitors.ratios import judge_ratios
from expectations.monitors.rows import judge_rows
from expectations.monitors.thresholds import Thresholds
from expectations.monitors.volume import judge_volume


@dataclass(frozen=True)
class Monitor:
    """A rule as data_quality tells of it: its gravest severity, and what is expected, in words."""

    name: str
    severity: str
    expected: str
    table_name: str = "daily_history"
    of_feeds: bool = False


RULES = (
    Monitor("volume_low", "quarantine", "about as many contacts as on such days before"),
    Monitor("volume_high", "warn", "about as many contacts as on such days before"),
    Monitor("volume_doubled", "quarantine", "not twice as many contacts as on such days before"),
    Monitor("contacts_missing", "quarantine", "no fewer contacts than usual while agents seem idle and customers wait"),
    Monitor("feed_low", "quarantine", "the queues of a feed together bring about what they did on such days before"),
    Monitor("feed_high", "quarantine", "the queues of a feed together bring about what they did on such days before"),
    Monitor("queues_mixed_up", "quarantine", "no queue loses what another one gains"),
    Monitor("claims_low", "quarantine", "about as many claims as on such days before", "claims_daily"),
    Monitor("claims_high", "quarantine", "more claims than usual only where one peril explains them", "claims_daily"),
    Monitor("handle_time", "quarantine", "a mean handle time as on such days before"),
    Monitor("feed_handle_time", "quarantine", "a mean handle time of the feed's queues as on such days before"),
    Monitor("abandonment", "warn", "a share of customers who gave up as on such days before"),
    Monitor("wait", "warn", "a mean wait as on such days before"),
    Monitor("rows_twice", "quarantine", "no row twice under another id", "contacts"),
    Monitor("rows_of_one_second", "quarantine", "no more rows in the same second than before", "contacts"),
    Monitor("rows_echoed", "quarantine", "no more customers twice within a minute than before", "contacts"),
    Monitor("rows_of_another_day", "quarantine", "no rows that repeat another day's customer and second", "contacts"),
    Monitor("one_customer", "quarantine", "no customer behind more of the rows than before", "contacts"),
    Monitor("agents_in_two_calls", "quarantine", "no agent in two calls at once", "contacts"),
    Monitor("handle_time_zero", "quarantine", "answered contacts have a handle time", "contacts"),
    Monitor("handle_time_too_long", "quarantine", "handle times no longer than from answer to end", "contacts"),
    Monitor("handle_time_too_short", "quarantine", "handle times no shorter than from answer to end", "contacts"),
    Monitor("customer_missing", "warn", "a customer in as many rows as before", "contacts"),
    Monitor("agent_missing", "warn", "an agent in as many answered contacts as before", "contacts"),
    Monitor("agents_idle_while_customers_wait", "quarantine", "agents are busy while customers wait", "contacts"),
    Monitor(
        "links_lead_nowhere", "quarantine", "events and replies belong to a case, claim or mail that is there", "cases", True
    ),
    Monitor("numbers_missing", "quarantine", "as many of a source's running numbers are there as before", "contacts", True),
    Monitor("part_of_day_missing", "quarantine", "every part of the day brings its usual share", "interval_history"),
    Monitor("day_moved", "quarantine", "the day's shape stands where it did on such days before", "interval_history"),
    Monitor("day_repeated", "quarantine", "no day that equals another one", "interval_history"),
    Monitor("feed_missing", "quarantine", "the feed of every open queue arrived whole"),
    Monitor("report_differs", "quarantine", "single contacts and the interval report tell the same", "interval_reports"),
    Monitor("level_shift", "warn", "the level stays; where it does not, somebody should know why"),
)
"""Every monitor, in the order of data_quality's rows."""


def judge(seen: Observed, learnt: Learnt, enterprise: Enterprise, limits: Thresholds, first: int) -> Iterator[Hit]:
    """Put every rule to the dates from place `first` on; a rule may speak of one subject and day more than once."""
    yield from judge_volume(seen, learnt, enterprise, limits, first)
    yield from judge_ratios(seen, learnt, limits, first)
    yield from judge_rows(seen, learnt, enterprise, limits, first)
