"""The door of the night's staffing: a forecast that no model can take is refused by queue, interval and remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.doors import BoolArray, FloatArray
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


def handle_seconds_or_prior(forecast: pd.DataFrame, prior_seconds: float) -> tuple[FloatArray, BoolArray]:
    """Handle times, and where the queue's prior stands in because none is known (missing or 0).

    Args:
        forecast: rows with `mean_handle_seconds`.
        prior_seconds: the queue's `mean_handle_seconds_prior`, > 0.

    Example:
        >>> handle_seconds_or_prior(pd.DataFrame({"mean_handle_seconds": [240.0, 0.0, None]}), 300.0)
        (array([240., 300., 300.]), array([False,  True,  True]))
    """
    known = forecast["mean_handle_seconds"].to_numpy(dtype=np.float64, na_value=np.nan)
    unknown: BoolArray = ~(known > 0)
    return np.where(unknown, prior_seconds, known), unknown


def prior_in_words(prior_seconds: float) -> str:
    """What the plan says where the prior stands in.

    Example:
        >>> prior_in_words(300.0)
        'no handle time is known, the prior of 300 s stands in'
    """
    return f"no handle time is known, the prior of {prior_seconds:g} s stands in"
