"""What a held day does to tonight's forecast, and a queue that no model can take."""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.calendar import date_range, queue_calendar
from forecasting.carried import carried_forecast
from forecasting.drivers import NAMES
from forecasting.held import warnings_in_words, without_held_claims
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.run import QUALITY_FINDINGS

NIGHT = date(2026, 11, 12)
ALL_WEEK = Opening({day: [(time(0), time(20))] for day in range(7)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))


def findings(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=QUALITY_FINDINGS.column_names)


def held(kind: str, subject: str, day: date, action: str = "held", reason: str = "800, usual 400") -> dict[str, object]:
    return {
        "rule": "volume_usual",
        "subject_kind": kind,
        "subject_id": subject,
        "business_date": day,
        "action": action,
        "reason": reason,
    }


def daily(days: int = 60) -> pd.DataFrame:
    dates = date_range(NIGHT - timedelta(days=days - 1), NIGHT)
    return pd.DataFrame({"queue_id": "voice", "business_date": dates, "source_complete": True})


def claims(*lines: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"line_of_business": list(lines), "business_date": NIGHT, "reported_claims": 40, "source_complete": True}
    ).assign(region="north", peril="hail", catastrophe_claims=0)


def test_only_the_held_day_of_the_held_queue_counts_as_not_whole() -> None:
    rows = without_held_queue_days(daily(), findings(held("queue", "voice", NIGHT), held("queue", "chat", NIGHT)))
    assert rows.loc[~rows["source_complete"], "business_date"].to_list() == [NIGHT]


@pytest.mark.parametrize("action", ["noted", "released", "kept_back"])
def test_a_day_that_is_not_held_is_learnt_from(action: str) -> None:
    assert without_held_queue_days(daily(), findings(held("queue", "voice", NIGHT, action)))["source_complete"].all()


def test_held_claims_are_not_whole_even_where_none_came() -> None:
    rows = without_held_claims(claims("motor", "home"), findings(held("claims", "motor", NIGHT), held("claims", "boat", NIGHT)))
    assert dict(zip(rows["line_of_business"], rows["source_complete"], strict=True)) == {
        "motor": False,
        "home": True,
        "boat": False,
    }
    assert rows.loc[rows["line_of_business"] == "boat", "reported_claims"].to_list() == [0]


def test_the_warning_names_days_and_reason_of_the_last_four_weeks_only() -> None:
    found = findings(
        held("queue", "voice", NIGHT),
        held("queue", "voice", NIGHT - timedelta(days=1)),
        held("queue", "voice", NIGHT - timedelta(days=28)),
    )
    told = warnings_in_words(without_held_queue_days(daily(), found), claims("motor"), found, {"chat"}, NIGHT)
    assert told == {"voice": "2026-11-11 to 2026-11-12 left out: 800, usual 400"}


def test_a_day_without_feed_and_claims_that_are_not_whole_are_told_too() -> None:
    rows = daily().assign(source_complete=[day != NIGHT for day in daily()["business_date"]])
    told = warnings_in_words(rows, claims("motor").assign(source_complete=False), findings(), {"voice", "case"}, NIGHT)
    assert "2026-11-12 left out: its feed is missing" in told["voice"]
    assert all("claims of 2026-11-12 taken at their usual level" in told[queue] for queue in ("voice", "case"))


def former(made: date, days: int) -> pd.DataFrame:
    dates = date_range(made + timedelta(days=1), made + timedelta(days=days))
    mean = np.array([100.0 + 10.0 * day.weekday() for day in dates])
    rows = pd.DataFrame({"plan_date": made, "business_date": dates, "lead_days": range(1, days + 1)}).assign(
        mean_offered_contacts=mean, mean_handle_seconds=300.0, mean_handle_seconds_q10=270.0, mean_handle_seconds_q90=330.0
    )
    width = 1.2815515655446004 * np.sqrt(mean + 0.01 * mean**2)
    rows = rows.assign(offered_contacts_q10=mean - width, offered_contacts_q90=mean + width, data_until_date=made)
    return rows.assign(**dict.fromkeys(NAMES, 0.0)).assign(base_contacts=mean)


def test_a_carried_forecast_keeps_days_and_spread_and_repeats_the_last_week_beyond_its_end() -> None:
    dates = date_range(NIGHT + timedelta(days=1), NIGHT + timedelta(days=28))
    calendar = queue_calendar(ALL_WEEK, NIGHT, dates[-1], deferred=True)
    forecast = carried_forecast("voice", former(NIGHT - timedelta(days=3), 28), calendar, dates, "its data are broken")
    assert forecast.mean == pytest.approx([100.0 + 10.0 * day.weekday() for day in dates])
    assert forecast.explained.parts.sum(axis=1) == pytest.approx(forecast.mean)
    assert forecast.spread.at(forecast.lead_days) == pytest.approx(0.01)
    assert forecast.handle_time.mean(forecast.weekday_like) == pytest.approx(300.0)
    assert forecast.data_until == NIGHT - timedelta(days=3)
    assert forecast.data_warning == "forecast of 2026-11-09 carried over: its data are broken"


def test_a_former_plan_that_has_ended_cannot_stand_in() -> None:
    dates = date_range(NIGHT + timedelta(days=1), NIGHT + timedelta(days=28))
    calendar = queue_calendar(ALL_WEEK, NIGHT, dates[-1], deferred=True)
    with pytest.raises(ValueError, match="ends before"):
        carried_forecast("voice", former(NIGHT - timedelta(days=40), 28), calendar, dates, "broken")
