"""The door of the night's staffing: a forecast that no model can take is refused by queue, interval and remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.tables.forecast import OFFERED_QUANTILES

_CONTACTS = ["mean_offered_contacts", *(column.name for column in OFFERED_QUANTILES)]


def require_numbers(queue_id: str, forecast: pd.DataFrame, time_zone: str) -> None:
    """Refuse contacts that are negative, missing or infinite, and handle times that are negative or infinite.

    A handle time that is missing or 0 is none: the queue's prior stands in for it.

    Args:
        queue_id: whose forecast it is.
        forecast: rows of FORECAST_INTERVAL of the queue.
        time_zone: the enterprise's, for the message.

    Raises:
        ValueError: naming queue, interval on the wall clock, column and value, and what to do.
    """
    for name in (*_CONTACTS, "mean_handle_seconds"):
        values = forecast[name].to_numpy(dtype=np.float64, na_value=np.nan)
        fits = np.isfinite(values) & (values >= 0)
        if name == "mean_handle_seconds":
            fits |= np.isnan(values)
        if not fits.all():
            first = int(np.argmin(fits))
            when = forecast["interval_start_utc"].iloc[first].tz_convert(time_zone)
            raise ValueError(
                f"queue {queue_id}, {when:%a %Y-%m-%d %H:%M}: {name} is {values[first]:g}; expected a number of 0 or more. "
                "Run the forecast of the night again, or let a planner override the day"
            )
