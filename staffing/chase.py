"""Contacts that overdue work raises: customers who ask where their item is, as a driver of the queue they call. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from enterprise.deferred import ChaseContacts
from staffing.doors import FloatArray
from warehouse.tables.forecast import OFFERED_QUANTILES

COLUMNS = ("mean_offered_contacts", *(column.name for column in OFFERED_QUANTILES))
"""What chase contacts are added to: the expected contacts of an interval and their quantiles."""


@dataclass(frozen=True, eq=False)
class OverdueWork:
    """Overdue items of one queue per day, and what they raise.

    Attributes:
        queue_name: name that people use for the queue.
        rule: which queue customers reach, and how often.
        items: index business date; per column of `COLUMNS` the items overdue on a mean moment of the day, with arrivals at their
            mean and at each quantile.
    """

    queue_name: str
    rule: ChaseContacts
    items: pd.DataFrame


def with_chase_contacts(rows: pd.DataFrame, overdue: Sequence[OverdueWork]) -> pd.DataFrame:
    """A live queue's forecast with the contacts that overdue work adds to it.

    The contacts of a day lie where the day's other contacts lie. Quantiles are added to quantiles: on a day with many contacts
    there is more overdue work as well. What overdue work raised in the past is in the forecast already, so only queues whose
    overdue work is out of the ordinary should have a rule.

    Args:
        rows: business_date, open_seconds and the columns of `COLUMNS` per open interval of one queue.
        overdue: what reaches this queue.

    Returns:
        The same rows with the contacts added, and `chase_contacts`: those within the mean; NaN where there is no rule.
    """
    if not overdue:
        return rows.assign(chase_contacts=np.nan)
    base, seconds = rows["mean_offered_contacts"].astype("float64"), rows["open_seconds"].astype("float64")
    days = rows["business_date"]
    of_day = base.groupby(days).transform("sum")
    share = (base / of_day.where(of_day > 0)).fillna(seconds / seconds.groupby(days).transform("sum"))
    added: FloatArray = np.zeros((len(rows), len(COLUMNS)))
    for one in overdue:
        # Days behind the last one on which the work is planned are like it.
        items = one.items.reindex(days, method="ffill")[list(COLUMNS)].fillna(0.0).to_numpy(dtype=np.float64)
        added += one.rule.contacts_per_overdue_item_day * items * share.to_numpy()[:, None]
    more = {name: rows[name].to_numpy(dtype=np.float64) + added[:, place] for place, name in enumerate(COLUMNS)}
    return rows.assign(**more, chase_contacts=added[:, 0])
