"""What the days say about a kernel's shape and about a level that wanders."""

import numpy as np
import pytest

from forecasting.kernel import Problem, Shape, days_from_last, estimate, make_problem, roughness, with_level
from forecasting.kernel_draws import drawn_kernel
from forecasting.kernel_shape import choose_shapes, most_probable_wandering, neutral_shapes
from forecasting.wandering import STEADY, Wandering

LAGS, DAYS = 10, 300
KERNEL = np.array([0.05, 0.25, 0.3, 0.2, 0.1, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0])
LATE = np.eye(LAGS + 1)[5]


def lagged(series: np.ndarray) -> np.ndarray:
    return np.column_stack([np.roll(series, lag) for lag in range(LAGS + 1)])


def days(seed: int, *kernels: np.ndarray, swing: float = 0.0, before: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contacts, their calendar and exposures to one driver per kernel.

    The level is a random walk of that daily step; kernels were `before` times what they are at the end.
    """
    rng = np.random.default_rng(seed)
    exposed = np.hstack([lagged(rng.poisson(60.0 * rng.gamma(1.0, 1.0, DAYS)).astype(float)) for _ in kernels])
    design = np.eye(7)[np.arange(DAYS) % 7]
    expected = 300.0 + design @ np.arange(7) * 10.0 + np.cumsum(rng.normal(0.0, swing, DAYS))
    expected += exposed @ np.concatenate(kernels) * np.linspace(before, 1.0, DAYS)
    return expected + rng.normal(0.0, 10.0, DAYS), design, exposed


def problem(seed: int, *kernels: np.ndarray, swing: float = 0.0, before: float = 1.0, how: Wandering = STEADY) -> Problem:
    return make_problem(*days(seed, *kernels, swing=swing, before=before), len(kernels), how)


def test_the_shape_follows_the_kernel() -> None:
    early = problem(1, KERNEL)
    (short,), _ = choose_shapes(early)
    assert {1, 2, 3, 4} <= set(short.lags)
    found = drawn_kernel(early, early.lags, 1).median
    assert 0.0 <= found[7:].sum() < 0.02
    assert np.abs(found - KERNEL).sum() < 0.08
    (late,), _ = choose_shapes(problem(2, LATE))
    assert late.lags == (5,)


def test_each_driver_has_a_shape_of_its_own() -> None:
    both = problem(3, KERNEL, LATE)
    shapes, _ = choose_shapes(both)
    assert shapes[1].lags == (5,)
    assert set(shapes[0].lags) >= {1, 2, 3}
    found = estimate(both.lags, both.residual, shapes)
    assert np.abs(found - np.concatenate([KERNEL, LATE])).sum() < 0.25


def test_a_driver_without_a_value_takes_no_part() -> None:
    offered, design, exposed = days(4, KERNEL)
    with_nothing = make_problem(offered, design, np.hstack([exposed, np.zeros_like(exposed)]), 2)
    shapes, probability = choose_shapes(with_nothing)
    alone, alone_probability = choose_shapes(problem(4, KERNEL))
    assert shapes[0] == alone[0]
    assert probability == pytest.approx(alone_probability)
    assert shapes[1] == neutral_shapes(with_nothing)[1]


def density(
    offered: np.ndarray,
    design: np.ndarray,
    exposed: np.ndarray,
    root: np.ndarray,
    extra: np.ndarray | float,
    made: Problem,
    *shapes: Shape,
) -> float:
    """Twice the log probability of the contacts under given shapes, from the covariance of all days, by the density itself.

    Restricted likelihood of the level, the error's size at its most probable; of all constants only those that shapes share are
    left out.
    """
    calendar, target = root[:, None] * with_level(design), root * offered
    covariance = np.eye(DAYS) + calendar[:, 1:] @ calendar[:, 1:].T / (1e-3 * DAYS) + extra
    for position, shape in enumerate(shapes):
        block = np.arange(position * (LAGS + 1), (position + 1) * (LAGS + 1))
        size = np.mean(np.square(made.lags[:, block]).sum(axis=0))
        fading = np.diag(np.sqrt(shape.fading) ** np.arange(LAGS + 1))  # a kernel that fades is a smooth one times its fading
        held = np.linalg.inv(fading) @ roughness(LAGS + 1, shape.smoothness) @ np.linalg.inv(fading)
        prior = np.linalg.inv(size * held[np.ix_(shape.lags, shape.lags)])
        met = root[:, None] * exposed[:, block[list(shape.lags)]]
        covariance += met @ prior @ met.T
    inverse = np.linalg.inv(covariance)
    ones = calendar[:, 0]
    about = ones @ inverse @ ones
    left = target @ inverse @ target - (ones @ inverse @ target) ** 2 / about
    return float(-DAYS * np.log(left) - np.linalg.slogdet(covariance)[1] - np.log(about))


def slowly(seed: int, shapes: tuple[Shape, ...], kernels: tuple[np.ndarray, ...]) -> float:
    offered, design, exposed = days(seed, *kernels)
    made = problem(seed, *kernels)
    return density(offered, design, exposed, made.root_weights, 0.0, made, *shapes)


@pytest.mark.parametrize("kernels", [(KERNEL,), (KERNEL, LATE)])
def test_the_probability_is_that_of_the_density(kernels: tuple[np.ndarray, ...]) -> None:
    chosen, probability = choose_shapes(problem(5, *kernels))
    other, other_probability = choose_shapes(problem(6, *kernels))
    constant = slowly(5, chosen, kernels) - probability
    assert slowly(6, other, kernels) - other_probability == pytest.approx(constant, abs=1e-4)
    neutral = neutral_shapes(problem(5, *kernels))
    assert slowly(5, neutral, kernels) < slowly(5, chosen, kernels)


def wandering_found(seed: int, swing: float, before: float = 1.0) -> Wandering:
    return most_probable_wandering(lambda how: problem(seed, KERNEL, swing=swing, before=before, how=how))


def test_a_level_that_wanders_is_found_and_not_laid_at_the_drivers_door() -> None:
    errors = []
    for seed in (7, 8, 9):
        found = wandering_found(seed, 8.0)
        assert found.gain > 0.0
        assert wandering_found(seed, 0.0).gain == 0.0
        both = [problem(seed, KERNEL, swing=8.0, how=how) for how in (STEADY, found)]
        errors.append([np.abs(estimate(p.lags, p.residual, choose_shapes(p)[0]) - KERNEL).sum() for p in both])
    steady, wandering = np.mean(errors, axis=0)
    assert wandering < 0.6 * steady


@pytest.mark.parametrize("seed", [10, 11, 12])
def test_a_kernel_that_drifts_is_taken_as_it_is_today_and_one_that_stays_does_not_drift(seed: int) -> None:
    found = wandering_found(seed, 0.0, before=2.0)
    assert found.drift is not None
    assert wandering_found(seed, 0.0).drift is None
    still, drifting = (problem(seed, KERNEL, before=2.0, how=how) for how in (Wandering(found.gain), found))
    of_all_days = estimate(still.lags, still.residual, choose_shapes(still)[0])
    today = estimate(drifting.lags, drifting.residual, choose_shapes(drifting)[0])
    assert of_all_days.sum() == pytest.approx(1.5 * KERNEL.sum(), rel=0.1)
    assert today.sum() == pytest.approx(KERNEL.sum(), rel=0.12)
    assert (today - drifting.drift(today)).sum() == pytest.approx(2.0 * KERNEL.sum(), rel=0.12)
    assert (still.drift(of_all_days) == 0.0).all()


def test_a_drift_is_as_probable_as_the_density_says() -> None:
    """The drift's columns and what is held of them, integrated out by the covariance of all days."""
    offered, design, exposed = days(10, KERNEL, before=2.0)
    root = problem(10, KERNEL, before=2.0).root_weights
    moved = days_from_last(DAYS)[:, None] * exposed
    held = np.square(exposed).sum(axis=0).mean() * (roughness(LAGS + 1, 1.0) + 1e-2 * np.eye(LAGS + 1))
    told = []
    for drift in (None, 1.0):
        made = problem(10, KERNEL, before=2.0, how=Wandering(0.0, drift))
        (shape,), probability = choose_shapes(made)
        extra = 0.0 if drift is None else root[:, None] * moved @ np.linalg.inv(drift * held) @ (root[:, None] * moved).T
        told.append((probability, density(offered, design, exposed, root, extra, made, shape)))
    assert told[1][0] - told[0][0] == pytest.approx(told[1][1] - told[0][1], abs=1e-3)
    assert told[1][0] > told[0][0] + 10.0
