"""Kernels drawn as the days leave them open: how often the interval holds the true one, and how wide it is."""

import numpy as np
import pytest

from forecasting.kernel import Problem, make_problem
from forecasting.kernel_draws import drawn_kernel

LAGS, DAYS, NOISE = 8, 160, 10.0
KERNEL = np.array([0.05, 0.25, 0.3, 0.2, 0.1, 0.05, 0.0, 0.0, 0.0])
SLOW = 0.4 * 0.7 ** np.arange(LAGS + 1)
SEED = 1


def problem(number: int, *kernels: np.ndarray, days: int = DAYS, noise: float = NOISE) -> Problem:
    """Contacts with a weekday pattern beside one driver per kernel, a storm now and then in each."""
    rng = np.random.default_rng(number)
    series = rng.poisson(20.0 * rng.gamma(1.0, 1.0, (len(kernels), days)))
    exposed = np.hstack([np.column_stack([np.roll(one, lag) for lag in range(LAGS + 1)]) for one in series]).astype(float)
    design = np.eye(7)[np.arange(days) % 7]
    offered = 300.0 + design @ np.arange(7) * 10.0 + exposed @ np.concatenate(kernels) + rng.normal(0.0, noise, days)
    return make_problem(offered, design, exposed, len(kernels))


@pytest.mark.parametrize("kernels", [(KERNEL,), (KERNEL, SLOW)])
def test_the_interval_holds_the_kernel_as_often_as_it_says_and_is_no_wider_than_need_be(kernels: tuple[np.ndarray, ...]) -> None:
    true = np.concatenate(kernels)
    inside, widths, errors = [], [], []
    for number in range(16):
        made = problem(number, *kernels)
        median, low, high = drawn_kernel(made, made.lags, SEED)
        assert (low >= 0.0).all()
        assert (low <= median).all()
        assert (median <= high).all()
        inside.append((low <= true) & (true <= high))
        widths.append(high - low)
        errors.append(np.abs(median - true))
    positive = true > 0.0
    assert 0.82 <= np.mean(inside, axis=0)[positive].mean() <= 0.96
    # A normal error that strays by 1 on the average has a 90 % interval 4.1 wide.
    assert np.mean(widths) < 6.0 * np.mean(errors)


def test_fewer_days_leave_more_open() -> None:
    many, few = (problem(1, KERNEL, days=days) for days in (320, 80))
    wide = [np.subtract(found.high, found.low).mean() for found in (drawn_kernel(p, p.lags, SEED) for p in (many, few))]
    assert 1.3 * wide[0] < wide[1]


def test_a_driver_that_explains_all_leaves_hardly_anything_open() -> None:
    made = problem(5, KERNEL, days=320, noise=0.0)
    found = drawn_kernel(made, made.lags, SEED)
    assert found.median.tolist() == pytest.approx(KERNEL.tolist(), abs=0.02)
    assert (found.high - found.low).max() < 0.03


def test_lags_that_are_left_out_bring_nothing() -> None:
    made = problem(3, KERNEL, KERNEL)
    lags = made.lags.copy()
    lags[:, LAGS + 1 :] = 0.0
    found = drawn_kernel(made, lags, SEED)
    assert not found.high[LAGS + 1 :].any()
    assert found.low[1:4].all()


def test_the_same_seed_draws_the_same() -> None:
    made = problem(4, KERNEL)
    first, again = (drawn_kernel(made, made.lags, SEED) for _ in range(2))
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    assert (drawn_kernel(made, made.lags, SEED + 1).low != first.low).any()
