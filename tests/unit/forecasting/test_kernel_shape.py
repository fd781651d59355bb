"""What the days say about a kernel's shape and about a level that wanders."""

import numpy as np
import pytest

from forecasting.kernel import Problem, Shape, estimate, make_problem, roughness, with_level
from forecasting.kernel_shape import choose_shapes, most_probable_wandering, neutral_shapes
from forecasting.wandering import STEADY, Wandering

LAGS, DAYS = 10, 300
KERNEL = np.array([0.05, 0.25, 0.3, 0.2, 0.1, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0])
LATE = np.eye(LAGS + 1)[5]


def lagged(series: np.ndarray) -> np.ndarray:
    return np.column_stack([np.roll(series, lag) for lag in range(LAGS + 1)])


def days(seed: int, *kernels: np.ndarray, swing: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contacts, their calendar and exposures to one driver per kernel; the level is a random walk of that daily step."""
    rng = np.random.default_rng(seed)
    exposed = np.hstack([lagged(rng.poisson(30.0 * rng.gamma(2.0, 0.5, DAYS)).astype(float)) for _ in kernels])
    design = np.eye(7)[np.arange(DAYS) % 7]
    expected = 300.0 + design @ np.arange(7) * 10.0 + np.cumsum(rng.normal(0.0, swing, DAYS)) + exposed @ np.concatenate(kernels)
    return expected + rng.normal(0.0, 10.0, DAYS), design, exposed


def problem(seed: int, *kernels: np.ndarray, swing: float = 0.0, how: Wandering = STEADY) -> Problem:
    return make_problem(*days(seed, *kernels, swing=swing), len(kernels), how)


def test_the_shape_follows_the_kernel() -> None:
    (short,), _ = choose_shapes(problem(1, KERNEL))
    assert {1, 2, 3, 4} <= set(short.lags) <= set(range(8))
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


def slowly(seed: int, shapes: tuple[Shape, ...], kernels: tuple[np.ndarray, ...]) -> float:
    """Twice the log probability of the contacts under given shapes, from the covariance of all days, by the density itself.

    Restricted likelihood of the level, the error's size at its most probable; of all constants only those that shapes share are
    left out.
    """
    offered, design, exposed = days(seed, *kernels)
    level = np.maximum(np.convolve(np.pad(offered, 14, mode="edge"), np.full(29, 1 / 29), "valid"), 1.0)
    root = np.sqrt(level.mean() / level)
    calendar, target = root[:, None] * with_level(design), root * offered
    covariance = np.eye(DAYS) + calendar[:, 1:] @ calendar[:, 1:].T / (1e-3 * DAYS)
    steady = problem(seed, *kernels)
    for position, shape in enumerate(shapes):
        block = np.arange(position * (LAGS + 1), (position + 1) * (LAGS + 1))
        size = np.mean(np.square(steady.lags[:, block]).sum(axis=0))
        prior = np.linalg.inv(size * roughness(LAGS + 1, shape.smoothness)[np.ix_(shape.lags, shape.lags)])
        met = root[:, None] * exposed[:, block[list(shape.lags)]]
        covariance += met @ prior @ met.T
    inverse = np.linalg.inv(covariance)
    ones = calendar[:, 0]
    about = ones @ inverse @ ones
    left = target @ inverse @ target - (ones @ inverse @ target) ** 2 / about
    return float(-DAYS * np.log(left) - np.linalg.slogdet(covariance)[1] - np.log(about))


@pytest.mark.parametrize("kernels", [(KERNEL,), (KERNEL, LATE)])
def test_the_probability_is_that_of_the_density(kernels: tuple[np.ndarray, ...]) -> None:
    chosen, probability = choose_shapes(problem(5, *kernels))
    other, other_probability = choose_shapes(problem(6, *kernels))
    constant = slowly(5, chosen, kernels) - probability
    assert slowly(6, other, kernels) - other_probability == pytest.approx(constant, abs=1e-4)
    neutral = neutral_shapes(problem(5, *kernels))
    assert slowly(5, neutral, kernels) < slowly(5, chosen, kernels)


def wandering_found(seed: int, swing: float) -> Wandering:
    return most_probable_wandering(lambda how: problem(seed, KERNEL, swing=swing, how=how))


def test_a_level_that_wanders_is_found_and_not_laid_at_the_drivers_door() -> None:
    errors = []
    for seed in (7, 8, 9):
        found = wandering_found(seed, 8.0)
        assert found.gain > 0.0
        assert wandering_found(seed, 0.0).gain == 0.0
        both = [problem(seed, KERNEL, swing=8.0, how=how) for how in (STEADY, found)]
        errors.append([np.abs(estimate(p.lags, p.residual, choose_shapes(p)[0]) - KERNEL).sum() for p in both])
    steady, wandering = np.mean(errors, axis=0)
    assert wandering < 0.5 * steady
