"""The star schema answers BI questions: dimensions are complete, facts find them, late data re-state what happened."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from tests.support.example_ledger import write_ledger
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise
from tests.support.migrated import migrated_url
from warehouse.database import connected
from warehouse.export import MANIFEST, export_marts
from warehouse.lake import Lake
from warehouse.publish import publish
from warehouse.reference import publish_calendar, publish_history
from warehouse.statements import publish_statements
from warehouse.surface import MART_NAMES
from warehouse.tables.builder import example_rows
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY

pytestmark = pytest.mark.integration
_FACTS = tuple(name for name in MART_NAMES if name.startswith("fact_"))


_KEYS = {"dim_queue": "queue_id", "dim_date": "business_date", "dim_interval": "interval_start_utc"}


@pytest.fixture(scope="module")
def star(
    server: Path, night_lake: Lake, queues: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Lake, Enterprise]:
    """A warehouse with the example night, its calendar and history, made once; with the lake it came from."""
    enterprise = example_enterprise(server, "star")
    folder = tmp_path_factory.mktemp("star")
    shutil.copytree(night_lake.root, folder / "lake")
    lake = Lake(str(folder / "lake"))
    starts = grid_of(enterprise).intervals_of(PLAN_DATE)
    fixed = {"queue_id": "voice_claims", "interval_start_utc": starts, "business_date": PLAN_DATE}
    lake.replace(INTERVAL_HISTORY, example_rows(INTERVAL_HISTORY, len(starts), **fixed), PLAN_DATE)
    url = migrated_url(server, "star")
    with connected(url) as connection:
        publish(connection, PLAN_DATE, lake, queues, STAMP)
        publish_calendar(connection, PLAN_DATE, enterprise)
        publish_history(connection, PLAN_DATE, lake, STAMP.made_at)
        write_ledger(lake, enterprise, PLAN_DATE + timedelta(days=1))
        publish_statements(connection, PLAN_DATE + timedelta(days=1), lake, STAMP.made_at)
    return url, lake, enterprise


@pytest.fixture
def published(star: tuple[str, Lake, Enterprise]) -> str:
    """Address of that warehouse."""
    return star[0]


def test_every_fact_finds_its_dimensions(published: str) -> None:
    assert set(MART_NAMES) >= {*_KEYS, "dim_plan", "fact_forecast", "fact_staffing", "fact_actual"}
    with connected(published) as connection:
        for fact in _FACTS:
            columns = {column.name for column in connection.execute(f"SELECT * FROM mart.{fact} LIMIT 0").description or ()}
            for dimension, key in _KEYS.items():
                if key in columns:
                    row = connection.execute(
                        f"SELECT count(*), count(d.{key}) FROM mart.{fact} AS f LEFT JOIN mart.{dimension} AS d USING ({key})"
                    ).fetchone()
                    assert row is not None
                    assert row[0] == row[1] > 0, f"{fact} has rows without {dimension}"


def test_a_fact_of_the_plan_in_force_adds_up_to_the_plan(published: str) -> None:
    with connected(published) as connection:
        row = connection.execute(
            "SELECT (SELECT sum(staff_hours) FROM mart.fact_staffing), "
            "(SELECT sum(staff_hours) FROM staffing_daily WHERE level = 'enterprise'), "
            "(SELECT sum(staff_hours) FROM mart.fact_staffing_by_plan)"
        ).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(row[1])
    assert row[0] == pytest.approx(row[2])


def test_days_know_holidays_and_business_days(published: str) -> None:
    with connected(published) as connection:
        rows = connection.execute(
            "SELECT business_date::text, weekday, is_holiday, holiday_name, is_business_day, calendar_week FROM mart.dim_date "
            "WHERE business_date BETWEEN '2026-12-24' AND '2026-12-26' ORDER BY 1"
        ).fetchall()
        november = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE is_business_day), max(business_day_of_month), "
            "max(business_days_to_month_end) FROM mart.dim_date WHERE month_start_date = '2026-11-01'"
        ).fetchone()
    assert rows == [
        ("2026-12-24", "Thursday", False, None, True, 52),
        ("2026-12-25", "Friday", True, "Christmas Day", False, 52),
        ("2026-12-26", "Saturday", True, "Second Day of Christmas", False, 52),
    ]
    assert november is not None
    assert november[0] == 30
    assert november[1] == november[2]
    assert november[3] in (november[1], november[1] - 1)


def test_intervals_are_right_on_both_clock_changes(published: str) -> None:
    with connected(published) as connection:
        counts = dict(
            connection.execute(
                "SELECT business_date::text, count(*) FROM mart.dim_interval "
                "WHERE business_date IN ('2026-03-29', '2026-10-25', '2026-11-13') GROUP BY 1"
            ).fetchall()
        )
        doubled = connection.execute(
            "SELECT local_time, utc_offset_hours, interval_start_local::text FROM mart.dim_interval "
            "WHERE business_date = '2026-10-25' AND local_hour = 2 ORDER BY interval_start_utc"
        ).fetchall()
        skipped = connection.execute(
            "SELECT count(*) FROM mart.dim_interval WHERE business_date = '2026-03-29' AND local_hour = 2"
        ).fetchone()
        wrong = connection.execute(
            "SELECT count(*) FROM mart.dim_interval AS i, (SELECT max(time_zone) AS zone FROM queue) AS q "
            "WHERE i.interval_start_utc AT TIME ZONE q.zone <> i.interval_start_local "
            "OR (i.interval_start_utc AT TIME ZONE q.zone)::date <> i.business_date"
        ).fetchone()
    assert counts == {"2026-03-29": 46, "2026-10-25": 50, "2026-11-13": 48}
    assert [row[:2] for row in doubled] == [("02:00", 2.0), ("02:30", 2.0), ("02:00", 1.0), ("02:30", 1.0)]
    assert skipped == (0,)
    assert wrong == (0,), "PostgreSQL's own time zone rules say the same"


def test_publishing_calendar_and_history_again_changes_nothing(star: tuple[str, Lake, Enterprise]) -> None:
    url, lake, enterprise = star
    with connected(url) as connection:
        assert publish_calendar(connection, PLAN_DATE, enterprise) == 0
        assert publish_history(connection, PLAN_DATE, lake, STAMP.made_at) == []


def test_late_data_restate_a_day_and_leave_the_plan_alone(star: tuple[str, Lake, Enterprise]) -> None:
    url, lake, _ = star
    late = PLAN_DATE - timedelta(days=3)
    planned = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM staffing_interval AS t"
    with connected(url) as connection:
        before = connection.execute(planned).fetchone()
        rows = lake.read(DAILY_HISTORY, first=late, last=late)
        lake.replace(DAILY_HISTORY, rows.assign(offered_contacts=rows["offered_contacts"] + 7), late)
        assert publish_history(connection, PLAN_DATE + timedelta(days=1), lake, STAMP.made_at) == [late]
        seen = connection.execute(
            "SELECT sum(offered_contacts), max(restated), max(known_by_date) FROM mart.fact_actual_day WHERE business_date = %s",
            [late],
        ).fetchone()
        others = connection.execute("SELECT max(restated) FROM mart.fact_actual_day WHERE business_date <> %s", [late]).fetchone()
        assert connection.execute(planned).fetchone() == before
    assert seen == (int(rows["offered_contacts"].sum()) + 7 * len(rows), 1, date(2026, 11, 13))
    assert others == (0,)


def test_duckdb_reads_the_exported_star_schema_as_it_is_in_the_database(published: str, tmp_path: Path) -> None:
    with connected(published) as connection:
        done = export_marts(connection, str(tmp_path / "marts"), STAMP.made_at)
        sums = connection.execute("SELECT count(*), sum(staff_hours), min(interval_start_utc) FROM mart.fact_staffing").fetchone()
        words = connection.execute("SELECT col_description('mart.fact_staffing'::regclass, 1)").fetchone()
    assert {one.table: one.rows > 0 for one in done} == dict.fromkeys(MART_NAMES, True)
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    there = duck.execute(
        f"SELECT count(*), sum(staff_hours), epoch(min(interval_start_utc)), min(business_month) "
        f"FROM read_parquet('{tmp_path}/marts/fact_staffing/*/*.parquet', hive_partitioning = true)"
    ).fetchone()
    assert sums is not None
    assert there is not None
    assert there[0] == sums[0]
    assert there[1] == pytest.approx(sums[1])
    assert (there[2], str(there[3])[:7]) == (sums[2].timestamp(), "2026-11")
    joined = duck.execute(
        f"SELECT count(*) FROM read_parquet('{tmp_path}/marts/fact_staffing/*/*.parquet') "
        f"JOIN read_parquet('{tmp_path}/marts/dim_date/*.parquet') USING (business_date) "
        f"JOIN read_parquet('{tmp_path}/marts/dim_queue/*.parquet') USING (queue_id)"
    ).fetchone()
    assert joined == (sums[0],)
    manifest = json.loads((tmp_path / "marts" / MANIFEST).read_text())
    columns = next(table for table in manifest["tables"] if table["table"] == "fact_staffing")["columns"]
    assert words is not None
    assert columns[0] == {"name": "plan_date", "type": "date32[day]", "meaning": words[0]}


def test_a_second_export_replaces_the_first_and_leaves_strange_files_alone(published: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with connected(published) as connection:
        first = export_marts(connection, str(tmp_path), STAMP.made_at)
        again = export_marts(connection, str(tmp_path), STAMP.made_at + timedelta(hours=1))
    assert first == again
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    listed = {file for table in manifest["tables"] for file in table["files"]}
    ours = {str(path.relative_to(tmp_path)) for name in MART_NAMES for path in (tmp_path / name).rglob("*.parquet")}
    assert ours == listed
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_missing_and_empty_text_stay_apart_in_the_export(star: tuple[str, Lake, Enterprise], tmp_path: Path) -> None:
    url, _, enterprise = star
    with connected(url) as connection:
        connection.execute("UPDATE calendar_date SET event_names = '' WHERE business_date = '2026-11-02'")
        connection.execute("UPDATE calendar_date SET event_names = 'a, \"b\"\nc' WHERE business_date = '2026-11-03'")
        export_marts(connection, str(tmp_path), STAMP.made_at)
        assert publish_calendar(connection, PLAN_DATE, enterprise) == 2, "what the settings say stands there again"
    rows = duckdb.execute(
        f"SELECT event_names FROM read_parquet('{tmp_path}/dim_date/*.parquet') "
        "WHERE business_date BETWEEN '2026-11-01' AND '2026-11-03' ORDER BY business_date"
    ).fetchall()
    assert rows == [(None,), ("",), ('a, "b"\nc',)]
