"""Planners' changes: what is refused and why, and what each night's plan does with the rest."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from enterprise.spans import END_OF_DAY
from tests.support.example_night import example_enterprise
from warehouse.overrides.entry import Entry, problem, queues_of
from warehouse.overrides.file import look_at, rows_of
from warehouse.overrides.judgement import entries_of, judged, status_rows
from warehouse.overrides.opening import changed_spans

NIGHT = date(2026, 11, 12)
AT = datetime(2026, 11, 12, 15, tzinfo=UTC)
DAY = date(2026, 11, 16)
GOOD = Entry("contacts_factor", "mailing", "anna", AT, "queue", "voice_claims", DAY, DAY, value=1.2, override_id=1)


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return example_enterprise(tmp_path_factory.mktemp("judgement"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "contact_factor"}, "did you mean contacts_factor"),
        ({"member_id": "voice_claim"}, "unknown queue 'voice_claim'.*did you mean voice_claims"),
        ({"level": "team"}, "level 'team' is not known"),
        ({"level": "channel", "member_id": "fax"}, "unknown channel 'fax'"),
        ({"first_date": NIGHT, "last_date": NIGHT}, "is past .* the first day that can be changed is 2026-11-13"),
        ({"last_date": DAY - timedelta(days=1)}, "lies before first_date"),
        ({"last_date": DAY + timedelta(days=500)}, "more than 400 days"),
        ({"first_date": None}, "first_date and last_date"),
        ({"valid_until_date": NIGHT - timedelta(days=1)}, "valid_until_date"),
        ({"value": None}, "needs a value"),
        ({"value": 120.0}, "out of range"),
        ({"value": -0.1}, "out of range"),
        ({"value": float("nan")}, "needs a value"),
        ({"kind": "handle_seconds", "value": 0.0}, "out of range"),
        ({"kind": "closed"}, "takes no value"),
        ({"kind": "event", "value": None}, "needs event_name"),
        ({"start_time": "13:00"}, "belong together"),
        ({"start_time": "13:00", "end_time": "12:00"}, "not after start_time"),
        ({"start_time": "1 pm", "end_time": "14:00"}, "no time of day"),
        ({"reason": " "}, "say why"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"entered_by": ""}, "say who"),
    ],
)
def test_what_is_wrong_is_said_in_words(wrong: dict[str, object], words: str, enterprise: Enterprise) -> None:
    assert problem(GOOD, enterprise) is None
    found = problem(replace(GOOD, **wrong), enterprise)  # type: ignore[arg-type]
    assert found is not None
    with pytest.raises(NeedsPersonError, match=words):
        raise NeedsPersonError(found)


def test_a_night_knows_only_what_was_entered_by_its_end(enterprise: Enterprise) -> None:
    late = replace(GOOD, entered_at=datetime(2026, 11, 12, 23, 30, tzinfo=UTC))  # 00:30 of the next day in Amsterdam
    assert judged([late], enterprise, NIGHT) == []
    assert len(judged([late], enterprise, NIGHT + timedelta(days=1))) == 1
    said = replace(late, first_plan_date=NIGHT)
    assert [one.status for one in judged([said], enterprise, NIGHT)] == ["applied"]


def test_a_change_waits_is_applied_and_is_over(enterprise: Enterprise) -> None:
    far = replace(GOOD, first_date=NIGHT + timedelta(days=40), last_date=NIGHT + timedelta(days=41))
    fates = [judged([far], enterprise, NIGHT + timedelta(days=ahead))[0].status for ahead in (0, 12, 40, 41)]
    assert fates == ["waiting", "applied", "applied", "done"]


def test_a_change_expires_by_itself(enterprise: Enterprise) -> None:
    short = replace(GOOD, valid_until_date=NIGHT + timedelta(days=1))
    fates = [judged([short], enterprise, NIGHT + timedelta(days=ahead))[0].status for ahead in (0, 1, 2)]
    assert fates == ["applied", "applied", "expired"]


def test_what_was_taken_back_stays_in_the_plans_that_knew_no_better(enterprise: Enterprise) -> None:
    back = Entry("withdrawal", "off", "bob", AT + timedelta(days=1), withdraws=1, override_id=2)
    assert [one.status for one in judged([GOOD, back], enterprise, NIGHT)] == ["applied"]
    later = judged([GOOD, back], enterprise, NIGHT + timedelta(days=1))
    assert [(one.status, one.reason) for one in later] == [("withdrawn", "taken back by bob: off")]


def test_two_changes_of_one_measure_never_meet(enterprise: Enterprise) -> None:
    whole_channel = replace(GOOD, level="channel", member_id="voice", override_id=2)
    handle = replace(GOOD, kind="handle_time_factor", override_id=3)
    morning = replace(GOOD, member_id="chat_service", start_time="08:00", end_time="12:00", override_id=4)
    noon = replace(morning, start_time="12:00", end_time="14:00", override_id=5)
    found = judged([GOOD, whole_channel, handle, morning, noon], enterprise, NIGHT)
    assert [one.status for one in found] == ["applied", "refused", "applied", "applied", "applied"]
    assert "overlaps entry 1" in found[1].reason


def test_a_refused_change_does_not_come_to_life_when_the_other_is_taken_back(enterprise: Enterprise) -> None:
    second = replace(GOOD, override_id=2)
    back = Entry("withdrawal", "off", "bob", AT, withdraws=1, override_id=3)
    third = replace(GOOD, override_id=4)
    found = judged([GOOD, second, back, third], enterprise, NIGHT)
    assert [one.status for one in found] == ["withdrawn", "refused", "applied"]


def test_the_order_in_which_entries_are_read_does_not_matter(enterprise: Enterprise) -> None:
    entries = [
        GOOD,
        replace(GOOD, override_id=2),
        replace(GOOD, override_id=3, first_date=DAY + timedelta(days=1), last_date=DAY + timedelta(days=2)),
    ]
    found = judged(entries, enterprise, NIGHT)
    assert all(judged(list(order), enterprise, NIGHT) == found for order in itertools.permutations(entries))


def test_rows_of_a_night_say_the_same_as_the_entries(enterprise: Enterprise) -> None:
    entries = [GOOD, replace(GOOD, kind="closed", value=None, start_time="13:00", end_time="24:00", override_id=2)]
    rows = status_rows(judged(entries, enterprise, NIGHT), NIGHT)
    assert [replace(e, entered_at=AT) for e in entries_of(rows)] == entries
    assert status_rows([], NIGHT).empty


def test_a_level_above_means_all_its_queues(enterprise: Enterprise) -> None:
    voice = queues_of(replace(GOOD, level="channel", member_id="voice"), enterprise)
    assert set(voice) == {queue.id for queue in enterprise.queues.values() if queue.channel == "voice"}
    assert queues_of(replace(GOOD, level="enterprise", member_id="all"), enterprise) == tuple(enterprise.queues)


clocks = st.tuples(st.integers(0, 47), st.integers(1, 48)).filter(lambda pair: pair[0] < pair[1])


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02d}:{30 * (half_hours % 2):02d}"


@given(clocks, clocks)
def test_closing_and_opening_hours_leaves_exactly_what_is_said(open_hours: tuple[int, int], changed: tuple[int, int]) -> None:
    def minutes(moment: time) -> int:
        return 1440 if moment == END_OF_DAY else moment.hour * 60 + moment.minute

    usual = [
        (
            time(open_hours[0] // 2, 30 * (open_hours[0] % 2)),
            END_OF_DAY if open_hours[1] == 48 else time(open_hours[1] // 2, 30 * (open_hours[1] % 2)),
        )
    ]
    before = set(range(*open_hours))
    for kind, wanted in (("closed", before - set(range(*changed))), ("opened", before | set(range(*changed)))):
        entry = replace(GOOD, kind=kind, start_time=_clock(changed[0]), end_time=_clock(changed[1]))
        spans = changed_spans(usual, [entry])
        assert {half for opens, closes in spans for half in range(minutes(opens) // 30, minutes(closes) // 30)} == wanted


def _rows(tmp_path: Path, text: str | bytes) -> list[tuple[int, dict[str, str]]]:
    file = tmp_path / "changes.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return rows_of(file)


HEADER = "kind,level,member_id,first_date,last_date,start_time,end_time,value,event_name,reason\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("contacts_factor,queue,voice_claims,16/11/2026,,,,1.2,,mailing", "first_date '16/11/2026' is no date"),
        ("contacts_factor,queue,voice_claims,2026-02-30,,,,1.2,,mailing", "is no date"),
        ('contacts_factor,queue,voice_claims,2026-11-16,,,,"1,2",,mailing', "value '1,2' is no number"),
        ("contacts_factor,queue,voice_claims,2026-11-16,,,,twenty,,mailing", "value 'twenty' is no number"),
        ("contacts_factor,queue,voice_claims,2026-11-16,,,,inf,,mailing", "no finite number"),
        ("contacts_factor,queue,voice_claims,2026-11-16,,,,1.2,,mailing, and more", "has 11 fields"),
        ("contacts_factor,queue,voice_nobody,2026-11-16,,,,1.2,,mailing", "unknown queue"),
        ("contacts_factor,queue,voice_claims,2020-11-16,,,,1.2,,mailing", "is past"),
        (",,,,,,,,,mailing", "kind '' is not known"),
    ],
)
def test_a_wrong_row_is_refused_with_its_number_and_the_others_are_not(
    row: str, words: str, enterprise: Enterprise, tmp_path: Path
) -> None:
    good = "contacts_added,channel,voice,2026-11-16,2026-11-17,09:00,11:00,40,,mailing\n"
    looked = look_at(_rows(tmp_path, HEADER + good + row + "\n"), [], enterprise, "anna", AT)
    assert [entry.kind for entry in looked.good] == ["contacts_added"]
    assert [one.row for one in looked.refused] == [3]
    assert words in looked.refused[0].reason


def test_rows_of_a_file_may_not_overlap_each_other(enterprise: Enterprise, tmp_path: Path) -> None:
    row = "contacts_factor,queue,voice_claims,2026-11-16,,,,1.2,,mailing\n"
    looked = look_at(_rows(tmp_path, HEADER + row + row), [], enterprise, "anna", AT)
    assert [(one.row, "(row 2)" in one.reason) for one in looked.refused] == [(3, True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is empty"),
        ("kind;reason\n", "missing: first_date"),
        ("kind,first_date,reason,factor\n", "not known: factor"),
        ("kind,kind,first_date,reason\n", "there twice: kind"),
        (b"kind,first_date,reason\n\xff\xfe", "not text in UTF-8"),
        ("kind,first_date,reason\n\0", "NUL"),
        ('kind,first_date,reason\n"x', "no CSV file"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(text: str | bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(NeedsPersonError, match=words):
        _rows(tmp_path, text)


@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(
    content: bytes, enterprise: Enterprise, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(b"kind,queue,first_date,value,reason\n" + content)
    with suppress(NeedsPersonError):
        looked = look_at(rows_of(file), [], enterprise, "anna", AT)
        assert all(problem(entry, enterprise) is None for entry in looked.good)
