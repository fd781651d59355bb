"""How a day spreads over its intervals, how long contacts take, and what events add."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Event
from forecasting.candidates.regression import fit_regression
from forecasting.cleaning import clean
from forecasting.events import event_contacts
from forecasting.handle_time import learn_handle_time
from forecasting.intervals import spread_over_intervals
from forecasting.profile import Profile, learn_profiles

AS_OF = date(2026, 11, 12)
CHANNELS = {"large": "voice", "small": "voice"}


def _intervals(queue: str, days: int, per_slot: dict[int, float]) -> pd.DataFrame:
    rows = [
        {"queue_id": queue, "business_date": AS_OF - timedelta(days=back), "minute_of_day": minute, "offered_contacts": count}
        for back in range(days)
        for minute, count in per_slot.items()
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def calendar(make_test_panel):
    return make_test_panel(days=200, deferred=True).calendars["queue_0"]


def test_a_large_queue_keeps_its_own_profile_and_a_small_one_borrows(calendar) -> None:
    frame = pd.concat([_intervals("large", 60, {540: 900.0, 570: 100.0}), _intervals("small", 3, {540: 1.0, 570: 1.0})])
    profiles = learn_profiles(frame, dict.fromkeys(CHANNELS, calendar), CHANNELS, set(), AS_OF, 30)
    two = (np.array([0, 0]), np.array([540, 570]), np.array([1800, 1800]))
    large, small = profiles["large"].shares(*two), profiles["small"].shares(*two)
    assert large[0] / large.sum() == pytest.approx(0.9, abs=0.01)
    assert 0.6 < small[0] / small.sum() < 0.75  # between its own half and its channel's, which both queues make
    assert (profiles["small"].weights > 0).all()


def test_a_day_that_was_left_out_does_not_shape_the_profile(calendar) -> None:
    frame = pd.concat([_intervals("large", 60, {540: 500.0, 570: 500.0}), _intervals("small", 60, {540: 50.0})])
    odd = AS_OF - timedelta(days=7)
    frame.loc[(frame["business_date"] == odd) & (frame["minute_of_day"] == 540), "offered_contacts"] = 90_000.0
    left_out = {("large", odd)}
    with_odd = learn_profiles(frame, {"large": calendar}, CHANNELS, set(), AS_OF, 30)["large"].weights
    without = learn_profiles(frame, {"large": calendar}, CHANNELS, left_out, AS_OF, 30)["large"].weights
    weekday = odd.weekday()
    assert without[weekday, 18] == pytest.approx(without[weekday, 19], rel=0.02)
    assert with_odd[weekday, 18] > 3 * with_odd[weekday, 19]


def test_contacts_never_vanish_for_want_of_an_interval() -> None:
    with pytest.raises(ValueError, match="no interval"):
        spread_over_intervals(np.array([5.0, 5.0]), np.array([0, 0]), np.array([1.0, 1.0]))


def _handled(days: int, seconds: float, contacts: float, calendar) -> pd.DataFrame:
    dates = calendar.frame["business_date"].iloc[200 - days : 200]
    return pd.DataFrame(
        {
            "business_date": dates.to_numpy(),
            "offered_contacts": contacts,
            "answered_contacts": contacts,
            "completed_items": np.nan,
            "handle_seconds": contacts * seconds,
            "source_complete": True,
        }
    )


def test_handle_time_is_the_settings_prior_where_nothing_was_measured(calendar) -> None:
    handle = learn_handle_time(_handled(30, np.nan, 100.0, calendar), calendar, 420.0, AS_OF)
    assert (handle.by_weekday == 420.0).all()
    assert handle.contacts == 0.0
    low, high = handle.quantiles(np.array([0]))[0][[0, -1]]
    assert low < 0.8 * 420.0 < 1.2 * 420.0 < high


def test_handle_time_follows_many_contacts_and_trusts_few_little(calendar) -> None:
    many = learn_handle_time(_handled(60, 300.0, 200.0, calendar), calendar, 600.0, AS_OF)
    few = learn_handle_time(_handled(3, 300.0, 5.0, calendar), calendar, 600.0, AS_OF)
    assert many.by_weekday == pytest.approx(300.0, rel=0.03)
    assert 520.0 < few.by_weekday[0] < 600.0


def test_days_without_feed_or_after_the_as_of_date_do_not_teach_handle_time(calendar) -> None:
    rows = _handled(60, 300.0, 200.0, calendar)
    spoiled = rows.assign(source_complete=[False] * 5 + [True] * 55)
    spoiled.loc[spoiled.index[:5], "handle_seconds"] = 9e9
    later = rows.tail(1).assign(business_date=AS_OF + timedelta(days=1), handle_seconds=9e9)
    clean_rows = rows.iloc[5:]
    expected = learn_handle_time(clean_rows, calendar, 300.0, AS_OF).by_weekday
    found = learn_handle_time(pd.concat([spoiled, later]), calendar, 300.0, AS_OF).by_weekday
    np.testing.assert_array_equal(found, expected)


def test_an_event_adds_what_earlier_days_of_its_name_showed(make_test_panel) -> None:
    panel = make_test_panel(days=150)
    opened = np.flatnonzero(panel.fit[:, 0])
    first_time, again = (
        panel.dates[opened[60]],
        next(day for day, takes in zip(panel.future_dates, panel.takes_contacts[panel.past :, 0], strict=True) if takes),
    )
    panel.offered[opened[60], 0] *= 2.0
    events = [Event(name="mailing", first_date=day, last_date=day, queues=("queue_0",)) for day in (first_time, again)] + [
        Event(name="never seen", first_date=again, last_date=again, queues=("queue_0",))
    ]
    cleaned, _ = clean(panel, events)
    own = np.where(panel.takes_contacts[panel.past :, 0], 200.0, 0.0)
    added = event_contacts(cleaned, 0, own, fit_regression(cleaned, 0), events)
    row = panel.future_dates.index(again)
    assert 0.1 * 200.0 < added[row] < 0.5 * 200.0  # one day of evidence: a third of what it showed, on the log scale
    assert np.count_nonzero(added) == 1


def test_what_the_last_days_shape_had_beyond_the_weekdays_fades_with_the_lead() -> None:
    weights = np.full((7, 4), 0.25)
    profile = Profile(weights, 360, 0.0, recent=np.array([0.1, -0.1, 0.0, 0.0]))
    minute, seconds, like = np.arange(4) * 360, np.full(4, 1.0), np.zeros(4, dtype=int)
    tomorrow, later = (profile.shares(like, minute, seconds, np.full(4, lead)) for lead in (1, 22))
    np.testing.assert_allclose(tomorrow, [0.35, 0.15, 0.25, 0.25])
    assert 0.25 < later[0] < 0.32
    np.testing.assert_allclose(profile.shares(like, minute, seconds), 0.25)


def test_a_shape_that_has_changed_last_week_is_followed_in_large_queues_only(make_test_panel) -> None:
    panel = make_test_panel(days=100, deferred=True)
    calendar, last = panel.calendars["queue_0"], panel.as_of
    days = [last - timedelta(days=age) for age in range(99, -1, -1)]

    def rows(queue: str, total: float) -> pd.DataFrame:
        early = [0.7 if day > last - timedelta(days=7) else 0.5 for day in days]
        return pd.concat(
            pd.DataFrame(
                {"queue_id": queue, "business_date": days, "minute_of_day": minute, "offered_contacts": np.array(share) * total}
            )
            for minute, share in ((600, early), (840, 1.0 - np.array(early)))
        )

    profiles = learn_profiles(
        pd.concat([rows("large", 5_000.0), rows("small", 5.0)]),
        {"large": calendar, "small": calendar},
        {"large": "voice", "small": "voice"},
        set(),
        last,
        30,
    )
    two = (np.zeros(2, dtype=int), np.array([600, 840]), np.full(2, 1800.0))
    moved = {}
    for queue, profile in profiles.items():
        usual, tomorrow = profile.shares(*two), profile.shares(*two, np.ones(2))
        moved[queue] = tomorrow[0] / tomorrow.sum() - usual[0] / usual.sum()
    assert moved["large"] > 0.02
    assert abs(moved["small"]) < 0.005
