"""The example night, some days later: what its plan said of a day against what came."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from forecasting.accuracy import ledger_rows
from tests.support.example_night import PLAN_DATE
from warehouse.lake import Lake
from warehouse.tables.forecast import ACCURACY_LEDGER, FORECAST_DAILY
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY


def write_ledger(lake: Lake, enterprise: Enterprise, day: date, more_contacts: int = 0) -> None:
    """Write the ledger of a day of the example plan, on which as many contacts came as on the plan date, or some more."""
    places = {queue.id: (str(queue.channel), queue.line_of_business) for queue in enterprise.queues.values()}
    history = lake.read(DAILY_HISTORY)
    came = history[history["business_date"] == PLAN_DATE]
    came = came.assign(business_date=day, offered_contacts=came["offered_contacts"] + more_contacts)
    before = history[history["business_date"] == day - timedelta(days=7)]
    plan, own = lake.read(FORECAST_DAILY), lake.read(MODEL_FORECAST_DAILY)
    rows = ledger_rows(day, plan, own, pd.concat([came, before]), places)
    lake.replace(ACCURACY_LEDGER, rows, day)
