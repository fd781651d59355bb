"""What the last night before this one left in a table of plans."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pandas as pd

from warehouse.lake import Lake
from warehouse.tables.declaration import Table


def of_night_before(lake: Lake, table: Table, plan_date: date, queues: Collection[str] | None = None) -> pd.DataFrame:
    """Rows of the last earlier night that has any partition of the table; none where there is no such night.

    Args:
        lake: where the table is.
        table: a table partitioned by plan_date.
        plan_date: the night.
        queues: only rows of these; all if not given.
    """
    before = lake.partitions(table, last=plan_date - timedelta(days=1))[-1:]
    if not before:
        nothing: pd.DataFrame = table.arrow_schema.empty_table().to_pandas()
        return nothing
    return lake.read(table, first=before[0], last=before[0], queues=queues)
