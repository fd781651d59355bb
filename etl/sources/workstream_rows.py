"""Workstreams of a night: DuckDB over core's Parquet, for what the night can reach only.

Measures are made anew for the workstreams that were stitched anew, for those with an item on a date of core that was written or
with a new event, and for those that are open or whose first contact cannot be judged yet. All others are what they were.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.sources.link_keys import LinkKeys
from etl.sources.partitions import PartitionTables, Parts, portions
from etl.sources.undecided import UNDECIDED_SQL, keep_undecided, undecided_file
from etl.sources.workstream_links import WorkstreamLinks, links_now_sql
from etl.stages import stage_seconds
from etl.stitching import EVENT_TABLES, ITEM_TABLES, Stitching, rules_hash
from etl.workstream_measures import DAY_US, MEASURE_STEPS, SPAN_STEPS, measure_variables
from etl.workstreams import members_of, require_every_item_once
from warehouse.lake import Lake
from warehouse.partition_marks import partition_marks
from warehouse.tables.workstreams import WORKSTREAMS

_MEASURED_AT_ONCE = 300_000
_EARLIEST_EVENT = timedelta(days=2)
_ROW = ", ".join(WORKSTREAMS.column_names)


def stitching_of(lake: Lake, night: date, enterprise: Enterprise) -> Stitching:
    """What a stitch for this night would be made of."""
    tables = (*ITEM_TABLES.values(), *EVENT_TABLES.values())
    return Stitching(night, rules_hash(enterprise), {table.name: partition_marks(lake, table, night) for table in tables})


class WorkstreamRows:
    """Makes the rows of WORKSTREAM_LINKS and WORKSTREAMS that a night changes.

    Args:
        lake: where core lies.
        enterprise: settings.
        night: nothing after its cut-off exists.
        changed: dates up to the night whose partitions of contacts, messages, cases and claims may have changed since the last
            night; None to stitch everything.
        changed_events: the same for the events of cases and claims.
        before: what the last stitch noted (see `to_note`).
    """

    def __init__(
        self,
        lake: Lake,
        enterprise: Enterprise,
        night: date,
        changed: Collection[date] | None,
        changed_events: Collection[date] = (),
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self._lake = lake
        self._enterprise = enterprise
        self._night = night
        self._all = changed is None
        self._changed_events = changed_events
        self._tables = PartitionTables(lake, night)
        self._undecided = None if before is None else undecided_file(lake, before.get("undecided"))
        keys = before.get("keys", {}) if before is not None and not self._all else {}
        self._keys = LinkKeys(lake, self._tables, keys, enterprise.workstreams.same_topic_within_days, anew=self._all)
        self._links = WorkstreamLinks(self._tables, enterprise, night, changed, self._keys)

    def close(self) -> None:
        """Let go of the connection."""
        self._tables.close()

    def links(self) -> Parts:
        """Rows of WORKSTREAM_LINKS of the dates that change, and these dates, some at a time.

        Raises:
            AccountingError: if an item of core is in no workstream, or in several.
        """
        return self._links.changes()

    def workstreams(self) -> Parts:
        """Rows of WORKSTREAMS of the dates that change, and these dates, some at a time; to be asked for after `links`.

        Raises:
            AccountingError: if a workstream was lost on the way to its measures.
        """
        tables = self._tables
        if self._all:
            self._measure_everything()
            return tables.everything(WORKSTREAMS, "measured")
        self._measure_remade()
        dates = tables.dates(
            "SELECT business_date FROM measured UNION "
            "SELECT business_date FROM stored_workstreams SEMI JOIN remade USING (workstream_id)"
        )
        kept = f"SELECT {_ROW} FROM before ANTI JOIN remade USING (workstream_id)"
        return tables.changes(WORKSTREAMS, dates, f"{kept} UNION ALL SELECT {_ROW} FROM measured")

    def to_note(self) -> dict[str, Any]:
        """What the next night wants to know of this one; to be asked for after `workstreams`."""
        undecided = self._tables.rows(f"SELECT workstream_id FROM measured WHERE {UNDECIDED_SQL} ORDER BY workstream_id")
        return {"keys": self._keys.note("made"), "undecided": keep_undecided(self._lake, undecided)}

    def _measure_everything(self) -> None:
        """Make `measured`, all rows of WORKSTREAMS, in portions of those that were opened together."""
        tables = self._tables
        tables.make("opened", "SELECT workstream_id, min(business_date) AS opened_on, count(*) AS n FROM made GROUP BY ALL")
        counted = tables.connection.execute("SELECT opened_on, sum(n) FROM opened GROUP BY ALL ORDER BY opened_on").fetchall()
        tables.make_empty("measured", WORKSTREAMS)
        for dates in portions(counted, _MEASURED_AT_ONCE):
            tables.register_dates("opened_days", dates)
            tables.make("chosen", "SELECT workstream_id FROM opened SEMI JOIN opened_days ON opened_on = business_date")
            self._measure_links("SELECT * FROM made SEMI JOIN chosen USING (workstream_id)")

    def _measure_remade(self) -> None:
        """Make `remade` (ids whose measures change or that are no more) and `measured` (rows of those that are), in portions.

        Those of a portion were opened together: their items stand on few dates, and no others are read.
        """
        tables = self._tables
        self._choose()
        counted = tables.connection.execute("SELECT opened_on, count(*) FROM remade GROUP BY ALL ORDER BY opened_on").fetchall()
        tables.make_empty("measured", WORKSTREAMS)
        for dates in portions(counted, _MEASURED_AT_ONCE):
            tables.register_dates("opened_days", dates)
            opened = "SELECT workstream_id FROM remade SEMI JOIN opened_days ON opened_on = business_date"
            pieces = 1 + sum(dict(counted)[day] for day in dates) // _MEASURED_AT_ONCE  # several, where one date has too many
            for piece in range(pieces):
                tables.make("chosen", f"{opened} WHERE hash(workstream_id) % {pieces} = {piece}")
                self._links.view_links_of("chosen")
                tables.make("of_chosen", "SELECT * FROM links SEMI JOIN chosen USING (workstream_id)", view=True)
                self._measure_links(links_now_sql("of_chosen", "FROM made SEMI JOIN chosen USING (workstream_id)"))

    def _measure_links(self, links: str) -> None:
        """Add to `measured` the workstreams of which a query gives all links."""
        tables = self._tables
        tables.make("chosen_links", links)
        self._narrow()
        self._measure()
        tables.connection.execute(f"INSERT INTO measured SELECT {_ROW} FROM made_workstreams")

    def _choose(self) -> None:
        """Make `remade`, with the dates on which they were opened as far as is known."""
        tables = self._tables
        if self._undecided is None:
            tables.view(WORKSTREAMS, name="stored_workstreams")
            tables.make("undecided", f"SELECT workstream_id FROM stored_workstreams WHERE {UNDECIDED_SQL}", view=True)
        else:
            tables.connection.read_parquet(self._undecided).create_view("undecided")
        for table in EVENT_TABLES.values():
            tables.view(table, self._changed_events)
        named = [
            f"SELECT '{key.removesuffix('_id')}' AS kind, {key} AS name, NULL AS business_date FROM {table.name}"
            for key, table in EVENT_TABLES.items()
        ]
        self._links.view_links(" UNION ".join(named))
        with_events = " OR ".join(f"{key} IN (SELECT {key} FROM {table.name})" for key, table in EVENT_TABLES.items())
        # Stored rows that are no more are of workstreams that are reached: it does no harm to see them here.
        tables.make(
            "to_be_remade",
            "SELECT workstream_id FROM made UNION SELECT workstream_id FROM reached UNION SELECT workstream_id FROM stored_here "
            f"UNION SELECT workstream_id FROM undecided UNION SELECT workstream_id FROM links WHERE {with_events}",
        )
        dates = self._links.view_links_of("to_be_remade")
        tables.view(WORKSTREAMS, dates, "stored_workstreams")
        opened_on = f"coalesce(any_value(s.business_date), DATE '{self._night}') AS opened_on"
        tables.make(
            "remade",
            f"SELECT workstream_id, {opened_on} FROM to_be_remade LEFT JOIN stored_workstreams s USING (workstream_id) "
            "GROUP BY workstream_id",
        )
        tables.drop("to_be_remade")

    def _narrow(self) -> None:
        """Make views of core hold just the dates with items of the chosen workstreams, and their events."""
        tables = self._tables
        for kind, table in ITEM_TABLES.items():
            tables.view(table, tables.dates(f"SELECT business_date FROM chosen_links WHERE item_kind = '{kind}'"))
        worked_on = tables.dates("SELECT business_date FROM chosen_links WHERE item_kind IN ('case', 'claim')")
        first = min(worked_on, default=self._night) - _EARLIEST_EVENT
        days = [first + timedelta(days=step) for step in range((self._night - first).days + 1)]
        for table in EVENT_TABLES.values():
            tables.view(table, days)

    def _measure(self) -> None:
        """Make `made_workstreams`."""
        tables, rules = self._tables, self._enterprise.workstreams
        cut_off_us = grid_of(self._enterprise).cut_off(self._night).value // 1000
        for name, value in measure_variables(rules, cut_off_us).items():
            tables.connection.execute(f"SET VARIABLE {name} = $1", [value])
        tables.register("members", members_of(tables.rows("SELECT * FROM chosen_links")))
        for name, sql in SPAN_STEPS:
            tables.make(name, sql)
        spans, ends = tables.rows("SELECT * FROM spans"), tables.rows("SELECT * FROM ends")
        tables.register("stage_seconds", stage_seconds(spans, ends, rules.resolved_after_quiet_days * DAY_US))
        for name, sql in MEASURE_STEPS:
            tables.make(name, sql)
        held, measured = (
            {(self._night, "any"): tables.connection.sql(f"SELECT coalesce({sql}, 0)::BIGINT AS n FROM {table}").fetchall()[0][0]}
            for sql, table in (("count(*)", "members"), ("sum(items)", "made_workstreams"))
        )
        require_every_item_once(held, measured, self._night)
