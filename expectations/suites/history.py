"""What must be true of history beyond their form."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, local_time, shown
from expectations.suites.coverage import open_intervals_present
from warehouse.tables.core import INTERVAL_REPORTS
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY, INTERVAL_HISTORY

_COUNTS = ("offered_contacts", "answered_contacts", "abandoned_contacts")


def _accounted(night: Night) -> pd.DataFrame:
    """One row per interval that was made of contacts: a report of another system may count an answer later than its contact."""
    history = night.frame(INTERVAL_HISTORY)
    history = history.loc[~history["queue_id"].isin(night.frame(INTERVAL_REPORTS)["queue_id"])].reset_index(drop=True)
    ended = history["answered_contacts"].fillna(0) + history["abandoned_contacts"].fillna(0)
    when = local_time(history["interval_start_utc"], night.enterprise.time_zone)
    seen = when + ": " + shown(ended) + " answered or abandoned of " + shown(history["offered_contacts"])
    seen = seen + ", " + shown(history["answered_within_contacts"]) + " in time"
    in_time = history["answered_within_contacts"].fillna(0) <= history["answered_contacts"].fillna(0)
    return evidence((ended <= history["offered_contacts"]) & in_time, history["queue_id"], seen)


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
        "contacts_accounted_for",
        "history",
        INTERVAL_HISTORY,
        "stop",
        "answered and abandoned together are at most what was offered, answered in time at most what was answered",
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
