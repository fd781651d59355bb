"""The simulation audit: its rows are the plan's, agree with sound predictions, and show a false one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from expectations.gate import require_valid
from staffing.audit import INTERVALS_PER_QUEUE, audit_plan
from staffing.handle_times import HandleTimes
from staffing.live import staff_live
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.tables.evidence import SIMULATION_AUDIT
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL

QUEUES = ("voice_claims", "chat_sales")


@cache
def enterprise() -> Enterprise:
    return example_enterprise(Path("unused"))


def staffed(queue: Queue, forecast: pd.DataFrame, patience: float = 150.0) -> pd.DataFrame:
    return staff_live(queue, forecast, np.full(len(forecast), patience), 0.8)


@cache
def plan() -> pd.DataFrame:
    frames = night_frames(enterprise(), PLAN_DATE, 3)
    opened = frames[STAFFING_INTERVAL][["queue_id", "interval_start_utc", "open_seconds"]]
    forecast = frames[FORECAST_INTERVAL].merge(opened, on=["queue_id", "interval_start_utc"])
    return pd.concat(
        [staffed(enterprise().queues[name], forecast[forecast["queue_id"] == name]) for name in QUEUES],
        ignore_index=True,
    )


@cache
def audit() -> pd.DataFrame:
    skewed = np.exp(np.linspace(-2, 2, 200))
    observed = {"voice_claims": HandleTimes(skewed / skewed.mean(), "skewed ones")}
    return audit_plan(plan(), observed, enterprise(), PLAN_DATE)


def test_the_rows_are_valid_and_those_of_the_plan() -> None:
    require_valid(SIMULATION_AUDIT, audit())
    rows = audit()
    both = rows.merge(plan(), on=["queue_id", "interval_start_utc"], suffixes=("", "_planned"))
    assert len(both) == len(rows) > 0
    assert (both["predicted_answered_fraction"] == both["answered_fraction"]).all()
    per_queue = rows[(rows["scope"] == "interval") & (rows["handle_times"] == "exponential")].groupby("queue_id").size()
    assert per_queue.to_dict() == dict.fromkeys(QUEUES, INTERVALS_PER_QUEUE)


def test_under_the_models_assumptions_every_interval_agrees_within_a_point() -> None:
    own = audit()[(audit()["scope"] == "interval") & (audit()["handle_times"] == "exponential")]
    assert own["within_one_point"].all()
    width = own["simulated_answered_fraction_high"] - own["simulated_answered_fraction_low"]
    assert width.max() < 0.012, "noise has to be below what is asked for"


def test_a_whole_day_is_simulated_interval_by_interval_and_observed_handle_times_are_named() -> None:
    day = audit()[audit()["scope"] == "day"]
    assert day.groupby(["queue_id", "handle_times"]).size().min() > 15
    assert set(day.loc[day["handle_times"] == "observed", "assumptions"]) == {"skewed ones"}
    assert set(day.loc[day["handle_times"] == "observed", "queue_id"]) == {"voice_claims"}


def test_a_prediction_that_is_three_points_too_good_is_seen() -> None:
    wrong = plan()[plan()["queue_id"] == "voice_claims"]
    wrong = wrong.assign(answered_fraction=wrong["answered_fraction"] + 0.03)
    own = audit_plan(wrong, {}, enterprise(), PLAN_DATE)
    assert not own.loc[own["scope"] == "interval", "within_one_point"].any()


def test_the_same_night_gives_the_same_audit_and_another_night_other_intervals() -> None:
    again = audit_plan(plan(), {}, enterprise(), PLAN_DATE)
    own = audit()[audit()["handle_times"] == "exponential"]
    same = again[again["scope"] == "interval"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        own[own["scope"] == "interval"].reset_index(drop=True)[["queue_id", "interval_start_utc"]],
        same[["queue_id", "interval_start_utc"]],
    )
    later = audit_plan(plan(), {}, enterprise(), PLAN_DATE.replace(day=13))
    assert set(later.loc[later["scope"] == "interval", "interval_start_utc"]) != set(same["interval_start_utc"])


@pytest.mark.parametrize("definition", ["of_answered", "excluding_short_abandons", "wait_within"])
def test_every_definition_of_service_level_is_counted_as_the_mathematics_has_it(definition: str) -> None:
    queue = enterprise().queues["voice_claims"]
    goal = queue.service_goal.model_copy(update={"definition": definition})
    changed = queue.model_copy(update={"service_goal": goal})
    other = enterprise().model_copy(update={"queues": {**enterprise().queues, "voice_claims": changed}})
    frames = night_frames(enterprise(), PLAN_DATE, 1)
    opened = frames[STAFFING_INTERVAL][["queue_id", "interval_start_utc", "open_seconds"]]
    forecast = frames[FORECAST_INTERVAL].merge(opened, on=["queue_id", "interval_start_utc"])
    rows = staffed(changed, forecast[forecast["queue_id"] == "voice_claims"], 60.0)
    own = audit_plan(rows, {}, other, PLAN_DATE)
    assert own.loc[own["scope"] == "interval", "within_one_point"].all()
