"""Drivers of a file: gaps, early ends and same-day relations; values of the as-of date and later are not looked at."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecasting.candidates.registry import CANDIDATES
from forecasting.driver_series import driver_series
from forecasting.file_drivers import read_drivers
from forecasting.file_forecast import forecast_history
from forecasting.file_history import read_history
from forecasting.file_rows import KERNEL_COLUMNS, kernel_rows

AS_OF = date(2026, 6, 1)
DAYS = 364
KERNEL = np.array([0.05, 0.25, 0.3, 0.2, 0.1])
SIMPLE = [candidate for candidate in CANDIDATES if candidate.is_simple]


def frame(values: np.ndarray, name: str, **columns: str) -> pd.DataFrame:
    dates = [AS_OF - timedelta(days=len(values) - k) for k in range(len(values))]
    names = {"date": "date", "driver": "driver", "value": "value"} | columns
    return pd.DataFrame({names["date"]: [str(day) for day in dates], names["driver"]: name, names["value"]: values})


def bursts(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = np.full(DAYS, 30.0)
    for start in rng.integers(10, DAYS - 5, 14):
        level[start : start + 4] += rng.uniform(150, 300) * 0.5 ** np.arange(min(4, DAYS - start))
    return rng.poisson(level).astype(float)


def calls(driver: np.ndarray, kernel: np.ndarray, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1])
    base = np.tile([220.0, 180, 170, 175, 190, 90, 60], DAYS // 7) * rng.gamma(200, 1 / 200, DAYS)
    brought = np.convolve(driver, kernel)[:DAYS]
    came = rng.poisson(base + brought)
    return frame(came.astype(float), "calls", date="timestamp", driver="queue", value="contacts")


def kernels(history: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    known = read_drivers(drivers, AS_OF, "UTC").values
    forecast = forecast_history(read_history(history, AS_OF, "UTC"), known, None, 14, SIMPLE)
    return kernel_rows(forecast.kernels)


def test_a_planted_kernel_is_found_and_an_unrelated_driver_beside_it_is_not() -> None:
    driver = bursts(1)
    both = pd.concat([frame(driver, "mailings"), frame(bursts(77), "visits")])
    rows = kernels(calls(driver, KERNEL, 1), both)
    assert tuple(rows.columns) == KERNEL_COLUMNS
    mailings, visits = rows[rows["driver"] == "mailings"], rows[rows["driver"] == "visits"]
    assert mailings["verdict"].str.startswith("Used: ").all()
    assert not visits["verdict"].str.startswith("Used: ").any()
    found = mailings["effect"].to_numpy()
    assert np.abs(found[:5] - KERNEL).sum() + found[5:].sum() < 0.25
    assert ((mailings["low"] <= mailings["effect"]) & (mailings["effect"] <= mailings["high"])).all()


def test_a_relation_of_the_same_day_only_is_refused_and_the_verdict_says_so() -> None:
    driver = np.random.default_rng(5).gamma(9.0, 20.0, DAYS)
    rows = kernels(calls(driver, np.array([0.8]), 5), frame(driver, "visits"))
    assert rows["verdict"].str.startswith("Refused: values of visits move with these contacts on the same day only").all()


def test_a_driver_that_ended_long_ago_is_refused() -> None:
    driver = bursts(2)
    rows = kernels(calls(driver, KERNEL, 2), frame(driver, "mailings").iloc[:-40])
    assert rows["verdict"].str.startswith("Refused: its last value is of 2026-04-21").all()


def test_a_driver_that_ends_early_or_has_gaps_is_still_found() -> None:
    driver = bursts(3)
    gaps = frame(driver, "mailings").drop(index=[40, 41, 100, 200, 201, 202]).iloc[:-3]
    assert kernels(calls(driver, KERNEL, 3), gaps)["verdict"].str.startswith("Used: ").all()


def test_a_driver_of_the_future_alone_is_not_used_and_that_is_said() -> None:
    ahead = pd.DataFrame({"date": ["2026-06-01", "2026-06-02"], "driver": "mailings", "value": ["5", "x"]})
    read = read_drivers(ahead, AS_OF, "UTC")
    assert read.values.empty
    assert "no driver has a value before" in read.notes[-1]


def test_what_is_not_known_is_filled_from_before_only() -> None:
    known = np.tile([10.0, 20, 30, 40, 50, 60, 70], 12)
    known[[30, -1]] = np.nan
    filled = driver_series(known, 3)
    assert filled.values[30] == 30.0
    assert filled.days_silent == 1
    later = known.copy()
    later[40:-1] = 999.0
    assert driver_series(later, 3).values[30] == 30.0


def test_a_driver_below_zero_is_lifted() -> None:
    degrees = np.sin(np.arange(60.0)) * 10
    assert driver_series(degrees, 5).values.min() >= 0.0


@pytest.mark.parametrize(("value", "said"), [("inf", "value is inf"), ("warm", "value is warm"), ("-1e300", "value is -1e300")])
def test_a_value_that_is_no_number_is_named_by_driver_and_row(value: str, said: str) -> None:
    rows = frame(np.ones(20), "weather").astype({"value": str})
    rows.loc[4, "value"] = value
    with pytest.raises(ValueError, match=rf"driver weather, row 5 of the drivers file: {said}"):
        read_drivers(rows, AS_OF, "UTC")


def test_two_values_of_a_day_are_refused() -> None:
    rows = pd.concat([frame(np.ones(20), "weather"), frame(2 * np.ones(1), "weather")], ignore_index=True)
    with pytest.raises(ValueError, match=r"rows 20 and 21.*twice with different values"):
        read_drivers(rows, AS_OF, "UTC")


def test_a_driver_that_lowers_contacts_announces_them_with_its_sign_turned() -> None:
    heat = bursts(3) / 20.0
    history = calls(np.zeros(DAYS), KERNEL, 3)
    history["contacts"] = np.maximum(np.round(history["contacts"] + 150.0 - np.convolve(heat, 8.0 * KERNEL)[:DAYS]), 0.0)
    turned = kernels(history, frame(-heat, "heat"))
    assert turned["verdict"].str.startswith("Used: ").all()
    assert turned["effect"].sum() == pytest.approx(8.0 * KERNEL.sum(), rel=0.25)
    assert not kernels(history, frame(heat, "heat"))["verdict"].str.startswith("Used: ").any()


def test_a_driver_that_never_changes_has_no_effect_and_takes_none_from_the_others() -> None:
    claims = bursts(3)
    steady = frame(np.full(DAYS, 3.0), "steady")
    history = calls(claims, KERNEL, 3)
    both = kernels(history, pd.concat([frame(claims, "claims"), steady]))
    of_steady = both[both["driver"] == "steady"]
    assert (of_steady[["effect", "low", "high"]] == 0.0).all(axis=None)
    assert of_steady["verdict"].str.startswith("Not looked for: its value is the same on every day").all()
    alone = kernels(history, frame(claims, "claims"))
    np.testing.assert_allclose(both.loc[both["driver"] == "claims", "effect"], alone["effect"])


def test_a_date_that_cannot_be_read_is_said_of_its_driver() -> None:
    rows = frame(np.arange(9.0), "claims")
    rows.loc[4, "date"] = "soon"
    with pytest.raises(ValueError, match=r"^driver claims, row 5 of the drivers file: date 'soon' cannot be read"):
        read_drivers(rows, AS_OF, "UTC")
