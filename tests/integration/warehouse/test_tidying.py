"""The warehouse vacuumed and analysed: every table, partitioned ones as a whole, by their owner."""

from __future__ import annotations

import pyarrow as pa
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE, STAMP
from warehouse.database import connected, warehouse_url
from warehouse.lake import Lake
from warehouse.operations.job import tidy_warehouse
from warehouse.publish import publish
from warehouse.tables.registry import PUBLISHED_TABLES
from warehouse.tidying import tidy

pytestmark = pytest.mark.integration
ROWS_THOUGHT = "SELECT reltuples FROM pg_class WHERE oid = 'public.staffing_interval'::regclass"


def test_every_table_is_analysed_the_partitioned_ones_as_a_whole(
    enterprise: Enterprise, url: str, night_lake: Lake, queues: pa.Table
) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        assert connection.execute(ROWS_THOUGHT).fetchone() == (-1.0,), "nothing is known of it"
        tidied = tidy_warehouse(enterprise)
        assert {table.name for table in PUBLISHED_TABLES} <= set(tidied)
        there = connection.execute("SELECT count(*) FROM staffing_interval").fetchone()
        assert there is not None
        assert there[0] > 0
        assert connection.execute(ROWS_THOUGHT).fetchone() == (float(there[0]),)


def test_a_login_that_owns_no_table_is_told_so(enterprise: Enterprise) -> None:
    with connected(warehouse_url(enterprise.storage)) as connection, pytest.raises(NeedsPersonError, match="owns no table"):
        tidy(connection)
