"""The plan book says what the tables say, needs no network, and is the same file for the same night."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pandas as pd
import pytest

from tests.support.example_night import PLAN_DATE
from warehouse.lake import Lake
from warehouse.planbook.book import plan_book
from warehouse.planbook.night import BookNight
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_WEEKLY

TOMORROW = date(2026, 11, 13)


@pytest.fixture(scope="module")
def book(night: BookNight) -> str:
    return plan_book(night)


def _glance_rows(book: str) -> dict[tuple[str, str], list[float]]:
    """Values of the glance table: expected, positions, people, hours, service level."""
    found = {}
    for level, member, cells in re.findall(
        r'<tr class="\w+" data-level="(\w+)" data-member="(\w+)"[^>]*>(.*?)</tr>', book, re.DOTALL
    ):
        found[level, member] = [float(value) for value in re.findall(r'data-value="([^"]+)"', cells)]
    return found


def test_totals_in_the_book_equal_the_tables(book: str, night: BookNight) -> None:
    days = night.staffing_daily[night.staffing_daily["business_date"] == TOMORROW].set_index(["level", "member_id"])
    shown = _glance_rows(book)
    assert len(shown) == 5 + 13 + 1
    for key, (expected, _positions, people, hours, level) in shown.items():
        table = days.loc[key]
        assert expected == pytest.approx(table["mean_offered_contacts"])
        assert hours == pytest.approx(table["staff_hours"])
        assert people == table["peak_scheduled_staff"]
        assert 0 < level <= 1
    queues = [values for (level, _), values in shown.items() if level == "queue"]
    assert sum(values[3] for values in queues) == pytest.approx(shown["enterprise", "all"][3])


def test_hours_of_the_grid_and_the_weeks_equal_the_tables(book: str, night: BookNight) -> None:
    grid = re.search(r'<table id="grid".*?</table>', book, re.DOTALL)
    weeks = re.search(r'<table id="weektable".*?</table>', book, re.DOTALL)
    assert grid
    assert weeks
    rows = [float(value) for value in re.findall(r'data-value="([^"]+)"', grid[0])]
    daily = night.staffing_daily.query("level == 'enterprise'").set_index("business_date")["staff_hours"]
    assert rows[-1] == pytest.approx(daily[TOMORROW])
    assert sum(rows[:-1]) == pytest.approx(rows[-1])
    shown = sum(
        float(value) for value in re.findall(r'<tr class="channel">.*?</tr>', weeks[0], re.DOTALL) for value in _values(value)
    )
    assert shown == pytest.approx(night.staffing_weekly.query("level == 'channel'")["staff_hours"].sum())


def _values(text: str) -> list[float]:
    return [float(value) for value in re.findall(r'data-value="([^"]+)"', text)]


def test_the_closer_look_holds_every_interval_of_the_plan(book: str, night: BookNight) -> None:
    text = re.search(r'<script type="application/json" id="plan">(.*?)</script>', book, re.DOTALL)
    assert text
    plan = json.loads(text[1])["plan"]
    people = sum(sum(day["people"]) for days in plan.values() for day in days.values())
    assert people == night.staffing_interval["scheduled_staff"].sum()
    claims = plan["voice_claims"]["2026-11-13"]
    assert claims["time"][0] == "08:00", "times are local"
    assert claims["bracket"][0] == f"{claims['positions'][0]} – {claims['positions'][0] + 1}", "Erlang A to Erlang C"
    assert set(plan["email_claims"]["2026-11-13"]["bracket"]) == {""}


def test_the_same_night_gives_the_same_bytes(book: str, book_lake: Lake, night: BookNight) -> None:
    again = BookNight.read(book_lake, night.enterprise, night.plan)
    assert plan_book(again) == book


def test_the_book_needs_no_network(book: str) -> None:
    assert not re.findall(r'(?:src|href)\s*=\s*["\'](?!#|data:)', book)
    assert "url(" not in book
    assert "@import" not in book
    assert set(re.findall(r"https?://[^\"'\s<]+", book)) == {"http://www.w3.org/2000/svg"}, (
        "the SVG namespace is a name, no address"
    )


def test_words_from_the_data_cannot_become_markup(night: BookNight) -> None:
    nasty = "</script><script>alert(1)</script>"
    quarantine = night.quarantine.assign(reason=nasty)
    staffing = night.staffing_interval.assign(reason=nasty)
    lead = night.claims_lead.assign(verdict=nasty, claim_class='"><img src=x>')
    book = plan_book(replace(night, quarantine=quarantine, staffing_interval=staffing, claims_lead=lead))
    assert "<script>alert(1)" not in book
    assert "<img" not in book


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tables = self.captions = 0
        self.unnamed_pictures = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unnamed_pictures += tag == "svg" and not dict(attrs).get("aria-label")


def test_headings_tables_and_charts_can_be_read_aloud(book: str) -> None:
    outline = _Outline()
    outline.feed(book)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.tables == outline.captions > 5
    assert outline.unnamed_pictures == 0


def test_a_column_that_changed_at_the_source_is_named(book: str, night: BookNight) -> None:
    assert "Sources whose columns are not what they were" in book
    assert "<td>CreatedDate</td><td>renamed</td><td>CreatedDate</td><td>Created_Date</td><td>yes</td>" in book
    quiet = plan_book(replace(night, source_changes=night.source_changes.iloc[:0]))
    assert "Sources whose columns are not what they were" not in quiet


def test_a_day_with_half_a_feed_is_not_shown_as_a_quiet_day(book: str) -> None:
    assert "Sat 3 Oct: the feed was incomplete" in book
    assert 'class="gap"' in book


def test_a_closed_day_is_shown_as_closed(book: str) -> None:
    assert "Sun 15 Nov: closed, nothing expected" in book


def test_a_night_without_claims_deferred_work_or_quarantine_makes_a_book_too(night: BookNight) -> None:
    live = night.staffing_interval["channel"].isin(["voice"])
    bare = replace(
        night,
        staffing_interval=night.staffing_interval[live],
        claims_lead=night.claims_lead.iloc[:0],
        backlog_projection=night.backlog_projection.iloc[:0],
        quarantine=night.quarantine.iloc[:0],
        claims=night.claims.iloc[:0],
        history=night.history.iloc[:0],
    )
    book = plan_book(bare)
    assert "What claims announce" not in book
    assert "Work that can wait" not in book


def test_fallbacks_and_missed_goals_are_said(night: BookNight) -> None:
    daily = night.forecast_daily.assign(fallback_reason="only three weeks of history: the group's profile was used")
    book = plan_book(replace(night, forecast_daily=daily))
    assert "only three weeks of history: the group&#39;s profile was used" in book
    assert "below goal" in book, "83 % misses the 90 % of the sales line"


def test_the_capacity_plan_says_who_is_needed_and_there_and_whom_to_hire(night: BookNight) -> None:
    book = plan_book(night)
    section = book[book.index('id="capacity"') : book.index('id="shifts"')]
    assert "Phones Rotterdam" in section
    assert 'data-value="20.0">20.0 <small>19.0–22.0</small>' in section
    assert 'data-value="18.0">18.0</td>' in section
    assert "2 to begin on" in section
    assert "up to 2.0 are missing whom nobody hired from now on wholly replaces" in section
    unknown = night.capacity_plan.assign(available_full_time_equivalents=None, hires_to_start=None, is_too_late=False)
    assert "who is there is not known" in plan_book(replace(night, capacity_plan=unknown))
    assert 'id="capacity"' not in plan_book(replace(night, capacity_plan=night.capacity_plan.iloc[:0]))


def test_weekly_and_daily_tables_of_the_example_agree(book_lake: Lake) -> None:
    daily = book_lake.read(STAFFING_DAILY, first=PLAN_DATE, last=PLAN_DATE)
    weekly = book_lake.read(STAFFING_WEEKLY, first=PLAN_DATE, last=PLAN_DATE)
    assert isinstance(daily, pd.DataFrame)
    assert daily["staff_hours"].sum() == pytest.approx(weekly["staff_hours"].sum())


def test_a_queue_on_earlier_data_is_flagged_with_its_reason_and_what_to_do(night: BookNight) -> None:
    daily = night.staffing_daily.copy()
    mine = (daily["level"] == "queue") & (daily["member_id"] == "voice_sales")
    daily.loc[mine, "data_warning"] = "2026-11-12 left out: 1,800 <contacts> instead of about 900"
    daily.loc[mine, "data_until_date"] = PLAN_DATE - timedelta(days=1)
    held = {"rule": "volume_doubled", "subject_id": "voice_sales", "severity": "quarantine", "action": "held"}
    found = pd.concat([night.quality_findings, night.quality_findings.assign(**held, next_step="deliver the day again")])
    old = night.quality_findings.assign(business_date=PLAN_DATE - timedelta(days=40), reason="long ago")
    page = plan_book(replace(night, staffing_daily=daily, quality_findings=pd.concat([found, old])))
    assert "1 queue on earlier data" in page
    assert "<strong>Sales line</strong>, data until Wed 11 Nov: 2026-11-12 left out: 1,800 &lt;contacts&gt;" in page
    assert page.count("rests on earlier data") == 1
    quality = page[page.index('id="findings"') :]
    for words in ("volume doubled", "Sales line (Thu 12 Nov)", "left the days out", "deliver the day again", "95 s on average"):
        assert words in quality
    assert "long ago" not in page
    assert "1 day of the last four weeks is held, and nothing is learnt from it: Sales line (Thu 12 Nov)." in page
    assert ">1 day held<" in page


def test_held_days_are_named_beside_checks_of_the_night_that_all_passed(night: BookNight) -> None:
    held = {"subject_kind": "queue", "subject_id": "voice_sales", "severity": "quarantine", "action": "held"}
    days = [
        night.quality_findings.assign(**held, rule=rule, business_date=PLAN_DATE - timedelta(days=back))
        for rule, back in (("volume_doubled", 8), ("hours_shifted", 8), ("volume_doubled", 7), ("volume_doubled", 40))
    ]
    claims = days[0].assign(subject_kind="claims", subject_id="claims")
    released = days[0].assign(action="released", subject_id="chat_sales")
    found = pd.concat([*days, claims, released])
    page = plan_book(replace(night, data_quality=night.data_quality.assign(result="passed"), quality_findings=found))
    assert "checks of the night passed, 0 found something" in page
    assert "3 days of the last four weeks are held, and nothing is learnt from them: " in page
    assert "Sales line (Wed 4 Nov, Thu 5 Nov); claims of Claims (Wed 4 Nov)." in page
    assert ">3 days held<" in page


def test_a_night_on_good_data_flags_nothing(book: str) -> None:
    assert "on earlier data" not in book
    assert 'class="flagged"' not in book
    assert "held, and nothing" not in book
    assert "held<" not in book


def test_teams_patience_and_chats_at_once_are_shown_as_the_tables_have_them(book: str, night: BookNight) -> None:
    teams = re.search(r'<table id="group-teams".*?</table>', book, re.DOTALL)
    assert teams
    hours = [float(value) for value in re.findall(r'data-value="([^"]+)"', teams[0])]
    rows = night.staff_group_interval
    columns = ["siloed_positions", "positions", "pooled_positions"]
    assert hours[:3] == pytest.approx([float(rows[name].sum()) / 2 for name in columns])
    assert "40 % Claims line, 30 % Service line, 30 % Claims line and Service line" in teams[0]
    patient = re.search(r'<table id="patient".*?</table>', book, re.DOTALL)
    assert patient
    assert "2:30 to 4:40" in patient[0]
    assert '5.0 %</td>\n<td class="n">6.0 %' in patient[0], "predicted beside observed"
    chats = re.search(r'<table id="held-chats".*?</table>', book, re.DOTALL)
    assert chats
    assert "20 % (10 % to 30 %)" in chats[0]


def test_the_day_of_each_group_says_what_the_plan_assumes_and_names_a_missed_goal(book: str) -> None:
    days = re.search(r'<table id="audited-days".*?</table>', book, re.DOTALL)
    assert days
    assert re.findall(r'colspan="6"><strong>([^<]+)<', days[0]) == [
        "Phones Rotterdam, Friday 13 November 2026: calls go to teams by skill",
        "Service Zwolle, Friday 13 November 2026: items are put aside for the next call or chat, as planned",
        "Service Zwolle, Friday 13 November 2026: if items were finished first",
    ]
    assert days[0].count("misses its goal") == 1
    assert "6.0 / 7.0" in days[0]


def test_no_difference_is_a_minus_nothing(night: BookNight) -> None:
    audit = night.simulation_audit
    near = audit["predicted_answered_fraction"].clip(upper=0.999) - 0.0001
    told = plan_book(replace(night, simulation_audit=audit.assign(simulated_answered_fraction=near)))
    table = re.search(r'<table id="audited-queues".*?</table>', told, re.DOTALL)
    assert table
    assert "0.0 (at most" in table[0]
    assert not re.search(r"[-−]0\.0[^0-9]", table[0])
