from __future__ import annotations

import io
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from enterprise.errors import NeedsPersonError, SettingsError, SourceChangedError
from enterprise.sources import MappedCoreTable, MappedTable
from etl.sources import mapped_rows, mapped_table
from warehouse.lake import conformed
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, CORE_TABLES, DRIVER_VALUES
from warehouse.tables.registry import table_named

PRESENT = datetime(2026, 11, 15, tzinfo=UTC)
QUEUES = {"voice_claims": None}
CONTACT = {"contact_id": "id", "queue_id": "queue", "arrived_at": "at", "talk_seconds": "talk", "outcome": "end"}


def contacts(**more):
    return MappedTable(
        kind="mapped_table", url="x", table="contacts", columns=CONTACT, constants={"channel": "voice"},
        values={"outcome": {"A": "answered", "L": "abandoned"}}, **more,
    )  # fmt: skip


def parquet(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


CALLS = pa.table(
    {
        "id": pa.array([1, 2, 3, 4], pa.int32()),
        "queue": pa.array(["voice_claims", "voice_claims", "nobody", "voice_claims"]).dictionary_encode(),
        "at": pa.array([1_794_470_400_000_000_123] * 3 + [None], pa.timestamp("ns", tz="America/New_York")),
        "talk": pa.array([Decimal("12.50"), None, Decimal("1.00"), Decimal("2.00")], pa.decimal128(9, 2)),
        "end": pa.array(["A", "L", "A", "A"], pa.large_string()),
        "not needed": pa.array([[1], [2], None, []]),
    }
)


def test_parquet_keeps_the_types_that_it_has(read_bytes):
    parsed = read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(CALLS)}, QUEUES)
    rows = conformed(CONTACTS, parsed.tables[CONTACTS]).to_pylist()
    assert [(row["contact_id"], row["talk_seconds"], row["outcome"]) for row in rows] == [
        ("src:1", 12.5, "answered"), ("src:2", 0.0, "abandoned"),
    ]  # fmt: skip
    assert rows[0]["arrived_at"] == datetime(2026, 11, 12, 8, tzinfo=UTC)
    assert {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist()} == {3: "unknown_queue", 4: "missing_value"}
    assert [(count.rows_in, count.rows_kept) for count in parsed.counts] == [(4, 2)]
    assert dict(parsed.shapes[0].columns)["talk"] == "decimal128(9, 2)"


def test_a_mapped_contact_may_say_when_it_was_last_changed(read_bytes):
    chosen = contacts().model_copy(update={"columns": {**CONTACT, "modified_at": "changed"}})
    call = b"voice_claims,2026-11-12 10:00,5,A"
    rows = b"id,queue,at,talk,end,changed\n1," + call + b",2026-11-12 11:00\n2," + call + b",\n"
    parsed = read_bytes(mapped_table, chosen, {"a.csv": rows}, QUEUES)
    assert parsed.tables[CONTACTS].column("modified_at").to_pylist() == [datetime(2026, 11, 12, 10, tzinfo=UTC), None]


@pytest.mark.parametrize("rows", [1, 3, 4])
def test_parquet_is_the_same_however_its_rows_are_cut(read_bytes, monkeypatch, rows):
    whole = read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(CALLS)}, QUEUES)
    monkeypatch.setattr(mapped_rows, "_BATCH_ROWS", rows)
    cut = read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(CALLS, row_group_size=rows)}, QUEUES)
    assert cut.tables[CONTACTS].equals(whole.tables[CONTACTS])
    assert cut.quarantine.equals(whole.quarantine)


def test_a_parquet_file_that_is_cut_off_is_put_aside(read_bytes):
    content = parquet(CALLS)
    parsed = read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": content[:-20], "b.parquet": b""}, QUEUES)
    assert parsed.quarantine.column("rule").to_pylist() == ["unreadable_file"] * 2


def test_a_parquet_file_without_a_mapped_column_is_named(read_bytes):
    with pytest.raises(SourceChangedError, match="has no column talk; it has id, queue, at, end"):
        read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(CALLS.drop(["talk"]))}, QUEUES)


def test_csv_parquet_and_sql_give_the_same_rows(read_bytes, tmp_path):
    lines = ["1,voice_claims,2026-11-12T08:00:00Z,12.5,A", "2,voice_claims,2026-11-12T08:01:00Z,,L"]
    by_csv = read_bytes(mapped_table, contacts(), {"a.csv": "\n".join(["id,queue,at,talk,end", *lines]).encode()}, QUEUES)
    frame = {
        "id": ["1", "2"], "queue": ["voice_claims"] * 2, "talk": [12.5, None], "end": ["A", "L"],
        "at": [datetime(2026, 11, 12, 8, minute, tzinfo=UTC) for minute in (0, 1)],
    }  # fmt: skip
    by_parquet = read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(pa.table(frame))}, QUEUES)
    chosen = contacts(format="sql", database_table="calls")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE calls (id INTEGER, queue TEXT, at TEXT, talk REAL, end TEXT)")
        connection.execute("INSERT INTO calls VALUES (1, 'voice_claims', '2026-11-12T08:00:00Z', 12.5, 'A')")
        connection.execute("INSERT INTO calls VALUES (2, 'voice_claims', '2026-11-12T08:01:00Z', NULL, 'L')")
    connection.close()
    chosen = chosen.model_copy(update={"url": f"sqlite:///{tmp_path}/a.db"})
    by_sql = read_bytes(mapped_table, chosen, dict(mapped_table.fetch(chosen, {}, PRESENT).pieces), QUEUES)
    places = ["landing_file", "landing_row"]
    wanted = by_csv.tables[CONTACTS].drop(places)
    assert wanted.num_rows == 2
    assert by_parquet.tables[CONTACTS].drop(places).equals(wanted)
    assert by_sql.tables[CONTACTS].drop(places).equals(wanted)


EVERY = {
    "contacts": ("id,voice_claims,2026-11-12,answered,voice", "contact_id,queue_id,arrived_at,outcome,channel"),
    "interval_reports": ("voice_claims,2026-11-12,7", "queue_id,interval_start_utc,offered_contacts"),
    "messages": ("m,voice_claims,2026-11-12", "message_id,queue_id,received_at"),
    "cases": ("c,voice_claims,2026-11-12", "case_id,queue_id,opened_at"),
    "case_events": ("e,c,status,2026-11-12", "case_event_id,case_id,field_name,changed_at"),
    "claims": ("c,motor,2026-11-12", "claim_id,line_of_business,reported_at"),
    "claim_events": ("e,c,open,2026-11-12", "claim_event_id,claim_id,status,changed_at"),
    "agents": ("a,36", "agent_id,contract_hours_per_week"),
    "agent_states": ("a,2026-11-12,lunch", "agent_id,started_at,activity"),
    "schedules": ("a,2026-11-12,lunch,2026-11-13", "agent_id,starts_at,activity,ends_at"),
    "surveys": ("s,2026-11-12,4,5", "survey_id,answered_at,score,scale_maximum"),
    "driver_values": ("mailing,2026-11-12,9000", "driver,business_date,value"),
}


def test_every_core_table_that_sources_fill_can_be_mapped():
    derived = {"workstreams", "workstream_links"}
    assert set(get_args(MappedCoreTable)) == set(EVERY) == {table.name for table in CORE_TABLES} - derived


@pytest.mark.parametrize("name", EVERY)
def test_a_row_with_what_is_needed_is_a_row_of_the_table(read_bytes, name):
    row, header = EVERY[name]
    chosen = MappedTable(kind="mapped_table", url="x", table=name, columns={column: column for column in header.split(",")})
    parsed = read_bytes(mapped_table, chosen, {"a.csv": f"{header}\n{row}\n".encode()}, QUEUES)
    assert parsed.quarantine.to_pylist() == []
    assert conformed(table_named(name), parsed.tables[table_named(name)]).num_rows == 1


def test_answers_and_changes_of_another_source_bear_its_name(read_bytes):
    chosen = MappedTable(
        kind="mapped_table", url="x", table="case_events", ids_of="crm",
        columns={name: name for name in EVERY["case_events"][1].split(",")},
    )  # fmt: skip
    row, header = EVERY["case_events"]
    parsed = read_bytes(mapped_table, chosen, {"a.csv": f"{header}\n{row}\n".encode()})
    (event,) = parsed.tables[table_named("case_events")].to_pylist()
    assert (event["case_event_id"], event["case_id"]) == ("src:e", "crm:c")


@pytest.fixture
def database(tmp_path):
    with sqlite3.connect(tmp_path / "cases.db") as connection:
        connection.execute('CREATE TABLE "a; DROP TABLE ""b""" ("select" TEXT, "que ue" TEXT, "opened%s" TEXT, changed TEXT)')
        connection.execute('CREATE VIEW "order.by" AS SELECT * FROM "a; DROP TABLE ""b"""')
        for number in range(5):
            values = (f"c{number}", "voice_claims", f"2026-11-1{number} 08:00", f"2026-11-1{number} 09:00:00")
            connection.execute('INSERT INTO "a; DROP TABLE ""b""" VALUES (?,?,?,?)', values)
    connection.close()
    return MappedTable(
        kind="mapped_table", url=f"sqlite:///{tmp_path}/cases.db", format="sql", table="cases",
        database_table='a; DROP TABLE "b"', watermark_column="changed", overlap_seconds=3600,
        columns={"case_id": "select", "queue_id": "que ue", "opened_at": "o'pened%s".replace("'", "")},
    )  # fmt: skip


@pytest.mark.parametrize("place", ['a; DROP TABLE "b"', "order.by"])
def test_hostile_names_are_only_names_and_only_what_is_new_is_read_again(read_bytes, database, place):
    chosen = database.model_copy(update={"database_table": place})
    everything = mapped_table.fetch(chosen, {}, PRESENT)
    parsed = read_bytes(mapped_table, chosen, dict(everything.pieces), QUEUES)
    rows = conformed(CASES, parsed.tables[CASES]).to_pylist()
    assert [row["case_id"] for row in rows] == [f"src:c{number}" for number in range(5)]
    assert (rows[0]["opened_at"], rows[0]["business_date"]) == (datetime(2026, 11, 10, 7, tzinfo=UTC), date(2026, 11, 10))
    assert everything.watermarks == {"cases": datetime(2026, 11, 14, 9, tzinfo=UTC)}
    later = b"".join(content for _, content in mapped_table.fetch(chosen, everything.watermarks, PRESENT).pieces)
    assert (b'"c4"' in later, b'"c3"' in later) == (True, False)
    assert mapped_table.health(chosen) == f"5 rows in {place}; newest changed 2026-11-14 09:00:00"


def test_without_a_watermark_the_table_is_read_whole_and_gives_the_same_bytes(database):
    chosen = database.model_copy(update={"watermark_column": ""})
    first, again = mapped_table.fetch(chosen, {}, PRESENT), mapped_table.fetch(chosen, {}, PRESENT)
    pieces = list(first.pieces)
    assert pieces == list(again.pieces)
    assert ([len(content.splitlines()) for _, content in pieces], first.watermarks) == ([1, 5], {})


def test_an_empty_or_missing_table_is_not_well(database, tmp_path):
    with pytest.raises(SourceChangedError, match="no table 'x'"):
        mapped_table.health(database.model_copy(update={"database_table": "x"}))
    with sqlite3.connect(tmp_path / "cases.db") as connection:
        connection.execute('DELETE FROM "a; DROP TABLE ""b"""')
    connection.close()
    with pytest.raises(NeedsPersonError, match="has no row"):
        mapped_table.health(database)


@pytest.mark.parametrize("wrong", [{"wait": "x"}, {"landing_file": "x"}, {"business_date": "x"}])
def test_a_mapping_to_columns_that_do_not_exist_is_refused(read_bytes, wrong):
    with pytest.raises(SettingsError, match=r"are no columns of contacts"):
        read_bytes(mapped_table, contacts().model_copy(update={"columns": {**CONTACT, **wrong}}), {})


def test_a_column_that_holds_lists_is_named(read_bytes):
    table = CALLS.drop(["talk"]).rename_columns(["id", "queue", "at", "end", "talk"])
    with pytest.raises(SourceChangedError, match=r"column talk of .* holds list<.*take it apart"):
        read_bytes(mapped_table, contacts(format="parquet"), {"a.parquet": parquet(table)}, QUEUES)


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ({"thousands": ","}, "say both"),
        ({"thousands": ".", "decimal": "."}, "say both, and not the same"),
        ({"time_format": "%d.%m.%Y %H:%M %z"}, "names a zone"),
        ({"date_format": "%d.%m.%Y %Z"}, "names a zone"),
    ],
)
def test_ways_of_writing_that_cannot_be_meant_are_refused(ways, words):
    with pytest.raises(ValidationError, match=words):
        contacts(**ways)


@pytest.mark.parametrize(
    ("ways", "talk", "seconds"),
    [
        ({"durations": "hh:mm:ss"}, "1:02:03", 3723.0),
        ({"durations": "minutes", "decimal": ","}, '"1,5"', 90.0),
        ({"durations": "milliseconds"}, "1500", 1.5),
        ({"decimal": ".", "thousands": ","}, '"1,234"', 1234.0),
        ({"decimal": ","}, '"1,234"', 1.234),
        ({"decimal": "."}, '"12,5"', None),
    ],
)
def test_numbers_and_durations_are_read_as_the_settings_say(read_bytes, ways, talk, seconds):
    content = f"id,queue,at,talk,end\nc,voice_claims,12.11.2026 08:15,{talk},A\n".encode()
    parsed = read_bytes(mapped_table, contacts(time_format="%d.%m.%Y %H:%M", **ways), {"a.csv": content}, QUEUES)
    assert parsed.tables[CONTACTS].column("talk_seconds").to_pylist() == ([] if seconds is None else [seconds])
    assert parsed.quarantine.column("rule").to_pylist() == (["unreadable_value"] if seconds is None else [])


@pytest.mark.parametrize("wrong", [{"format": "sql"}, {"watermark_column": "x"}])
def test_settings_of_databases_and_files_are_not_mixed(wrong):
    with pytest.raises(ValidationError, match="format sql"):
        MappedTable(kind="mapped_table", url="x", table="agents", columns={}, **wrong)


VALUES = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.int64())),
    st.lists(st.floats() | st.none(), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.float64())),
    st.lists(st.binary(max_size=5) | st.none(), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.binary())),
    st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.timestamp("s", tz="UTC"))),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.timestamp("ns"))),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.date32())),
    st.lists(st.booleans() | st.none(), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.bool_())),
    st.lists(st.text(max_size=5), min_size=1, max_size=4).map(lambda v: pa.array(v).dictionary_encode()),
    st.lists(st.none(), min_size=1, max_size=4).map(lambda v: pa.array(v, pa.null())),
)  # fmt: skip


def test_every_row_is_accounted_for_whatever_types_parquet_has(read_bytes):
    @settings(max_examples=120, deadline=None)
    @given(VALUES, st.sampled_from(["claim_id", "reported_at", "loss_date", "closed_at", "policy_id"]))
    def check(values, name):
        columns = {"claim_id": "id", "line_of_business": "line", "reported_at": "at", name: "strange"}
        rows = len(values)
        table = pa.table(
            {"id": ["1"] * rows, "line": ["m"] * rows, "at": [datetime(2026, 11, 12, tzinfo=UTC)] * rows, "strange": values}
        )
        chosen = MappedTable(kind="mapped_table", url="x", table="claims", format="parquet", columns=columns)
        parsed = read_bytes(mapped_table, chosen, {"a.parquet": parquet(table)})
        assert parsed.counts[0].rows_in == rows
        conformed(CLAIMS, parsed.tables[CLAIMS])

    check()


def test_values_of_a_driver_that_cannot_be_read_are_put_aside_with_their_reason(read_bytes):
    chosen = MappedTable(
        kind="mapped_table", url="x", table="driver_values", constants={"driver": "mailings"},
        columns={"business_date": "day", "value": "letters", "known_at": "told"},
    )  # fmt: skip
    lines = [
        "2026-11-12,9000,2026-10-30T10:00:00+01:00", "2026-11-13,many,2026-10-30T10:00:00+01:00", "12/13/26,1,", "2026-11-14,,",
        "2026-11-15,inf,", "2026-11-16,-4.5,", "2026-11-17,1,yesterday",
    ]  # fmt: skip
    parsed = read_bytes(mapped_table, chosen, {"a.csv": "\n".join(["day,letters,told", *lines]).encode()}, QUEUES)
    rows = conformed(DRIVER_VALUES, parsed.tables[DRIVER_VALUES]).to_pylist()
    assert [(row["business_date"], row["value"]) for row in rows] == [(date(2026, 11, 12), 9000.0), (date(2026, 11, 16), -4.5)]
    assert [row["known_at"] for row in rows] == [datetime(2026, 10, 30, 9, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)]
    assert {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist()} == {
        3: "unreadable_value", 4: "unreadable_value", 5: "missing_value", 6: "unreadable_value", 8: "unreadable_value",
    }  # fmt: skip
