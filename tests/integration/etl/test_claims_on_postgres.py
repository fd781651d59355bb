"""The claims database on a real PostgreSQL: types, schema, watermark, read-only transaction, missing rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import psycopg
import pytest
from sqlalchemy.engine import make_url

from enterprise.errors import NeedsPersonError, SourceChangedError, SourceUnreachableError
from enterprise.grid import IntervalGrid
from enterprise.sources import ClaimsDatabase, MappedTable
from etl import job
from etl.claims import assessed
from etl.parsed import LandedFile, ReadContext
from etl.sources import claims_database, mapped_table, sql_reading
from tests.support.example_night import example_enterprise
from warehouse.embedded import EmbeddedPostgres, ServerAddress
from warehouse.lake import Lake, conformed
from warehouse.tables.core import CLAIM_EVENTS, CLAIMS

pytestmark = pytest.mark.integration
PRESENT = datetime(2026, 11, 14, tzinfo=UTC)
SCHEMA = """
CREATE SCHEMA insurance;
CREATE TABLE insurance.claims (
    claim_id text, "user" bigint, line text, loss date, reported timestamptz, closed timestamp, updated_at timestamptz
);
CREATE TABLE insurance."order" (id numeric, claim text, status text, changed timestamptz);
INSERT INTO insurance.claims VALUES
    ('C1', 10000001, 'motor', '2026-11-09', '2026-11-10 09:00+01', NULL, '2026-11-10 09:00+01'),
    ('C2', 10000002, 'property', '2026-11-12', '2026-11-12 23:59:59.25+01', '2026-11-13 10:00', '2026-11-13 10:00Z');
INSERT INTO insurance."order" VALUES (1, 'C1', 'assessed', '2026-11-12 13:00+01'), (2, 'C2', 'closed', '2026-11-13 10:00Z');
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerAddress]:
    state: Path = tmp_path_factory.mktemp("claims") / "state"
    address = EmbeddedPostgres.ensure_running(state)
    with psycopg.connect(address.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute(SCHEMA)
    yield address
    EmbeddedPostgres.stop(state)


@pytest.fixture
def settings(server: ServerAddress) -> ClaimsDatabase:
    return ClaimsDatabase(
        kind="claims_database", url=server.url("leadline"), claims_table="insurance.claims", events_table="insurance.order",
        claims_columns={
            "claim_id": "claim_id", "customer_id": "user", "line_of_business": "line", "loss_date": "loss",
            "reported_at": "reported",
            "closed_at": "closed",
        },
        events_columns={"claim_event_id": "id", "claim_id": "claim", "status": "status", "changed_at": "changed"},
    )  # fmt: skip


def fetch(settings, since):
    """All pieces with rows, and the watermarks reached."""
    fetched = claims_database.fetch(settings, since, PRESENT)
    return [piece for piece in fetched.pieces if not piece[0].endswith(sql_reading.COLUMNS_PIECE)], fetched.watermarks


@pytest.mark.parametrize("wrong", [{"password": "not-to-be-shown"}, {"username": "nobody"}, {"database": "nowhere"}])
def test_a_login_that_is_refused_is_for_a_person(wrong: dict[str, str], settings: ClaimsDatabase) -> None:
    url = make_url(settings.url).set(**wrong).render_as_string(hide_password=False)
    with pytest.raises(NeedsPersonError, match=r"refuses this login.*renew user and password") as raised:
        list(claims_database.fetch(settings.model_copy(update={"url": url}), {}, PRESENT).pieces)
    assert "not-to-be-shown" not in str(raised.value)


def test_claims_come_typed_out_of_postgresql(settings):
    filesystem, files = fsspec.filesystem("memory"), []
    for name, content in fetch(settings, {})[0]:
        filesystem.pipe_file(f"/claims-on-postgres/{name}", content)
        files.append(LandedFile("claims", name, f"/claims-on-postgres/{name}", name, len(content)))
    parsed = claims_database.read(settings, files, ReadContext(filesystem, "claims", IntervalGrid("Europe/Amsterdam", 30), {}))
    events = conformed(CLAIM_EVENTS, parsed.tables[CLAIM_EVENTS])
    first, second = conformed(CLAIMS, assessed(parsed.tables[CLAIMS], events, "assessed")).to_pylist()
    assert (first["customer_id"], first["loss_date"], first["assessed_at"]) == (
        "10000001", date(2026, 11, 9), datetime(2026, 11, 12, 12, tzinfo=UTC),
    )  # fmt: skip
    assert (second["business_date"], second["closed_at"]) == (date(2026, 11, 12), datetime(2026, 11, 13, 10, tzinfo=UTC))
    assert events["claim_event_id"].to_pylist() == ["1", "2"]
    assert parsed.quarantine.num_rows == 0


def test_only_what_is_new_is_read_again(settings):
    _, reached = fetch(settings, {})
    assert reached == dict.fromkeys(("claims", "claim_events"), datetime(2026, 11, 13, 10, tzinfo=UTC))
    newer, _ = fetch(settings, reached)
    text = b"".join(content for _, content in newer)
    assert b'"C2"' in text
    assert b'"C1"' not in text
    assert fetch(settings, {name: at + timedelta(days=2) for name, at in reached.items()})[0] == []


def test_infinity_and_years_beyond_pythons_are_put_aside_and_the_other_rows_read(server, settings):
    with psycopg.connect(server.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE insurance.open AS SELECT * FROM insurance.claims")
        connection.execute("INSERT INTO insurance.open VALUES ('I1', 1, 'motor', NULL, 'now', 'infinity', 'infinity')")
        connection.execute(
            "INSERT INTO insurance.open VALUES ('I2', 1, 'motor', '0044-03-15 BC', '-infinity', NULL, '12026-01-01')"
        )
    filesystem = fsspec.filesystem("memory")
    chosen = settings.model_copy(update={"claims_table": "insurance.open"})
    pieces, reached = fetch(chosen, {})
    files = []
    for name, content in pieces:
        filesystem.pipe_file(f"/infinity/{name}", content)
        files.append(LandedFile("claims", name, f"/infinity/{name}", name, len(content)))
    parsed = claims_database.read(chosen, files, ReadContext(filesystem, "claims", IntervalGrid("Europe/Amsterdam", 30), {}))
    assert parsed.tables[CLAIMS].column("claim_id").to_pylist() == ["C1", "C2"]
    assert set(parsed.quarantine.column("rule").to_pylist()) <= {"unreadable_time", "unreadable_date"}
    assert parsed.quarantine.num_rows == 2
    assert reached["claims"] == datetime(2026, 11, 13, 10, tzinfo=UTC)
    assert b'"I1"' in b"".join(content for _, content in fetch(chosen, reached)[0]), "read again until its time is a time"


def test_a_table_in_another_schema_is_not_there(settings):
    with pytest.raises(SourceChangedError, match="has no table 'claims'"):
        fetch(settings.model_copy(update={"claims_table": "claims"}), {})


def test_a_view_that_fails_is_said_to_fail(server, settings):
    with psycopg.connect(server.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute('CREATE VIEW insurance.barred AS SELECT * FROM insurance."order" WHERE id / (id - id) > 0')
    with pytest.raises(SourceChangedError, match="division by zero"):
        fetch(settings.model_copy(update={"events_table": "insurance.barred"}), {})


@pytest.fixture
def large(server, settings):
    """A status history of many pieces' worth of fetches, and the settings that read it a few rows at a time."""
    with psycopg.connect(server.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS insurance.long_history AS SELECT n::text AS id, 'C1' AS claim, 'open' AS status, "
            "'2026-11-01'::timestamptz + n * interval '1 second' AS changed FROM generate_series(1, 20000) n"
        )
    return settings.model_copy(update={"events_table": "insurance.long_history"})


def test_a_database_that_goes_away_in_mid_read_is_tried_again_and_counts_nothing(server, large, monkeypatch, tmp_path):
    monkeypatch.setattr(sql_reading, "_ROWS_PER_PIECE", 500)
    monkeypatch.setattr(sql_reading, "_ROWS_PER_READ", 100)
    enterprise = example_enterprise(tmp_path).model_copy(update={"sources": {"claims": large}})
    lake, night = Lake(str(tmp_path / "lake")), date(2026, 11, 13)
    landed = []

    class Lightning(Lake):
        """Ends every other session of the database when the tenth piece is landed."""

        def write_bytes(self, path: str, content: bytes) -> None:
            super().write_bytes(path, content)
            landed.extend([path] if "/landing/" in path else [])
            if len(landed) == 10:
                with psycopg.connect(server.url("leadline").replace("+psycopg", ""), autocommit=True) as connection:
                    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'leadline'"
                    connection.execute(f"SELECT pg_terminate_backend(pid) {others}".encode())

    with pytest.raises(SourceUnreachableError, match="broke off"):
        job.extract_source("claims", night, enterprise, Lightning(lake.root))
    assert len(landed) == 10
    assert not lake.filesystem.exists(f"{lake.root}/state/intake/claims.json")
    with pytest.raises(NeedsPersonError, match="no source could be read"):
        job.conform_night(night, enterprise, lake)
    assert lake.read_arrow(CLAIM_EVENTS).num_rows == 0

    extracted = job.extract_source("claims", night, enterprise, lake)
    assert extracted.rows_in == 20_002
    job.conform_night(night, enterprise, lake)
    assert lake.read_arrow(CLAIM_EVENTS).num_rows == 20_000


def test_all_is_read_of_one_moment_whatever_is_written_meanwhile(server, large, monkeypatch):
    monkeypatch.setattr(sql_reading, "_ROWS_PER_PIECE", 5000)
    monkeypatch.setattr(sql_reading, "_ROWS_PER_READ", 100)
    pieces = (piece for piece in claims_database.fetch(large, {}, PRESENT).pieces if piece[0].endswith(".jsonl"))
    rows = len(next(pieces)[1].splitlines())
    with psycopg.connect(server.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute("INSERT INTO insurance.long_history VALUES ('late', 'C1', 'open', '2026-12-01')")
        connection.execute("DELETE FROM insurance.long_history WHERE id = '19999'")
    content = b"".join(content for _, content in pieces)
    assert rows + len(content.splitlines()) == 20_002
    assert b'"late"' not in content
    assert b'"19999"' in content


def test_a_history_that_lags_behind_its_claims_is_read_from_its_own_mark_also_after_a_kill(server, settings, tmp_path):
    database = server.url("leadline").replace("+psycopg", "")
    with psycopg.connect(database) as connection:
        connection.execute('CREATE TABLE insurance.lagging AS SELECT * FROM insurance."order" WHERE false')
        connection.execute("CREATE TABLE insurance.ahead AS SELECT * FROM insurance.claims")
    tables = {"claims_table": "insurance.ahead", "events_table": "insurance.lagging", "overlap_seconds": 60}
    enterprise = example_enterprise(tmp_path).model_copy(update={"sources": {"claims": settings.model_copy(update=tables)}})
    lake, first = Lake(str(tmp_path / "lake")), date(2026, 11, 13)
    job.extract_source("claims", first, enterprise, lake)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO insurance.lagging VALUES (7, 'C1', 'assessed', '2026-11-12 13:00+01')")

    class Killed(Lake):
        """Ends when the claims of the second night are landed and their history is to come."""

        def write_bytes(self, path: str, content: bytes) -> None:
            if "claim_events" in path and path.endswith(".jsonl"):
                raise KeyboardInterrupt
            super().write_bytes(path, content)

    with pytest.raises(KeyboardInterrupt):
        job.extract_source("claims", first + timedelta(days=1), enterprise, Killed(lake.root))
    for night in (first + timedelta(days=1), first + timedelta(days=2), first):
        job.extract_source("claims", night, enterprise, lake)
    job.conform_night(first + timedelta(days=1), enterprise, lake)
    assert lake.read_arrow(CLAIM_EVENTS).column("claim_event_id").to_pylist() == ["7"], "C2 was written a day later than it"
    assert {row["claim_id"]: row["assessed_at"] is not None for row in lake.read_arrow(CLAIMS).to_pylist()} == {
        "C1": True, "C2": False,
    }  # fmt: skip


HOSTILE = ("select", "a;DROP TABLE x;--", "it's", 'say ""no""', "100%s", "with space", "Ümlaut", ":colon", "%(name)s")


def test_hostile_and_reserved_names_are_only_names(server, settings):
    with psycopg.connect(server.url("leadline").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "or der"')
        columns = ", ".join(f'"{name}" text' for name in HOSTILE)
        connection.execute(f'CREATE TABLE "or der"."group by" ({columns})'.encode())
        values = ", ".join(f"'2026-11-1{place} 08:00'" for place in range(len(HOSTILE)))
        connection.execute(f'INSERT INTO "or der"."group by" VALUES ({values})'.encode())
    names = [name.replace('""', '"') for name in HOSTILE]
    mapped = ("case_id", "queue_id", "opened_at", "closed_at", "topic", "priority", "owner_id")
    chosen = MappedTable(
        kind="mapped_table", url=settings.url, format="sql", table="cases", database_table="or der.group by",
        watermark_column=names[4], key_column=names[8],
        columns=dict(zip(mapped, names[:7], strict=True)),
    )  # fmt: skip
    fetched = mapped_table.fetch(chosen, {}, PRESENT)
    (_, (_, content)) = fetched.pieces
    row = json.loads(content)
    assert [row[name] for name in names[:7]] == [f"2026-11-1{place} 08:00" for place in range(7)]
    again = mapped_table.fetch(chosen, fetched.watermarks, PRESENT)
    assert [content for _, content in again.pieces][1:] == [content]
    assert mapped_table.health(chosen).startswith("1 rows in or der.group by")


def test_a_user_without_rights_is_told_so(server, settings):
    with psycopg.connect(server.url("leadline").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute('CREATE TABLE insurance.secret AS SELECT * FROM insurance."order"')
        connection.execute("REVOKE SELECT ON insurance.secret FROM CURRENT_USER")
    with pytest.raises(SourceChangedError, match=r"permission denied .*mend the rights"):
        fetch(settings.model_copy(update={"events_table": "insurance.secret"}), {})
