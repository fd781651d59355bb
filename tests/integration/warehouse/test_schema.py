"""The database is what the declarations say, migrates up and down, and lets nobody do more than their role says."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url

from enterprise.errors import NeedsPersonError, SettingsError
from enterprise.settings import Enterprise
from tests.support.example_ledger import write_ledger, write_misses
from tests.support.example_night import PLAN_DATE, STAMP
from tests.support.migrated import administrators, migrated_url
from warehouse import migration_draft, surface
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.health import _health
from warehouse.lake import Lake
from warehouse.migration_draft import draft
from warehouse.months import ensure_month, partition_name
from warehouse.operations.run_summary import run_summary, store_run_summary
from warehouse.operations.step_runs import StepRun
from warehouse.publish import publish
from warehouse.schema import disagreements, migrate, newest_revision, revisions
from warehouse.statements import publish_statements
from warehouse.surface import VIEW_NAMES, drop_views
from warehouse.tables.ddl import is_partitioned
from warehouse.tables.registry import PUBLISHED_TABLES

pytestmark = pytest.mark.integration
PLANNERS_VIEWS = {
    "planner_overrides", "override_effects", "claims_behind_plan",
    "quality_findings_tonight", "shift_plan", "shift_hours_to_fill", "cost_of_certainty", "blended_staffing",
    "simulation_audit_tonight", "group_audit_tonight", "patience_tonight", "chat_concurrency_tonight", "deadline_prices",
    "staff_group_positions", "capacity_by_month", "hours_lost", "chase_rates_tonight",
    "current_staffing_plan", "tonight_vs_last_plan", "hours_to_fill", "staffing_week", "staffing_drivers", "data_quality_tonight",
}  # fmt: skip


def test_declarations_and_migrated_database_agree(url: str) -> None:
    found = disagreements(url)
    assert found == [], "a declaration changed: write a migration (python -m warehouse.tables.ddl shows today's statements)"


def test_a_copy_of_a_migrated_database_is_what_migrating_leaves(server: Path, url: str, empty_url: str) -> None:
    """The others here are tested on copies; rights to a database are the one thing that PostgreSQL does not copy."""
    migrate(empty_url)
    assert not migrate(url).changed
    names = [make_url(one).database for one in (url, empty_url)]
    with connected(administrators(server, url)) as connection:
        query = "SELECT datdba, datacl::text, datallowconn, datconnlimit FROM pg_database WHERE datname = ANY(%s)"
        one, other = connection.execute(query, [names]).fetchall()
    assert one == other


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("COMMENT ON COLUMN staffing_daily.cost IS 'money'", "money"),
        ("ALTER TABLE staffing_daily DROP CONSTRAINT ck_staffing_daily_cost", "ck_staffing_daily_cost"),
        ("ALTER TABLE staffing_daily ALTER cost DROP NOT NULL", "cost double precision"),
        ("ALTER TABLE staffing_daily ALTER peak_scheduled_staff TYPE integer", "peak_scheduled_staff integer"),
        ("ALTER TABLE staffing_daily ADD extra text", "extra text"),
        ("DROP INDEX ix_forecast_daily_business_date", "ix_forecast_daily_business_date"),
        ("ALTER TABLE forecast_daily DROP CONSTRAINT fk_forecast_daily_plan_version", "fk_forecast_daily_plan_version"),
        ("DROP TRIGGER rows_of_a_plan ON staffing_interval", "rows_of_a_plan"),
    ],
)
def test_a_database_changed_by_hand_is_noticed(statement: str, words: str, url: str) -> None:
    with connected(url) as connection:
        drop_views(connection)
        connection.execute(statement)
    assert any(words in line for line in disagreements(url))
    with pytest.raises(NeedsPersonError, match="changed by hand"):
        _health(url, embedded=True)


def test_a_migration_is_drafted_from_what_the_declarations_say_and_the_database_does_not(url: str, tmp_path: Path) -> None:
    assert draft("nothing", url, tmp_path) is None
    with connected(url) as connection:
        drop_views(connection)
        connection.execute("ALTER TABLE plan_decisions DROP COLUMN reason; ALTER TABLE queue DROP CONSTRAINT ck_queue_channel")
    written = draft("Why a plan was chosen", url, tmp_path)
    assert written is not None
    text = written.read_text()
    assert f'down_revision = "{newest_revision()}"' in text
    assert "op.add_column('plan_decisions', sa.Column('reason'" in text
    assert "op.drop_column('plan_decisions', 'reason')" in text
    assert "#   declared, not in the database: queue | constraint | ck_queue_channel" in text, "Alembic does not see checks"
    compile(text, str(written), "exec")


def test_a_draft_is_made_although_a_view_rests_on_what_is_to_come(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make migration` brings the tables to the newest revision, and makes no view."""
    view = tmp_path / "visits_tonight.sql"
    view.write_text("CREATE VIEW visits_tonight AS SELECT * FROM visits_daily")
    monkeypatch.setattr(surface, "_VIEWS", (*surface._VIEWS, view))
    monkeypatch.setattr(EmbeddedPostgres, "ensure_running", lambda state: SimpleNamespace(url=lambda role: empty_url))
    monkeypatch.setattr(EmbeddedPostgres, "stop", lambda state: None)
    monkeypatch.setattr(migration_draft, "draft", lambda words, url: Path(words, *disagreements(url)))
    migration_draft.main("visits")
    with pytest.raises(psycopg.errors.UndefinedTable):
        migrate(empty_url)


def test_migrating_goes_down_and_up_again_on_data(url: str, night_lake: Lake, queues: pa.Table) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
    assert migrate(url, "base").revision == "base"
    with connected(url) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
        )
        assert [row[0] for row in left] == ["alembic_version"]
    assert migrate(url).changed
    assert not migrate(url).changed, "a second time there is nothing to do"
    assert disagreements(url) == []


_SITES = "0017"
"""Since this version sites are a level."""


@pytest.mark.parametrize("released", revisions()[:-1])
def test_every_released_version_migrates_up_and_down_with_its_rows(
    released: str, url: str, night_lake: Lake, queues: pa.Table
) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
    newest = _contents(url)
    assert migrate(url, released).revision == released
    before = _contents(url)
    assert before["staffing_interval"], "there are rows to carry over"
    carried = newest if released >= _SITES else _without_sites(newest)
    assert _known(carried, before) == _known(before, before)
    assert migrate(url).revision == newest_revision()
    assert _known(_contents(url), before) == _known(before, before)
    assert disagreements(url) == []


def _contents(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    with connected(url) as connection:
        names = [row[0] for row in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND relname <> 'alembic_version'"
        )]  # fmt: skip
        return {name: [row[0] for row in connection.execute(f"SELECT to_jsonb(t) FROM {name} AS t")] for name in names}


def _without_sites(contents: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """The rows that a schema without that level has a place for."""
    return {name: [row for row in rows if row.get("level") != "site"] for name, rows in contents.items()}


def _known(contents: dict[str, list[dict[str, object]]], before: dict[str, list[dict[str, object]]]) -> dict[str, list[str]]:
    """The rows in order, with the tables and columns that there were before."""
    columns = {name: sorted(rows[0]) for name, rows in before.items() if rows}
    return {name: sorted(str([row[column] for column in wanted]) for row in contents[name]) for name, wanted in columns.items()}


def test_a_month_gets_its_partitions_with_its_first_plan(url: str, night_lake: Lake, queues: pa.Table) -> None:
    with connected(url) as connection:
        assert _partitions(connection) == []
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        tables = sorted(table.name for table in PUBLISHED_TABLES if is_partitioned(table))
        assert _partitions(connection) == [partition_name(name, PLAN_DATE) for name in tables]
        assert ensure_month(connection, PLAN_DATE.replace(day=1)) == 0
        assert ensure_month(connection, date(2026, 12, 31)) == len(tables)
        plan = "\n".join(str(row[0]) for row in connection.execute(
            "EXPLAIN SELECT * FROM forecast_daily WHERE plan_date = '2026-12-05'"
        ))  # fmt: skip
        assert "forecast_daily_2026_12" in plan
        assert "forecast_daily_2026_11" not in plan, "only the month that is asked for is read"


@pytest.mark.parametrize("place", ["{}", "partitions.{}_2026_11"])
@pytest.mark.parametrize("table", [table.name for table in PUBLISHED_TABLES if is_partitioned(table)])
def test_rows_of_a_plan_that_is_not_on_record_are_refused(place: str, table: str, published: str) -> None:
    """By foreign key or by trigger, in every table of plans, and also past the table in the month's partition."""
    with connected(published) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TEMPORARY TABLE stray AS SELECT * FROM {table} LIMIT 1; UPDATE stray SET version = 7")
        if connection.execute("SELECT count(*) FROM stray").fetchone() == (0,):
            pytest.skip("the example night has no rows of it")
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="plan"):
            connection.execute(f"INSERT INTO {place.format(table)} SELECT * FROM stray")


@pytest.fixture(scope="module")
def published(server: Path, night_lake: Lake, queues: pa.Table) -> str:
    """Address of a database with the example night's plan, for tests that leave it as it is."""
    url = migrated_url(server, "published")
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
    return url


def test_a_queues_day_is_found_by_one_index(published: str) -> None:
    """All that such a question knows stands in the index, of the table and of the month's partition."""
    with connected(published) as connection:
        found = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename IN ('staffing_interval', 'staffing_interval_2026_11') "
            "AND indexdef LIKE '%(business_date, plan_date, version, queue_id)'"
        ).fetchall()
    assert len(found) == 2


def _partitions(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'partitions'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    return [row[0] for row in rows]


def test_readers_are_not_kept_waiting_by_a_new_month(url: str) -> None:
    with connected(url) as reader, reader.transaction():
        reader.execute("SELECT count(*) FROM current_staffing_plan")  # holds its locks until the transaction ends
        with connected(url) as publisher:
            publisher.execute("SET lock_timeout = '2s'")
            assert ensure_month(publisher, PLAN_DATE) > 0


def test_a_schema_of_a_newer_version_is_left_alone(url: str) -> None:
    with connected(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NeedsPersonError, match="revision 9999, which this Leadline does not know"):
        migrate(url)
    with connected(url) as connection:
        assert connection.execute("SELECT count(*) FROM published_plans").fetchone() == (0,), "the views are still there"


def test_somebody_elses_view_on_ours_is_not_dropped(url: str) -> None:
    with connected(url) as connection:
        connection.execute("CREATE VIEW mine AS SELECT * FROM published_plans")
        connection.execute("COMMENT ON TABLE alembic_version IS 'an older state'")
    with pytest.raises(NeedsPersonError, match="view mine depends on view published_plans"):
        migrate(url)


def test_every_table_view_and_column_has_words(url: str) -> None:
    with connected(url) as connection:
        silent = connection.execute(
            "SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum >= 0 "
            "WHERE c.relnamespace IN ('public'::regnamespace, 'mart'::regnamespace) "
            "AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'alembic_version' "
            "AND NOT a.attisdropped AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)"
        ).fetchall()
        units = connection.execute(
            "SELECT count(*) FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid "
            "WHERE c.relnamespace IN ('public'::regnamespace, 'mart'::regnamespace) "
            "AND d.objsubid > 0 AND d.description NOT LIKE '%Unit: %'"
        ).fetchone()
    assert silent == []
    assert units == (0,)


def test_the_views_are_readable_and_speak_planners_language(
    url: str, own_lake: Lake, queues: pa.Table, enterprise: Enterprise
) -> None:
    night_lake = own_lake
    assert set(VIEW_NAMES) >= PLANNERS_VIEWS
    with connected(url) as connection:
        connection.execute(
            "INSERT INTO planner_override (kind, level, member_id, first_date, last_date, value, reason) "
            "VALUES ('handle_time_factor', 'queue', 'voice_claims', '2026-11-13', '2026-11-13', 1.05, 'new form')"
        )
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        write_ledger(night_lake, enterprise, PLAN_DATE + timedelta(days=1))
        write_misses(night_lake, PLAN_DATE + timedelta(days=1))
        publish_statements(connection, PLAN_DATE + timedelta(days=1), night_lake, STAMP.made_at)
        store_run_summary(
            connection, PLAN_DATE, run_summary(PLAN_DATE, [StepRun("publish", "success")], night_lake, 1, STAMP.made_at)
        )
        for view in VIEW_NAMES:
            assert connection.execute(f"SELECT count(*) > 0 FROM {view}").fetchone() == (True,), view
        interval = connection.execute(
            "SELECT queue_name, interval_start_local::text, utc_offset_hours, weekday, reason FROM current_staffing_plan "
            "WHERE queue_id = 'voice_claims' AND business_date = %s ORDER BY interval_start_utc LIMIT 1",
            [date(2026, 11, 13)],
        ).fetchone()
        drivers = connection.execute(
            "SELECT drivers_in_words, claims_in_words FROM staffing_drivers "
            "WHERE queue_id = 'voice_claims' AND business_date = %s",
            [date(2026, 11, 13)],
        ).fetchone()
        claims = connection.execute(
            "SELECT in_words FROM claims_behind_plan WHERE queue_id IN ('voice_claims', 'email_claims') AND contacts > 40 "
            "ORDER BY queue_id DESC, reported_date DESC, business_date LIMIT 4"
        ).fetchall()
        hours = connection.execute(
            "SELECT h.hours, d.staff_hours FROM (SELECT sum(staff_hours) AS hours FROM hours_to_fill) AS h, "
            "(SELECT sum(staff_hours) AS staff_hours FROM staffing_daily WHERE level = 'enterprise') AS d"
        ).fetchone()
    assert interval is not None
    assert interval[:4] == ("Claims line", "2026-11-13 08:00:00", 1.0, "Friday")
    assert drivers is not None
    assert drivers[0].startswith("540 contacts on an average open day; claims reported or expected +")
    assert "; Friday -27" in drivers[0]
    assert drivers[1] == (
        "storm claims of 12 Nov (property): +46 calls, +4 positions on 13 Nov; storm claims of 11 Nov (property): +23 calls, "
        "+2 positions on 13 Nov; claims of 10 Nov (property): +6 calls, +1 position on 13 Nov; "
        "other days and classes of claims: +2"
    )
    assert [row[0] for row in claims] == [
        "storm claims of 12 Nov (property): +46 calls, +4 positions on 13 Nov",
        "storm claims of 12 Nov (property): +54 calls, +5 positions on 14 Nov",
        "storm claims of 12 Nov (property): +46 mails, +4.6 hours of work on 13 Nov",
    ]
    assert hours is not None
    assert hours[0] == pytest.approx(hours[1])


def test_the_doubled_hour_of_autumn_stays_two_hours(url: str, night_lake: Lake, queues: pa.Table) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        for start in ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z"]:
            connection.execute(
                "UPDATE staffing_interval SET interval_start_utc = %s, business_date = '2026-10-25', "
                "scheduled_staff = 4, open_seconds = 1800 "
                "WHERE (queue_id, interval_start_utc) = (SELECT queue_id, interval_start_utc FROM staffing_interval "
                "WHERE queue_id = 'voice_roadside' AND business_date <> '2026-10-25' ORDER BY 2 LIMIT 1)",
                [start],
            )
        rows = connection.execute(
            "SELECT hour_start_local::text, utc_offset_hours, staff_hours FROM hours_to_fill "
            "WHERE business_date = '2026-10-25' ORDER BY hour_start_utc"
        ).fetchall()
    assert rows == [("2026-10-25 02:00:00", 2.0, 4.0), ("2026-10-25 02:00:00", 1.0, 4.0)]


def test_asking_for_the_address_again_changes_nothing(enterprise: Enterprise, url: str) -> None:
    assert warehouse_url(enterprise.storage) == url


@pytest.mark.parametrize("address", ["sqlite:///plan.db", "nonsense", "postgresql://host"])
def test_an_address_that_is_no_postgresql_database_is_a_settings_error(address: str, enterprise: Enterprise) -> None:
    with pytest.raises(SettingsError, match=r"storage\.warehouse_url"):
        warehouse_url(enterprise.storage.model_copy(update={"warehouse_url": address}))
