"""Finite trunks against the chain written out, and against a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from staffing.erlang import queue_measures
from staffing.simulation import simulate_queue
from staffing.trunks import trunk_measures


def slow_trunks(load: float, positions: int, trunks: int, handle: float, patience: float, within: float) -> dict[str, float]:
    """The balance equations as a linear system, and a tagged contact's way to the front as a small Markov chain."""
    arrival, service, leave = load / handle, 1 / handle, 1 / patience
    generator = np.zeros((trunks + 1, trunks + 1))
    for state in range(trunks):
        generator[state, state + 1] = arrival
        generator[state + 1, state] = min(state + 1, positions) * service + max(state + 1 - positions, 0) * leave
    generator -= np.diag(generator.sum(axis=1))
    system = np.vstack([generator.T, np.ones(trunks + 1)])
    share = np.linalg.lstsq(system, np.append(np.zeros(trunks + 1), 1.0), rcond=None)[0]
    served = share[:positions].sum()
    for ahead in range(trunks - positions):
        size = ahead + 1  # states: contacts before the tagged one among the waiting; then answered, abandoned
        walk = np.zeros((size + 2, size + 2))
        for before in range(size):
            walk[before, before - 1 if before > 0 else size] += positions * service + before * leave
            walk[before, size + 1] += leave
        walk -= np.diag(walk.sum(axis=1))
        served += share[positions + ahead] * expm(walk * within)[ahead, size]
    queue = sum((state - positions) * share[state] for state in range(positions, trunks + 1))
    return {
        "blocked_fraction": share[-1],
        "wait_probability": share[positions:-1].sum(),
        "answered_within_fraction": served,
        "abandoned_fraction": queue * leave / arrival,
        "mean_queue_contacts": queue,
    }


@pytest.mark.parametrize(
    ("load", "positions", "trunks", "patience", "within"),
    [
        (10, 10, 15, np.inf, 20),
        (10, 8, 20, 60, 20),
        (3, 4, 4, 100, 5),
        (12, 6, 30, 400, 0),
        (2, 5, 9, 30, 60),
        (10, 8, 20, 0.5, 60),
    ],
)
def test_trunks_equal_the_balance_equations(load: float, positions: int, trunks: int, patience: float, within: float) -> None:
    found = trunk_measures(
        offered_contacts=load * 10,
        interval_seconds=1800,
        mean_handle_seconds=180,
        positions=positions,
        trunks=trunks,
        answer_within_seconds=within,
        mean_patience_seconds=patience,
    )
    for name, expected in slow_trunks(load, positions, trunks, 180.0, patience, within).items():
        assert float(getattr(found, name)) == pytest.approx(expected, rel=1e-8, abs=1e-12), name


@pytest.mark.parametrize("patience", [90.0, np.inf])
def test_many_trunks_are_as_good_as_endless_ones(patience: float) -> None:
    line = {
        "offered_contacts": 900,
        "interval_seconds": 1800,
        "mean_handle_seconds": 200,
        "positions": 110,
        "answer_within_seconds": 15,
        "mean_patience_seconds": patience,
    }
    limited, endless = trunk_measures(**line, trunks=3000), queue_measures(**line)
    assert float(limited.answered_within_fraction) == pytest.approx(float(endless.answered_within_fraction), rel=1e-9)
    assert float(limited.mean_wait_answered_seconds) == pytest.approx(float(endless.mean_wait_answered_seconds), rel=1e-9)
    assert float(limited.blocked_fraction) < 1e-12


def test_overload_with_many_trunks_does_not_overflow() -> None:
    found = trunk_measures(
        offered_contacts=100_000,
        interval_seconds=1800,
        mean_handle_seconds=90,
        positions=2500,
        trunks=5000,
        answer_within_seconds=20,
    )
    assert float(found.blocked_fraction) == pytest.approx(0.5, abs=1e-6)
    assert float(found.occupancy) == pytest.approx(1.0)


def test_a_simulation_sees_the_blocked_callers() -> None:
    line = {"offered_contacts": 100.0, "interval_seconds": 1800.0, "mean_handle_seconds": 180.0, "positions": 9, "trunks": 14}
    more = {"answer_within_seconds": 20.0, "mean_patience_seconds": 200.0}
    predicted = trunk_measures(**line, **more)
    seen = simulate_queue(np.random.default_rng(7), **line, **more, contacts=300_000)
    error = 4 * seen.answered_within_error
    assert seen.blocked_fraction == pytest.approx(float(predicted.blocked_fraction), abs=error)
    assert seen.abandoned_fraction == pytest.approx(float(predicted.abandoned_fraction), abs=error)
    assert seen.answered_within_fraction == pytest.approx(float(predicted.answered_within_fraction), abs=error)


def test_fewer_trunks_than_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="trunks count the contacts in service too"):
        trunk_measures(
            offered_contacts=1,
            interval_seconds=1800,
            mean_handle_seconds=1,
            positions=[2, 5],
            trunks=4,
            answer_within_seconds=1,
        )
