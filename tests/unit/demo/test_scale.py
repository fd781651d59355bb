"""The large enterprise: as large as it was asked for, the same whenever it is drawn, and files that say what was drawn."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from demo.scale import CASES, CHAT, VOICE, Scale
from demo.scale_files import make_large_demo, settings_of
from enterprise.settings import Enterprise, load_enterprise

SCALE = Scale(20, 4_000)
THURSDAY, SUNDAY, AUTUMN = date(2026, 11, 12), date(2026, 11, 15), date(2026, 10, 25)


def test_a_day_is_as_large_as_asked_for_and_the_same_again() -> None:
    day, again = SCALE.day(THURSDAY), SCALE.day(THURSDAY)
    assert len(day.number) == pytest.approx(4_000 * 0.96, rel=0.15)
    for name in ("number", "queue", "arrived", "waited", "lasted", "answered", "agent", "customer"):
        np.testing.assert_array_equal(getattr(day, name), getattr(again, name))
    assert (np.diff(day.arrived) >= 0).all()
    assert set(day.queue) == set(range(20))
    assert set(SCALE.channels) == {VOICE, CHAT, CASES}


def test_on_sundays_only_cases_come_and_the_long_day_has_its_hour() -> None:
    sunday = SCALE.day(SUNDAY)
    assert {SCALE.channels[queue] for queue in sunday.queue} == {CASES}
    long_day = Scale(20, 400_000).day(AUTUMN).arrived
    assert long_day.max() - long_day.min() > 24.5 * 3600


def test_the_settings_can_be_read_and_the_files_hold_every_contact(tmp_path: Path) -> None:
    made = make_large_demo(tmp_path, SCALE, 1, THURSDAY, lambda _: None)
    enterprise: Enterprise = load_enterprise(made.settings, {}, tmp_path)
    assert list(enterprise.queues) == list(SCALE.ids)
    day, sources = SCALE.day(THURSDAY), tmp_path / "sources"
    channel = np.array(SCALE.channels)[day.queue]
    calls = (sources / "acd" / f"queue_log-{THURSDAY}").read_text().splitlines()
    assert sum("|ENTERQUEUE|" in line for line in calls) == (channel == VOICE).sum()
    assert sum("|CONNECT|" in line for line in calls) == (day.answered & (channel == VOICE)).sum()
    chats = [json.loads(line) for line in (sources / "chat" / f"contact-records-{THURSDAY}.jsonl").read_text().splitlines()]
    assert sum(chat["Agent"] is not None for chat in chats) == (day.answered & (channel == CHAT)).sum()
    with (sources / "crm" / f"cases-{THURSDAY}.csv").open() as file:
        assert (
            len(list(csv.DictReader(file))) == (channel == CASES).sum() == made.contacts - len(chats) - (channel == VOICE).sum()
        )
    assert settings_of(SCALE) == made.settings.read_text()


def test_too_small_an_enterprise_is_refused() -> None:
    with pytest.raises(ValueError, match="2 queues and 600 contacts a day; expected at least 3 queues"):
        Scale(2, 600)
