"""People for the rest of a day that runs, by its forecast of the moment, beside those of the night's plan. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from staffing.live import staff_live
from warehouse.tables.forecast import FORECAST_INTERVAL, OFFERED_QUANTILES
from warehouse.tables.today import STAFFING_TODAY


def staff_today(forecast: pd.DataFrame, night: pd.DataFrame, staffed: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Staff the live queues; work that can wait is staffed by its due times, which a morning does not move.

    Args:
        forecast: rows of FORECAST_TODAY of one moment.
        night: rows of FORECAST_INTERVAL of the night's plan for the day.
        staffed: rows of STAFFING_INTERVAL of the same.
        enterprise: the settings.

    Returns:
        Rows of STAFFING_TODAY for the open intervals of the night's plan.
    """
    key = ["queue_id", "interval_start_utc"]
    counts = ["mean_offered_contacts", *(column.name for column in OFFERED_QUANTILES)]
    frames = [STAFFING_TODAY.arrow_schema.empty_table().to_pandas()]
    for queue_id, rows in forecast.groupby("queue_id", sort=True):
        queue = enterprise.queues.get(str(queue_id))
        planned = staffed[staffed["queue_id"] == queue_id]
        if queue is None or queue.is_deferred or planned.empty:
            continue
        before = planned[[*key, "open_seconds", "mean_patience_seconds", "positions_required", "scheduled_staff"]]
        before = before.rename(
            columns={"positions_required": "night_positions_required", "scheduled_staff": "night_scheduled_staff"}
        )
        own = night[night["queue_id"] == queue_id].drop(columns=counts)
        both = own.merge(rows[[*key, *counts]], on=key, validate="one_to_one").merge(before, on=key, validate="one_to_one")
        if both.empty:
            continue
        patience = np.asarray(both["mean_patience_seconds"].astype("float64").fillna(np.inf), dtype=np.float64)
        intervals = both[[*FORECAST_INTERVAL.column_names, "open_seconds"]]
        plan = staff_live(queue, intervals, patience, enterprise.planning.goal_probability)
        beside = both[[*key, "night_positions_required", "night_scheduled_staff", "mean_offered_contacts"]]
        wanted = plan[[*key, "positions_required", "scheduled_staff", "answered_fraction"]].merge(beside, on=key)
        places = rows[[*key, "business_date", "made_at", "plan_date"]]
        frames.append(wanted.merge(places, on=key)[STAFFING_TODAY.column_names])
    made: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return made.astype({"positions_required": "int64", "scheduled_staff": "int64"})
