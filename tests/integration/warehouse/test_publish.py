"""Publishing on a real PostgreSQL: whole or not at all, once or twice, one at a time, and exactly one plan in force."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from enterprise.errors import ChecksFailedError, NeedsPersonError, RetryLaterError, WarehouseUnreachableError
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise, write_night
from warehouse import publisher_lock
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.publish import NIGHT_TABLES, Published, content_hash, publish
from warehouse.published import plan_of, read_published
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.run import DATA_QUALITY
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = pytest.mark.integration
STEPS = ("locked", "copied", "checked", "visible")


def _publish(url: str, lake: Lake, queues: pa.Table, day: date = PLAN_DATE) -> Published:
    with connected(url) as connection:
        return publish(connection, day, lake, queues, STAMP)


def _plans(url: str) -> list[tuple[date, int, str]]:
    with connected(url) as connection:
        return connection.execute("SELECT plan_date, version, status FROM plan_version ORDER BY 1, 2").fetchall()


def _rows(url: str, table: str) -> int:
    with connected(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row
    return int(row[0])


def _change(lake: Lake, factor: float = 2.0) -> None:
    """The same night with other numbers."""
    rows = lake.read(FORECAST_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
    lake.replace(FORECAST_INTERVAL, rows.assign(mean_offered_contacts=factor * rows["mean_offered_contacts"]), PLAN_DATE)


def test_every_row_of_the_lake_arrives_unchanged(url: str, night_lake: Lake, queues: pa.Table) -> None:
    done = _publish(url, night_lake, queues)
    assert done.changed
    assert (done.version, done.status) == (1, "current")
    with connected(url) as connection:
        plan = plan_of(connection, PLAN_DATE)
        assert plan.content_hash == content_hash(night_lake, PLAN_DATE, queues)
        assert (plan.checks_passed, plan.checks_failed) == (4, 1)
        assert plan.made_at == STAMP.made_at
        for table in NIGHT_TABLES:
            there = read_published(connection, table, plan)
            here = night_lake.read(table, first=PLAN_DATE, last=PLAN_DATE)
            assert there.equals(here), table.name
            assert done.rows[table.name] == len(here)


def test_publishing_the_same_plan_twice_changes_nothing(url: str, night_lake: Lake, queues: pa.Table) -> None:
    first, again = _publish(url, night_lake, queues), _publish(url, night_lake, queues)
    assert first.changed
    assert not again.changed
    assert again.version == first.version
    assert _plans(url) == [(PLAN_DATE, 1, "current")]


def test_a_night_planned_again_replaces_its_former_version_and_keeps_its_rows(url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    before = _rows(url, "forecast_interval")
    _change(own_lake)
    assert _publish(url, own_lake, queues).version == 2
    assert _plans(url) == [(PLAN_DATE, 1, "superseded"), (PLAN_DATE, 2, "current")]
    assert _rows(url, "forecast_interval") == 2 * before


def test_a_queue_renamed_in_the_settings_is_renamed_for_readers(url: str, night_lake: Lake, queues: pa.Table) -> None:
    _publish(url, night_lake, queues)
    names = pc.replace_substring(queues["queue_name"], "Claims line", "Storm line")
    renamed = queues.set_column(queues.schema.get_field_index("queue_name"), queues.schema.field("queue_name"), names)
    assert _publish(url, night_lake, renamed).version == 2
    assert _rows(url, "queue WHERE queue_name = 'Storm line'") == 1


def test_a_backfilled_older_night_never_displaces_a_newer_plan(url: str, own_lake: Lake, queues: pa.Table) -> None:
    older = PLAN_DATE - timedelta(days=30)
    enterprise = example_enterprise(Path(own_lake.root).parent)
    write_night(own_lake, enterprise, older, horizon=2)
    _publish(url, own_lake, queues)
    assert _publish(url, own_lake, queues, older).status == "superseded"
    assert _plans(url) == [(older, 1, "superseded"), (PLAN_DATE, 1, "current")]
    newer = PLAN_DATE + timedelta(days=1)
    write_night(own_lake, enterprise, newer, horizon=2)
    assert _publish(url, own_lake, queues, newer).status == "current"
    assert _plans(url) == [(older, 1, "superseded"), (PLAN_DATE, 1, "superseded"), (newer, 1, "current")]
    with connected(url) as connection:
        compared = connection.execute("SELECT DISTINCT last_plan_date FROM tonight_vs_last_plan").fetchall()
    assert (PLAN_DATE,) in compared, "tonight is compared with the night before, not with the backfilled one"


@pytest.mark.parametrize("step", STEPS)
def test_a_publisher_that_fails_at_any_step_leaves_the_old_plan(step: str, url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    rows = _rows(url, "staffing_interval")
    _change(own_lake)

    def fail(done: str) -> None:
        if done == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP, on_step=fail)
    assert _plans(url) == [(PLAN_DATE, 1, "current")]
    assert _rows(url, "staffing_interval") == rows
    assert _publish(url, own_lake, queues).version == 2, "and the next try succeeds"


@pytest.mark.parametrize("step", ["copied", "visible"])
def test_a_connection_that_breaks_leaves_the_old_plan_and_no_lock(step: str, url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    _change(own_lake)

    def cut(done: str) -> None:
        if done == step:
            with connected(url) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'leadline'"
                )

    with pytest.raises(WarehouseUnreachableError, match="stays current"), connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP, on_step=cut)
    assert _plans(url) == [(PLAN_DATE, 1, "current")]
    assert _publish(url, own_lake, queues).version == 2


def test_two_publishers_at_once_publish_one_after_the_other(url: str, night_lake: Lake, queues: pa.Table) -> None:
    results: list[Published] = []
    threads = [threading.Thread(target=lambda: results.append(_publish(url, night_lake, queues))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(result.changed for result in results) == [False, False, False, True]
    assert _plans(url) == [(PLAN_DATE, 1, "current")]


def test_a_lock_held_too_long_is_said_and_the_old_plan_stays(
    url: str, own_lake: Lake, queues: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(url, own_lake, queues)
    _change(own_lake)
    monkeypatch.setattr(publisher_lock, "_WAIT", "200ms")
    with connected(url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [publisher_lock.LOCK])
        with pytest.raises(WarehouseUnreachableError, match=r"another session.* has held a lock"):
            _publish(url, own_lake, queues)
    assert _plans(url) == [(PLAN_DATE, 1, "current")]


def test_readers_see_the_old_plan_until_the_very_end_and_never_wait(url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    _change(own_lake, 3.0)
    seen: list[tuple[int, ...]] = []

    def look(step: str) -> None:
        with connected(url) as reader:
            reader.execute("SET statement_timeout = '5s'")
            seen.append(reader.execute("SELECT DISTINCT version FROM current_staffing_plan").fetchone() or ())

    with connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP, on_step=look)
        look("after")
    assert seen == [(1,)] * len(STEPS) + [(2,)]


def test_the_database_itself_refuses_a_second_plan_in_force(url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    _change(own_lake)
    _publish(url, own_lake, queues)
    with connected(url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("UPDATE plan_version SET status = 'current'")


def test_a_night_with_a_failed_stop_check_is_kept_back(url: str, own_lake: Lake, queues: pa.Table) -> None:
    checks = own_lake.read(DATA_QUALITY, first=PLAN_DATE, last=PLAN_DATE)
    bad = checks.assign(result="failed", severity="stop", observed="12 of 1000 overlap")
    own_lake.replace(DATA_QUALITY, bad, PLAN_DATE)
    with pytest.raises(ChecksFailedError, match=r"quantiles in order: expected .* saw 12 of 1000 overlap"):
        _publish(url, own_lake, queues)
    assert _plans(url) == []


def test_staffing_without_forecast_is_refused_with_the_interval_named(url: str, own_lake: Lake, queues: pa.Table) -> None:
    rows = own_lake.read(FORECAST_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
    lost = (rows["queue_id"] == "chat_sales") & (rows["business_date"] == date(2026, 11, 13))
    own_lake.replace(FORECAST_INTERVAL, rows[~lost], PLAN_DATE)
    with pytest.raises(ChecksFailedError, match=r"23 intervals have no forecast, as chat_sales at 2026-11-13 07:30 UTC"):
        _publish(url, own_lake, queues)


def test_a_queue_the_settings_do_not_know_is_refused(url: str, night_lake: Lake, queues: pa.Table) -> None:
    with pytest.raises(ChecksFailedError, match="queues cases_complaints are planned"):
        _publish(url, night_lake, queues.slice(1))


def test_a_value_out_of_bounds_is_refused_by_the_database(url: str, own_lake: Lake, queues: pa.Table) -> None:
    rows = own_lake.read(STAFFING_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
    own_lake.replace(STAFFING_INTERVAL, rows.assign(answered_fraction=1.4), PLAN_DATE)
    with pytest.raises(ChecksFailedError, match="ck_staffing_interval_answered_fraction"):
        _publish(url, own_lake, queues)
    assert _plans(url) == []


def test_a_missing_table_of_the_night_is_named(url: str, night_lake: Lake, queues: pa.Table) -> None:
    with pytest.raises(NeedsPersonError, match=r"no forecast_interval, .*staffing_weekly, data_quality in the lake"):
        _publish(url, night_lake, queues, date(2020, 1, 1))


def test_a_lake_that_changes_meanwhile_is_noticed(url: str, own_lake: Lake, queues: pa.Table) -> None:
    def change(step: str) -> None:
        if step == "copied":
            _change(own_lake)

    with connected(url) as connection, pytest.raises(RetryLaterError, match="planned again while it was published"):
        publish(connection, PLAN_DATE, own_lake, queues, STAMP, on_step=change)
    assert _plans(url) == []


def test_an_unmigrated_database_says_which_command_mends_it(empty_url: str, night_lake: Lake, queues: pa.Table) -> None:
    with pytest.raises(NeedsPersonError, match="leadline migrate"):
        _publish(empty_url, night_lake, queues)


def test_every_partition_used_is_on_record(url: str, own_lake: Lake, queues: pa.Table) -> None:
    _publish(url, own_lake, queues)
    with connected(url) as connection:
        row = connection.execute("SELECT source_partitions FROM plan_version").fetchone()
    assert row
    used = json.loads(row[0])
    assert used["staffing_interval"] == {PLAN_DATE.isoformat(): own_lake.content_hash(STAFFING_INTERVAL, PLAN_DATE)[:16]}
    assert len(used["daily_history"]) == 56
    assert set(used) >= {"interval_history", "daily_history", "claims_daily", "forecast_interval", "data_quality"}


def test_a_server_that_does_not_answer_is_worth_another_try() -> None:
    with (
        pytest.raises(
            WarehouseUnreachableError, match=r"127\.0\.0\.1:1/nowhere cannot be used just now.*stays current"
        ) as caught,
        connected("postgresql+psycopg://someone:hush@127.0.0.1:1/nowhere"),
    ):
        pass
    assert "hush" not in str(caught.value), "a password never shows in a message"
