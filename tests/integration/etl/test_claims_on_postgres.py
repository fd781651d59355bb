"""The claims database on a real PostgreSQL: types, schema, watermark, read-only transaction, missing rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import psycopg
import pytest

from enterprise.errors import SourceChangedError
from enterprise.grid import IntervalGrid
from enterprise.sources import ClaimsDatabase
from etl.claims import assessed
from etl.parsed import LandedFile, ReadContext
from etl.sources import claims_database
from warehouse.embedded import EmbeddedPostgres, ServerAddress
from warehouse.lake import conformed
from warehouse.tables.core import CLAIM_EVENTS, CLAIMS

pytestmark = pytest.mark.integration
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
    """All pieces, and the watermark reached."""
    fetched = claims_database.fetch(settings, since)
    return list(fetched.pieces), fetched.watermark


def test_claims_come_typed_out_of_postgresql(settings):
    filesystem, files = fsspec.filesystem("memory"), []
    for name, content in fetch(settings, None)[0]:
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
    _, reached = fetch(settings, None)
    assert reached == datetime(2026, 11, 13, 10, tzinfo=UTC)
    newer, _ = fetch(settings, reached)
    text = b"".join(content for _, content in newer)
    assert b'"C2"' in text
    assert b'"C1"' not in text
    assert fetch(settings, reached + timedelta(days=2))[0] == []


def test_a_table_in_another_schema_is_not_there(settings):
    with pytest.raises(SourceChangedError, match="has no table 'claims'"):
        fetch(settings.model_copy(update={"claims_table": "claims"}), None)


def test_a_view_that_fails_is_said_to_fail(server, settings):
    with psycopg.connect(server.url("leadline").replace("+psycopg", "")) as connection:
        connection.execute('CREATE VIEW insurance.barred AS SELECT * FROM insurance."order" WHERE id / (id - id) > 0')
    with pytest.raises(SourceChangedError, match="division by zero"):
        fetch(settings.model_copy(update={"events_table": "insurance.barred"}), None)
