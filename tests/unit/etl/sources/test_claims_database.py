from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.errors import SettingsError, SourceChangedError, SourceUnreachableError
from enterprise.sources import ClaimsDatabase
from etl.claims import assessed
from etl.sources import claims_database
from etl.sources.watermarks import from_text, to_text
from warehouse.lake import conformed
from warehouse.tables.core import CLAIM_EVENTS, CLAIMS

CLAIM_COLUMNS = {
    "claim_id": "select",
    "line_of_business": "line; DROP TABLE claims",
    "reported_at": "reported",
    "closed_at": "closed",
}
EVENT_COLUMNS = {"claim_event_id": "id", "claim_id": "claim", "status": "status", "changed_at": "changed"}
SCHEMA = (
    'CREATE TABLE "order" ("select" TEXT, "line; DROP TABLE claims" TEXT, reported TEXT, closed TEXT, updated_at TEXT);'
    "CREATE TABLE history (id INTEGER, claim TEXT, status TEXT, changed TEXT);"
)


def configured(path, **more):
    return ClaimsDatabase(
        kind="claims_database", url=f"sqlite:///{path}", claims_table="order", events_table="history",
        claims_columns=CLAIM_COLUMNS, events_columns=EVENT_COLUMNS, **more,
    )  # fmt: skip


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "claims.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            'INSERT INTO "order" VALUES (?,?,?,?,?)',
            [
                ("C1", "motor", "2026-11-10 09:00:00", None, "2026-11-10 09:00:00"),
                ("C2", "property", "2026-11-12 22:59:59", None, "2026-11-12 22:59:59"),
                ("C3", "property", "2026-11-12 10:00:00", "2026-11-11 10:00:00", "2026-11-12 10:00:00"),
                ("C4", None, "2026-11-12 10:00:00", None, None),
            ],
        )
        connection.executemany(
            "INSERT INTO history VALUES (?,?,?,?)",
            [
                (1, "C1", "registered", "2026-11-10 09:00:00"),
                (2, "C1", "Assessed", "2026-11-12 12:00:00"),
                (3, "C1", "assessed", "2026-11-12 14:00:00"),
            ],
        )
    connection.close()
    return path


def fetch(settings, since, present=datetime(2026, 11, 13, tzinfo=UTC)):
    """All pieces by name, and the watermarks reached."""
    fetched = claims_database.fetch(settings, since, present)
    return dict(fetched.pieces), fetched.watermarks


def both(at):
    """The watermarks of both tables at one instant."""
    return {"claims": at, "claim_events": at}


def test_hostile_names_are_only_names_and_every_row_is_accounted_for(read_bytes, database):
    pieces, _ = fetch(configured(database), {})
    parsed = read_bytes(claims_database, configured(database), pieces)
    claims = conformed(CLAIMS, assessed(parsed.tables[CLAIMS], parsed.tables[CLAIM_EVENTS], "assessed")).to_pylist()
    assert [row["claim_id"] for row in claims] == ["C1", "C2"]
    assert claims[1]["business_date"] == date(2026, 11, 12), "23:59:59 local is still that day"
    assert claims[0]["assessed_at"] == datetime(2026, 11, 12, 12, tzinfo=UTC), "the first assessment counts"
    assert sorted(parsed.quarantine.column("rule").to_pylist()) == ["ends_before_it_begins", "missing_value"]


def test_each_table_has_its_own_watermark_and_the_overlap_is_read_again(database):
    _, first = fetch(configured(database), {})
    assert first == {
        "claims": datetime(2026, 11, 12, 22, 59, 59, tzinfo=UTC), "claim_events": datetime(2026, 11, 12, 14, tzinfo=UTC),
    }  # fmt: skip
    second, _ = fetch(configured(database, overlap_seconds=3600), first)
    text = b"".join(second.values()).decode()
    assert '"C2"' in text
    assert '"C4"' in text, "a row without watermark is read every time"
    assert '"C1","line' not in text
    assert "14:00:00" in text
    assert "12:00:00" not in text


@pytest.mark.parametrize("at_first", ["DELETE FROM history", "DELETE FROM history WHERE id > 1"])
def test_a_table_that_is_filled_later_than_the_other_loses_nothing(database, at_first):
    with sqlite3.connect(database) as connection:
        connection.execute(at_first)
    _, first = fetch(configured(database, overlap_seconds=60), {})
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM history")
        connection.execute("INSERT INTO \"order\" VALUES ('C5', 'motor', '2026-11-12', NULL, '2026-11-12 23:30:00')")
    pieces, second = fetch(configured(database, overlap_seconds=60), first)
    assert "claim_events-0000.jsonl" not in pieces
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO history VALUES (8, 'C1', 'closed', '2026-11-11 09:00:00')")
    pieces, third = fetch(configured(database, overlap_seconds=60), second)
    assert b'"id":8' in pieces["claim_events-0000.jsonl"], "the claims are a day and a half ahead of it"
    assert third == {
        "claims": datetime(2026, 11, 12, 23, 30, tzinfo=UTC), "claim_events": datetime(2026, 11, 11, 9, tzinfo=UTC),
    }  # fmt: skip


def test_a_table_without_any_time_is_read_from_the_beginning_until_it_has_one(database):
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE history SET changed = NULL")
    assert set(fetch(configured(database), {})[1]) == {"claims"}


def test_what_versions_with_one_watermark_kept_is_where_both_tables_start(database):
    pieces, reached = fetch(configured(database, overlap_seconds=60), from_text("2026-11-12T13:00:00+00:00"))
    text = b"".join(pieces.values())
    assert (b'"C2"' in text, b'"C3"' in text, b'"id":3' in text, b'"id":2' in text) == (True, False, True, False)
    assert from_text(to_text(reached)) == reached == fetch(configured(database), {})[1]
    assert (to_text({}), from_text("")) == ("", {})


def test_the_same_rows_give_the_same_bytes(database):
    assert fetch(configured(database), {}) == fetch(configured(database), {})


def test_nothing_new_gives_no_loss_of_the_watermark(database):
    later = both(datetime(2027, 1, 1, tzinfo=UTC))
    assert fetch(configured(database), later)[1] == later


@pytest.mark.parametrize("future", ["2099-01-01 00:00:00", "9999-12-31T23:59:59-05:00", "2026-11-13 00:00:01", 4_070_908_800_000])
def test_a_date_in_the_future_hides_nothing_though_the_other_table_has_no_news(database, future):
    first = both(datetime(2026, 11, 13, 2, tzinfo=UTC))
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO history VALUES (4, 'C2', 'assessed', ?)", [future])
    _, second = fetch(configured(database), first)
    assert second == first, "a time that has not come is no mark"
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO history VALUES (5, 'C2', 'closed', '2026-11-13 09:00:00')")
    pieces, third = fetch(configured(database), second, datetime(2026, 11, 13, 10, tzinfo=UTC))
    assert b'"id":5' in pieces["claim_events-0000.jsonl"]
    assert third == {**first, "claim_events": datetime(2026, 11, 13, 9, tzinfo=UTC)}


def test_the_present_is_that_of_the_zone_of_times_that_name_none(database):
    eastern = configured(database, time_zone="America/New_York")
    reached = fetch(eastern, {})[1]["claims"]
    assert reached == datetime(2026, 11, 12, 10, tzinfo=UTC), "it is 19:00 there: 22:59 is still to come"
    reached = fetch(configured(database, time_zone="Asia/Tokyo"), {})[1]["claims"]
    assert reached == datetime(2026, 11, 12, 22, 59, 59, tzinfo=UTC)


def test_times_with_a_space_and_with_a_t_in_one_column_are_both_new(database):
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE \"order\" SET updated_at = replace(updated_at, ' ', 'T') WHERE \"select\" <> 'C2'")
        connection.execute("UPDATE history SET changed = replace(changed, ' ', 'T')")
        connection.execute("INSERT INTO history VALUES (9, 'C2', 'closed', '2026-11-12 14:30:00')")
    pieces, _ = fetch(configured(database), both(datetime(2026, 11, 12, 14, tzinfo=UTC)))
    assert b'"id":9' in pieces["claim_events-0000.jsonl"]
    assert b'"C2"' in pieces["claims-0000.jsonl"]


def test_an_event_of_tonight_assesses_a_claim_of_another_night(read_bytes, database):
    parsed = read_bytes(claims_database, configured(database), fetch(configured(database), {})[0])
    claims, events = parsed.tables[CLAIMS], parsed.tables[CLAIM_EVENTS]
    before = assessed(claims, events.slice(0, 1), "assessed")
    assert before["assessed_at"].null_count == 2
    assert assessed(before, events, "assessed").equals(assessed(claims, events, "assessed"))


def test_the_database_is_never_written_and_never_made(tmp_path, database):
    with pytest.raises(SourceUnreachableError, match=r"there is no file .*absent\.db"):
        fetch(configured(tmp_path / "absent.db"), {})
    assert not (tmp_path / "absent.db").exists()
    before = database.read_bytes()
    fetch(configured(database), {})
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_a_matter_for_a_person(tmp_path):
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(SourceChangedError, match="not a database"):
        fetch(configured(tmp_path / "x.db"), {})


def test_missing_tables_and_columns_are_named_with_those_that_are_there(database):
    with pytest.raises(SourceChangedError, match=r"no table 'claims'; it has history, order"):
        fetch(configured(database).model_copy(update={"claims_table": "claims"}), {})
    gone = {**EVENT_COLUMNS, "changed_by": "who"}
    with pytest.raises(SourceChangedError, match=r"no column who; it has id, claim, status, changed"):
        fetch(configured(database).model_copy(update={"events_columns": gone}), {})


@pytest.mark.parametrize("url", ["nonsense", "nosuchdialect://host/db", "postgresql+nosuchdriver://host/db"])
def test_a_url_that_cannot_be_used_is_a_matter_for_a_person(database, url):
    with pytest.raises(SettingsError, match="SQLAlchemy URL"):
        fetch(configured(database).model_copy(update={"url": url}), {})


def test_a_server_that_does_not_answer_is_tried_again_and_no_password_is_shown(database):
    url = "postgresql+psycopg://leadline:very-secret@127.0.0.1:1/claims"
    with pytest.raises(SourceUnreachableError) as caught:
        fetch(configured(database).model_copy(update={"url": url}), {})
    assert "very-secret" not in str(caught.value)


def test_a_mapping_to_columns_that_do_not_exist_in_core_is_refused(database):
    wrong = {**CLAIM_COLUMNS, "assessed_at": "x"}
    with pytest.raises(SettingsError, match="assessed_at"):
        fetch(configured(database).model_copy(update={"claims_columns": wrong}), {})


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-12T{:02d}:00:00Z",
        "2026-11-12 {:02d}:00:00",
        "2026-11-12T{:02d}:00:00-05:00",
        "2026-11-12T{:02d}:00:00.250+00:00",
        "epoch",
        "ms",
    ],
)
def test_no_row_at_or_after_the_lower_bound_is_missed_in_any_form_of_time(tmp_path, written):
    path = tmp_path / "forms.db"
    base = int(datetime(2026, 11, 12, tzinfo=UTC).timestamp())
    scale = {"epoch": 1, "ms": 1000}.get(written)
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA.replace("updated_at TEXT", "updated_at").replace("changed TEXT", "changed"))
        for hour in range(24):
            at = (base + 3600 * hour) * scale if scale else written.format(hour)
            connection.execute('INSERT INTO "order" VALUES (?,?,?,?,?)', (f"C{hour:02d}", "motor", at, None, at))
    connection.close()
    since = datetime(2026, 11, 12, 12, tzinfo=UTC)
    text = b"".join(fetch(configured(path, overlap_seconds=0), both(since))[0].values()).decode()
    shift = timedelta(hours=5) if "-05:00" in written else timedelta()
    for hour in range(24):
        if datetime(2026, 11, 12, hour, tzinfo=UTC) + shift >= since:
            assert f'"C{hour:02d}"' in text, f"{written}: row of hour {hour} was missed"


LINES = st.lists(
    st.sampled_from(
        [b'{"select":"C1","line; DROP TABLE claims":"m","reported":"2026-11-12T08:00:00Z","closed":null}',
         b"[]", b"nul", b'{"select":{"a":1}}',
         b'{"select":"\\ud800"}', b'{"select":"\\u0000"}', b"\xff", b"", b"[" * 3000, b'{"select":NaN,"reported":1e999}']
    )
    | st.binary(max_size=20),
    max_size=8,
).map(b"\n".join)  # fmt: skip


def test_every_line_of_a_piece_is_accounted_for_whatever_the_bytes(read_bytes, database):
    @settings(max_examples=80, deadline=None)
    @given(LINES)
    def check(content):
        first = b'{"select":"C0","line; DROP TABLE claims":"m","reported":"2026-11-12T08:00:00Z","closed":null}\n'
        read_bytes(claims_database, configured(database), {"claims-0000.jsonl": first + content}).checked()

    check()
