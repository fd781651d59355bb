"""Whatever dies while a plan is published, one whole plan stays in force and the next try succeeds: kills, disks, locks."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from enterprise.errors import ChecksFailedError, WarehouseUnreachableError
from tests.support.example_night import PLAN_DATE, STAMP
from tests.support.migrated import administrators, migrated_url
from tests.support.small_disk import filled, small_disk
from tests.support.statement_counter import counting
from warehouse import publisher_lock
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.publish import NIGHT_TABLES, Published, publish
from warehouse.tables.forecast import FORECAST_INTERVAL

pytestmark = pytest.mark.integration
KILL_POINTS = 30
TABLES = sorted(table.name for table in NIGHT_TABLES)


@dataclass
class Stage:
    """A warehouse with one plan in force and a lake with another of the same night to be published."""

    url: str
    lake: Lake
    queues: pa.Table
    commit: int

    def publish(self) -> Published:
        """Publish what the lake holds now."""
        with connected(self.url) as connection:
            return publish(connection, PLAN_DATE, self.lake, self.queues, STAMP)

    def publish_until(self, statement: int, act: Callable[[int], None]) -> None:
        """Publish, and right before a statement do something to the session's process in the server."""
        with connected(self.url) as connection:
            counting(connection, statement, lambda: act(connection.info.backend_pid))
            publish(connection, PLAN_DATE, self.lake, self.queues, STAMP)

    def change(self) -> None:
        """The same night with other numbers."""
        rows = self.lake.read(FORECAST_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
        changed = rows.assign(mean_offered_contacts=1.5 * rows["mean_offered_contacts"] + 1)
        self.lake.replace(FORECAST_INTERVAL, changed, PLAN_DATE)

    def state(self) -> tuple[int, list[int]]:
        """Version in force, and rows of every table that readers of the plan in force reach."""
        with connected(self.url) as connection:
            versions = connection.execute("SELECT version FROM plan_version WHERE status = 'current'").fetchall()
            assert len(versions) == 1, "exactly one plan is in force"
            counts = [
                connection.execute(f"SELECT count(*) FROM {name} WHERE version = %s", versions[0]).fetchone() for name in TABLES
            ]
            stray = connection.execute(
                "SELECT count(*) FROM forecast_interval AS f WHERE NOT EXISTS "
                "(SELECT FROM plan_version AS v WHERE (v.plan_date, v.version) = (f.plan_date, f.version))"
            ).fetchone()
            assert stray == (0,), "no rows without a plan"
        return versions[0][0], [row[0] for row in counts if row]


def _stage(server: Path, name: str, night_lake: Lake, queues: pa.Table, folder: Path) -> Stage:
    url = migrated_url(server, name)
    shutil.copytree(night_lake.root, folder / "lake")
    stage = Stage(url, Lake(str(folder / "lake")), queues, 0)
    with connected(url) as connection:
        seen = counting(connection)
        publish(connection, PLAN_DATE, stage.lake, queues, STAMP)
    stage.commit = seen.committed
    stage.change()
    return stage


@pytest.fixture(scope="module")
def stage(server: Path, night_lake: Lake, queues: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One for all kill points: nothing that dies may change it."""
    return _stage(server, "kills", night_lake, queues, tmp_path_factory.mktemp("kills"))


@pytest.fixture(scope="module")
def forks() -> Any:
    """Publishers that can be killed are forked from a process that has imported everything once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integration.warehouse.test_broken_publishing"])
    return context


def _publish_and_die(url: str, root: str, queues: pa.Table, statement: int) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with connected(url) as connection:
        counting(connection, statement, die)
        publish(connection, PLAN_DATE, Lake(root), queues, STAMP)


@pytest.mark.parametrize("point", range(KILL_POINTS))
def test_a_kill_at_any_point_leaves_one_whole_plan_in_force(point: int, stage: Stage, forks: Any) -> None:
    before = stage.state()
    statement = 1 + point * stage.commit // (KILL_POINTS - 1)  # from the first one to the one after the commit
    if point % 2:
        process = forks.Process(target=_publish_and_die, args=(stage.url, stage.lake.root, stage.queues, statement))
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
    else:
        with pytest.raises(WarehouseUnreachableError, match="stays current"):
            stage.publish_until(statement, lambda backend: _end_session(stage.url, backend))
    after = stage.state()
    if after[0] == before[0]:
        assert after == before
    else:  # it died after the commit: then the new plan is there, whole
        assert statement > stage.commit
        assert after == (before[0] + 1, before[1])
        stage.change()
    if point in (KILL_POINTS // 2, KILL_POINTS - 1):
        done = stage.publish()
        assert (done.changed, done.version) == (True, after[0] + 1), "the next try succeeds"
        stage.change()


def _end_session(url: str, backend: int) -> None:
    with connected(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def test_a_server_process_killed_outright_leaves_one_whole_plan_in_force(stage: Stage) -> None:
    """SIGKILL to a back-end makes the server end all sessions and recover from its log, as after a crash."""
    before = stage.state()
    with pytest.raises(WarehouseUnreachableError, match="stays current"):
        stage.publish_until(stage.commit - 6, lambda backend: os.kill(backend, signal.SIGKILL))
    _wait_for(stage.url)
    assert stage.state() == before
    assert stage.publish().version == before[0] + 1
    stage.change()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with connected(url):
                return
        except WarehouseUnreachableError:
            subprocess.run(["sleep", "0.1"], check=True)
    pytest.fail("the server did not come back")


@pytest.fixture
def administrators_url(stage: Stage, server: Path) -> str:
    """The same database for the server's superuser."""
    return administrators(server, stage.url)


def test_a_disk_that_is_full_is_said_and_the_old_plan_stays(stage: Stage, administrators_url: str) -> None:
    """The server itself reports the error, at the moment at which rows of the plan would reach the disk."""
    before = stage.state()
    with connected(administrators_url) as administrator:
        administrator.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file \"base/5/16400\": No space left on device' USING ERRCODE = '53100'; END $$; "
            "CREATE TRIGGER full_disk BEFORE INSERT ON partitions.staffing_interval_2026_11 "
            "FOR EACH STATEMENT EXECUTE FUNCTION full_disk()"
        )
    with pytest.raises(WarehouseUnreachableError, match=r"disk .* is full.*stays current.*leadline retention"):
        stage.publish()
    assert stage.state() == before
    with connected(administrators_url) as administrator:
        administrator.execute("DROP FUNCTION full_disk CASCADE")
    assert stage.publish().version == before[0] + 1
    stage.change()


@pytest.fixture
def disk(server: Path) -> Iterator[Path]:
    """A file system of 4 MB that belongs to the server's account."""
    data = (server / ".leadline" / "postgres" / "cluster").stat()
    with small_disk(4, data.st_uid, data.st_gid) as place:
        yield place


def test_a_disk_that_really_is_full_is_said_and_the_old_plan_stays(stage: Stage, administrators_url: str, disk: Path) -> None:
    """The month's partition lies on the small disk, beside a file that leaves no room for more rows."""
    before = stage.state()
    move = "ALTER TABLE partitions.staffing_interval_2026_11 SET TABLESPACE"
    with connected(administrators_url) as administrator:
        administrator.execute(f"CREATE TABLESPACE small_disk LOCATION '{disk}'")
        try:
            administrator.execute("VACUUM FULL partitions.staffing_interval_2026_11")
            administrator.execute(f"{move} small_disk")
            filler = filled(disk, left=16_384)
            with pytest.raises(WarehouseUnreachableError, match=r"disk .* is full.*stays current.*leadline retention"):
                stage.publish()
            assert stage.state() == before
            filler.unlink()
            assert stage.publish().version == before[0] + 1, "there is room again"
        finally:
            administrator.execute(f"{move} pg_default")
            administrator.execute("DROP TABLESPACE small_disk")
    stage.change()


def test_a_table_locked_by_another_session_is_said_and_the_old_plan_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()
    monkeypatch.setattr(publisher_lock, "_WAIT", "200ms")
    with connected(stage.url) as other, other.transaction():
        other.execute("LOCK TABLE staffing_interval IN SHARE MODE")
        with pytest.raises(
            WarehouseUnreachableError, match=r"another session, process \d+ of leadline.*has held a lock.*stays current.*leadline"
        ):
            stage.publish()
    assert stage.state() == before
    assert stage.publish().version == before[0] + 1
    stage.change()


def test_rows_that_the_database_refuses_leave_the_old_plan(stage: Stage) -> None:
    before = stage.state()
    good = stage.lake.read(FORECAST_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
    stage.lake.replace(FORECAST_INTERVAL, good.assign(mean_offered_contacts=-1.0), PLAN_DATE)
    with pytest.raises(ChecksFailedError, match=r"ck_forecast_interval_mean_offered_contacts.*stays current"):
        stage.publish()
    assert stage.state() == before
    stage.lake.replace(FORECAST_INTERVAL, good, PLAN_DATE)
    assert stage.publish().version == before[0] + 1
