from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.activity_events import activities_of, changed_dates

DAY = datetime(2026, 11, 12, tzinfo=UTC)
HOUR = 3_600_000_000


def micros(hour: float) -> int:
    return int(DAY.timestamp()) * 1_000_000 + round(hour * HOUR)


def told(*rows, place="events.csv", sequence=1, agent="A1"):
    """Events of one delivery, as (hour of the 12th, begins, activity) in any order."""
    times = [micros(hour) for hour, *_ in rows]
    events = pd.DataFrame(
        {
            "agent_id": agent, "occurred_at": times, "activity": [activity for *_, activity in rows],
            "begins": [begins for _, begins, _ in rows], "queue_id": None, "row_text": "text",
            "business_date": [(DAY + timedelta(hours=hour)).date() for hour, *_ in rows], "source_system": "wfm",
            "landing_file": f"{sequence}-{place}", "landing_row": range(1, len(rows) + 1), "sequence": sequence, "place": place,
        }
    )  # fmt: skip
    span = pd.DataFrame({"place": [place], "sequence": [sequence], "first_us": [min(times)], "last_us": [max(times)]})
    return events, span


def made(*deliveries):
    events, spans = (pd.concat(list(parts), ignore_index=True) for parts in zip(*deliveries, strict=True))
    return activities_of(events, spans)


def hours(activities):
    def hour(at):
        return None if at is None else (at - DAY).total_seconds() / 3600

    rows = activities.spans.to_pylist()
    return sorted((row["activity"], hour(row["started_at"]), hour(row["ended_at"])) for row in rows)


SHIFT = [(22.0, True, "in"), (30.0, False, "in")]


def test_an_end_in_the_next_file_ends_what_began_in_the_one_before():
    assert hours(made(told(SHIFT[0]), told(SHIFT[1], place="next.csv", sequence=2))) == [("in", 22.0, 30.0)]


def test_files_in_another_order_give_the_same_spans():
    one = made(told(SHIFT[0]), told(SHIFT[1], place="next.csv", sequence=2))
    other = made(told(SHIFT[1], place="next.csv", sequence=1), told(SHIFT[0], sequence=2))
    assert hours(one) == hours(other)


def test_what_nothing_follows_within_a_day_lasts_and_its_late_end_stands_alone():
    activities = made(told((1.0, True, "in")), told((26.0, False, "in"), place="next.csv", sequence=2))
    assert hours(activities) == [("in", 1.0, None)]
    assert activities.ends["alone"].tolist() == [True]
    assert activities.ends["landing_file"].tolist() == ["2-next.csv"]


def test_a_beginning_that_comes_late_takes_its_end_back():
    late = [told(SHIFT[1], place="next.csv"), told(SHIFT[0], sequence=2)]
    assert made(late[0]).ends["alone"].tolist() == [True]
    assert made(*late).ends["alone"].tolist() == [False]


def test_a_file_delivered_again_holds_for_the_time_it_spans():
    first = told((8.0, True, "in"), (12.0, False, "in"), (13.0, True, "in"), (17.0, False, "in"))
    again = told((8.0, True, "in"), (11.5, False, "in"), (13.0, True, "in"), sequence=2)
    activities = made(first, again)
    assert hours(activities) == [("in", 8.0, 11.5), ("in", 13.0, 17.0)], "17:00 lies behind what was delivered again"
    assert activities.repeated == ["2-events.csv"] * 2
    assert activities.spans.column("landing_file").unique().to_pylist() == ["1-events.csv"], "what is known keeps its origin"


def test_another_file_replaces_nothing():
    first = told((8.0, True, "in"), (12.0, False, "in"))
    other = told((8.0, True, "break"), (9.0, True, "in"), place="other.csv", sequence=2)
    assert hours(made(first, other)) == [("break", 8.0, None), ("in", 8.0, 9.0), ("in", 9.0, 12.0)]


def test_an_event_taken_back_and_told_again_stands():
    whole, less = [(8.0, True, "in"), (10.0, False, "in"), (12.0, True, "in")], [(8.0, True, "in"), (12.0, True, "in")]
    deliveries = [told(*whole), told(*less, sequence=2), told(*whole, sequence=3)]
    assert hours(made(*deliveries[:2])) == [("in", 8.0, 12.0), ("in", 12.0, None)]
    assert hours(made(*deliveries)) == hours(made(deliveries[0]))


def test_only_dates_whose_events_changed_are_named():
    first = told((1.0, True, "in"), (9.0, False, "in"), (25.0, True, "in"), (33.0, False, "in"))
    again = told((1.0, True, "in"), (9.0, False, "in"), (25.0, True, "in"), (32.0, False, "in"), (33.0, True, "x"), sequence=2)
    assert changed_dates(made(first), made(first, again)) == {date(2026, 11, 13)}
    assert changed_dates(made(first, again), made(first, again)) == set()


EVENTS = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0, 23.0, 24.0, 25.0, 48.0, 49.0]), st.booleans(), st.sampled_from("ab")))


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS.filter(bool), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_every_event_is_in_one_place_whatever_the_files(files, random):
    deliveries = [told(*rows, place=f"{number}.csv", sequence=number) for number, rows in enumerate(files)]
    activities = made(*deliveries)
    every = [(hour, begins, activity) for rows in files for hour, begins, activity in rows]
    once = set(every)
    assert len(activities.repeated) == len(every) - len(once)
    assert activities.spans.num_rows == sum(begins for _, begins, _ in once)
    closed = len([1 for _, start, end in hours(activities) if end is not None])
    ended_by_a_beginning = closed - int((~activities.ends["alone"]).sum())
    assert ended_by_a_beginning >= 0
    shuffled = list(enumerate(files))
    random.shuffle(shuffled)
    other = made(*(told(*rows, place=f"{number}.csv", sequence=place) for place, (number, rows) in enumerate(shuffled)))
    assert hours(other) == hours(activities), "the order in which files came decides nothing"


@pytest.mark.parametrize("length", [23.99, 24.0, 24.01])
def test_a_span_lasts_a_day_at_most(length):
    activities = made(told((0.0, True, "in"), (length, False, "in")))
    assert (hours(activities)[0][2] is None) == (length > 24)
