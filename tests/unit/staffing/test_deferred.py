"""Deferred work: the exact peak, trajectories and inputs, against slow second implementations."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.deferred import NO_DUE, DeferredWork, deferred_work, due_periods, minimal_peak
from staffing.trajectory import trajectory


def random_work(generator: np.random.Generator, periods: int = 14) -> DeferredWork:
    is_open = generator.random(periods) < 0.7
    cohorts = int(generator.integers(0, 3))
    return deferred_work(
        is_open=is_open,
        arrivals=generator.integers(0, 30, periods),
        mean_handle_seconds=900,
        period_hours=1,
        goal_open_periods=int(generator.integers(1, 4)),
        lag_periods=int(generator.integers(0, 2)),
        backlog_items=generator.integers(1, 40, cohorts),
        backlog_due=generator.integers(NO_DUE, periods, cohorts),
    )


def in_time(work: DeferredWork, staff: float) -> bool:
    done = trajectory(work, staff)
    return float(done.breached_items.sum()) < 1e-9


def slow_trajectory(work: DeferredWork, staff: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Item by hundredth of an item: completed per period and on time per cohort."""
    left = np.round(work.items * 100).astype(int)
    completed, on_time = np.zeros(work.is_open.size), np.zeros(work.items.size)
    for period in range(work.is_open.size):
        room = round(staff[period] * work.items_per_person * 100) if work.is_open[period] else 0
        while room:
            ready = [c for c in range(left.size) if left[c] and work.release[c] <= period]
            if not ready:
                break
            chosen = min(ready, key=lambda c: (work.due[c] if work.due[c] != NO_DUE else 10**6, work.arrived[c], c))
            left[chosen] -= 1
            room -= 1
            completed[period] += 0.01
            on_time[chosen] += 0.01 * (work.due[chosen] != NO_DUE and period <= work.due[chosen])
    return completed, on_time


def test_the_peak_is_exactly_where_work_begins_to_be_late() -> None:
    generator = np.random.default_rng(4)
    seen = 0
    for _ in range(150):
        work = random_work(generator)
        peak = minimal_peak(work)
        if not np.isfinite(peak.staff):
            assert not in_time(work, 1e6)
        elif peak.staff > 0:
            seen += 1
            assert in_time(work, peak.staff * (1 + 1e-9))
            assert not in_time(work, peak.staff * (1 - 1e-6))
            first, last = peak.critical_window or (0, 0)
            assert work.is_open[first]
            assert work.is_open[last]
        else:
            assert peak.critical_window is None
    assert seen > 50


def test_the_trajectory_equals_working_item_by_item() -> None:
    generator = np.random.default_rng(9)
    for _ in range(12):
        work = random_work(generator, periods=8)
        staff = generator.integers(0, 6, 8).astype(float)
        found = trajectory(work, staff)
        completed, on_time = slow_trajectory(work, staff)
        np.testing.assert_allclose(found.completed, completed, atol=1e-6)
        due = work.due != NO_DUE
        np.testing.assert_allclose(found.on_time[work.source[due]], on_time[due], atol=1e-6)


def test_items_that_come_in_either_leave_or_wait() -> None:
    generator = np.random.default_rng(12)
    for _ in range(40):
        work = random_work(generator)
        found = trajectory(work, generator.uniform(0, 5, work.is_open.size))
        assert found.backlog[-1] + found.completed.sum() == pytest.approx(work.items.sum())
        assert found.breached_items.sum() + np.nansum(found.on_time) == pytest.approx(work.due_items)
        assert np.all(found.completed[~work.is_open] == 0)
        assert np.all(found.overdue_items >= found.breached_items - 1e-9)


def test_weekend_mail_counts_from_monday_and_is_not_lost_between_open_windows() -> None:
    # Friday open, two closed days, Monday and Tuesday open. The weekend's 60 items are due on Monday and can only be done then.
    work = deferred_work(
        is_open=[1, 0, 0, 1, 1], arrivals=[0, 30, 30, 0, 0], mean_handle_seconds=3600, period_hours=10, goal_open_periods=1
    )
    assert work.due.tolist() == [3, 3, 3, 4, NO_DUE]
    assert minimal_peak(work) == minimal_peak(work)
    assert minimal_peak(work).staff == pytest.approx(6.0)
    assert minimal_peak(work).critical_window == (3, 3)


def test_work_due_before_anything_opens_cannot_be_done_in_time() -> None:
    work = deferred_work(
        is_open=[0, 1],
        arrivals=[0, 0],
        mean_handle_seconds=600,
        period_hours=1,
        goal_open_periods=1,
        backlog_items=[5],
        backlog_due=[0],
    )
    assert np.isinf(minimal_peak(work).staff)


def test_ages_count_open_periods() -> None:
    work = deferred_work(
        is_open=[1, 0, 1],
        arrivals=[0, 5, 0],
        mean_handle_seconds=3600,
        period_hours=1,
        goal_open_periods=1,
        backlog_items=[1, 1],
        backlog_due=[0, 2],
        backlog_age_periods=[7, 2],
    )
    assert trajectory(work, 0).oldest_age_periods.tolist() == [8.0, 8.0, 9.0]
    assert trajectory(work, 1).oldest_age_periods.tolist() == [3.0, 3.0, 1.0]


def test_a_share_within_goal_needs_less_than_all() -> None:
    line = {
        "is_open": [1] * 4,
        "arrivals": [10, 20, 10, 0],
        "mean_handle_seconds": 600,
        "period_hours": 1,
        "goal_open_periods": 1,
    }
    whole, most = deferred_work(**line), deferred_work(**line, within_goal_fraction=0.9)
    assert most.due_items == pytest.approx(0.9 * whole.due_items)
    assert most.items.sum() == pytest.approx(whole.items.sum())
    assert minimal_peak(most).staff == pytest.approx(0.9 * minimal_peak(whole).staff)
    assert trajectory(most, 0).on_time.size == trajectory(whole, 0).on_time.size


def test_the_due_period_is_the_kth_open_one_after_arrival() -> None:
    assert due_periods([0, 1, 0, 1, 1], 2).tolist() == [3, 4, 4, NO_DUE, NO_DUE]
    assert due_periods([0, 0], 1).tolist() == [NO_DUE, NO_DUE]
    with pytest.raises(ValueError, match="expected at least 1"):
        due_periods([1], 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arrivals": [1, -2, 3]}, r"arrivals\[1\] is -2"),
        ({"arrivals": [1, 2]}, "one value per period"),
        ({"mean_handle_seconds": 0}, "mean_handle_seconds is 0"),
        ({"productive_fraction": 1.2}, "at most 1"),
        ({"lag_periods": -1}, "lag_periods is -1"),
        ({"backlog_items": [1.0], "backlog_due": [3]}, r"backlog_due\[0\] is 3; expected 0 to 2"),
        ({"backlog_items": [1.0], "backlog_due": []}, "give one of each"),
        ({"goal_open_periods": 0}, "expected at least 1"),
    ],
)
def test_a_wrong_input_is_named(change: dict[str, object], message: str) -> None:
    good: dict[str, object] = {
        "is_open": [1, 1, 1],
        "arrivals": [1, 2, 3],
        "mean_handle_seconds": 600,
        "period_hours": 1,
        "goal_open_periods": 1,
    }
    with pytest.raises(ValueError, match=message):
        deferred_work(**(good | change))  # type: ignore[arg-type]


def test_staff_below_nothing_are_refused() -> None:
    work = deferred_work(is_open=[1, 1], arrivals=[1, 1], mean_handle_seconds=600, period_hours=1, goal_open_periods=1)
    with pytest.raises(ValueError, match=r"staff\[1\] is -1"):
        trajectory(work, [1.0, -1.0])
