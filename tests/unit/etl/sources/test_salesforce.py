from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.errors import SourceChangedError
from enterprise.sources import SalesforceCases
from etl.cases import resolved
from etl.sources import salesforce
from warehouse.lake import conformed
from warehouse.tables.core import CASE_EVENTS, CASES

SETTINGS = SalesforceCases(
    kind="salesforce_cases",
    url="crm/cases-*.csv",
    history_url="crm/case-history-*.csv",
    queues={"Complaint": "cases_complaints", "Policy change": "cases_policy"},
)


@pytest.fixture
def exports(golden):
    names = ("cases-2026-11-12.csv", "case-history-2026-11-12.csv")
    return {name: golden(f"salesforce/{name}") for name in names}


def test_the_export_by_hand_keeps_what_is_right_and_names_the_rest(read_bytes, exports):
    parsed = read_bytes(salesforce, SETTINGS, exports)
    cases = {row["case_id"]: row for row in conformed(CASES, parsed.tables[CASES]).to_pylist()}
    assert list(cases) == ["src:5001", "src:5002", "src:5008"]
    assert cases["src:5001"]["closed_at"] == datetime(2026, 11, 12, 10, tzinfo=UTC), "the latest SystemModstamp holds"
    assert (cases["src:5001"]["customer_id"], cases["src:5002"]["customer_id"]) == ("001A", "003B")
    # 23:30 of the 12th with offset +01:00 is still the 12th; the type is known in any case.
    assert (cases["src:5002"]["business_date"], cases["src:5002"]["queue_id"]) == (date(2026, 11, 12), "cases_policy")
    put_aside = {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist() if row["table_name"] == "cases"}
    assert put_aside == {
        7: "unknown_queue",
        8: "unreadable_time",
        9: "ends_before_it_begins",
        10: "wrong_field_count",
        11: "unclosed_quote",
        13: "wrong_encoding",
    }
    assert [(count.rows_in, count.rows_kept, count.rows_duplicate) for count in parsed.counts] == [(11, 4, 1), (7, 6, 0)]


def test_where_a_case_came_from_is_kept_and_an_export_without_it_is_read_all_the_same(read_bytes, exports):
    named = {name: content.replace(b"Description", b"Origin", 1) for name, content in exports.items()}
    plain, told = (
        {row["case_id"]: row["origin"] for row in read_bytes(salesforce, SETTINGS, files).tables[CASES].to_pylist()}
        for files in (exports, named)
    )
    assert set(plain.values()) == {None}
    assert told == {case: told[case] for case in plain}
    assert any(told.values())


def test_the_history_tells_when_a_case_was_done_came_back_and_went_up(read_bytes, exports):
    parsed = read_bytes(salesforce, SETTINGS, exports)
    events = conformed(CASE_EVENTS, parsed.tables[CASE_EVENTS])
    told = {row["case_id"]: row for row in conformed(CASES, resolved(parsed.tables[CASES], events)).to_pylist()}
    assert told["src:5001"]["resolved_at"] == datetime(2026, 11, 12, 9, 30, tzinfo=UTC), "the first done status after re-opening"
    assert told["src:5001"]["reopened_count"] == 1
    assert (told["src:5002"]["escalated"], told["src:5002"]["resolved_at"]) == (True, None)
    assert told["src:5008"]["resolved_at"] is None
    again = resolved(resolved(parsed.tables[CASES], events), events)
    assert again.equals(resolved(parsed.tables[CASES], events))


def test_a_case_that_is_open_again_is_not_resolved(read_bytes, exports):
    parsed = read_bytes(salesforce, SETTINGS, exports)
    events = parsed.tables[CASE_EVENTS].slice(0, 3)  # up to Resolved -> Working
    row = resolved(parsed.tables[CASES], events).to_pylist()[0]
    assert (row["case_id"], row["resolved_at"], row["reopened_count"]) == ("src:5001", None, 1)


def test_without_history_a_case_is_resolved_when_it_was_closed(read_bytes, exports):
    parsed = read_bytes(salesforce, SETTINGS, exports)
    rows = resolved(parsed.tables[CASES], parsed.tables[CASE_EVENTS].slice(0, 0)).to_pylist()
    assert [row["resolved_at"] for row in rows] == [row["closed_at"] for row in rows]


def test_a_missing_column_is_named_with_those_that_are_there(read_bytes):
    with pytest.raises(SourceChangedError, match=r"SystemModstamp.*it has Id, Type"):
        read_bytes(salesforce, SETTINGS, {"cases-1.csv": b"Id,Type,CreatedDate,ClosedDate\n"})


def test_the_customers_number_is_taken_from_the_column_that_the_settings_name(read_bytes):
    header = b"Id;Type;CreatedDate;ClosedDate;SystemModstamp;AccountId;Number__c\n"
    row = b"5;Complaint;2026-11-12T08:00:00Z;;2026-11-12T08:00:00Z;001;4711\n"
    chosen = SETTINGS.model_copy(update={"customer_column": "Number__c"})
    parsed = read_bytes(salesforce, chosen, {"cases-1.csv": header + row})
    assert parsed.tables[CASES]["customer_id"].to_pylist() == ["4711"]


def test_ids_of_15_and_18_characters_are_the_same_case(read_bytes):
    header = "Id,Type,CreatedDate,ClosedDate,SystemModstamp,OwnerId\n"
    rows = (
        "500A0000001Fxyz,Complaint,2026-11-12T08:00:00Z,,2026-11-12T08:00:00Z,005A0000001Fxyz\n"
        "500A0000001FxyzIAC,Complaint,2026-11-12T08:00:00Z,,2026-11-12T09:00:00Z,005A0000001FxyzIAC\n"
        "500a0000001Fxyz,Complaint,2026-11-12T08:00:00Z,,2026-11-12T09:00:00Z,005A0000001FxyzIAC\n"
    )
    cases = read_bytes(salesforce, SETTINGS, {"cases-1.csv": (header + rows).encode()}).tables[CASES].to_pylist()
    assert [(row["case_id"], row["owner_id"]) for row in cases] == [
        ("src:500A0000001FxyzIAC", "005A0000001FxyzIAC"), ("src:500a0000001FxyzAAC", "005A0000001FxyzIAC"),
    ]  # fmt: skip


def test_a_deleted_case_is_no_open_work_whatever_its_row_says(read_bytes):
    header = "Id,Type,CreatedDate,ClosedDate,SystemModstamp,IsDeleted\n"
    first = header + "7,Complaint,2026-11-10T08:00:00Z,,2026-11-10T08:00:00Z,false\n"
    gone = header + "7,Renamed,,,2026-11-12T09:00:00Z,true\n7,Complaint,x,,,true\n"
    parsed = read_bytes(salesforce, SETTINGS, {"cases-1.csv": first.encode(), "cases-2.csv": gone.encode()})
    (row,) = resolved(parsed.tables[CASES], parsed.tables[CASE_EVENTS]).to_pylist()
    assert (row["resolved_at"], row["closed_at"]) == (datetime(2026, 11, 12, 9, tzinfo=UTC),) * 2
    assert [(count.rows_in, count.rows_kept) for count in parsed.counts] == [(1, 1), (2, 1)]
    assert parsed.quarantine.column("rule").to_pylist() == ["missing_value"], "a deletion needs its time"


def test_multi_select_fields_and_quotes_in_quotes_are_one_value(read_bytes):
    content = (
        "Id,Type,Reason,CreatedDate,ClosedDate,SystemModstamp\n"
        '8,Complaint,"Fee;Delay;""Other"", etc.",2026-11-12T08:00:00Z,,2026-11-12T08:00:00Z\n'
    )
    cases = read_bytes(salesforce, SETTINGS, {"cases-1.csv": content.encode()}).tables[CASES]
    assert cases["topic"].to_pylist() == ['Fee;Delay;"Other", etc.']


ROWS = st.lists(
    st.sampled_from(
        [
            b"1,Complaint,2026-11-12T08:00:00Z,,2026-11-12T08:00:00Z\n",
            b"2,Complaint,2026-11-12T08:00:00Z,,2026-11-12T08:00:00Z\r\n",
            b'3,Complaint,2026-11-12T08:00:00Z,,2026-11-12T08:00:00Z"\n', b'4,"Compl\n', b"\n", b"\r", b'"', b"\x00", b"\xff\xfe",
            b"5,Complaint,9999-11-12T08:00:00Z,0000-00-00T00:00:00Z,1762934400000\n", b",,,,\n",
            b"a,b,c,d,e,f\n", b"x" * 200_000 + b"\n",
        ]
    )
    | st.binary(max_size=20),
    max_size=15,
).map(b"".join)  # fmt: skip


def test_every_row_is_accounted_for_whatever_the_bytes(read_bytes):
    @settings(max_examples=150, deadline=None)
    @given(ROWS, st.booleans())
    def check(body, with_header):
        header = b"Id,Type,CreatedDate,ClosedDate,SystemModstamp\n" if with_header else b""
        # Without its header the file is another file, and that may be said.
        with contextlib.nullcontext() if with_header else contextlib.suppress(SourceChangedError):
            read_bytes(salesforce, SETTINGS, {"cases-1.csv": header + body}).checked()

    check()
