"""The jobs of whoever runs Leadline: tell how a night went."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pandas as pd

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from warehouse.database import connected, warehouse_url
from warehouse.lake import Lake
from warehouse.operations.run_summary import run_summary, store_run_summary
from warehouse.operations.step_runs import DagRunSeen as DagRunSeen
from warehouse.operations.step_runs import step_runs
from warehouse.published import plan_of


def summarise_night(night: date, enterprise: Enterprise, lake: Lake, ran: Iterable[DagRunSeen]) -> pd.DataFrame:
    """Tell how a night went, step by step, in the warehouse's table run_summary; told again, it replaces what was said before.

    Args:
        night: the night.
        enterprise: the settings.
        lake: where the night's tables are.
        ran: what Airflow saw of the night's runs.

    Returns:
        The rows.
    """
    with connected(warehouse_url(enterprise.storage)) as connection:
        try:
            version = plan_of(connection, night).version
        except NeedsPersonError:
            version = None
        rows = run_summary(night, step_runs(ran), lake, version, datetime.now(UTC))
        store_run_summary(connection, night, rows)
    return rows
