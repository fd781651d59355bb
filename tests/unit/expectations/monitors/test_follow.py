"""What is expected of a day: learnt from the days before it, and not from a feed's first rows."""

from __future__ import annotations

import numpy as np
import pytest

from expectations.monitors.follow import Followed, Pace, follow_counts


def followed(counts: np.ndarray, usable: np.ndarray | None = None, unsure: np.ndarray | None = None) -> Followed:
    days = len(counts)
    design = np.ones((1, days, 1))
    use = np.ones((1, days), dtype=bool) if usable is None else usable[np.newaxis]
    known = None if unsure is None else unsure[np.newaxis]
    return follow_counts(counts[np.newaxis], design, np.array([8.0]), use, np.zeros((1, days), dtype=bool), Pace(), known)


def test_a_feed_that_began_with_a_trickle_is_expected_to_vary_wildly_for_a_year() -> None:
    counts = np.random.default_rng(1).poisson(60, 200).astype(float)
    steady = followed(counts.copy())
    counts[:9] = 1
    trickled = followed(counts)
    assert trickled.deviation[0, 60] == pytest.approx(steady.deviation[0, 60], abs=0.02)
    assert trickled.expected[0, 60] == pytest.approx(60, rel=0.1)


def test_a_queue_that_opened_long_after_the_others_is_expected_to_be_empty() -> None:
    counts = np.random.default_rng(2).poisson(80, 200).astype(float)
    usable = np.arange(200) >= 90
    late = followed(np.where(usable, counts, 0), usable)
    assert np.isnan(late.expected[0, 120])
    assert late.expected[0, 130] == pytest.approx(80, rel=0.1)
    assert late.deviation[0, 130] < 0.15


def test_a_day_of_a_rare_kind_is_judged_like_any_other() -> None:
    counts = np.random.default_rng(3).poisson(100, 120).astype(float)
    counts[100] = 150
    unsure = np.zeros(120)
    plain = followed(counts, unsure=unsure)
    unsure[100] = 0.3**2
    mild = followed(counts, unsure=unsure)
    assert plain.surprise[0, 100] > 3 > mild.surprise[0, 100] > 0
    assert mild.expected[0, 101] == pytest.approx(100, rel=0.08)
