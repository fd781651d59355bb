"""The rest of a day beside the night's plan: a moment replaces its own rows and nothing else."""

from __future__ import annotations

from datetime import timedelta

from tests.support.example_night import PLAN_DATE
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.tables.today import FORECAST_TODAY
from warehouse.today import publish_moment


def test_a_moment_published_again_replaces_itself_and_leaves_the_others(url: str, night_lake: Lake) -> None:
    rows = night_lake.read(FORECAST_TODAY, first=PLAN_DATE, last=PLAN_DATE)
    at = rows["made_at"].iloc[0].to_pydatetime()
    with connected(url) as connection:
        first = publish_moment(connection, PLAN_DATE, at, night_lake)
        assert first >= len(rows)
        assert publish_moment(connection, PLAN_DATE, at, night_lake) == first
        assert publish_moment(connection, PLAN_DATE, at + timedelta(minutes=30), night_lake) == 0
        found = connection.execute("SELECT count(*), count(DISTINCT made_at) FROM forecast_today").fetchone()
        assert found == (len(rows), 1)
        beside = connection.execute("SELECT count(*) FROM staffing_today WHERE made_at = %s", [at]).fetchone()
        assert beside is not None
        assert beside[0] == first - len(rows)
