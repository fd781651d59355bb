"""Required positions against exhaustive search, with every definition and limit."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.erlang import queue_measures
from staffing.goals import Goal
from staffing.requirement import positions_required, requirement_bracket

DEFINITIONS = ("of_offered", "of_answered", "excluding_short_abandons", "wait_within", "virtual_wait")


def exhaustive(line: dict[str, float], goal: Goal) -> int:
    """The least number of positions of all, by trying every one from 0."""
    counts = np.arange(0, 700)
    within = float(np.asarray(goal.answer_within_seconds))
    found = queue_measures(**line, positions=counts, answer_within_seconds=within)
    meets = np.ones(counts.size, bool)
    if not np.isnan(goal.answered_fraction):
        meets &= found.service_level(goal.definition) >= np.asarray(goal.answered_fraction) - 1e-12
    if not np.isnan(goal.maximum_occupancy):
        meets &= found.occupancy <= np.asarray(goal.maximum_occupancy) * (1 + 1e-12)
    if not np.isnan(goal.maximum_mean_wait_seconds):
        meets &= found.mean_wait_answered_seconds <= np.asarray(goal.maximum_mean_wait_seconds)  # not where nobody is answered
    if not np.isnan(goal.maximum_abandoned_fraction):
        meets &= found.abandoned_fraction <= np.asarray(goal.maximum_abandoned_fraction)
    if np.isinf(line["mean_patience_seconds"]):
        meets &= found.is_stable
    return int(np.argmax(meets))


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("patient", [True, False])
def test_the_requirement_is_the_least_of_all(definition: str, patient: bool) -> None:
    generator = np.random.default_rng(17)
    for _ in range(60):
        line = {
            "offered_contacts": float(10 ** generator.uniform(-1, 3)),
            "interval_seconds": 1800.0,
            "mean_handle_seconds": float(generator.uniform(20, 600)),
            "mean_patience_seconds": np.inf if patient else float(10 ** generator.uniform(0.5, 4)),
        }
        asked = generator.random(4) < (1.0, 0.3, 0.3, 0.3)
        goal = Goal(
            answered_fraction=generator.uniform(0.3, 0.99) if asked[0] else np.nan,
            answer_within_seconds=float(generator.choice([0, 5, 20, 60])),
            definition=definition,  # type: ignore[arg-type]
            maximum_occupancy=generator.uniform(0.5, 0.98) if asked[1] else np.nan,
            maximum_mean_wait_seconds=generator.uniform(1, 60) if asked[2] else np.nan,
            maximum_abandoned_fraction=generator.uniform(0.005, 0.2) if asked[3] else np.nan,
        )
        found = positions_required(**line, goal=goal)
        expected = exhaustive(line, goal)
        assert int(found.positions) == expected, (line, goal)
        assert max(expected - 1, 0) <= float(found.positions_fractional) <= expected


def test_limits_alone_are_goals_too() -> None:
    line = {"offered_contacts": 250.0, "interval_seconds": 1800.0, "mean_handle_seconds": 300.0, "mean_patience_seconds": 120.0}
    for goal in (
        Goal(maximum_abandoned_fraction=0.03),
        Goal(maximum_occupancy=0.8),
        Goal(maximum_mean_wait_seconds=5.0),
        Goal(maximum_occupancy=0.8, maximum_abandoned_fraction=0.2),
    ):
        assert int(positions_required(**line, goal=goal).positions) == exhaustive(line, goal)


def test_an_occupancy_met_exactly_is_met() -> None:
    goal = Goal(answered_fraction=0.1, answer_within_seconds=20, maximum_occupancy=[0.85, 0.8])
    found = positions_required(offered_contacts=[17, 24], interval_seconds=1800, mean_handle_seconds=[1800, 180], goal=goal)
    assert found.positions.tolist() == [20, 3]


def test_fewer_positions_than_erlangs_are_found_where_callers_give_up() -> None:
    goal = Goal(answered_fraction=0.5, answer_within_seconds=20)
    line = {"offered_contacts": 600, "interval_seconds": 1800, "mean_handle_seconds": 300}
    assert int(positions_required(**line, mean_patience_seconds=120, goal=goal).positions) == 86


def test_a_goal_that_the_wait_of_impatient_callers_meets_by_itself_needs_nobody() -> None:
    goal = Goal(answered_fraction=0.5, answer_within_seconds=60, definition="wait_within")
    found = positions_required(
        offered_contacts=50, interval_seconds=1800, mean_handle_seconds=300, mean_patience_seconds=20, goal=goal
    )
    assert (int(found.positions), float(found.positions_fractional)) == (0, 0.0)


def test_the_bracket_holds_its_two_models() -> None:
    goal = Goal(answered_fraction=0.8, answer_within_seconds=20)
    line = {"offered_contacts": [100.0, 0.0], "interval_seconds": 1800.0, "mean_handle_seconds": 180.0}
    found = requirement_bracket(**line, mean_patience_seconds=300.0, goal=goal)
    assert found.erlang_a.positions.tolist() == [13, 0]
    assert found.erlang_c.positions.tolist() == [14, 0]


def test_few_trials_are_enough() -> None:
    generator = np.random.default_rng(1)
    found = positions_required(
        offered_contacts=generator.uniform(100, 1000, 5000),
        interval_seconds=1800,
        mean_handle_seconds=generator.uniform(120, 420, 5000),
        mean_patience_seconds=generator.uniform(45, 400, 5000),
        goal=Goal(answered_fraction=0.8, answer_within_seconds=20),
    )
    assert found.trials.mean() < 3.0


@pytest.mark.parametrize("fraction", [80.0, 0.0, 1.0, -0.1, np.inf])
def test_a_goal_outside_zero_and_one_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=r"a goal is a fraction such as 0\.8, not 80"):
        positions_required(
            offered_contacts=1,
            interval_seconds=1800,
            mean_handle_seconds=1,
            goal=Goal(answered_fraction=fraction, answer_within_seconds=20),
        )
