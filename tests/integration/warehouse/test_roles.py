"""Who may do what: each role does its own business and nothing else, a login limited to a site sees that site, TLS is checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url

from enterprise.errors import NeedsPersonError, SettingsError, WarehouseUnreachableError
from enterprise.settings import Enterprise
from tests.support.dovecot import make_certificate
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise
from tests.support.migrated import administrators
from tests.support.tls_postgres import tls_in_front_of
from warehouse.database import connected, transaction, warehouse_url
from warehouse.lake import Lake
from warehouse.operations.run_summary import run_summary, store_run_summary
from warehouse.operations.step_runs import StepRun
from warehouse.publish import publish
from warehouse.reference import PUBLISHED_HISTORY, publish_calendar, publish_history
from warehouse.schema import disagreements, migrate
from warehouse.surface import MART_NAMES, VIEW_NAMES
from warehouse.tables.registry import PUBLISHED_TABLES
from warehouse.tables.run import RUN_SUMMARY
from warehouse.tables.today import FORECAST_TODAY, TODAY_TABLES
from warehouse.today import publish_moment

pytestmark = pytest.mark.integration
REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.InvalidParameterValue,
    psycopg.errors.CheckViolation,
)
VIEWS = (*VIEW_NAMES, *(f"mart.{name}" for name in MART_NAMES))
_TABLES = tuple(table.name for table in PUBLISHED_TABLES)
TOLD_ANEW = (*TODAY_TABLES, RUN_SUMMARY)
OF_NOBODY_BUT_THE_OWNER = (
    *(f"TRUNCATE {name} CASCADE" for name in _TABLES),
    "DROP TABLE staffing_daily",
    "DROP VIEW published_plans",
    "DROP SCHEMA mart CASCADE",
    "DROP FUNCTION leadline_month(date)",
    "ALTER TABLE staffing_interval ADD extra text",
    "ALTER TABLE staffing_interval DISABLE TRIGGER ALL",
    "ALTER TABLE staffing_interval DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE staffing_interval DETACH PARTITION partitions.staffing_interval_2026_11",
    "ALTER VIEW published_plans OWNER TO CURRENT_USER",
    "CREATE TABLE mine (a int)",
    "CREATE TABLE mart.mine (a int)",
    "CREATE TABLE partitions.mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE ROLE mine",
    "SELECT * FROM partitions.staffing_interval_2026_11",
    "DELETE FROM partitions.staffing_interval_2026_11",
    "UPDATE partitions.staffing_interval_2026_11 SET scheduled_staff = 0",
    "INSERT INTO partitions.staffing_interval_2026_11 SELECT * FROM partitions.staffing_interval_2026_11",
    "SELECT leadline_rows_of_a_plan()",
    "UPDATE alembic_version SET version_num = 'x'",
    "UPDATE staffing_interval SET scheduled_staff = 0",
    "UPDATE forecast_interval SET mean_offered_contacts = 0",
    "UPDATE plan_version SET content_hash = ''",
    "UPDATE plan_decisions SET reason = ''",
    "UPDATE daily_history SET offered_contacts = 0",
    "UPDATE current_staffing_plan SET plan_date = now()",
    "DELETE FROM published_plans",
    "DELETE FROM mart.fact_staffing",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/leadline'",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SET SESSION AUTHORIZATION leadline",
    "SET ROLE leadline",
)
OF_WRITERS = (
    *(f"SELECT * FROM {name}" for name in _TABLES),
    *(f"DELETE FROM {name}" for name in _TABLES),
    "UPDATE plan_version SET status = 'current'",
    "INSERT INTO plan_version SELECT * FROM plan_version",
    "INSERT INTO queue DEFAULT VALUES",
    "INSERT INTO partitions.staffing_interval_2026_11 DEFAULT VALUES",
    "SELECT * FROM alembic_version",
    "SELECT leadline_month('2026-01-01')",
    "CREATE TEMPORARY TABLE mine (a int)",
)
OF_OTHER_PLANNERS = (
    *(f"INSERT INTO {name} DEFAULT VALUES" for name in _TABLES if name != "planner_override"),
    "UPDATE planner_override SET value = 1",
    "INSERT INTO planner_override (kind, reason, withdraws, entered_by) VALUES ('withdrawal', 'mine', 1, 'somebody else')",
    "INSERT INTO planner_override (kind, reason, withdraws, entered_at) VALUES ('withdrawal', 'mine', 1, '2020-01-01')",
    "INSERT INTO planner_override (kind, reason, withdraws, first_plan_date) VALUES ('withdrawal', 'mine', 1, '2020-01-01')",
)
FORBIDDEN = {
    "leadline_reader": (*OF_NOBODY_BUT_THE_OWNER, *OF_WRITERS),
    "leadline_planner": (*OF_NOBODY_BUT_THE_OWNER, *OF_WRITERS, *OF_OTHER_PLANNERS),
    "leadline_writer": (
        *OF_NOBODY_BUT_THE_OWNER,
        *(f"DELETE FROM {table.name}" for table in PUBLISHED_TABLES if table not in (*PUBLISHED_HISTORY, *TOLD_ANEW)),
        "UPDATE plan_version SET plan_date = '2020-01-01'",
    ),
    "nobody": (*OF_NOBODY_BUT_THE_OWNER, *OF_WRITERS, *(f"SELECT * FROM {view}" for view in VIEWS)),
}


@pytest.fixture(scope="module")
def house(server: Path, night_lake: Lake, queues: pa.Table) -> tuple[Enterprise, str]:
    """A warehouse with a plan, history and calendar, and a login "anna" that is limited to Rotterdam."""
    enterprise = example_enterprise(server, "roles")
    url = warehouse_url(enterprise.storage)
    migrate(url, site_access={"anna": ["rotterdam"]})
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        publish_calendar(connection, PLAN_DATE, enterprise)
        publish_history(connection, PLAN_DATE, night_lake, STAMP.made_at)
    with connected(administrators(server, url)) as administrator:
        administrator.execute(
            "DO $$ BEGIN CREATE ROLE anna LOGIN PASSWORD 'site' IN ROLE leadline_reader; "
            "CREATE ROLE bert LOGIN PASSWORD 'all' IN ROLE leadline_reader; CREATE ROLE nobody LOGIN PASSWORD 'none'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    return enterprise, url


@contextmanager
def _as(role: str, server: Path, url: str) -> Iterator[psycopg.Connection]:
    with connected(administrators(server, url)) as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {role}")
        yield connection


@pytest.mark.parametrize("role", FORBIDDEN)
def test_a_role_cannot_do_what_is_not_its_business(role: str, server: Path, house: tuple[Enterprise, str]) -> None:
    assert len(FORBIDDEN[role]) >= 40
    with connected(_login(house[1], role, server)) as connection:
        for statement in FORBIDDEN[role]:
            with pytest.raises(REFUSED):
                connection.execute(statement)
            assert connection.execute("SELECT 1").fetchone() == (1,)


def _login(url: str, role: str, server: Path) -> str:
    """A login of that role, made for this test: a superuser who plays a role could take it off again."""
    name = f"login_of_{role}"
    with connected(administrators(server, url)) as administrator:
        administrator.execute(f"DROP ROLE IF EXISTS {name}")
        membership = "" if role == "nobody" else f"IN ROLE {role}"
        administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret' {membership}")
        database = make_url(url).database
        administrator.execute(f"GRANT CONNECT ON DATABASE {database} TO {name}" if role == "nobody" else "SELECT 1")
    return make_url(url).set(username=name, password="secret").render_as_string(hide_password=False)


def test_readers_read_every_view(server: Path, house: tuple[Enterprise, str]) -> None:
    with _as("bert", server, house[1]) as connection:
        for view in VIEWS:
            assert connection.execute(f"SELECT count(*) >= 0 FROM {view}").fetchone() == (True,)


def test_nobody_else_gets_in(house: tuple[Enterprise, str]) -> None:
    url = make_url(house[1]).set(username="nobody", password="none").render_as_string(hide_password=False)
    with pytest.raises(NeedsPersonError, match="permission denied for database"), connected(url):
        pass


def test_the_writer_may_do_all_that_publishing_needs(server: Path, night_lake: Lake, queues: pa.Table) -> None:
    enterprise = example_enterprise(server, "writers")
    url = warehouse_url(enterprise.storage)
    migrate(url, site_access={"anna": ["rotterdam"]})
    with _as("leadline_writer", server, url) as connection:
        assert publish(connection, PLAN_DATE, night_lake, queues, STAMP).changed
        assert not publish(connection, PLAN_DATE, night_lake, queues, STAMP).changed
        assert publish_calendar(connection, PLAN_DATE, enterprise) > 0
        assert publish_history(connection, PLAN_DATE, night_lake, STAMP.made_at)
        moment = night_lake.read(FORECAST_TODAY, first=PLAN_DATE, last=PLAN_DATE)["made_at"].iloc[0].to_pydatetime()
        assert publish_moment(connection, PLAN_DATE, moment, night_lake) == publish_moment(
            connection, PLAN_DATE, moment, night_lake
        )
        for _ in range(2):
            rows = run_summary(PLAN_DATE, [StepRun("publish", "success")], night_lake, 1, STAMP.made_at)
            store_run_summary(connection, PLAN_DATE, rows)


def test_a_login_limited_to_a_site_sees_no_row_of_another(server: Path, house: tuple[Enterprise, str]) -> None:
    enterprise, url = house
    mine = {queue.id for queue in enterprise.queues.values() if queue.site == "rotterdam"}
    others = {queue.id for queue in enterprise.queues.values()} - mine
    assert mine
    assert others
    with _as("anna", server, url) as connection:
        assert {row[0] for row in connection.execute("SELECT queue_id FROM mart.dim_queue")} == mine
        for view in VIEWS:
            cursor = connection.execute(f"SELECT * FROM {view}")
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                seen = dict(zip(names, row, strict=True))
                assert seen.get("queue_id") not in others, view
                assert seen.get("member_id") not in others, view
                level = seen.get("level", "queue")
                own_total = (level, seen.get("member_id")) == ("site", "rotterdam") or view == "level_members"
                assert level == "queue" or own_total, f"{view}: totals hold other sites' rows"
        count = connection.execute("SELECT count(DISTINCT queue_id) FROM current_staffing_plan").fetchone()
        connection.execute("SET ROLE leadline_reader")
        assert connection.execute("SELECT count(DISTINCT queue_id) FROM current_staffing_plan").fetchone() == count
        assert {row[0] for row in connection.execute("SELECT queue_id FROM mart.dim_queue")} == mine, "whatever role it plays"
    with _as("bert", server, url) as connection:
        assert {row[0] for row in connection.execute("SELECT queue_id FROM mart.dim_queue")} == mine | others
    assert disagreements(url) == []


def test_limits_come_and_go_with_the_settings(server: Path) -> None:
    url = warehouse_url(example_enterprise(server, "limits").storage)
    limited = "SELECT count(*) FROM pg_policies WHERE schemaname = 'public'"
    for access, expected in (({}, False), ({"anna": ["zwolle"]}, True), ({"anna": ["rotterdam"]}, True), ({}, False)):
        assert migrate(url, site_access=access).changed or not access
        assert not migrate(url, site_access=access).changed
        with connected(url) as connection:
            row = connection.execute(limited).fetchone()
            assert row is not None
            assert bool(row[0]) is expected


def test_an_owner_above_row_level_security_is_refused(server: Path) -> None:
    url = warehouse_url(example_enterprise(server, "above").storage)
    with pytest.raises(NeedsPersonError, match="limits would not hold"):
        migrate(administrators(server, url), site_access={"anna": ["rotterdam"]})


def test_a_limit_to_a_site_that_is_not_described_is_a_settings_error(server: Path) -> None:
    enterprise = example_enterprise(server)
    with pytest.raises(ValueError, match=r"site_access\.anna: 'utrecht' is not described"):
        Enterprise.model_validate(enterprise.model_dump() | {"site_access": {"anna": ("utrecht",)}})


def test_the_servers_certificate_is_checked_in_full(server: Path, house: tuple[Enterprise, str], tmp_path: Path) -> None:
    plain = make_url(house[1])
    good = make_certificate(tmp_path, "good")
    other_host = make_certificate(tmp_path, "other", hosts=("warehouse.example",))
    with tls_in_front_of(plain.port or 0, good) as port, tls_in_front_of(plain.port or 0, other_host) as wrong_port:

        def address(port: int, trusted: Path, mode: str = "verify-full") -> str:
            query = {"sslmode": mode, "sslrootcert": str(trusted)}
            return plain.set(port=port, query=query).render_as_string(hide_password=False)

        with connected(address(port, good.trusted)) as connection:
            assert connection.pgconn.ssl_in_use
            assert connection.execute("SELECT count(*) FROM plan_version").fetchone() == (1,)
        with transaction(address(port, good.trusted)) as engine:
            assert engine.exec_driver_sql("SELECT 1").scalar() == 1
        with (
            pytest.raises(WarehouseUnreachableError, match="certificate verify failed"),
            connected(address(port, other_host.trusted)),
        ):
            pass
        with (
            pytest.raises(WarehouseUnreachableError, match="does not match host name"),
            connected(address(wrong_port, other_host.trusted)),
        ):
            pass
    with (
        pytest.raises(WarehouseUnreachableError, match="does not support SSL"),
        connected(address(plain.port or 0, good.trusted)),
    ):
        pass
    with pytest.raises(SettingsError, match="sslmode"):
        warehouse_url(house[0].storage.model_copy(update={"warehouse_url": address(port, good.trusted, "very")}))
