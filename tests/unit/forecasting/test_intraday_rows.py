"""The rest of the day of several queues as rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import NoHistoryError
from enterprise.grid import IntervalGrid
from forecasting.intraday_rows import COLUMNS, rest_of_day_rows

TODAY = date(2026, 11, 12)
MINUTES = np.arange(480, 1080, 30)
MEANS = {"calls": 100.0, "chat": 40.0}


def _plan(day: date) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame(
            {
                "queue_id": queue,
                "interval_start_utc": pd.Timestamp(day, tz="UTC") + pd.to_timedelta(MINUTES, unit="min"),
                "business_date": day,
                "minute_of_day": MINUTES,
                "lead_days": 1,
                "mean_offered_contacts": mean,
            }
        )
        for queue, mean in MEANS.items()
    )


def _history(days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(2)
    plans = [_plan(TODAY - timedelta(days=back)) for back in range(days, 0, -1)]
    came = []
    for plan in plans:
        factor = {queue: np.exp(rng.normal(0.0, 0.1)) for queue in MEANS}  # the whole day goes as its morning
        mean = plan["mean_offered_contacts"] * plan["queue_id"].map(factor)
        came.append(plan.assign(offered_contacts=rng.poisson(mean)))
    return pd.concat(plans), pd.concat(came)


def _so_far(calls: int, chat: int | None) -> pd.DataFrame:
    plan = _plan(TODAY)
    rows = plan[plan["minute_of_day"] < 720]
    wanted = {"calls": calls} | ({} if chat is None else {"chat": chat})
    return rows[rows["queue_id"].isin(list(wanted))].assign(offered_contacts=lambda frame: frame["queue_id"].map(wanted))


def _rows(plan: pd.DataFrame, so_far: pd.DataFrame, plans: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    return rest_of_day_rows(TODAY, pd.concat([plan, plans]), so_far, past, IntervalGrid("UTC", 30), 30)


def test_each_queue_goes_on_as_its_own_morning() -> None:
    plans, past = _history(60)
    rows = _rows(_plan(TODAY), _so_far(120, 40), plans, past)
    assert list(rows.columns) == list(COLUMNS)
    assert rows["interval_start_utc"].min() == pd.Timestamp(TODAY, tz="UTC") + pd.Timedelta(hours=12)
    factor = rows.groupby("queue_id")["factor"].first()
    assert factor["calls"] == pytest.approx(1.2, abs=0.05)
    assert factor["chat"] == pytest.approx(1.0, abs=0.01)
    assert (rows["offered_contacts_q90"] >= rows["offered_contacts_q50"]).all()


def test_a_queue_without_a_row_today_had_no_contacts_not_the_usual_ones() -> None:
    plans, past = _history(60)
    rows = _rows(_plan(TODAY), _so_far(100, None), plans, past)
    assert rows.loc[rows["queue_id"] == "chat", "factor"].iloc[0] < 0.6


def test_before_the_first_interval_is_over_the_nights_forecast_stands() -> None:
    plans, past = _history(30)
    late = _plan(TODAY)
    late = late[(late["queue_id"] == "calls") | (late["minute_of_day"] >= 720)]
    rows = _rows(late, _so_far(130, None), plans, past)
    chat = rows[rows["queue_id"] == "chat"]
    np.testing.assert_allclose(chat["mean_offered_contacts"], 40.0)
    assert (chat["factor"] == 1.0).all()


def test_nothing_of_today_or_later_teaches() -> None:
    plans, past = _history(40)
    later = past.iloc[-40:].assign(business_date=TODAY, offered_contacts=9_999)
    usual = _rows(_plan(TODAY), _so_far(110, 40), plans, past)
    disturbed = _rows(
        _plan(TODAY), _so_far(110, 40), pd.concat([plans, _plan(TODAY).assign(lead_days=2)]), pd.concat([past, later])
    )
    pd.testing.assert_frame_equal(usual, disturbed)


def test_a_day_that_is_over_or_has_not_begun_gives_no_rows() -> None:
    plans, past = _history(5)
    whole = _plan(TODAY).assign(offered_contacts=50)
    assert _rows(_plan(TODAY), whole, plans, past).empty
    assert _rows(_plan(TODAY), whole.iloc[:0], plans, past).empty


def test_a_day_without_a_plan_is_told_so() -> None:
    plans, past = _history(5)
    with pytest.raises(NoHistoryError, match="no forecast of 2026-11-12"):
        rest_of_day_rows(TODAY, plans, _so_far(100, 40), past, IntervalGrid("UTC", 30), 30)
