"""Properties of deferred work and of the way from positions to people."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from staffing.deferred import NO_DUE, DeferredWork, deferred_work, minimal_peak
from staffing.deferred_plan import cheapest_plan
from staffing.shrinkage import scheduled_staff
from staffing.trajectory import trajectory

QUICK = settings(max_examples=50, deadline=None)


@st.composite
def works(draw: st.DrawFn) -> DeferredWork:
    periods = draw(st.integers(1, 16))
    cohorts = draw(st.integers(0, 3))
    return deferred_work(
        is_open=draw(st.lists(st.booleans(), min_size=periods, max_size=periods)),
        arrivals=draw(st.lists(st.integers(0, 40), min_size=periods, max_size=periods)),
        mean_handle_seconds=draw(st.sampled_from([300.0, 900.0, 3600.0])),
        period_hours=draw(st.sampled_from([0.25, 1.0, 8.0])),
        goal_open_periods=draw(st.integers(1, 5)),
        lag_periods=draw(st.integers(0, 1)),
        backlog_items=draw(st.lists(st.integers(0, 60), min_size=cohorts, max_size=cohorts)),
        backlog_due=draw(st.lists(st.integers(NO_DUE, periods - 1), min_size=cohorts, max_size=cohorts)),
        productive_fraction=draw(st.sampled_from([1.0, 0.7])),
        free_items=draw(st.lists(st.sampled_from([0.0, 0.0, 3.0, 25.0]), min_size=periods, max_size=periods)),
    )


@QUICK
@given(works(), st.floats(0, 10))
def test_no_item_is_lost_and_nothing_is_done_before_it_came(work: DeferredWork, staff: float) -> None:
    found = trajectory(work, staff)
    came = np.cumsum(
        np.bincount(np.minimum(work.release, work.is_open.size), weights=work.items, minlength=work.is_open.size + 1)
    )
    assert np.all(np.cumsum(found.completed) <= came[:-1] + 1e-7)
    assert abs(found.backlog[-1] + found.completed.sum() - work.items.sum()) < 1e-7
    assert np.all(np.nan_to_num(found.utilisation) <= 1 + 1e-12)


@QUICK
@given(works(), st.floats(0.1, 5))
def test_more_staff_never_make_more_work_late(work: DeferredWork, staff: float) -> None:
    fewer, more = trajectory(work, staff), trajectory(work, staff * 1.3)
    assert more.breached_items.sum() <= fewer.breached_items.sum() + 1e-7
    assert np.all(more.backlog <= fewer.backlog + 1e-7)


@QUICK
@given(works())
def test_the_peak_keeps_every_due_time_and_a_little_less_does_not(work: DeferredWork) -> None:
    peak = minimal_peak(work)
    assume(0 < peak.staff < np.inf)
    assert trajectory(work, peak.staff * (1 + 1e-9)).breached_items.sum() < 1e-5
    assert trajectory(work, peak.staff * 0.999).breached_items.sum() > 1e-6


@settings(max_examples=25, deadline=None)
@given(works())
def test_the_cheapest_plan_lies_between_the_work_and_the_constant_peak(work: DeferredWork) -> None:
    peak = minimal_peak(work)
    plan = cheapest_plan(work)
    assert plan.is_attainable == bool(np.isfinite(peak.staff))
    if plan.is_attainable:
        free_hours = work.free_items.sum() / work.items_per_person * work.period_hours
        assert plan.staff_hours >= work.due_hours - free_hours - 1e-6
        assert plan.staff_periods <= ceil(peak.staff - 1e-9) * work.is_open.sum()
        assert plan.projection.breached_items.sum() < 1e-5
    else:
        assert plan.shortfall


@QUICK
@given(st.integers(0, 5000), st.lists(st.integers(0, 95), max_size=4))
def test_scheduled_staff_equal_exact_arithmetic(positions: int, percents: list[int]) -> None:
    exact = Fraction(positions)
    for percent in percents:
        exact /= 1 - Fraction(percent, 100)
    found = scheduled_staff(positions, {str(kind): percent / 100 for kind, percent in enumerate(percents)})
    assert int(found.staff) == ceil(exact)
