"""The lake replaces partitions whole, and the same rows always give the same bytes."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from enterprise.errors import InvalidTableError, LakeUnreachableError
from warehouse.lake import Lake, conformed
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CONTACTS
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.registry import ALL_TABLES
from warehouse.tables.run import QUEUE

DAY, NEXT = date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_what_is_written_is_what_is_read(table: Table, lake: Lake) -> None:
    rows = example_rows(table, 20, seed=7)
    partition = None if table.partitioned_by is None else rows[table.partitioned_by.name].iloc[0]
    written = lake.replace(table, rows, partition)
    assert written.rows == 20
    read = lake.read_arrow(table)
    assert read.schema.equals(table.arrow_schema)
    expected = conformed(table, rows).sort_by([(name, "ascending") for name in table.key_names])
    assert read.combine_chunks().equals(expected.combine_chunks())


def test_rows_in_another_order_give_the_same_bytes(lake: Lake) -> None:
    rows = example_rows(FORECAST_DAILY, 50, seed=1)
    first = lake.replace(FORECAST_DAILY, rows, DAY)
    again = lake.replace(FORECAST_DAILY, rows.sample(frac=1, random_state=3), DAY)
    assert first == again
    assert lake.content_hash(FORECAST_DAILY, DAY) == first.content_hash
    other = lake.replace(FORECAST_DAILY, rows.assign(mean_offered_contacts=1.0), DAY)
    assert other.content_hash != first.content_hash


def test_a_large_partition_is_read_as_it_was_and_keeps_its_bytes_in_any_order(lake: Lake) -> None:
    small = example_rows(CONTACTS, 200, seed=5, business_date=DAY)
    pieces = [small.assign(contact_id=small["contact_id"] + f"-{number:02d}") for number in range(60)]
    rows = pd.concat(pieces, ignore_index=True)
    first = lake.replace(CONTACTS, rows, DAY)
    expected = conformed(CONTACTS, rows).sort_by([(name, "ascending") for name in CONTACTS.key_names])
    assert lake.read_arrow(CONTACTS).combine_chunks().equals(expected.combine_chunks())
    assert lake.replace(CONTACTS, rows.sample(frac=1, random_state=3), DAY) == first
    connection = lake.connect()
    lake.view(connection, CONTACTS)
    seen = connection.sql("SELECT sum(handle_seconds), min(arrived_at), count(answered_at) FROM contacts").fetchall()[0]
    assert seen == (pytest.approx(rows["handle_seconds"].sum()), rows["arrived_at"].min(), rows["answered_at"].count())


def test_replacing_a_partition_leaves_the_others_alone(lake: Lake) -> None:
    lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 5, business_date=DAY), DAY)
    untouched = lake.content_hash(DAILY_HISTORY, DAY)
    lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 9, business_date=NEXT), NEXT)
    lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 3, seed=2, business_date=NEXT), NEXT)
    assert lake.content_hash(DAILY_HISTORY, DAY) == untouched
    assert len(lake.read(DAILY_HISTORY)) == 8
    assert lake.partitions(DAILY_HISTORY) == [DAY, NEXT]


def test_rows_of_another_day_are_refused(lake: Lake) -> None:
    rows = example_rows(DAILY_HISTORY, 4, business_date=DAY)
    with pytest.raises(InvalidTableError, match=r"2026-11-02.*partition 2026-11-03"):
        lake.replace(DAILY_HISTORY, rows, NEXT)
    with pytest.raises(InvalidTableError, match="give a partition"):
        lake.replace(DAILY_HISTORY, rows)
    with pytest.raises(InvalidTableError, match="give a partition"):
        lake.replace(QUEUE, example_rows(QUEUE, 2), DAY)
    assert lake.files(DAILY_HISTORY) == []


def test_a_writer_that_dies_leaves_the_old_partition(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 4, business_date=DAY), DAY)

    def die(source: str, target: str) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(LakeUnreachableError, match="disk full"):
        lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 6, business_date=DAY), DAY)
    monkeypatch.undo()
    assert lake.content_hash(DAILY_HISTORY, DAY) == before.content_hash
    assert len(lake.read(DAILY_HISTORY)) == 4, "a draft left behind must not be read"


def test_reading_what_was_never_written_gives_no_rows_but_all_columns(lake: Lake) -> None:
    empty = lake.read(DAILY_HISTORY)
    assert list(empty.columns) == DAILY_HISTORY.column_names
    assert len(empty) == 0
    assert lake.content_hash(DAILY_HISTORY, DAY) == ""
    assert lake.partitions(DAILY_HISTORY) == []


def test_an_empty_partition_says_that_the_day_was_processed(lake: Lake) -> None:
    lake.replace(DAILY_HISTORY, DAILY_HISTORY.arrow_schema.empty_table(), DAY)
    assert lake.partitions(DAILY_HISTORY) == [DAY]
    assert lake.read_arrow(DAILY_HISTORY).num_rows == 0


def test_date_and_column_filters_give_exactly_what_was_asked(lake: Lake) -> None:
    days = [date(2026, 11, day) for day in range(1, 8)]
    rows = pd.concat([example_rows(DAILY_HISTORY, 3, seed=day.day, business_date=day) for day in days])
    written = lake.replace_partitions(DAILY_HISTORY, rows)
    assert [one.partition for one in written] == [day.isoformat() for day in days]
    some = lake.read(DAILY_HISTORY, first=days[2], last=days[4], columns=["business_date", "offered_contacts"])
    assert list(some.columns) == ["business_date", "offered_contacts"]
    assert sorted(set(some["business_date"])) == days[2:5]


def test_days_without_rows_are_emptied_when_named(lake: Lake) -> None:
    lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 3, business_date=NEXT), NEXT)
    seen: list[str] = []
    rows = example_rows(DAILY_HISTORY, 2, business_date=DAY)
    lake.replace_partitions(DAILY_HISTORY, rows, also=[NEXT], on_done=lambda one: seen.append(f"{one.partition}:{one.rows}"))
    assert seen == ["2026-11-02:2", "2026-11-03:0"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="offered_contacts"), r"missing columns \['offered_contacts'\]"),
        (lambda frame: frame.assign(surprise=1), r"not declared \['surprise'\]"),
        (lambda frame: frame.assign(offered_contacts="many"), "declared type"),
        (lambda frame: frame.assign(open_seconds=None), r"open_seconds: 4 of 4 values are missing"),
    ],
    ids=["missing", "unknown", "wrong type", "null"],
)
def test_a_frame_that_is_not_as_declared_never_lands(change: object, words: str, lake: Lake) -> None:
    rows = example_rows(DAILY_HISTORY, 4, business_date=DAY)
    with pytest.raises(InvalidTableError, match=words):
        lake.replace(DAILY_HISTORY, change(rows), DAY)  # type: ignore[operator]
    assert lake.files(DAILY_HISTORY) == []


def test_duckdb_sees_the_same_rows(lake: Lake) -> None:
    rows = pd.concat([example_rows(DAILY_HISTORY, 3, business_date=day) for day in (DAY, NEXT)])
    lake.replace_partitions(DAILY_HISTORY, rows)
    with lake.connect() as connection:
        lake.view(connection, DAILY_HISTORY, first=NEXT)
        assert connection.execute("SELECT count(*), min(business_date) FROM daily_history").fetchall() == [(3, NEXT)]
        lake.view(connection, QUEUE)
        assert connection.execute("SELECT count(*) FROM queue").fetchall() == [(0,)]


def test_times_stay_utc_in_microseconds(lake: Lake) -> None:
    table = next(one for one in ALL_TABLES if one.name == "interval_history")
    rows = example_rows(table, 3)
    lake.replace(table, rows, DAY)
    assert str(lake.read(table)["interval_start_utc"].dtype) == "datetime64[us, UTC]"
    assert lake.read_arrow(table).schema.field("interval_start_utc").type == pa.timestamp("us", tz="UTC")
