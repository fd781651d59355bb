"""What must be true of core facts and of history beyond their form."""

from __future__ import annotations

import pandas as pd

from enterprise.timing import opening_of
from expectations.rule import Night, Rule, evidence, local_time, shown
from expectations.suites.coverage import open_intervals_present
from warehouse.tables.core import CONTACTS
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY, INTERVAL_HISTORY

LONGEST_WAIT_SECONDS = 4 * 3600.0
LONGEST_HANDLE_SECONDS = 8 * 3600.0
OUTSIDE_HOURS_TOLERANCE = 0.05
_COUNTS = ("offered_contacts", "answered_contacts", "abandoned_contacts")


def _durations(night: Night) -> pd.DataFrame:
    contacts = night.frame(CONTACTS)
    within = (contacts["wait_seconds"] <= LONGEST_WAIT_SECONDS) & (contacts["handle_seconds"] <= LONGEST_HANDLE_SECONDS)
    wait, handle = shown(contacts["wait_seconds"] / 60), shown(contacts["handle_seconds"] / 60)
    seen = "contact " + contacts["contact_id"] + " waited " + wait + " minutes and was handled for " + handle + " minutes"
    return evidence(within, contacts["queue_id"], seen)


def _order_in_time(night: Night) -> pd.DataFrame:
    contacts = night.frame(CONTACTS)
    wrong = (contacts["answered_at"] < contacts["arrived_at"]) | (contacts["ended_at"] < contacts["answered_at"])
    wrong |= contacts["ended_at"] < contacts["arrived_at"]
    return evidence(~wrong, contacts["queue_id"], "contact " + contacts["contact_id"])


def _queue_known(night: Night) -> pd.DataFrame:
    queues = night.frame(CONTACTS)["queue_id"].drop_duplicates().reset_index(drop=True)
    return evidence(queues.isin(list(night.enterprise.queues)), queues, "contacts of a queue that the settings do not describe")


def _inside_hours(night: Night) -> pd.DataFrame:
    """One row per queue: the share of its customers' contacts that came while it was closed."""
    contacts = night.frame(CONTACTS)
    customers = contacts.loc[(contacts["direction"] == "inbound") & contacts["queue_id"].isin(list(night.enterprise.queues))]
    rows = []
    for queue_id, mine in customers.groupby("queue_id"):
        spans = opening_of(night.enterprise, str(queue_id)).open_spans(night.business_date)
        inside = sum(int(((mine["arrived_at"] >= start) & (mine["arrived_at"] < end)).sum()) for start, end in spans)
        rows.append((queue_id, 1.0 - inside / len(mine)))
    frame = pd.DataFrame(rows, columns=["queue_id", "outside"]).astype({"outside": "float64"})
    seen = frame["queue_id"] + ": " + shown(100 * frame["outside"], 1) + " % outside opening hours"
    return evidence(frame["outside"] <= OUTSIDE_HOURS_TOLERANCE, frame["queue_id"], seen)


def _accounted(night: Night) -> pd.DataFrame:
    history = night.frame(INTERVAL_HISTORY)
    ended = history["answered_contacts"].fillna(0) + history["abandoned_contacts"].fillna(0)
    when = local_time(history["interval_start_utc"], night.enterprise.time_zone)
    seen = when + ": " + shown(ended) + " answered or abandoned of " + shown(history["offered_contacts"])
    return evidence(ended <= history["offered_contacts"], history["queue_id"], seen)


def _grid_complete(night: Night) -> pd.DataFrame:
    """One row per open interval of every queue whose feed arrived: is it there?"""
    daily = night.frame(DAILY_HISTORY)
    complete = set(daily["queue_id"][daily["source_complete"].astype(bool)]) & set(night.enterprise.queues)
    return open_intervals_present(night.enterprise, complete, [night.business_date], night.frame(INTERVAL_HISTORY))


def _day_is_its_intervals(night: Night) -> pd.DataFrame:
    daily = night.frame(DAILY_HISTORY).set_index("queue_id")
    sums = night.frame(INTERVAL_HISTORY).groupby("queue_id")[list(_COUNTS)].sum(min_count=0)
    sums = sums.reindex(daily.index).fillna(0)
    equal = (sums == daily[list(_COUNTS)].fillna(0)).all(axis=1).reset_index(drop=True)
    parts = [
        name.removesuffix("_contacts")
        + " "
        + shown(daily[name].fillna(0))
        + " in the day, "
        + shown(sums[name])
        + " in its intervals"
        for name in _COUNTS
    ]
    seen = pd.Series(daily.index, index=daily.index) + ": " + parts[0] + "; " + parts[1] + "; " + parts[2]
    return evidence(equal, pd.Series(daily.index), seen.reset_index(drop=True))


def _every_queue_has_its_day(night: Night) -> pd.DataFrame:
    queues = pd.Series(sorted(night.enterprise.queues))
    return evidence(queues.isin(night.frame(DAILY_HISTORY)["queue_id"]), queues, "no row for " + queues)


def _complete(night: Night) -> pd.DataFrame:
    daily = night.frame(DAILY_HISTORY)
    seen = daily["queue_id"] + ": " + shown(daily["offered_contacts"]) + " contacts; the feed is missing or far from whole"
    return evidence(daily["source_complete"].astype(bool), daily["queue_id"], seen)


def _backlog_agrees(night: Night) -> pd.DataFrame:
    """One row per queue that has a backlog by its day or by its cohorts."""
    day = night.frame(DAILY_HISTORY).set_index("queue_id")["backlog_items"].dropna()
    cohorts = night.frame(BACKLOG_OPENING).groupby("queue_id")["open_items"].sum()
    both = pd.concat({"day": day, "cohorts": cohorts}, axis=1).astype("float64").fillna(0).rename_axis("queue_id").reset_index()
    seen = (
        both["queue_id"]
        + ": "
        + shown(both["day"])
        + " open at the end of the day, "
        + shown(both["cohorts"])
        + " in its cohorts"
    )
    return evidence(both["day"] == both["cohorts"], both["queue_id"], seen)


RULES = (
    Rule(
        "durations_plausible",
        "core",
        CONTACTS,
        "warn",
        f"waits of at most {LONGEST_WAIT_SECONDS / 3600:g} hours and handle times of at most {LONGEST_HANDLE_SECONDS / 3600:g}",
        "see whether the source changed its unit (seconds to milliseconds) or a phone was left off the hook",
        _durations,
    ),
    Rule(
        "times_in_order",
        "core",
        CONTACTS,
        "warn",
        "a contact arrives, is answered and ends in this order",
        "look at the clocks of the source's servers",
        _order_in_time,
    ),
    Rule(
        "queue_known",
        "core",
        CONTACTS,
        "warn",
        "every contact belongs to a queue of the settings",
        "describe the queue under [queues.<id>], or correct the source's queues; until then its contacts are not planned",
        _queue_known,
    ),
    Rule(
        "inside_opening_hours",
        "core",
        CONTACTS,
        "warn",
        f"at most {100 * OUTSIDE_HOURS_TOLERANCE:g} % of a queue's inbound contacts outside its opening hours",
        "correct [opening_hours] in the settings, or add the day to their exceptions",
        _inside_hours,
    ),
    Rule(
        "contacts_accounted_for",
        "history",
        INTERVAL_HISTORY,
        "stop",
        "answered and abandoned together are at most what was offered",
        "run the night again for this day; if it stays, a contact is counted twice: report it with the interval",
        _accounted,
    ),
    Rule(
        "grid_complete",
        "history",
        INTERVAL_HISTORY,
        "stop",
        "a row for every open interval of a queue whose feed arrived",
        "run the night again for this day",
        _grid_complete,
    ),
    Rule(
        "day_equals_its_intervals",
        "history",
        DAILY_HISTORY,
        "stop",
        "a day's counts are the sums of its intervals",
        "run the night again for this day",
        _day_is_its_intervals,
    ),
    Rule(
        "every_queue_has_its_day",
        "history",
        DAILY_HISTORY,
        "stop",
        "a row for every queue of the settings",
        "run the night again for this day",
        _every_queue_has_its_day,
    ),
    Rule(
        "feed_complete",
        "history",
        DAILY_HISTORY,
        "quarantine",
        "every open queue's feed arrived whole",
        "have the source deliver the day again and run the night again: until then the day is left out of fitting",
        _complete,
    ),
    Rule(
        "backlog_equals_its_cohorts",
        "history",
        BACKLOG_OPENING,
        "stop",
        "the backlog at the end of the day is the sum of its cohorts",
        "run the night again for this day",
        _backlog_agrees,
    ),
)
