"""The demo's clean nights as the monitors see them."""

from __future__ import annotations

import zlib
from datetime import timedelta
from pathlib import Path

import pandas as pd

from enterprise.settings import load_enterprise
from expectations.monitors.learnt import learn
from expectations.monitors.observed import observe
from expectations.monitors.profiles import FEEDS_SQL, PROFILE_TABLES, PROFILES_SQL
from expectations.monitors.thresholds import CHOSEN
from expectations.monitors.watched import Watched
from faults.trials import Ground
from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY

_FIRST_PLACE = 180
"""Half a year from the first claim: the first contacts come later, and a series is judged after five weeks of open days."""
_PLANTED_BY_ROW = {"duplicate_line", "broken_line", "duplicate_mail"}
"""Dirt of single rows, which lies on every day and is removed by the pipeline: it makes no night unclean."""


def demo_ground(settings: Path, lake_folder: Path, truth: Path, folder: Path) -> Ground:
    """What was seen of and learnt before every clean night of the demo; summaries of rows are kept in `folder`."""
    lake = Lake(str(lake_folder))
    enterprise = load_enterprise(settings, {}, settings.parents[1])
    last = max(lake.partitions(DAILY_HISTORY))
    made = f"{zlib.crc32((PROFILES_SQL + FEEDS_SQL + str(last)).encode()):08x}"
    profiles, feeds = folder / f"profiles-{made}.parquet", folder / f"feeds-{made}.parquet"
    if not feeds.exists():
        connection = lake.connect()
        for table in PROFILE_TABLES:
            lake.view(connection, table, last=last)
        connection.sql(PROFILES_SQL).df().to_parquet(profiles)
        connection.sql(FEEDS_SQL).df().to_parquet(feeds)
    watched = Watched(
        _read(lake, DAILY_HISTORY), _read(lake, INTERVAL_HISTORY), _read(lake, CLAIMS_DAILY), pd.read_parquet(profiles),
        pd.read_parquet(feeds),
    )  # fmt: skip
    seen = observe(watched, enterprise, last)
    dirt = pd.read_parquet(truth / "dirt.parquet")
    days = pd.to_datetime(dirt.loc[~dirt["kind"].isin(_PLANTED_BY_ROW), "day"]).dt.date
    unclean = {day + timedelta(days=k) for day in days for k in (0, 1)}
    nights = [place for place in range(_FIRST_PLACE, len(seen.dates)) if seen.dates[place] not in unclean]
    return Ground(enterprise, lake, seen, learn(seen, enterprise, CHOSEN), nights)


def hidden_variance(truth: Path) -> dict[str, float]:
    """Relative variance of each queue's hidden day factor in the demo."""
    factors = pd.read_parquet(truth / "day_factors.parquet").groupby("queue_id")["day_factor"]
    return {str(queue): float(value) for queue, value in (factors.var() / factors.mean() ** 2).items()}


def _read(lake: Lake, table: Table) -> pd.DataFrame:
    """Every row of a table, also of a lake that was made before a flag was added."""
    frame = pd.concat([pd.read_parquet(path) for path in lake.files(table)], ignore_index=True)
    missing = {column.name: True for column in table.all_columns if column.name not in frame and column.name == "source_complete"}
    return frame.assign(**missing)
