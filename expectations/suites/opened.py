"""A night's tables as a stage's checks see them: views of the lake's files, of which only what is short becomes a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from enterprise.settings import Enterprise
from expectations.rule import Night, Stage
from expectations.suites.registry import tables_before, tables_seen_by
from expectations.views import ViewFrames
from warehouse.lake import Lake

_BEFORE = "_before"
_MOST_MEMORY = "1GB"


@contextmanager
def opened(
    stage: Stage, business_date: date, enterprise: Enterprise, lake: Lake, first_date: date | None = None
) -> Iterator[Night]:
    """The night's tables for a stage, until the block ends.

    Args:
        stage: stage to be checked.
        business_date: the night, or the last of several days.
        enterprise: the settings.
        lake: where the tables are.
        first_date: first day, to look at many days of core at once; None for the night alone.
    """
    first = first_date or business_date
    yesterday = first - timedelta(days=1)
    connection = lake.connect()
    try:
        connection.execute(f"SET memory_limit = '{_MOST_MEMORY}'")
        for table in tables_seen_by(stage):
            lake.view(connection, table, first=first, last=business_date)
        for table in tables_before(stage):
            lake.view(connection, table, first=yesterday, last=yesterday, name=table.name + _BEFORE)
        yield Night(
            enterprise,
            business_date,
            ViewFrames(connection, tables_seen_by(stage)),
            before=ViewFrames(connection, tables_before(stage), _BEFORE),
            first_date=first_date,
            connection=connection,
        )
    finally:
        connection.close()
