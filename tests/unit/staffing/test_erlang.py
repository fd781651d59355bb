"""Erlang B, C and A against a slow second implementation, a simulation, and at the extremes."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betainc, gammainc, gammaln

from staffing import kernels
from staffing.erlang import blocking_probability, offered_load, queue_measures, wait_probability
from staffing.simulation import simulate_queue

HALF_HOUR = 1800.0


def slow_blocking(load: float, positions: int) -> float:
    """Erlang B by its recurrence in 60 digits."""
    with localcontext() as context:
        context.prec = 60
        a, block = Decimal(load), Decimal(1)
        for n in range(1, positions + 1):
            block = a * block / (n + a * block)
        return float(block)


def slow_erlang_a(load: float, positions: int, handle: float, patience: float, within: float) -> dict[str, float]:
    """Erlang A from its birth-death chain and the beta distribution of each waiting place's virtual wait."""
    rate = positions * patience / handle
    flow = load * patience / handle
    with localcontext() as context:
        context.prec = 60
        a, below, term = Decimal(load), Decimal(0), Decimal(1)
        for n in range(positions, 0, -1):
            term *= n / a
            below += term
        weights, term, place = [Decimal(1)], Decimal(1), 0
        while term > Decimal("1e-40") * max(weights) or place < 5:
            place += 1
            term *= Decimal(flow) / (Decimal(rate) + place)
            weights.append(term)
        total = below + sum(weights)
        free = float(below / total)
        states = np.array([float(weight / total) for weight in weights])
        abandons = float(sum(Decimal(j) * weight for j, weight in enumerate(weights)) / total / Decimal(flow))
    places = np.arange(states.size)
    patient = np.exp(-within / patience)
    late = states @ betainc(max(rate, 1e-300), places + 1.0, patient)
    served = free + states @ (rate / (rate + places + 1) * betainc(places + 1.0, rate + 1.0, -np.expm1(-within / patience)))
    harmonic = np.cumsum(1 / (rate + 1 + places)) * patience
    answered = free + states @ (rate / (rate + places + 1))
    return {
        "wait_probability": states.sum(),
        "abandoned_fraction": abandons,
        "answered_within_fraction": served,
        "late_virtual_fraction": late,
        "mean_wait_answered_seconds": states @ (rate / (rate + places + 1) * harmonic) / answered if positions else float("nan"),
    }


@pytest.mark.parametrize(("load", "positions"), [(0.01, 1), (0.5, 30), (10, 5), (10, 14), (100, 100), (300, 420), (800, 300)])
def test_blocking_equals_its_recurrence_in_sixty_digits(load: float, positions: int) -> None:
    assert float(blocking_probability(load, positions)) == pytest.approx(slow_blocking(load, positions), rel=1e-12)


@pytest.mark.parametrize("positions", [1, 40, 100, 111, 170, 400])
def test_waiting_equals_erlang_c_from_the_recurrence(positions: int) -> None:
    load = 0.9 * positions
    block = slow_blocking(load, positions)
    expected = block / (1 - load / positions * (1 - block))
    assert float(wait_probability(load, positions)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("load", "positions", "handle", "patience", "within"),
    [
        (10, 14, 180, 300, 20),
        (10, 8, 180, 60, 20),
        (1.5, 1, 300, 30, 0),
        (0.2, 3, 300, 5, 40),
        (60, 55, 240, 900, 30),
        (60, 70, 240, 30, 10),
        (200, 150, 120, 2000, 5),
        (30, 31, 600, 20000, 60),
        (5, 0, 100, 60, 20),
        (100, 60, 200, 100, 3),
    ],
)
def test_erlang_a_equals_its_chain_state_by_state(
    load: float, positions: int, handle: float, patience: float, within: float
) -> None:
    found = queue_measures(
        offered_contacts=load * HALF_HOUR / handle,
        interval_seconds=HALF_HOUR,
        mean_handle_seconds=handle,
        positions=positions,
        answer_within_seconds=within,
        mean_patience_seconds=patience,
    )
    for name, expected in slow_erlang_a(load, positions, handle, patience, within).items():
        assert float(getattr(found, name)) == pytest.approx(expected, rel=1e-9, abs=1e-13, nan_ok=True), name


def test_a_tiny_service_level_in_deep_overload_keeps_its_relative_accuracy() -> None:
    load, positions, handle, patience, within = 300.0, 60, 200.0, 150.0, 20.0
    x, z = positions * patience / handle, load * patience / handle
    found = queue_measures(
        offered_contacts=load * HALF_HOUR / handle,
        interval_seconds=HALF_HOUR,
        mean_handle_seconds=handle,
        positions=positions,
        answer_within_seconds=within,
        mean_patience_seconds=patience,
    )
    peak = z - x - x * np.log(z / x)
    part, _ = quad(lambda s: np.exp(-z * np.expm1(-s) - (x + 1) * s - peak), 0, within / patience, epsabs=0, epsrel=1e-11)
    whole, _ = quad(lambda s: np.exp(-z * np.expm1(-s) - x * s - peak), 0, 6, epsabs=0, epsrel=1e-11, points=[np.log(z / x)])
    assert float(found.answered_within_fraction) == pytest.approx(part / whole, rel=1e-7)
    assert float(found.answered_within_fraction) < 1e-6


def test_the_integral_over_the_window_equals_the_incomplete_gamma_function() -> None:
    generator = np.random.default_rng(5)
    for rate, flow in zip(1 + 10 ** generator.uniform(-3, 4, 200), 10 ** generator.uniform(2, 4, 200), strict=True):
        share = gammainc(rate, flow)
        if share > 1e-200:
            expected = flow - rate * np.log(flow) + gammaln(rate) + np.log(share)
            total, _, _, peak = kernels._window(rate, flow, 0.0, np.inf)
            assert np.log(total) + peak == pytest.approx(expected, abs=1e-8)


def test_extremes_stay_fractions_and_every_contact_ends_once() -> None:
    generator = np.random.default_rng(11)
    rows = 20_000
    positions = np.floor(10 ** generator.uniform(0, 3.7, rows))
    near = positions + generator.normal(0, 2, rows) * np.sqrt(positions)
    load = np.where(generator.random(rows) < 0.5, positions * 10 ** generator.uniform(-1, 1, rows), np.maximum(near, 0))
    handle, patience = 10 ** generator.uniform(1, 3.5, rows), 10 ** generator.uniform(-3, 9, rows)
    found = queue_measures(
        offered_contacts=load * HALF_HOUR / handle,
        interval_seconds=HALF_HOUR,
        mean_handle_seconds=handle,
        positions=positions,
        answer_within_seconds=10 ** generator.uniform(-1, 3, rows),
        mean_patience_seconds=patience,
    )
    ends = found.answered_within_fraction + found.abandoned_within_fraction + found.late_fraction
    np.testing.assert_allclose(ends, 1.0, atol=1e-9)
    for name in ("wait_probability", "abandoned_fraction", "answered_within_fraction", "late_virtual_fraction", "occupancy"):
        values = getattr(found, name)
        assert np.all((values >= 0) & (values <= 1 + 1e-12)), name
    assert np.all(found.abandoned_fraction <= found.wait_probability * (1 + 1e-12))


def test_a_hundred_thousand_calls_and_five_thousand_positions_are_no_problem() -> None:
    found = queue_measures(
        offered_contacts=100_000,
        interval_seconds=HALF_HOUR,
        mean_handle_seconds=90,
        positions=[5000, 5050, 100, 0],
        answer_within_seconds=20,
        mean_patience_seconds=[120, np.inf, 1e7, 1e-6],
    )
    assert found.abandoned_fraction[0] == pytest.approx(0.0052367504, rel=1e-6)
    assert found.abandoned_fraction[2] == pytest.approx(1 - 100 / 5000, rel=1e-6)
    assert found.abandoned_fraction[3] == pytest.approx(1.0)
    assert 0 < found.wait_probability[1] < 1


def test_a_load_of_exactly_the_positions_is_never_caught_up_without_abandonment() -> None:
    # 0.7 * 3 / 0.1 and the like are a hair off 21 in floating point; the queue must still be seen as unstable.
    load = offered_load(offered_contacts=[3, 100], interval_seconds=[0.1, 1800], mean_handle_seconds=[0.7, 180])
    assert load.tolist() == [21.0, 10.0]
    found = queue_measures(
        offered_contacts=3, interval_seconds=0.1, mean_handle_seconds=0.7, positions=21, answer_within_seconds=20
    )
    assert not found.is_stable
    assert (float(found.wait_probability), float(found.service_level("of_offered"))) == (1.0, 0.0)
    assert float(found.occupancy) == 1.0
    assert np.isinf(found.mean_wait_seconds)


def test_nothing_offered_meets_every_goal_and_occupies_nobody() -> None:
    found = queue_measures(
        offered_contacts=0, interval_seconds=900, mean_handle_seconds=300, positions=[0, 5], answer_within_seconds=20
    )
    for definition in ("of_offered", "of_answered", "excluding_short_abandons", "wait_within", "virtual_wait"):
        assert found.service_level(definition).tolist() == [1.0, 1.0]
    assert found.occupancy.tolist() == [0.0, 0.0]
    assert found.is_stable.all()


@pytest.mark.parametrize(("positions", "patience"), [(12, 120.0), (9, 90.0), (13, np.inf)])
def test_a_simulation_sees_what_is_predicted(positions: int, patience: float) -> None:
    line = {"offered_contacts": 100, "interval_seconds": HALF_HOUR, "mean_handle_seconds": 180.0}
    more = {"positions": positions, "answer_within_seconds": 20.0, "mean_patience_seconds": patience}
    predicted = queue_measures(**line, **more)
    seen = simulate_queue(np.random.default_rng(42), **line, **more, contacts=300_000)
    error = 4 * seen.answered_within_error
    assert seen.answered_within_fraction == pytest.approx(float(predicted.answered_within_fraction), abs=error)
    assert seen.wait_probability == pytest.approx(float(predicted.wait_probability), abs=error)
    assert seen.abandoned_fraction == pytest.approx(float(predicted.abandoned_fraction), abs=error)
    assert seen.abandoned_within_fraction == pytest.approx(float(predicted.abandoned_within_fraction), abs=error)
    assert seen.mean_wait_answered_seconds == pytest.approx(float(predicted.mean_wait_answered_seconds), rel=0.08)
    assert seen.occupancy == pytest.approx(float(predicted.occupancy), abs=0.01)


def test_the_answer_does_not_depend_on_how_the_rows_are_cut() -> None:
    generator = np.random.default_rng(3)
    calls = generator.uniform(0, 400, 20_000)
    line = {"interval_seconds": HALF_HOUR, "mean_handle_seconds": 200.0, "positions": 25, "answer_within_seconds": 20}
    whole = queue_measures(offered_contacts=calls, mean_patience_seconds=150, **line)
    part = queue_measures(offered_contacts=calls[7000:7100], mean_patience_seconds=150, **line)
    np.testing.assert_array_equal(whole.answered_within_fraction[7000:7100], part.answered_within_fraction)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offered_contacts": [10.0, -1.0]}, r"offered_contacts\[1\] is -1.0"),
        ({"offered_contacts": [10.0, np.nan]}, r"offered_contacts\[1\] is nan"),
        ({"mean_handle_seconds": 0.0}, "mean_handle_seconds is 0.0; expected above 0 and finite"),
        ({"mean_patience_seconds": [[60.0, 0.0]]}, r"mean_patience_seconds\[0, 1\] is 0.0"),
        ({"positions": 3.5}, "a whole number"),
        ({"answer_within_seconds": np.inf}, "answer_within_seconds is inf"),
        ({"offered_contacts": [1.0, 2.0], "positions": [1, 2, 3]}, "do not fit each other"),
        ({"offered_contacts": ["many"]}, "offered_contacts holds something that is not a number"),
    ],
)
def test_a_wrong_input_is_named_with_its_place(change: dict[str, object], message: str) -> None:
    good: dict[str, object] = {
        "offered_contacts": 10.0,
        "interval_seconds": 1800.0,
        "mean_handle_seconds": 100.0,
        "positions": 2,
        "answer_within_seconds": 20.0,
        "mean_patience_seconds": 60.0,
    }
    with pytest.raises(ValueError, match=message):
        queue_measures(**(good | change))  # type: ignore[arg-type]


def test_an_unknown_definition_is_refused_with_the_known_ones() -> None:
    found = queue_measures(
        offered_contacts=1, interval_seconds=900, mean_handle_seconds=300, positions=1, answer_within_seconds=20
    )
    with pytest.raises(ValueError, match="known: of_offered, of_answered"):
        found.service_level("sl")  # type: ignore[arg-type]
