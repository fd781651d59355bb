"""Which claims bring a plan's contacts: they add up to the forecast's own driver, and storms are called storms."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.gate import require_valid
from forecasting.claims_contacts import claims_contacts_rows
from forecasting.lead_days import BY_DAY_COLUMNS
from forecasting.lead_result import LeadResult
from tests.support.example_night import example_enterprise
from warehouse.tables.claims import CLAIMS_CONTACTS

NIGHT = date(2026, 11, 12)
FIRST, SECOND = NIGHT + timedelta(days=1), NIGHT + timedelta(days=2)
BEFORE = NIGHT - timedelta(days=1)


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return example_enterprise(Path(tmp_path_factory.mktemp("claims")))


def claims_daily(last: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Ten weeks of twenty claims a day; the last day's reported and catastrophe claims by line."""
    days = [NIGHT - timedelta(days=back) for back in range(70)]
    rows = [(line, day, *(of_last if day == NIGHT else (20, 0))) for line, of_last in last.items() for day in days]
    return pd.DataFrame(rows, columns=["line_of_business", "business_date", "reported_claims", "catastrophe_claims"])


def lead(*rows: tuple[object, ...]) -> LeadResult:
    empty = pd.DataFrame()
    return LeadResult(NIGHT, empty, empty, empty, {}, {}, pd.DataFrame(rows, columns=list(BY_DAY_COLUMNS)))


def daily(contacts: dict[tuple[str, date], float]) -> pd.DataFrame:
    rows = [("queue", queue, day, number) for (queue, day), number in contacts.items()]
    return pd.DataFrame(rows, columns=["level", "member_id", "business_date", "claims_lead_contacts"])


NO_STORMS = pd.DataFrame(index=[FIRST, SECOND])


def test_contacts_add_up_to_the_forecasts_driver(enterprise: Enterprise) -> None:
    found = lead(
        ("voice_claims", "home", NIGHT, 20.0, FIRST, 30.0),
        ("voice_claims", "home", BEFORE, 20.0, FIRST, 10.0),
        ("voice_claims", "home", FIRST, 20.0, SECOND, 5.0),
    )
    # The forecast has less of the first day than claims announce: a lead never brings more than all contacts of a day.
    days = daily({("voice_claims", FIRST): 20.0, ("voice_claims", SECOND): 5.0})
    rows = claims_contacts_rows(found, NO_STORMS, claims_daily({"home": (20, 0)}), days, enterprise, NIGHT)
    assert rows["contacts"].tolist() == [5.0, 15.0, 5.0]
    assert rows["reported_date"].tolist() == [BEFORE, NIGHT, FIRST]
    assert rows["lead_days"].tolist() == [1, 1, 2]
    require_valid(CLAIMS_CONTACTS, rows)


@pytest.mark.parametrize(("last", "storm"), [((20, 0), False), ((24, 15), True), ((90, 0), True)])
def test_storms_are_known_by_their_code_or_by_their_number(last: tuple[int, int], storm: bool, enterprise: Enterprise) -> None:
    found = lead(("voice_claims", "home", NIGHT, float(last[0]), FIRST, 8.0), ("voice_claims", "home", BEFORE, 20.0, FIRST, 2.0))
    days = daily({("voice_claims", FIRST): 10.0})
    rows = claims_contacts_rows(found, NO_STORMS, claims_daily({"home": last}), days, enterprise, NIGHT)
    assert rows.set_index("reported_date")["is_storm"].to_dict() == {BEFORE: False, NIGHT: storm}


def test_a_running_storm_brings_work_to_the_queue_that_works_on_claims(enterprise: Enterprise) -> None:
    queue = enterprise.queues["voice_claims"].model_copy(update={"work_of_claims": ("home", "motor")})
    working = enterprise.model_copy(update={"queues": {**enterprise.queues, "voice_claims": queue}})
    storms = pd.DataFrame({"voice_claims": [40.0, 0.0, 12.0]}, index=[NIGHT, FIRST, SECOND])
    days = daily({("voice_claims", SECOND): 12.0})
    rows = claims_contacts_rows(lead(), storms, claims_daily({"home": (20, 0)}), days, working, NIGHT)
    assert rows[["claim_class", "reported_date", "business_date", "contacts", "is_storm"]].to_numpy().tolist() == [
        ["home and motor", SECOND, SECOND, 12.0, True]
    ]


def test_drivers_of_the_settings_are_no_claims(enterprise: Enterprise) -> None:
    mailing = enterprise.model_copy(update={"drivers": {"mailing": None}})
    found = lead(("voice_claims", "mailing", NIGHT, 900.0, FIRST, 30.0))
    days = daily({("voice_claims", FIRST): 0.0})
    rows = claims_contacts_rows(found, NO_STORMS, claims_daily({"home": (20, 0)}), days, mailing, NIGHT)
    assert rows.empty
    require_valid(CLAIMS_CONTACTS, rows)


def test_without_claims_there_are_no_rows(enterprise: Enterprise) -> None:
    rows = claims_contacts_rows(lead(), NO_STORMS, claims_daily({}), daily({}), enterprise, NIGHT)
    assert rows.empty
    assert np.array_equal(rows.columns, CLAIMS_CONTACTS.column_names)
