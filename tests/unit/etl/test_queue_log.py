"""Calls made of queue_log events, by the documented format (docs.asterisk.org, Queue Logs)."""

from pathlib import Path

import duckdb
import fsspec
import pandas as pd
import pyarrow as pa
import pytest

from enterprise.grid import IntervalGrid
from enterprise.sources import AsteriskQueueLog
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.queue_log import CONTACTS_SQL, QUEUE_EVENTS, STATES_SQL
from etl.sources import asterisk

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


def made(parsed: Parsed, sql: str) -> pd.DataFrame:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    rows = parsed.tables[QUEUE_EVENTS]
    rows = rows.append_column("seq", pa.repeat(pa.scalar(1), rows.num_rows))
    connection.register("events", rows)
    return connection.sql(sql, params=["wrap"]).to_arrow_table().to_pandas()


def contacts(tmp_path: Path, text: str) -> pd.DataFrame:
    return made(read(tmp_path, text), CONTACTS_SQL).sort_values(["contact_id", "segment"]).reset_index(drop=True)


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
    states = made(parsed, STATES_SQL).sort_values("started_at")
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
