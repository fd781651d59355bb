"""Summaries of single rows; a day is summed up once and kept, so that a night's check costs by what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.monitors.profiles import DAYS_BEFORE, LINKS_SQL, NUMBERS_SQL, PROFILE_TABLES, PROFILES_SQL, RETURNED_SQL
from warehouse.lake import Lake
from warehouse.partition_marks import partition_marks
from warehouse.parts import keep, kept

_DAYS_AT_ONCE = 7
"""Days summed up together: DuckDB sorts their rows in memory, however many weeks there are to be summed up."""


def queue_days(connection: duckdb.DuckDBPyConnection, lake: Lake, first: date, last: date) -> pd.DataFrame:
    """One row per queue and date from `first` to `last`: what PROFILES_SQL and RETURNED_SQL say.

    The connection's views of PROFILE_TABLES are others afterwards.
    """
    profiles = _day_by_day(connection, lake, "row_profiles", PROFILES_SQL, first, last)
    returned = _across_days(connection, lake, RETURNED_SQL, first, last)
    rows = _joined(profiles, returned, "left", ["queue_id", "business_date"])
    return rows.assign(returned_rows=rows["returned_rows"].fillna(0).where(rows["item_rows"].notna()))


def feed_days(connection: duckdb.DuckDBPyConnection, lake: Lake, first: date, last: date) -> pd.DataFrame:
    """One row per source and date from `first` to `last`: what LINKS_SQL and NUMBERS_SQL say.

    The connection's views of PROFILE_TABLES are others afterwards.
    """
    numbers = _day_by_day(connection, lake, "running_numbers", NUMBERS_SQL, first, last)
    return _joined(_across_days(connection, lake, LINKS_SQL, first, last), numbers, "outer", ["source_system", "business_date"])


def _across_days(connection: duckdb.DuckDBPyConnection, lake: Lake, text: str, first: date, last: date) -> pd.DataFrame:
    _view(connection, lake, first, last)
    return _frame(connection.sql(text).to_arrow_table())


def _day_by_day(connection: duckdb.DuckDBPyConnection, lake: Lake, kind: str, text: str, first: date, last: date) -> pd.DataFrame:
    keys = _keys(lake, text, first, last)
    known = {day: rows for day, key in keys.items() if (rows := kept(lake, kind, day, key)) is not None}
    for days in _together([day for day in keys if day not in known]):
        _view(connection, lake, days[0] - timedelta(days=DAYS_BEFORE), days[-1])
        rows = connection.sql(text, params={"first": days[0]}).to_arrow_table()
        for day in days:
            of_day = rows.filter(pc.equal(rows["business_date"], pa.scalar(day, pa.date32())))
            keep(lake, kind, day, keys[day], of_day)
            known[day] = _frame(of_day)
    return pd.concat([known[day] for day in keys], ignore_index=True)


def _keys(lake: Lake, text: str, first: date, last: date) -> Mapping[date, str]:
    """What the summary of each day is made of: the text, and the partitions of the day and of those before it that it sees."""
    marks = {table.name: partition_marks(lake, table, last) for table in PROFILE_TABLES}
    keys = {}
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        seen = [date.fromordinal(ordinal - back) for back in range(DAYS_BEFORE + 1)]
        made_of = [text, *(f"{table} {day} {of.get(day)}" for table, of in marks.items() for day in seen)]
        keys[seen[0]] = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:32]
    return keys


def _together(days: Sequence[date]) -> Iterator[list[date]]:
    """Days in order, in runs without gaps of at most `_DAYS_AT_ONCE`.

    Example:
        >>> [len(run) for run in _together([date(2026, 11, day) for day in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11)])]
        [2, 7, 1]
    """
    run: list[date] = []
    for day in days:
        if run and (len(run) == _DAYS_AT_ONCE or day - run[-1] > timedelta(days=1)):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _view(connection: duckdb.DuckDBPyConnection, lake: Lake, first: date, last: date) -> None:
    for table in PROFILE_TABLES:
        lake.view(connection, table, first=first, last=last)


def _joined(left: pd.DataFrame, right: pd.DataFrame, how: Literal["left", "outer"], keys: list[str]) -> pd.DataFrame:
    if left.empty and right.empty:  # pandas cannot bring Arrow's texts together where there are none on either side
        return left.join(right.drop(columns=keys))
    return left.merge(right, how, keys)


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas()
    return frame
