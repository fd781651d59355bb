"""Deferred work and claims as known at a night: what history of all dates takes of them, from narrow copies of core."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

import pyarrow as pa

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.business_dates import business_dates
from etl.completeness import with_claims_complete
from etl.deferred import BACKLOG_SQL, CLAIMS_SQL, DIGESTS_SQL, KNOWN_ITEMS_SQL
from etl.history import ITEMS_SQL, day_table, work_queues
from etl.sources.item_copies import item_views
from warehouse.lake import Lake
from warehouse.tables.core import CLAIMS, MESSAGES
from warehouse.tables.history import CLAIMS_DAILY

_DAY = timedelta(days=1)
_MOST_MEMORY = "1GB"


class DeferredWork:
    """Items and claims up to a night's cut-off.

    Args:
        lake: where core lies.
        enterprise: settings.
        plan_date: the night: nothing after its cut-off exists.
        known: state of the copies of core (see `item_views`).

    Attributes:
        states: state of the copies now.
        items: queue_id, arrived_at, done_at (missing while open) of every item.
        days: bounds of every date from the first item, mail or claim to the plan's (see `day_table`).
        backlog: queue_id, business_date, backlog_items, backlog_oldest_age_seconds.
        claims: rows of CLAIMS_DAILY.
        digests: of each date, a mark of what came in deferred queues and one of all that its history takes of items and claims.
    """

    def __init__(
        self, lake: Lake, enterprise: Enterprise, plan_date: date, known: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        grid = grid_of(enterprise)
        connection = lake.connect()
        connection.execute(f"SET memory_limit = '{_MOST_MEMORY}'")
        connection.execute(f"SET VARIABLE step_us = {enterprise.interval_minutes * 60_000_000}")
        self.states = item_views(connection, lake, known)
        connection.register("work_queues", work_queues(list(enterprise.queues.values())))
        connection.execute(f"CREATE VIEW found AS {ITEMS_SQL}")
        given = {"cut_off": grid.cut_off(plan_date).to_pydatetime(), "queues": list(enterprise.queues)}
        connection.execute(f"CREATE TEMP TABLE items AS {KNOWN_ITEMS_SQL}", given)
        self.items = connection.sql("FROM items").to_arrow_table()
        arrived = connection.sql("SELECT min(arrived_at) AS first FROM items").to_arrow_table().column("first")
        begun = [*lake.partitions(MESSAGES, last=plan_date)[:1], *lake.partitions(CLAIMS, last=plan_date)[:1], plan_date]
        if arrived[0].is_valid:
            begun.append(business_dates(grid, arrived.cast(pa.timestamp("us", tz="UTC")))[0].as_py())
        began = min(begun)
        self.days = day_table(grid, [began + step * _DAY for step in range((plan_date - began).days + 1)], plan_date)
        connection.register("given_days", self.days)
        connection.execute("CREATE TEMP TABLE days AS FROM given_days")
        self.backlog = connection.sql(BACKLOG_SQL).to_arrow_table()
        reported = connection.sql(f"{CLAIMS_SQL} ORDER BY ALL").to_arrow_table().to_pandas()
        self.claims = pa.Table.from_pandas(
            with_claims_complete(reported, plan_date), schema=CLAIMS_DAILY.arrow_schema, preserve_index=False
        )
        connection.register("backlog", self.backlog)
        connection.register("reported", self.claims)
        found = connection.execute(DIGESTS_SQL).fetchall()
        self.digests: dict[date, tuple[str, str]] = {day: (came, whole) for day, came, whole in found}
        connection.close()
