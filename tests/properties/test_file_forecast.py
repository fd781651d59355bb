"""Whatever regular history a file holds: quantiles rise and are never negative, intervals add up, the future does not matter."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_NAIVE
from forecasting.file_forecast import forecast_history
from forecasting.file_history import read_history
from forecasting.file_rows import QUANTILE_COLUMNS, forecast_rows

AS_OF = date(2026, 3, 30)  # the day after the clocks of Europe went forward
CANDIDATES = (SEASONAL_NAIVE, SEASONAL_MEAN_4, DYNAMIC_REGRESSION)
levels = st.lists(st.sampled_from([0.0, 0.02, 0.5, 3.0, 40.0]), min_size=7, max_size=7)


def history(week: list[float], days: int, hours: int, seed: int) -> pd.DataFrame:
    stamps = pd.date_range(end="2026-03-29 23:59", periods=days * 24 // hours, freq=f"{hours}h").floor(f"{hours}h")
    counts = np.random.default_rng(seed).poisson(np.array(week)[stamps.day_of_week.to_numpy()])
    return pd.DataFrame({"queue": "q", "timestamp": stamps.strftime("%Y-%m-%d %H:%M"), "contacts": counts})


def result(rows: pd.DataFrame) -> pd.DataFrame:
    known = read_history(rows, AS_OF, "Europe/Amsterdam")
    return forecast_rows(known, forecast_history(known, None, None, 10, CANDIDATES))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(week=levels, days=st.integers(1, 150), hours=st.sampled_from([1, 4, 24]), seed=st.integers(0, 99))
def test_a_forecast_is_a_distribution_and_adds_up(week: list[float], days: int, hours: int, seed: int) -> None:
    rows = history(week, days, hours, seed)
    out = result(rows)
    quantiles = out[list(QUANTILE_COLUMNS)].to_numpy()
    assert np.isfinite(out["mean"]).all()
    assert (out["mean"] >= 0).all()
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    by_day = out[out["grain"] == "day"].set_index("lead_days")["mean"]
    fine = out[out["grain"] != "day"].groupby("lead_days")["mean"].sum()
    if len(fine):
        np.testing.assert_allclose(fine.reindex(by_day.index).to_numpy(), by_day.to_numpy(), atol=1e-5)
    later = rows.assign(timestamp=pd.to_datetime(rows["timestamp"]) + pd.Timedelta(days=365), contacts=-1)
    later["timestamp"] = later["timestamp"].dt.strftime("%Y-%m-%d %H:%M")
    pd.testing.assert_frame_equal(result(pd.concat([rows, later], ignore_index=True)), out)


@settings(max_examples=10, deadline=None)
@given(count=st.integers(1, 5000), days=st.integers(1, 200))
def test_a_constant_history_forecasts_itself(count: int, days: int) -> None:
    stamps = pd.date_range(end="2026-03-29", periods=days).strftime("%Y-%m-%d")
    out = result(pd.DataFrame({"queue": "q", "timestamp": stamps, "contacts": count}))
    np.testing.assert_allclose(out["mean"], count, rtol=1e-6)
