"""The simulation itself: seeded, first come first served, and wrong where it should be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.erlang import wait_probability
from staffing.simulation import ABANDONED, ANSWERED, BLOCKED, serve, simulate_queue

LINE = {
    "offered_contacts": 100.0,
    "interval_seconds": 1800.0,
    "mean_handle_seconds": 180.0,
    "positions": 12,
    "answer_within_seconds": 20.0,
}


def test_a_handful_of_calls_worked_out_by_hand() -> None:
    arrivals = np.array([0.0, 1.0, 2.0, 3.0, 20.0])
    handle = np.array([10.0, 10.0, 5.0, 5.0, 5.0])
    patience = np.array([99.0, 99.0, 6.0, 99.0, 99.0])
    waits, outcome = serve(arrivals, handle, patience, 2, 0)
    # The third gives up after 6 s (nobody is free before second 10), the fourth is taken at second 10.
    assert waits.tolist() == [0.0, 0.0, 6.0, 7.0, 0.0]
    assert outcome.tolist() == [ANSWERED, ANSWERED, ABANDONED, ANSWERED, ANSWERED]
    waits, outcome = serve(arrivals, handle, patience, 2, 3)
    # With three trunks the fourth finds two in service and one waiting.
    assert outcome.tolist() == [ANSWERED, ANSWERED, ABANDONED, BLOCKED, ANSWERED]


def test_the_same_seed_gives_the_same_queue_and_another_does_not() -> None:
    first = simulate_queue(np.random.default_rng(5), **LINE, contacts=2000)
    assert first == simulate_queue(np.random.default_rng(5), **LINE, contacts=2000)
    assert first != simulate_queue(np.random.default_rng(6), **LINE, contacts=2000)


def test_steadier_handle_times_wait_less_than_the_formula_says() -> None:
    steady = simulate_queue(
        np.random.default_rng(3), **LINE, contacts=200_000, handle_times="lognormal", handle_time_variation=0.2
    )
    wild = simulate_queue(np.random.default_rng(3), **LINE, contacts=200_000, handle_times="lognormal", handle_time_variation=2.0)
    expected = float(wait_probability(10.0, 12)) * 180 / 2
    assert steady.mean_wait_seconds < 0.75 * expected
    assert wild.mean_wait_seconds > 1.3 * expected


def test_what_cannot_be_simulated_is_refused() -> None:
    generator = np.random.default_rng(1)
    with pytest.raises(ValueError, match="nothing can be simulated"):
        simulate_queue(generator, **(LINE | {"positions": 0}))
    with pytest.raises(ValueError, match="trunks is 4 for 12 positions"):
        simulate_queue(generator, **LINE, trunks=4)
    with pytest.raises(ValueError, match="mean_handle_seconds"):
        simulate_queue(generator, **(LINE | {"mean_handle_seconds": -1.0}))
