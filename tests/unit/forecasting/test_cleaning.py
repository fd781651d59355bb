"""Days that must not teach a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from enterprise.settings import Event
from forecasting.cleaning import DOUBLED_FEED, EVENT, UNUSUAL, ZERO_FEED, clean, known_actuals


def _spoiled(panel, changes: dict[int, float]):
    offered = panel.offered.copy()
    open_rows = np.flatnonzero(np.isfinite(offered[:, 0]))
    for place, factor in changes.items():
        offered[open_rows[place], 0] *= factor
    return replace(panel, offered=offered), {panel.dates[open_rows[place]] for place in changes}


def test_a_day_without_feed_is_not_a_quiet_day(make_test_panel) -> None:
    panel, days = _spoiled(make_test_panel(days=150), {60: 0.0})
    cleaned, marks = clean(panel)
    assert {(mark.business_date, mark.reason) for mark in marks} == {(day, ZERO_FEED) for day in days}
    row = panel.dates.index(days.pop())
    assert not cleaned.fit[row, 0]
    assert np.isnan(known_actuals(panel, marks)[row, 0])


def test_a_doubled_feed_is_found(make_test_panel) -> None:
    panel, days = _spoiled(make_test_panel(days=150), {50: 2.0})
    assert [(mark.business_date, mark.reason) for mark in clean(panel)[1]] == [(days.pop(), DOUBLED_FEED)]


def test_a_day_of_about_twice_as_many_is_no_doubled_feed_if_its_number_is_odd(make_test_panel) -> None:
    panel, days = _spoiled(make_test_panel(days=150), {50: 2.0})
    row = panel.dates.index(days.pop())
    panel.offered[row, 0] += 1.0
    _, marks = clean(panel)
    assert not [mark for mark in marks if mark.is_fault]
    assert np.isfinite(known_actuals(panel, marks)[row, 0]), "a busy day is measured by"


def test_an_unusual_day_is_left_out_but_still_measured_by(make_test_panel) -> None:
    panel, days = _spoiled(make_test_panel(days=150), {50: 3.2})
    cleaned, marks = clean(panel)
    row = panel.dates.index(days.pop())
    assert [mark.reason for mark in marks] == [UNUSUAL]
    assert not cleaned.fit[row, 0]
    assert np.isfinite(known_actuals(panel, marks)[row, 0])


def test_a_new_level_is_not_a_row_of_outliers(make_test_panel) -> None:
    panel, _ = _spoiled(make_test_panel(days=150), dict.fromkeys(range(85, 100), 2.6))
    assert clean(panel)[1] == []


def test_days_of_known_events_are_left_out_for_their_queues_only(make_test_panel) -> None:
    panel = make_test_panel(levels=(200.0, 200.0), days=80)
    day = panel.dates[np.flatnonzero(panel.fit[:, 0])[40]]
    event = Event(name="mailing", first_date=day, last_date=day, queues=("queue_0",))
    cleaned, marks = clean(panel, [event])
    assert [(mark.queue_id, mark.business_date, mark.reason) for mark in marks] == [("queue_0", day, EVENT)]
    assert cleaned.fit[panel.dates.index(day)].tolist() == [False, True]
