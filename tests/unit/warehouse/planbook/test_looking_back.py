"""The book's look back: accuracy by lead, misses in words, and what planners changed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.example_ledger import write_ledger, write_misses
from tests.support.example_night import PLAN_DATE
from warehouse.lake import Lake
from warehouse.planbook.book import plan_book
from warehouse.planbook.looking_back import LEADS, accuracy_rows, miss_list, planner_changes
from warehouse.planbook.night import BookNight


@pytest.fixture
def later(night: BookNight, book_lake: Lake, tmp_path: Path) -> BookNight:
    """The example night with a ledger of two days of its plan and a miss."""
    shutil.copytree(book_lake.root, tmp_path / "lake")
    lake, days = Lake(str(tmp_path / "lake")), [PLAN_DATE + timedelta(days=ahead) for ahead in (1, 7)]
    for day in days:
        write_ledger(lake, night.enterprise, day)
    write_misses(lake, days[0])
    plan = replace(night.plan, plan_date=PLAN_DATE + timedelta(days=7))
    seen = BookNight.read(lake, night.enterprise, plan)
    return replace(night, accuracy_ledger=seen.accuracy_ledger, miss_analysis=seen.miss_analysis)


def test_before_any_plan_is_old_enough_the_book_says_so(night: BookNight) -> None:
    assert accuracy_rows(night) == []
    assert "No plan is old enough yet" in plan_book(night)


def test_errors_by_lead_are_those_of_the_ledger(later: BookNight) -> None:
    rows = accuracy_rows(later)
    assert rows[0].name == later.enterprise.name
    ledger = later.accuracy_ledger
    for place, lead in enumerate(LEADS):
        own = ledger[(ledger["level"] == "enterprise") & (ledger["lead_days"] == lead)]
        expected = own["absolute_error_contacts"].sum() / own["offered_contacts"].sum() if len(own) else None
        assert rows[0].errors[place] == (pytest.approx(expected) if expected is not None else None)
    page = plan_book(later)
    assert "No plan is old enough yet" not in page
    assert "7 days<br>ahead" in page


def test_misses_are_said_in_words(later: BookNight) -> None:
    assert [(row.name, row.day) for row in miss_list(later)] == [("Claims line", "Fri 13 Nov")]
    assert "-9 points (volume -5" in plan_book(later)


def test_planners_see_what_became_of_their_changes(night: BookNight) -> None:
    changes = planner_changes(night)
    assert [(one.number, one.place, one.status) for one in changes] == [
        (1, "Claims line", "applied"),
        (2, "voice_claim", "refused"),
    ]
    page = plan_book(night)
    assert "unknown queue &#39;voice_claim&#39;" in page
    assert "new form; anna" in page
