"""Whether a table has a row for every interval in which a queue is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from expectations.rule import evidence, local_time


def open_intervals_present(
    enterprise: Enterprise, queue_ids: Iterable[str], days: list[date], rows: pd.DataFrame
) -> pd.DataFrame:
    """Evidence with one row per open interval of the queues on these days: is it among `rows`?"""
    grid = grid_of(enterprise)
    parts = []
    for queue_id in sorted(queue_ids):
        wanted = opening_of(enterprise, queue_id).open_seconds_per_interval(grid, days)
        starts: pd.Series = wanted["interval_start_utc"][wanted["open_seconds"] > 0].reset_index(drop=True)
        there = starts.isin(rows["interval_start_utc"][rows["queue_id"] == queue_id])
        parts.append(evidence(there, queue_id, partial(_no_row, starts, enterprise.time_zone)))
    return pd.concat(parts, ignore_index=True) if parts else evidence(pd.Series(dtype=bool), None, "")


def _no_row(starts: pd.Series, time_zone: str, broken: pd.Series) -> pd.Series:
    return "no row for " + local_time(starts[broken], time_zone)
