from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from enterprise.errors import SettingsError, SourceChangedError
from enterprise.grid import IntervalGrid
from enterprise.report_sources import IntervalReport
from etl.parsed import ReadContext
from etl.sources import interval_report
from warehouse.lake import conformed
from warehouse.tables.core import INTERVAL_REPORTS

CMS = IntervalReport(
    kind="interval_report", url="cms-*.csv", heading_lines=5, thousands=",", durations="hh:mm:ss",
    time_format="%m/%d/%Y %H:%M", queues={"Claims NL": "voice_claims", "claims en": "voice_claims"},
    columns={
        "queue": "Split/Skill", "date": "Date", "time": "Time", "answered": "ACD Calls", "abandoned": "Aban Calls",
        "answered_within_percent": "% Within Service Level", "mean_handle": ["Avg ACD Time", "Avg ACW Time"],
        "mean_wait_answered": "Avg Speed Ans", "mean_wait_abandoned": "Avg Aban Time",
    },
)  # fmt: skip
GENESYS = IntervalReport(
    kind="interval_report", url="genesys-*.csv", time_format="%d.%m.%Y %H:%M", durations="milliseconds",
    decimal=",", thousands=".", queues={"Service": "voice_service"},
    columns={
        "queue": "Queue", "interval_start": "Interval Start", "offered": "Offered", "answered": "Answered",
        "abandoned": "Abandoned", "answered_within": "Answered in SL", "handle": ["Total Handle (ms)"],
        "wait": "Total Wait (ms)",
    },
)  # fmt: skip
FIVE9 = IntervalReport(
    kind="interval_report", url="five9-*.csv", interval_minutes=15, durations="hh:mm:ss", queues={"Sales": "voice_sales"},
    columns={
        "queue": "SKILL", "date": "DATE", "time": "HALF HOUR", "offered": "CALLS", "answered": "ANSWERED",
        "abandoned": "ABANDONED", "handle": ["HANDLE TIME", "HOLD TIME"],
    },
)  # fmt: skip


def rows_of(parsed):
    return conformed(INTERVAL_REPORTS, parsed.tables[INTERVAL_REPORTS]).to_pylist()


def rules(parsed):
    return {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist()}


def test_a_report_for_people_with_heading_means_and_totals_gives_counts_and_seconds(read_bytes, golden):
    parsed = read_bytes(interval_report, CMS, {"cms-1.csv": golden("interval_report/cms-split-skill-2026-11-12.csv")})
    rows = {
        (row["reported_as"], row["interval_start_utc"].hour, row["interval_start_utc"].minute): row for row in rows_of(parsed)
    }
    assert sorted(rows) == [("src:Claims EN", 7, 0), ("src:Claims NL", 7, 0), ("src:Claims NL", 7, 30), ("src:Claims NL", 8, 0)]
    first = rows["src:Claims NL", 7, 0]
    assert (first["queue_id"], first["business_date"]) == ("voice_claims", date(2026, 11, 12))
    assert (first["offered_contacts"], first["answered_contacts"], first["answered_within_contacts"]) == (1020, 1012, 870)
    assert (first["handle_seconds"], first["wait_seconds"]) == (1012 * 300.0, 1012 * 12.0 + 8 * 65.0)
    english = rows["src:Claims EN", 7, 0]
    assert (english["queue_id"], english["wait_seconds"]) == ("voice_claims", 50.0), "nobody abandoned: no waiting of theirs"
    quiet = rows["src:Claims NL", 8, 0]
    assert (quiet["offered_contacts"], quiet["answered_within_contacts"], quiet["handle_seconds"]) == (0, 0, 0.0)
    assert rules(parsed) == {8: "unknown_queue", 9: "unreadable_number", 10: "out_of_bounds", 11: "total_row"}


def test_the_hour_that_comes_twice_is_told_apart_by_order_even_where_its_rows_are_equal(read_bytes, golden):
    content = golden("interval_report/genesys-queue-interval-2026-10-25.csv")
    parsed = read_bytes(interval_report, GENESYS, {"genesys-1.csv": content})
    rows = rows_of(parsed)
    assert [(row["interval_start_utc"].strftime("%d %H:%M"), row["offered_contacts"]) for row in rows] == [
        ("24 23:30", 10), ("25 00:00", 4), ("25 00:30", 3), ("25 01:00", 4), ("25 01:30", 2), ("25 02:00", 6),
    ]  # fmt: skip
    assert (rows[-1]["handle_seconds"], rows[-1]["wait_seconds"]) == (1800.0, 12.5005)
    assert [(count.rows_in, count.rows_kept, count.rows_duplicate) for count in parsed.counts] == [(10, 6, 1)]
    assert rules(parsed) == {9: "more_ended_than_offered", 10: "more_in_time_than_answered", 11: "not_on_the_grid"}


def test_a_report_that_runs_backwards_tells_the_hour_that_comes_twice_the_other_way(read_bytes, golden):
    header, *lines = golden("interval_report/genesys-queue-interval-2026-10-25.csv").decode().splitlines()[:6]
    content = "\n".join([header, *reversed(lines)]).encode()
    rows = rows_of(read_bytes(interval_report, GENESYS, {"genesys-1.csv": content}))
    assert [row["offered_contacts"] for row in sorted(rows, key=lambda row: row["interval_start_utc"])] == [10, 4, 3, 4, 2]


def test_a_finer_report_keeps_its_intervals_and_the_hour_that_clocks_skip_is_put_aside(read_bytes, golden):
    parsed = read_bytes(interval_report, FIVE9, {"five9-1.csv": golden("interval_report/five9-skill-15-2026-03-29.csv")})
    rows = rows_of(parsed)
    assert [(row["interval_start_utc"].strftime("%H:%M"), row["offered_contacts"], row["handle_seconds"]) for row in rows] == [
        ("00:30", 5, 1560.0), ("00:45", 3, 600.0), ("01:00", 4, 1230.0), ("01:15", 2, 600.0),
    ]  # fmt: skip
    assert rules(parsed) == {4: "unreadable_time", 7: "total_row"}


def test_a_coarser_report_than_the_enterprises_grid_is_refused(golden):
    context = ReadContext(None, "src", IntervalGrid("Europe/Amsterdam", 15), {})
    with pytest.raises(SettingsError, match="a longer interval counts cannot be told apart"):
        interval_report.read(CMS, [], context)


def report(minutes, count, step):
    lines = [f"2026-11-12 {(m := start * step) // 60:02d}:{m % 60:02d},Sales,5" for start in range(count)]
    return ("start,queue,offered\n" + "\n".join(lines)).encode(), IntervalReport(
        kind="interval_report", url="*.csv", queues={"Sales": "voice_sales"}, interval_minutes=minutes,
        columns={"queue": "queue", "interval_start": "start", "offered": "offered"},
    )  # fmt: skip


@pytest.mark.parametrize(("said", "written"), [(30, 15), (15, 30), (30, 60)])
def test_a_report_of_other_intervals_than_the_settings_say_is_put_aside_whole(read_bytes, said, written):
    content, chosen = report(said, 14, written)
    parsed = read_bytes(interval_report, chosen, {"a.csv": content})
    assert set(rules(parsed).values()) == {"wrong_interval_length"}
    assert parsed.tables[INTERVAL_REPORTS].num_rows == 0


def test_a_corrected_row_replaces_itself_and_times_with_an_offset_are_read_as_they_stand(read_bytes):
    content, chosen = report(30, 0, 30)
    content += b"2026-10-25T02:00:00+02:00,Sales,5\n2026-10-25T02:00:00+01:00,Sales,5\n2026-10-25T02:00:00+01:00,Sales,6\n"
    parsed = read_bytes(interval_report, chosen, {"a.csv": content})
    starts = parsed.tables[INTERVAL_REPORTS]["interval_start_utc"].to_pylist()
    assert starts == [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1, 1)]


def test_a_missing_column_is_named(read_bytes):
    with pytest.raises(SourceChangedError, match=r"has no column .*offered"):
        read_bytes(interval_report, report(30, 0, 30)[1], {"a.csv": b"start,queue\n"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_format": "%d.%m.%Y %H:%M %z"}, "names a zone"),
        ({"decimal": ",", "thousands": ","}, "must differ"),
        ({"columns": {"queue": "q", "offered": "o"}}, "interval_start, or date and time"),
        ({"columns": {"queue": "q", "interval_start": "s", "answered": "a"}}, "answered and abandoned together"),
        ({"columns": {"interval_start": "s", "offered": "o"}, "queues": {"a": "x", "b": "y"}}, "columns.queue is needed"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(change, words):
    base = report(30, 0, 30)[1].model_dump()
    with pytest.raises(ValidationError, match=words):
        IntervalReport(**{**base, **change})


ROWS = st.lists(
    st.sampled_from(
        ["25.10.2026 02:00;Service;4;4;0;4;1200000;10000", "29.03.2026 02:30;Service;4;4;0;4;1;1", ";;;;;;;", "x",
         "25.10.2026 02:00;Service;1e9;99999999999999999999999;-;n/a;%;0", "99.99.9999 02:00;Total;1;;;;;", '"']
    )
    | st.text(max_size=30),
    max_size=12,
).map("\n".join)  # fmt: skip


def test_every_row_is_accounted_for_whatever_the_text(read_bytes):
    @settings(max_examples=60, deadline=None)
    @given(ROWS)
    def check(body):
        header = "Interval Start;Queue;Offered;Answered;Abandoned;Answered in SL;Total Handle (ms);Total Wait (ms)\n"
        read_bytes(interval_report, GENESYS, {"genesys-1.csv": (header + body).encode("utf-8", "replace")}).checked()

    check()
