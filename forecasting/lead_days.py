"""Which day's values bring which contacts: the lead of one driver taken apart by the day on which its values came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray
from forecasting.exposure import exposures
from forecasting.lead_series import QueueAndDrivers

BY_DAY_COLUMNS = ("queue_id", "driver", "reported_date", "value", "business_date", "contacts")
_LEAST_CONTACTS = 1e-4


def contacts_by_day(series: QueueAndDrivers, at: int, kernel: FloatArray, dates: Sequence[date]) -> pd.DataFrame:
    """Contacts that each day's value of one driver brings on each day of the horizon.

    Args:
        series: the queue beside its drivers.
        at: position of the driver.
        kernel: contacts per unit by lag day.
        dates: dates of history and horizon, as those of `series`.

    Returns:
        Columns `BY_DAY_COLUMNS`, no row without contacts. Over all days of values, those expected in the horizon included, the
        contacts of a day add up to what the driver brings on it.
    """
    past = len(series.offered)
    first = max(past - 2 * len(kernel) - 14, 0)  # lags may count business days
    values, takes = series.values[first:, at], series.takes_contacts[first:]
    rows = []
    for day in np.flatnonzero(values > 0.0).tolist():
        alone = np.where(np.arange(len(values)) == day, values, 0.0)
        brought = (exposures(alone, takes, series.lags, series.counting) @ kernel)[past - first :]
        rows += [
            (series.queue_id, series.drivers[at], dates[first + day], values[day], dates[past + ahead], brought[ahead])
            for ahead in np.flatnonzero(brought > _LEAST_CONTACTS).tolist()
        ]
    return pd.DataFrame(rows, columns=list(BY_DAY_COLUMNS))
