"""The next open day: each queue's own, with its channel's sum and the enterprise's."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from warehouse.planbook.glance import next_open_day
from warehouse.planbook.night import BookNight


def test_channels_come_with_their_queues_and_the_enterprise_last(night: BookNight) -> None:
    rows = next_open_day(night.enterprise, night.forecast_daily, night.staffing_interval)
    assert [row.level for row in rows[:3]] == ["channel", "queue", "queue"]
    assert rows[0].name == "Voice"
    assert rows[-1].level == "enterprise"
    assert [row.member_id for row in rows if row.level == "queue"] == list(night.enterprise.queues)


def test_a_queue_closed_tomorrow_shows_its_next_open_day(night: BookNight) -> None:
    weekend = night.staffing_interval[night.staffing_interval["business_date"] > date(2026, 11, 13)]
    rows = {row.member_id: row for row in next_open_day(night.enterprise, night.forecast_daily, weekend)}
    assert rows["voice_claims"].business_date == date(2026, 11, 14)
    assert rows["voice_sales"].business_date == date(2026, 11, 16)
    assert rows["email"].business_date == date(2026, 11, 16)
    assert rows["all"].business_date == date(2026, 11, 14)


def test_the_peak_of_a_channel_is_not_the_sum_of_its_queues_peaks(night: BookNight) -> None:
    rows = next_open_day(night.enterprise, night.forecast_daily, night.staffing_interval)
    voice = next(row for row in rows if row.member_id == "voice")
    queues = [row for row in rows if row.level == "queue" and row.channel == "voice"]
    assert max(row.peak_staff for row in queues) < voice.peak_staff <= sum(row.peak_staff for row in queues)
    assert voice.staff_hours == pytest.approx(sum(row.staff_hours for row in queues))


def test_a_level_without_forecast_has_no_invented_numbers(night: BookNight) -> None:
    only_queues = night.forecast_daily[night.forecast_daily["level"] == "queue"]
    rows = next_open_day(night.enterprise, only_queues, night.staffing_interval)
    assert rows[0].offered_contacts is None
    assert rows[1].offered_contacts is not None


def test_an_empty_plan_gives_no_rows(night: BookNight) -> None:
    empty: pd.DataFrame = night.staffing_interval.iloc[:0]
    assert next_open_day(night.enterprise, night.forecast_daily, empty) == []
