"""The accuracy ledger: forecasts of days that are over against what came, in any order of nights."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from enterprise.settings import Enterprise
from expectations.gate import require_valid
from forecasting.accuracy import ledger_rows, poisson_floor
from forecasting.job import measure_night
from forecasting.scores import mean_pinball
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames, write_history
from warehouse.lake import Lake
from warehouse.tables.forecast import ACCURACY_LEDGER, FORECAST_DAILY, OFFERED_QUANTILES
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY

NIGHTS = [PLAN_DATE - timedelta(days=back) for back in (3, 2, 1, 0)]
HORIZON = 3
_MEAN = "mean_offered_contacts"


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("accuracy"))
    return whole.model_copy(update={"planning": whole.planning.model_copy(update={"horizon_days": HORIZON})})


@pytest.fixture(scope="module")
def plans(enterprise: Enterprise) -> pd.DataFrame:
    frames = [night_frames(enterprise, night, HORIZON, 1.0 + 0.1 * k)[FORECAST_DAILY] for k, night in enumerate(NIGHTS)]
    return pd.concat(frames, ignore_index=True)


@pytest.fixture
def lake(enterprise: Enterprise, plans: pd.DataFrame, tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path / "lake"))
    write_history(lake, enterprise, PLAN_DATE)
    lake.replace_partitions(FORECAST_DAILY, plans)
    return lake


def places(enterprise: Enterprise) -> dict[str, tuple[str, str]]:
    return enterprise.places


def nothing() -> pd.DataFrame:
    frame: pd.DataFrame = MODEL_FORECAST_DAILY.arrow_schema.empty_table().to_pandas()
    return frame


def test_errors_are_those_of_every_plan_that_reached_the_day(enterprise: Enterprise, plans: pd.DataFrame, lake: Lake) -> None:
    history = lake.read(DAILY_HISTORY)
    rows = ledger_rows(PLAN_DATE, plans, nothing(), history, places(enterprise))
    require_valid(ACCURACY_LEDGER, rows)
    mine = rows[(rows["level"] == "queue") & (rows["member_id"] == "voice_claims")]
    assert mine["lead_days"].tolist() == [1, 2, 3]
    came = history[(history["queue_id"] == "voice_claims") & (history["business_date"] == PLAN_DATE)]["offered_contacts"].iloc[0]
    week = history[(history["queue_id"] == "voice_claims") & (history["business_date"] == PLAN_DATE - timedelta(days=7))][
        "offered_contacts"
    ].iloc[0]
    assert set(mine["offered_contacts"]) == {came}
    np.testing.assert_allclose(mine["error_contacts"], mine[_MEAN] - came, atol=1e-5)
    np.testing.assert_allclose(mine["naive_absolute_error_contacts"], abs(week - came))
    for row in mine.to_dict("records"):
        quantiles = np.array([[row[column.name] for column in OFFERED_QUANTILES]])
        assert row["pinball_contacts"] == pytest.approx(mean_pinball(np.array([float(came)]), quantiles), abs=1e-5)
    assert not mine["has_override"].any()
    np.testing.assert_array_equal(mine["model_offered_contacts"], mine[_MEAN])


def test_levels_are_the_sums_of_their_queues(enterprise: Enterprise, plans: pd.DataFrame, lake: Lake) -> None:
    rows = ledger_rows(PLAN_DATE, plans, nothing(), lake.read(DAILY_HISTORY), places(enterprise))
    queues, whole = rows[rows["level"] == "queue"], rows[rows["level"] == "enterprise"].set_index("lead_days")
    sums = queues.groupby("lead_days")[["offered_contacts", _MEAN, "naive_absolute_error_contacts"]].sum()
    pd.testing.assert_series_equal(whole["offered_contacts"], sums["offered_contacts"])
    np.testing.assert_allclose(whole[_MEAN], sums[_MEAN], rtol=1e-9)
    assert (whole["naive_absolute_error_contacts"] <= sums["naive_absolute_error_contacts"] + 1e-6).all()


def test_an_unknown_queue_is_left_out_and_so_are_the_levels_above_it(
    enterprise: Enterprise, plans: pd.DataFrame, lake: Lake
) -> None:
    history = lake.read(DAILY_HISTORY)
    broken = (history["queue_id"] == "voice_claims") & (history["business_date"] == PLAN_DATE)
    rows = ledger_rows(
        PLAN_DATE, plans, nothing(), history.assign(source_complete=history["source_complete"] & ~broken), places(enterprise)
    )
    assert "voice_claims" not in set(rows["member_id"])
    assert set(rows["level"]) == {"queue", "channel", "line_of_business", "site"}
    assert not set(rows["member_id"]) & {"voice", "rotterdam", "all"}


def test_the_planners_part_is_measured_apart(enterprise: Enterprise, plans: pd.DataFrame, lake: Lake) -> None:
    mine = plans[(plans["member_id"] == "voice_claims") & (plans["business_date"] == PLAN_DATE)]
    own = mine.assign(**{_MEAN: mine[_MEAN] * 0.5})
    rows = ledger_rows(PLAN_DATE, plans, own, lake.read(DAILY_HISTORY), places(enterprise))
    changed = rows[rows["has_override"]]
    assert set(changed["member_id"]) == {"voice_claims"}
    np.testing.assert_allclose(changed["model_offered_contacts"], 0.5 * changed[_MEAN])
    np.testing.assert_allclose(
        changed["model_absolute_error_contacts"], (0.5 * changed[_MEAN] - changed["offered_contacts"]).abs(), atol=1e-5
    )


def _ledger(lake: Lake) -> dict[date, str]:
    return {day: lake.content_hash(ACCURACY_LEDGER, day) for day in lake.partitions(ACCURACY_LEDGER)}


def test_nights_in_any_order_and_twice_leave_the_same_ledger(enterprise: Enterprise, plans: pd.DataFrame, tmp_path: Path) -> None:
    ledgers = []
    for place, order in enumerate((NIGHTS, NIGHTS[::-1], [*NIGHTS[2:], *NIGHTS])):
        lake = Lake(str(tmp_path / f"lake_{place}"))
        write_history(lake, enterprise, PLAN_DATE)
        for night in order:
            lake.replace(FORECAST_DAILY, plans[plans["plan_date"] == night], night)
            measure_night(night, enterprise, lake)
        ledgers.append(_ledger(lake))
    assert ledgers[0] == ledgers[1] == ledgers[2]
    assert len(ledgers[0]) == len(NIGHTS)


def test_late_data_state_a_day_anew_and_leave_what_was_planned(enterprise: Enterprise, lake: Lake) -> None:
    day = PLAN_DATE - timedelta(days=1)
    measure_night(day, enterprise, lake)
    before = lake.read(ACCURACY_LEDGER, first=day, last=day)
    history = lake.read(DAILY_HISTORY, first=day, last=day)
    late = history.assign(offered_contacts=history["offered_contacts"] + 7)
    lake.replace(DAILY_HISTORY, late, day)
    measure_night(PLAN_DATE, enterprise, lake)
    after = lake.read(ACCURACY_LEDGER, first=day, last=day)
    queues = after["level"] == "queue"
    assert (after.loc[queues, "offered_contacts"] - before.loc[queues, "offered_contacts"] == 7).all()
    pd.testing.assert_series_equal(after[_MEAN], before[_MEAN])


def test_before_any_plan_is_old_enough_the_ledger_is_empty(enterprise: Enterprise, lake: Lake) -> None:
    measure_night(NIGHTS[0], enterprise, lake)
    assert lake.read(ACCURACY_LEDGER).empty


def test_the_floor_is_the_mean_deviation_of_a_poisson_count() -> None:
    for mean in (0.3, 1.0, 4.7, 60.0):
        counts = np.arange(0, 400)
        direct = float((np.abs(counts - mean) * stats.poisson.pmf(counts, mean)).sum())
        assert poisson_floor(np.array([mean]))[0] == pytest.approx(direct, rel=1e-9)
