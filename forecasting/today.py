"""What came so far of a day that runs, up to a moment; a feed that fell silent is no quiet hour. Pure."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from enterprise.errors import NoHistoryError, RetryLaterError

_SILENT_INTERVALS = 2
_MISSED_CONTACTS = 20.0
"""Contacts expected over silent intervals of all queues together from which on silence is a missing feed."""


def so_far_until(today: pd.DataFrame, plan: pd.DataFrame, at: pd.Timestamp, interval: timedelta) -> pd.DataFrame:
    """Contacts of the intervals that are over at a moment.

    Args:
        today: rows of interval_history of the day: queue_id, interval_start_utc, offered_contacts; later ones are not looked at.
        plan: the night's forecast of the day: queue_id, interval_start_utc, mean_offered_contacts.
        at: the moment, UTC.
        interval: length of an interval.

    Returns:
        The rows that are over; each planned queue has one for the last interval that is over, 0 where nothing came.

    Raises:
        NoHistoryError: if no planned interval is over.
        RetryLaterError: if nothing came over all queues in the last intervals although much was expected: the feed is late.
    """
    over = plan[plan["interval_start_utc"] + interval <= at]
    if over.empty:
        raise NoHistoryError(
            f"no planned interval of the day is over at {at}; expected a later moment: the plan holds until then"
        )
    last = over["interval_start_utc"].max()
    known = today[today["interval_start_utc"] <= last]
    heard = known.loc[known["offered_contacts"] > 0, "interval_start_utc"].max()
    silent = over if pd.isna(heard) else over[over["interval_start_utc"] > heard]
    missed = float(silent["mean_offered_contacts"].sum())
    if silent["interval_start_utc"].nunique() >= _SILENT_INTERVALS and missed >= _MISSED_CONTACTS:
        raise RetryLaterError(
            f"nothing came from any source after {heard}, where {missed:.0f} contacts were expected until {at}; expected a feed "
            "that is no older. Read the sources first, or look what became of them with: leadline doctor"
        )
    nothing = pd.DataFrame({"queue_id": sorted(plan["queue_id"].unique()), "interval_start_utc": last, "offered_contacts": 0})
    columns = ["queue_id", "interval_start_utc", "offered_contacts"]
    both: pd.DataFrame = pd.concat([known[columns], nothing[columns]], ignore_index=True)
    return both
