"""Drivers of the settings: what a night knew of them, and leads of values that are known ahead, estimated beside claims."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.drivers import Driver
from enterprise.grid import IntervalGrid
from forecasting.announced import Announced, announced_drivers
from forecasting.exposure import exposures
from forecasting.lead_rows import claims_lead_rows, driver_lead_rows
from forecasting.night_leads import NightLeads, brought_by_drivers
from forecasting.panel import Panel
from forecasting.rolling_leads import LeadSource
from tests.unit.forecasting.conftest import LAST, PanelMaker
from warehouse.tables.core import DRIVER_VALUES

GRID = IntervalGrid("Europe/Amsterdam", 30)
MAILINGS = Driver(name="Mailings", source="marketing", known_ahead_days=14, maximum_lag_days=6)
VISITS = MAILINGS.model_copy(update={"known_ahead_days": 0, "without_row": "unknown"})
KERNEL = np.array([0.006, 0.012, 0.008, 0.004, 0.0, 0.0, 0.0])


def values(*rows: tuple[str, date, float, datetime]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["driver", "business_date", "value", "known_at"])
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    return frame.assign(source_system="marketing", landing_file="a", landing_row=1)[DRIVER_VALUES.column_names]


EVER = datetime(1970, 1, 1, tzinfo=UTC)
DAY = date(2026, 11, 2)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_night_knows_what_was_told_by_its_end_and_the_last_word_counts() -> None:
    posted = DAY + timedelta(days=10)
    rows = values(
        ("mailings", posted, 5000.0, at(DAY)),
        ("mailings", posted, 8000.0, at(DAY + timedelta(days=6))),
        ("others", posted, 1.0, at(DAY)),
    )
    known = announced_drivers(rows, {"mailings": MAILINGS}, GRID)
    assert known.known(DAY - timedelta(days=1)).empty
    assert known.known(DAY)["mailings"].loc[posted] == 5000.0
    assert known.known(DAY + timedelta(days=6))["mailings"].loc[posted] == 8000.0
    late = known.known(DAY + timedelta(days=20))["mailings"]
    assert late.loc[posted] == 8000.0
    assert late.index.max() == DAY + timedelta(days=34)
    assert late.loc[posted + timedelta(days=1) :].eq(0.0).all(), "no mailing was announced for these days"


def test_after_local_midnight_is_the_next_night() -> None:
    posted = DAY + timedelta(days=10)
    known = announced_drivers(values(("mailings", posted, 1.0, at(DAY, 23))), {"mailings": MAILINGS}, GRID)
    assert known.known(DAY).empty, "23:00 UTC is midnight in Amsterdam"
    assert len(known.known(DAY + timedelta(days=1)))


def test_without_a_moment_a_value_is_known_as_far_ahead_as_the_settings_say_and_gaps_stay_open() -> None:
    rows = values(*[("visits", DAY + timedelta(days=k), 9.0, EVER) for k in (0, 1, 3, 4)])
    known = announced_drivers(rows, {"visits": VISITS}, GRID).known(DAY + timedelta(days=3))["visits"]
    assert known.tolist()[:2] == [9.0, 9.0]
    assert np.isnan(known.iloc[2])
    assert known.index.max() == DAY + timedelta(days=3)


@pytest.fixture(scope="module")
def letters() -> dict[date, float]:
    rng = np.random.default_rng(5)
    days = [LAST - timedelta(days=400) + timedelta(days=int(k)) for k in np.cumsum(rng.integers(7, 14, 42))]
    return {day: 1000.0 * int(rng.integers(4, 13)) for day in days if day <= LAST + timedelta(days=12)} | {
        LAST + timedelta(days=4): 12_000.0
    }


@pytest.fixture
def mailed(letters: dict[date, float], make_test_panel: PanelMaker) -> Panel:
    def offered(calendar, level: float) -> np.ndarray:
        sent = np.array([letters.get(day, 0.0) for day in calendar.frame["business_date"]])
        mean = level * (1 + 0.1 * (calendar.frame["weekday"].to_numpy() == 0)) * calendar.takes_contacts
        return np.random.default_rng(3).poisson(mean + exposures(sent, calendar.takes_contacts, 6) @ KERNEL).astype(float)

    return make_test_panel(levels=(120.0,), days=400, horizon=14, offered=offered)


def source(panel: Panel, letters: dict[date, float], driver: Driver, *, ahead: int = 14) -> LeadSource:
    rows = values(*[("mailings", day, value, at(day - timedelta(days=ahead))) for day, value in letters.items()])
    none = pd.DataFrame(index=list(panel.dates[: panel.past]))
    return LeadSource(none, panel.queues, 6, 7, announced=announced_drivers(rows, {"mailings": driver}, GRID))


def test_an_announced_mailing_brings_its_contacts_ahead(mailed: Panel, letters: dict[date, float]) -> None:
    lead = source(mailed, letters, MAILINGS).estimate(mailed)
    assert lead.used == {"queue_0": True}
    kernel = lead.kernels["contacts_per_claim"].to_numpy()
    assert np.abs(kernel - KERNEL).sum() < 0.3 * KERNEL.sum()
    future = brought_by_drivers(lead, {"mailings": MAILINGS}, "queue_0", 14)
    assert future.tolist() == pytest.approx(lead.contacts_future["queue_0"].tolist())
    assert future[5] > 3 * max(future[1], 1.0), "the mailing of the fourth day shows on the sixth, Monday's part not on Sunday"
    assert lead.kernels["contacts_to_come"].iloc[0] > 12_000 * KERNEL.sum() * 0.6
    verdict = lead.kernels["verdict"].iloc[0]
    assert "Its values are known 14 days ahead: they serve" in verdict


def test_what_is_told_after_the_night_changes_nothing(mailed: Panel, letters: dict[date, float]) -> None:
    before = mailed.until(LAST - timedelta(days=60), 14)
    garbled = {day: value if day <= before.as_of + timedelta(days=14) else 9e6 for day, value in letters.items()}
    assert garbled != letters
    one, other = (source(mailed, sent, MAILINGS).estimate(before) for sent in (letters, garbled))
    pd.testing.assert_frame_equal(one.kernels, other.kernels)
    pd.testing.assert_frame_equal(one.contacts_future, other.contacts_future)


def test_known_on_its_day_only_it_is_refused_for_the_days_it_cannot_serve(make_test_panel: PanelMaker) -> None:
    rng = np.random.default_rng(8)
    days = [LAST - timedelta(days=k) for k in range(400)][::-1]
    heat = rng.normal(20.0, 8.0, 400).round(1) - 30.0

    def offered(calendar, level: float) -> np.ndarray:
        mean = (level + 4.0 * (heat - heat.min())) * calendar.takes_contacts[:400]
        return rng.poisson(mean).astype(float)

    panel = make_test_panel(levels=(60.0,), days=400, horizon=14, offered=offered)
    rows = values(*[("mailings", day, value, EVER) for day, value in zip(days, heat, strict=True)])
    none = pd.DataFrame(index=list(panel.dates[: panel.past]))
    for known, used in {0: False, 14: True}.items():
        driver = MAILINGS.model_copy(update={"known_ahead_days": known, "without_row": "unknown"})
        told = announced_drivers(rows, {"mailings": driver}, GRID)
        found = LeadSource(none, panel.queues, 6, 7, announced=told).estimate(panel)
        assert found.used == {"queue_0": used}
        if not used:
            assert found.kernels["verdict"].str.startswith("Refused").all()
            assert found.kernels["verdict"].str.contains("on the same day only").all()


def test_tables_tell_claims_from_drivers(mailed: Panel, letters: dict[date, float]) -> None:
    claims = pd.DataFrame({"motor": np.random.default_rng(1).poisson(30, mailed.past)}, index=list(mailed.dates[: mailed.past]))
    known = source(mailed, letters, MAILINGS).announced
    assert isinstance(known, Announced)
    leads = NightLeads(claims, "", (LeadSource(claims, mailed.queues, 6, 7, announced=known),), mailed.queues)
    lead = leads.estimate(mailed)
    of_claims, of_drivers = (rows(lead.kernels, ["mailings"], LAST) for rows in (claims_lead_rows, driver_lead_rows))
    assert set(of_claims["claim_class"]) == {"motor"}
    assert not of_claims["used"].any()
    assert set(of_drivers["driver"]) == {"mailings"}
    assert of_drivers["used"].all()
    assert leads.for_backtest(mailed, [LAST - timedelta(days=28)]) is not None


def test_a_driver_of_which_nothing_came_is_not_looked_for(mailed: Panel) -> None:
    lead = source(mailed, {}, MAILINGS).estimate(mailed)
    assert lead.used == {"queue_0": False}
    assert lead.kernels["verdict"].str.startswith("Not looked for").all()
