"""The index of names and dates: no date is missed, and segments stay few."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etl.link_index import Pairs, found_in, joined, joined_from, near

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=20)


def segment(of: list[tuple[int, int]]) -> Pairs:
    return joined([np.array(sorted(of), np.uint64).reshape(-1, 2).T])


@given(st.lists(pairs, min_size=1, max_size=4), st.lists(st.integers(0, 8), unique=True))
def test_segments_put_together_have_each_date_of_a_name_once(parts: list[list[tuple[int, int]]], wanted: list[int]) -> None:
    whole = joined([segment(part) for part in parts])
    asked = sorted(wanted)
    place, day = found_in(whole, np.array(asked, np.uint64))
    found = [(asked[one], other) for one, other in zip(place.tolist(), day.tolist(), strict=True)]
    assert found == sorted({pair for part in parts for pair in part if pair[0] in asked})


@given(pairs, st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), min_size=1, max_size=5), st.integers(0, 4))
def test_a_date_is_near_if_steps_of_a_few_days_lead_there(
    known: list[tuple[int, int]], asked: list[tuple[int, int]], step: int
) -> None:
    reached = set(asked)
    while more := {
        one for one in known for other in reached if one[0] == other[0] and abs(one[1] - other[1]) <= step and one not in reached
    }:
        reached |= more
    name, day, asked_name, asked_day = (
        np.array([pair[which] for pair in of], np.int64) for of in (known, asked) for which in range(2)
    )
    assert near(name, day, asked_name, asked_day, np.full(7, step)).tolist() == [pair in reached for pair in known]


def test_a_thousand_nights_leave_a_handful_of_segments_and_move_each_pair_a_few_times() -> None:
    sizes, moved = [1_000_000], 0
    for _ in range(1000):
        sizes.append(1000)
        first = joined_from(sizes)
        if first < len(sizes):
            moved += sum(sizes[first:])
            sizes[first:] = [sum(sizes[first:])]
        assert all(one > sum(sizes[place + 1 :]) for place, one in enumerate(sizes)), "each is larger than all behind it"
    assert len(sizes) <= 6
    assert moved < 1000 * 1000 * 12 + 4_000_000, "what was there before is hardly touched"
