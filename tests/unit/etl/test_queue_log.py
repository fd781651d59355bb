"""Calls made of queue_log events, by the documented format (docs.asterisk.org, Queue Logs)."""

from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from enterprise.grid import IntervalGrid
from enterprise.sources import AsteriskQueueLog
from etl import queue_log_course as course
from etl.callbacks import Habit
from etl.coded import coded
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.queue_calls import Events
from etl.queue_log import EVENTS, KNOWN_EVENTS, QUEUE_EVENTS
from etl.sources import asterisk, line_files

T = 1_794_470_400  # 2026-11-12 08:00:00 UTC
SETTINGS = AsteriskQueueLog(
    kind="asterisk_queue_log", url="x", queues={"claims-line": "voice_claims", "service-line": "voice_service"}
)


def read(tmp_path: Path, text: str | bytes) -> Parsed:
    path = tmp_path / "queue_log"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    file = LandedFile("acd", "0-queue_log", str(path), "queue_log", path.stat().st_size)
    context = ReadContext(fsspec.filesystem("file"), "acd", IntervalGrid("Europe/Amsterdam", 30), {})
    return asterisk.read(SETTINGS, [file], context)


def made(parsed: Parsed, which: int) -> pd.DataFrame:
    rows = parsed.tables[QUEUE_EVENTS]
    events = Events(rows.append_column("seq", pa.array([1] * rows.num_rows, pa.int64())))
    return events.tables("acd", "wrap")[which].to_pandas()


def contacts(tmp_path: Path, text: str) -> pd.DataFrame:
    return made(read(tmp_path, text), 0).sort_values(["contact_id", "segment"]).reset_index(drop=True)


def test_an_answered_call_has_wait_talk_and_the_wrap_pause_after_it(tmp_path: Path) -> None:
    rows = contacts(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||4711|1\n"
        f"{T + 12}|c1|claims-line|Agent/A1|CONNECT|12|b1|3\n"
        f"{T + 112}|c1|claims-line|Agent/A1|COMPLETECALLER|12|100|1\n"
        f"{T + 112}|NONE|claims-line|Agent/A1|PAUSE|wrap\n"
        f"{T + 142}|NONE|claims-line|Agent/A1|UNPAUSE|wrap\n",
    )
    row = rows.iloc[0]
    assert len(rows) == 1
    assert (row.outcome, row.customer_id, row.agent_id, row.queue_id) == ("answered", "4711", "A1", "voice_claims")
    assert (row.wait_seconds, row.talk_seconds, row.wrap_seconds, row.handle_seconds) == (12, 100, 30, 130)
    assert row.ended_at == pd.Timestamp(T + 142, unit="s", tz="UTC")


def test_a_break_later_in_the_day_is_nobodys_wrap_time(tmp_path: Path) -> None:
    rows = contacts(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||1|1\n{T + 1}|c1|claims-line|Agent/A1|CONNECT|1|b|1\n"
        f"{T + 9}|c1|claims-line|Agent/A1|COMPLETEAGENT|1|8|1\n"
        f"{T + 9}|NONE|claims-line|Agent/A1|PAUSE|break\n{T + 900}|NONE|claims-line|Agent/A1|UNPAUSE|break\n",
    )
    assert rows.wrap_seconds.tolist() == [0]


def test_a_transferred_call_stays_answered_and_the_next_segment_says_so(tmp_path: Path) -> None:
    rows = contacts(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||1|1\n{T + 5}|c1|claims-line|Agent/A1|CONNECT|5|b|1\n"
        f"{T + 65}|c1|claims-line|Agent/A1|BLINDTRANSFER|8002|from-queue|5|60|1\n"
        f"{T + 65}|c1|service-line|NONE|ENTERQUEUE||1|1\n{T + 70}|c1|service-line|NONE|ABANDON|1|1|5\n",
    )
    assert rows.outcome.tolist() == ["answered", "abandoned"]
    assert rows.talk_seconds.tolist() == [60, 0]
    assert rows.queue_id.tolist() == ["voice_claims", "voice_service"]
    assert rows.previous_contact_id.fillna("").tolist() == ["", "acd:c1"]


def test_a_call_that_timed_out_is_no_transfer(tmp_path: Path) -> None:
    rows = contacts(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||1|1\n{T + 60}|c1|claims-line|NONE|EXITWITHTIMEOUT|1|1|60\n"
        f"{T + 60}|c1|service-line|NONE|ENTERQUEUE||1|1\n{T + 65}|c1|service-line|Agent/A2|CONNECT|5|b|1\n",
    )
    assert rows.outcome.tolist() == ["timed_out", "answered"]
    assert rows.previous_contact_id.isna().all()
    assert pd.isna(rows.ended_at.iloc[1])


def test_presence_lasts_from_login_to_logout_and_breaks_end_with_it(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        f"{T}|MANAGER|claims-line|Agent/A1|ADDMEMBER|\n{T + 100}|NONE|claims-line|Agent/A1|PAUSE|break\n"
        f"{T + 400}|MANAGER|claims-line|Agent/A1|REMOVEMEMBER|\n",
    )
    states = made(parsed, 1).sort_values("started_at")
    assert states.activity.tolist() == ["member:voice_claims", "pause:break:voice_claims"]
    assert ((states.ended_at - states.started_at).dt.total_seconds()).tolist() == [400, 300]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("1794470400|c1|cla", "not_a_queue_log_line"),
        ("yesterday|c1|claims-line|NONE|ENTERQUEUE||1|1", "not_a_time"),
        ("99|c1|claims-line|NONE|ENTERQUEUE||1|1", "implausible_time"),
        ("1794470400|c1|claims-line|NONE|DANCE||1|1", "unknown_event"),
        ("1794470400|c1|old-line|NONE|ENTERQUEUE||1|1", "unknown_queue"),
        ("1794470400|NONE|claims-line|NONE|ENTERQUEUE||1|1", "no_call_id"),
        ("1794470400|c1|claims-line|NONE|ABANDON|1|1|soon", "not_a_duration"),
        ("1794470400|c1|claims-line|Agent/A1|COMPLETEAGENT|1|-5|1", "absurd_duration"),
    ],
)
def test_a_bad_line_is_put_aside_with_its_rule_and_row(tmp_path: Path, line: str, rule: str) -> None:
    parsed = read(tmp_path, f"{T}|c0|claims-line|NONE|ENTERQUEUE||1|1\n{line}\n")
    rejected = parsed.quarantine.to_pylist()
    assert [(row["rule"], row["landing_row"], row["row_text"]) for row in rejected] == [(rule, 2, line)]
    assert parsed.tables[QUEUE_EVENTS].num_rows == 1


def test_milliseconds_are_noticed(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{T}250|c1|claims-line|NONE|ENTERQUEUE||1|1\n")
    assert parsed.tables[QUEUE_EVENTS].column("occurred_at")[0].as_py().timestamp() == T + 0.25


def test_a_truncated_archive_gives_the_lines_before_the_cut(tmp_path: Path) -> None:
    import gzip

    lines = "".join(f"{T + n}|c{n}|claims-line|NONE|ENTERQUEUE||{n * 7919}|1\n" for n in range(2000))
    parsed = read(tmp_path, gzip.compress(lines.encode())[:-3000])
    assert 0 < parsed.tables[QUEUE_EVENTS].num_rows < 2000
    assert {row["rule"] for row in parsed.quarantine.to_pylist()} == {"truncated_file"}


def test_an_empty_file_is_reported_as_row_0(tmp_path: Path) -> None:
    assert [(row["rule"], row["landing_row"]) for row in read(tmp_path, "").quarantine.to_pylist()] == [("empty_file", 0)]


def test_a_transfer_over_a_local_channel_names_it_in_two_fields_and_keeps_its_talk_time(tmp_path: Path) -> None:
    rows = contacts(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||1|1\n{T + 5}|c1|claims-line|PJSIP/101|CONNECT|5|b|1\n"
        f"{T + 65}|c1|claims-line|PJSIP/101|ATTENDEDTRANSFER|LINK|Local/1@x;1|Local/1@x;2|5|60|1\n",
    )
    assert (rows.outcome[0], rows.wait_seconds[0], rows.talk_seconds[0]) == ("answered", 5, 60)


def test_an_agent_who_moves_from_sip_to_pjsip_stays_the_same_agent(tmp_path: Path) -> None:
    lines = "".join(
        f"{T + n}|c{n}|claims-line|NONE|ENTERQUEUE||1|1\n{T + n + 5}|c{n}|claims-line|{agent}|CONNECT|5|b|1\n"
        for n, agent in enumerate(["Agent/101", "SIP/101", "PJSIP/101", "101"])
    )
    assert set(contacts(tmp_path, lines).agent_id) == {"101"}


@pytest.mark.parametrize(
    ("event", "outcome", "waited"),
    [
        ("ABANDON|1|1|40", "abandoned", 40),
        ("EXITWITHTIMEOUT|1|1|40", "timed_out", 40),
        ("EXITEMPTY|1|1|40", "other", 40),
        ("EXITWITHKEY|2|1|1|40", "other", 40),
        ("EXITWITHKEY|2|1", "other", 41),  # app_queue before 1.8 did not state the wait
        ("AGENTDUMP", "other", 41),
    ],
)
def test_a_call_leaves_its_queue_in_every_way_that_app_queue_knows(
    tmp_path: Path, event: str, outcome: str, waited: float
) -> None:
    rows = contacts(tmp_path, f"{T}|c1|claims-line|NONE|ENTERQUEUE||1|1\n{T + 41}|c1|claims-line|NONE|{event}\n")
    assert (rows.outcome[0], rows.wait_seconds[0]) == (outcome, waited)


def test_a_pause_in_all_queues_is_one_in_every_queue_the_agent_is_a_member_of(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        f"{T}|M|claims-line|SIP/1|ADDMEMBER|\n{T}|M|service-line|SIP/1|ADDMEMBER|\n"
        f"{T + 60}|NONE|NONE|SIP/1|PAUSEALL|lunch\n{T + 90}|NONE|NONE|SIP/1|UNPAUSEALL|\n",
    )
    states = made(parsed, 1)
    pauses = states[states.activity.str.startswith("pause")]
    assert sorted(pauses.activity) == ["pause:lunch:voice_claims", "pause:lunch:voice_service"]
    assert (pauses.ended_at - pauses.started_at).dt.total_seconds().tolist() == [30, 30]


def test_a_pause_that_is_written_for_all_queues_and_for_each_counts_once(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        f"{T}|M|claims-line|SIP/1|ADDMEMBER|\n{T + 60}|NONE|NONE|SIP/1|PAUSEALL|lunch\n"
        f"{T + 60}|NONE|claims-line|SIP/1|PAUSE|lunch\n{T + 90}|NONE|NONE|SIP/1|UNPAUSEALL|\n"
        f"{T + 90}|NONE|claims-line|SIP/1|UNPAUSE|lunch\n",
    )
    states = made(parsed, 1)
    assert states.activity.tolist() == ["member:voice_claims", "pause:lunch:voice_claims"]
    assert states.ended_at.iloc[1] == pd.Timestamp(T + 90, unit="s", tz="UTC")


def test_a_member_that_is_added_with_a_pause_is_not_staff_until_it_ends(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{T}|M|claims-line|SIP/1|ADDMEMBER|PAUSED\n{T + 90}|NONE|claims-line|SIP/1|UNPAUSE|\n")
    states = made(parsed, 1).set_index("activity")
    assert states.loc["pause:voice_claims", "ended_at"] == pd.Timestamp(T + 90, unit="s", tz="UTC")


def test_a_call_back_names_the_call_that_asked_for_it_and_its_customer(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        f"{T}|c1|claims-line|NONE|ENTERQUEUE||0201|1\n{T + 30}|c1|claims-line|NONE|EXITWITHKEY|2|1|1|30\n"
        f"{T + 900}|c2|claims-line|NONE|ENTERQUEUE||CB-0201|1\n{T + 905}|c2|claims-line|SIP/1|CONNECT|5|b|1\n"
        f"{T + 950}|x-c1|claims-line|NONE|ENTERQUEUE||0999|1\n",
    )
    events = Events(parsed.tables[QUEUE_EVENTS].append_column("seq", pa.array([1] * 5, pa.int64())))
    rows = events.tables("acd", "wrap", Habit("^x-(.*)$", "^CB-(.*)$"))[0].to_pandas().set_index("contact_id")
    assert rows.arrived_by.to_dict() == {"acd:c1": "customer", "acd:c2": "callback", "acd:x-c1": "callback"}
    assert rows.previous_contact_id.loc[["acd:c2", "acd:x-c1"]].tolist() == ["acd:c1", "acd:c1"]
    assert rows.customer_id["acd:c2"] == "0201"


def test_an_unknown_queue_is_named_in_the_reason(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{T}|c1|old-line|NONE|ENTERQUEUE||1|1\n{T}|c1|older-line|NONE|ABANDON|1|1|1\n")
    reasons = [row["reason"] for row in parsed.quarantine.to_pylist()]
    assert ["'old-line'" in reasons[0], "'older-line'" in reasons[1]] == [True, True]


def test_the_course_of_calls_knows_events_by_their_order() -> None:
    names = [name for name in vars(course) if name in EVENTS]
    assert {name: getattr(course, name) for name in names} == {name: KNOWN_EVENTS.index(name) for name in KNOWN_EVENTS[:19]}


def test_lines_that_need_a_closer_look_stay_in_their_place_in_whichever_blocks_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = {3, 40, 41, 199}  # a fraction of a second is no plain time
    lines = [f"{T + n}{'.5' if n in odd else ''}|c{n // 2}|claims-line|NONE|ENTERQUEUE||{n}|1" for n in range(200)]
    text = "\n".join(lines) + "\n"
    at_once = read(tmp_path, text).tables[QUEUE_EVENTS]
    monkeypatch.setattr(line_files, "_BLOCK_BYTES", 600)
    monkeypatch.setattr(line_files, "_FEW_ROWS", 30)
    in_blocks = read(tmp_path, text).tables[QUEUE_EVENTS]
    assert in_blocks.column("landing_row").to_pylist() == list(range(1, 201))
    assert in_blocks.column("call_id").to_pylist() == [f"c{n // 2}" for n in range(200)]
    assert in_blocks.to_pylist() == at_once.to_pylist()


def test_a_call_that_pieces_of_a_log_number_differently_is_one_call() -> None:
    pieces = [pa.array(["c1", "c2", "c1"]), pa.array([None, "c3", "c2"]), pa.array(["c1"])]
    calls = coded(pa.chunked_array([piece.dictionary_encode() for piece in pieces]))
    assert calls.texts(np.arange(7)).to_pylist() == ["c1", "c2", "c1", None, "c3", "c2", "c1"]
    assert len(set(calls.codes[[0, 2, 6]])) == 1


def test_contacts_asked_for_by_date_are_those_of_all_dates_without_the_others(tmp_path: Path) -> None:
    lines = [
        f"{T + day * 86_400 + second}|c{10 - day}{call}|claims-line|{rest}"
        for day in range(3)
        for call in range(3)
        for second, rest in [
            (call, "NONE|ENTERQUEUE||+31"),
            (30 + call, "Agent/1|CONNECT|30|b|1"),
            (60 + call, "Agent/1|COMPLETEAGENT|30|30|1"),
        ]
    ]
    rows = read(tmp_path, "".join(f"{line}\n" for line in sorted(lines, key=lambda line: int(line.split("|")[0])))).tables[
        QUEUE_EVENTS
    ]
    rows = rows.append_column("seq", pa.array([1] * rows.num_rows, pa.int64()))
    dates = sorted(set(rows.column("business_date").to_pylist()))
    every = Events(rows).tables("acd", "wrap")[0].to_pandas()
    asked = Events(rows).tables("acd", "wrap", dates=dates[1:2])[0].to_pandas()
    assert len(every) == 9
    assert len(asked) == 3
    pd.testing.assert_frame_equal(asked, every[every["business_date"] == dates[1]].reset_index(drop=True))
