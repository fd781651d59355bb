"""The probability that a goal is met, against drawing the volume itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from staffing.chat import chat_measures
from staffing.erlang import queue_measures
from staffing.goals import Goal
from staffing.requirement import positions_required
from staffing.uncertainty import QUANTILE_LEVELS, contacts_at_probability, largest_contacts, probability_of_at_most

GOAL = Goal(answered_fraction=0.8, answer_within_seconds=20)
LINE = {"interval_seconds": 1800.0, "mean_handle_seconds": 240.0}


def test_a_normal_forecast_is_recovered_between_and_beyond_its_quantiles() -> None:
    quantiles = norm.ppf(QUANTILE_LEVELS, 200, 30)
    levels = np.array([0.01, 0.05, 0.2, 0.5, 0.77, 0.95, 0.99])
    contacts = contacts_at_probability(quantiles, levels)
    np.testing.assert_allclose(contacts, norm.ppf(levels, 200, 30), rtol=1e-9)
    np.testing.assert_allclose(probability_of_at_most(contacts, quantiles), levels, rtol=1e-9)


@pytest.mark.parametrize("patience", [90.0, np.inf])
def test_the_probability_equals_the_share_of_drawn_volumes_that_meet_the_goal(patience: float) -> None:
    quantiles = norm.ppf(QUANTILE_LEVELS, 150, 20)
    positions = np.array([16, 20, 22, 25, 30])
    most = largest_contacts(positions=positions, goal=GOAL, mean_patience_seconds=patience, **LINE)
    predicted = probability_of_at_most(most, quantiles)
    volumes = norm.ppf((np.arange(2000) + 0.5) / 2000, 150, 20)
    for count, probability in zip(positions, predicted, strict=True):
        found = queue_measures(
            offered_contacts=volumes, positions=count, answer_within_seconds=20, mean_patience_seconds=patience, **LINE
        )
        assert (found.service_level("of_offered") >= 0.8).mean() == pytest.approx(probability, abs=0.002)


def test_positions_for_a_probability_meet_it_and_one_fewer_does_not() -> None:
    quantiles = np.array([[80, 85, 92, 100, 109, 118, 124], [0, 0, 2, 5, 9, 14, 20], [400, 420, 450, 480, 520, 560, 590]])
    for certainty in (0.5, 0.8, 0.9):
        contacts = contacts_at_probability(quantiles, certainty)
        positions = positions_required(offered_contacts=contacts, goal=GOAL, mean_patience_seconds=120, **LINE).positions
        for count, reached in ((positions, True), (positions - 1, False)):
            most = largest_contacts(positions=count, goal=GOAL, mean_patience_seconds=120, **LINE)
            assert np.all((probability_of_at_most(most, quantiles) >= certainty - 1e-9) == reached)


def test_the_largest_volume_is_where_the_goal_begins_to_be_missed() -> None:
    positions = np.array([1, 3, 14, 60, 400])
    goal = Goal(answered_fraction=0.85, answer_within_seconds=30, maximum_occupancy=0.92, maximum_abandoned_fraction=0.05)
    most = largest_contacts(positions=positions, goal=goal, mean_patience_seconds=150, **LINE)
    here = positions_required(offered_contacts=most * (1 - 1e-8), goal=goal, mean_patience_seconds=150, **LINE).positions
    above = positions_required(offered_contacts=most * (1 + 1e-8), goal=goal, mean_patience_seconds=150, **LINE).positions
    np.testing.assert_array_equal(here, positions)
    assert np.all(above > positions)


def test_chat_has_its_own_largest_volume() -> None:
    more = {"concurrency": 3, "slowdown_per_extra_chat": 0.3, "mean_patience_seconds": 120}
    most = largest_contacts(positions=[4, 12], goal=GOAL, **more, **LINE)
    for factor, kept in ((1 - 1e-8, True), (1 + 1e-6, False)):
        found = chat_measures(offered_contacts=most * factor, positions=[4, 12], answer_within_seconds=20, **more, **LINE)
        assert np.all((found.queue.service_level("of_offered") >= 0.8) == kept)


def test_a_certain_volume_is_met_or_not() -> None:
    certain = np.full(7, 100.0)
    assert probability_of_at_most([99.0, 100.0, 101.0, -1.0], certain).tolist() == [0.0, 1.0, 1.0, 0.0]
    assert float(contacts_at_probability(certain, 0.99)) == 100.0
    assert float(probability_of_at_most(0.0, np.zeros(7))) == 1.0


def test_a_volume_that_is_often_nothing_keeps_its_chance_of_nothing() -> None:
    quantiles = np.array([0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 6.0])
    assert float(probability_of_at_most(0.0, quantiles)) == pytest.approx(0.5)
    assert float(contacts_at_probability(quantiles, 0.3)) == 0.0
    assert float(contacts_at_probability(quantiles, 0.75)) == pytest.approx(2.0)


def test_no_position_serves_no_volume() -> None:
    assert largest_contacts(positions=[0], goal=GOAL, **LINE).tolist() == [0.0]


def test_wrong_quantiles_and_empty_goals_are_named() -> None:
    with pytest.raises(ValueError, match=r"fall behind index \[0, 1\]"):
        contacts_at_probability([[1, 3, 2, 4, 5, 6, 7]], 0.5)
    with pytest.raises(ValueError, match="expected 7 along the last axis"):
        contacts_at_probability([1, 2, 3], 0.5)
    with pytest.raises(ValueError, match="expected at least two rising levels"):
        contacts_at_probability([1, 2], 0.5, quantile_levels=[0.9, 0.1])
    with pytest.raises(ValueError, match=r"probability is 1\.0"):
        contacts_at_probability(np.arange(7), 1.0)
    with pytest.raises(ValueError, match="asks for nothing"):
        largest_contacts(positions=1, goal=Goal(), **LINE)
    with pytest.raises(ValueError, match=r"contacts\[0\] is nan"):
        probability_of_at_most([np.nan], np.arange(7))
