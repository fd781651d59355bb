"""Shares of rows that should not be: a handful is proof where there never was one, and none where there often is."""

from __future__ import annotations

import numpy as np
import pytest

from expectations.monitors.shares import excess, of_weekday, usual_share


def far(parts: list[float], wholes: float, part: float, whole: float) -> float:
    counts = np.array([[*parts, part]])
    rows = np.array([[*[wholes] * len(parts), whole]])
    return float(excess(counts, rows, usual_share(counts, rows))[0, -1])


def test_three_doubled_rows_of_nine_are_let_pass_in_a_queue_that_never_had_one() -> None:
    assert far([0] * 40, 50, 3, 9) > 4


def test_three_doubled_rows_are_an_alarm_in_a_queue_that_has_them_every_day() -> None:
    assert far([3, 2, 4, 3] * 10, 50, 3, 50) < 1


def test_a_source_whose_doubled_rows_come_in_clumps_is_judged_as_if_they_came_by_chance() -> None:
    even, clumps = far([1] * 40, 50, 5, 50), far([0, 0, 0, 4] * 10, 50, 5, 50)
    assert clumps < even


def test_nothing_at_all_is_far_from_anything() -> None:
    assert np.isnan(far([0] * 40, 50, 0, 0))


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_a_common_kind_is_judged_by_more_than_chance_or_three_times_as_many_pass(share: float) -> None:
    usual = np.random.default_rng(5).binomial(200, share, 40).astype(float).tolist()
    assert far(usual, 200, 200 * share, 200) < 1.5
    assert far(usual, 200, 200 * share * 3, 200) > 3.5


def test_a_share_that_every_sunday_has_is_no_alarm_on_a_sunday_and_one_on_a_monday() -> None:
    week = [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 60.0]  # of a hundred, Monday to Sunday
    parts = np.array([[*week * 8, *week[:6], 60.0]])
    wholes = np.full_like(parts, 100.0)
    usual = usual_share(parts, wholes)
    by_day = of_weekday(parts, wholes, usual)
    assert by_day.share[0, -1] > usual.share[0, -1] + 0.2
    assert by_day.share[0, -2] < usual.share[0, -2]
    monday = parts.copy()
    monday[0, -7] = 60.0
    on_monday = excess(monday, wholes, of_weekday(monday, wholes, usual_share(monday, wholes)))
    assert on_monday[0, -7] > excess(parts, wholes, by_day)[0, -1]


def test_weekdays_say_nothing_where_no_week_is_known_and_never_leave_zero_to_one() -> None:
    parts, wholes = np.array([[0.0] * 10 + [100.0] * 10]), np.full((1, 20), 100.0)
    usual = usual_share(parts, wholes)
    short = of_weekday(parts[:, :5], wholes[:, :5], usual_share(parts[:, :5], wholes[:, :5]))
    assert np.isnan(short.share).all()
    known = of_weekday(parts, wholes, usual).share
    assert ((known[np.isfinite(known)] > 0) & (known[np.isfinite(known)] < 1)).all()
