"""Teams that share queues: bounds, the linear programme behind them, the simulation that corrects, and the shifts that follow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog

from enterprise.settings import Enterprise
from enterprise.shifts import StaffGroup, Team
from expectations.gate import require_valid
from staffing.erlang import queue_measures
from staffing.live import staff_live
from staffing.multi_skill import least_people, people_per_team, team_rows
from staffing.team_simulation import SharedQueues, simulate_teams
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.shifts import STAFF_GROUP_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL

QUEUES = ("voice_claims", "voice_service")
OWN = {"claims": Team(queues=("voice_claims",), share=0.5), "service": Team(queues=("voice_service",), share=0.5)}
ALL = {"all": Team(queues=QUEUES, share=1.0)}


@cache
def enterprise() -> Enterprise:
    return example_enterprise(Path("unused"))


@cache
def plan() -> pd.DataFrame:
    frames = night_frames(enterprise(), PLAN_DATE, 2)
    opened = frames[STAFFING_INTERVAL][["queue_id", "interval_start_utc", "open_seconds"]]
    forecast = frames[FORECAST_INTERVAL].merge(opened, on=["queue_id", "interval_start_utc"])
    parts = {name: forecast[forecast["queue_id"] == name] for name in QUEUES}
    queues = enterprise().queues
    return pd.concat([staff_live(queues[name], rows, np.full(len(rows), 200.0), 0.8) for name, rows in parts.items()])


def needed(teams: dict[str, Team]) -> pd.DataFrame:
    group = enterprise().staff_groups["phones_rotterdam"].model_copy(update={"teams": teams})
    return team_rows(plan(), enterprise().model_copy(update={"staff_groups": {"phones_rotterdam": group}}), PLAN_DATE)


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.lists(st.floats(0, 40), min_size=3, max_size=3),
    shares=st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
    skills=st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=3, max_size=3),
)
def test_the_least_people_are_those_of_the_linear_programme(
    wanted: list[float], shares: list[float], skills: list[list[bool]]
) -> None:
    able = np.array([*skills, [True, True, True]])  # everybody of the last team can do everything: every queue has a team
    share = np.array(shares) / sum(shares)
    teams, queues = able.shape
    least = float(least_people(np.array([wanted]), share, able)[0])
    cost = np.r_[1.0, np.zeros(teams * queues)]
    serve = np.zeros((queues, cost.size))
    work = np.zeros((teams, cost.size))
    for team in range(teams):
        work[team, 0] = -share[team]
        for queue in range(queues):
            place = 1 + team * queues + queue
            serve[queue, place], work[team, place] = -1.0, 1.0
    bounds = [(0, None), *((0, None if can else 0) for can in able.ravel())]
    found = linprog(cost, np.vstack([serve, work]), np.r_[-np.array(wanted), np.zeros(teams)], bounds=bounds, method="highs")
    assert least == pytest.approx(found.fun, abs=1e-6)


def test_everybody_for_everything_needs_the_pooled_positions_and_less_than_silos() -> None:
    rows = needed(ALL)
    require_valid(STAFF_GROUP_INTERVAL, rows)
    assert (rows["positions"] >= rows["pooled_positions"]).all()
    assert rows["positions"].sum() <= 1.02 * rows["pooled_positions"].sum()
    assert rows["positions"].sum() < 0.97 * rows["siloed_positions"].sum()


def test_people_for_one_queue_each_save_nothing_and_some_for_both_lie_between() -> None:
    own = needed(OWN)
    some = needed(
        {
            "claims": Team(queues=("voice_claims",), share=0.35),
            "service": Team(queues=("voice_service",), share=0.3),
            "both": Team(queues=QUEUES, share=0.35),
        }
    )
    assert own["positions"].sum() >= own["siloed_positions"].sum()
    assert some["pooled_positions"].sum() <= some["positions"].sum() < own["positions"].sum()
    audited = some["simulated_goal_margin"].dropna()
    assert len(audited) >= 5
    assert audited.min() > -0.02, "no audited queue misses its goal by two points"


def test_a_team_of_its_own_does_what_erlang_a_says() -> None:
    queues = SharedQueues(
        np.array([100.0, 60.0]),
        1800.0,
        np.array([300.0, 420.0]),
        np.array([300.0, 300.0]),
        np.array([20.0, 20.0]),
        np.eye(2, dtype=bool),
    )
    level = simulate_teams(np.random.default_rng(2), queues, np.array([20, 17]), 150_000)
    wanted = queue_measures(
        offered_contacts=[100, 60], interval_seconds=1800, mean_handle_seconds=[300, 420], positions=[20, 17],
        answer_within_seconds=20, mean_patience_seconds=300,
    ).answered_within_fraction  # fmt: skip
    assert level == pytest.approx(wanted, abs=0.015)


def test_people_are_shared_out_whole() -> None:
    for people in range(40):
        assert people_per_team(people, np.array([0.4, 0.3, 0.3])).sum() == people


def test_groups_without_teams_have_no_rows() -> None:
    assert needed({}).empty


@pytest.mark.parametrize(
    ("teams", "words"),
    [
        ({"one": {"queues": ["voice_claims"], "share": 0.4}}, "sum to 0.4"),
        ({"one": {"queues": ["voice_sales"], "share": 1.0}}, "none of the group's queues"),
    ],
)
def test_teams_that_cannot_be_are_named(teams: dict[str, object], words: str) -> None:
    settings_of = enterprise().model_dump()
    settings_of["staff_groups"]["phones_rotterdam"]["teams"] = teams
    with pytest.raises(ValidationError, match=words):
        Enterprise.model_validate(settings_of)


def test_a_share_lies_between_nothing_and_all() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        StaffGroup(name="x", queues=("a",), contracts=("c",), hourly_cost=1, teams={"t": Team(queues=("a",), share=1.5)})
