"""Workstreams of a night: DuckDB over core's Parquet, for what the night can reach only.

A night looks at the partitions of core that were written since the last one. Items that came, went or changed there, and all that
share a contact, case, claim, thread or customer with them, are linked anew; the workstreams these belong to, old and new, are
stitched anew. Because a link depends only on items that share one of those, and a workstream only on its own links, the result is
that of one stitch of everything; a property test holds it to that. To find who shares what, the ids of all links are read;
everything else is read and written only for the dates that are touched. Measures are made anew for those workstreams, for
those with an item on a date that was written, and for those that are open or undecided.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.items import ITEMS_SQL, RELATED_SQL, topic_tables, wanted_sql
from etl.links import CONTENT, IDENTITY, Links, in_order, links_between
from etl.sources.partitions import partition_marks, view_of_dates
from etl.stages import stage_seconds
from etl.stitching import EVENT_TABLES, ITEM_TABLES, Stitching, rules_hash
from etl.workstream_measures import DAY_US, MEASURE_STEPS, SPAN_STEPS, measure_variables
from etl.workstreams import link_rows, members_of, require_every_item_once
from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.workstreams import LINK_RULES, WORKSTREAM_LINKS, WORKSTREAMS

_CONTENT, _IDENTITY = ", ".join(CONTENT), ", ".join(IDENTITY)
_EARLIEST_EVENT = timedelta(days=2)
_LINK_ROW = ", ".join(WORKSTREAM_LINKS.column_names)
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
    """

    def __init__(
        self,
        lake: Lake,
        enterprise: Enterprise,
        night: date,
        changed: Collection[date] | None,
        changed_events: Collection[date] = (),
    ) -> None:
        self._lake = lake
        self._enterprise = enterprise
        self._night = night
        self._all = changed is None
        self._changed = set(changed or ())
        self._changed_events = set(changed_events)
        self._connection = lake.connect()
        self._connection.execute("SET preserve_insertion_order = false")
        for name, topics in topic_tables(enterprise).items():
            self._connection.register(name, topics)
        self._rules = enterprise.workstreams
        for table in ITEM_TABLES.values():
            self._core(table, None if self._all else self._changed)
        if self._all:
            empty = self._connection.from_arrow(WORKSTREAM_LINKS.arrow_schema.empty_table())
            empty.create_view("links")
            self._connection.from_arrow(WORKSTREAMS.arrow_schema.empty_table()).create_view("stored_workstreams")
        else:
            lake.view(self._connection, WORKSTREAM_LINKS, name="links")
            lake.view(self._connection, WORKSTREAMS, name="stored_workstreams")
        self._stitch()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def links(self) -> tuple[pa.Table, list[date]]:
        """Rows of WORKSTREAM_LINKS of the dates that change, and these dates.

        Raises:
            AccountingError: if an item of core is in no workstream, or in several.
        """
        self._require_every_item_once()
        if self._all:
            return self._everything("made", WORKSTREAM_LINKS)
        dates = self._dates("SELECT business_date FROM made UNION SELECT business_date FROM gone")
        self._of_dates(WORKSTREAM_LINKS, dates, "before")
        self._make(
            "after",
            f"SELECT {_LINK_ROW} FROM before ANTI JOIN replaced USING ({_IDENTITY}) UNION ALL SELECT {_LINK_ROW} FROM made",
        )
        return self._changes("before", "after", WORKSTREAM_LINKS)

    def workstreams(self) -> tuple[pa.Table, list[date]]:
        """Rows of WORKSTREAMS of the dates that change, and these dates; to be asked for after `links`."""
        self._choose()
        self._measure()
        if self._all:
            return self._everything("made_workstreams", WORKSTREAMS)
        dates = self._dates(
            "SELECT business_date FROM made_workstreams UNION "
            "SELECT business_date FROM stored_workstreams SEMI JOIN remade USING (workstream_id)"
        )
        self._of_dates(WORKSTREAMS, dates, "before")
        self._make(
            "after",
            f"SELECT {_ROW} FROM before ANTI JOIN remade USING (workstream_id) UNION ALL SELECT {_ROW} FROM made_workstreams",
        )
        return self._changes("before", "after", WORKSTREAMS)

    def _stitch(self) -> None:
        """Make `made` (link rows of what is stitched anew), `gone` and `replaced` (identities whose stored rows go)."""
        self._make("fresh", ITEMS_SQL)
        if self._all:
            self._make("gone", f"SELECT {_CONTENT} FROM fresh WHERE false")
            self._make("replaced", f"SELECT {_IDENTITY} FROM fresh WHERE false")
            items = in_order(self._table(f"SELECT {_CONTENT} FROM fresh"))
            made = link_rows(items, links_between(items, self._rules))
        else:
            made = self._reach()
        self._connection.register("made", made)

    def _reach(self) -> pa.Table:
        """The link rows of all that the night's changes can reach."""
        self._of_dates(WORKSTREAM_LINKS, self._changed, "stored_here")
        self._make("stale", f"SELECT DISTINCT {_CONTENT}, workstream_id FROM stored_here")
        self._make("gone", f"SELECT {_CONTENT} FROM stale EXCEPT SELECT {_CONTENT} FROM fresh")
        self._make("come", f"SELECT {_CONTENT} FROM fresh EXCEPT SELECT {_CONTENT} FROM stale")
        self._make("moved", "SELECT * FROM gone UNION ALL SELECT * FROM come")
        self._make("wanted", wanted_sql("moved"))
        self._make("near_stored", f"SELECT * FROM ({RELATED_SQL}) ANTI JOIN gone USING ({_IDENTITY})")
        self._make("near", f"SELECT {_CONTENT} FROM near_stored UNION SELECT {_CONTENT} FROM come")
        self._make("wanted", wanted_sql("near"))
        self._make("around", f"SELECT * FROM ({RELATED_SQL}) ANTI JOIN gone USING ({_IDENTITY})")
        self._make(
            "reached",
            f"SELECT workstream_id FROM near_stored UNION SELECT workstream_id FROM stale SEMI JOIN gone USING ({_IDENTITY})",
        )
        self._make(
            "of_reached", f"SELECT * FROM links SEMI JOIN reached USING (workstream_id) ANTI JOIN gone USING ({_IDENTITY})"
        )
        self._make("restitched", f"SELECT DISTINCT {_CONTENT} FROM of_reached UNION SELECT {_CONTENT} FROM come")
        self._make("replaced", f"SELECT {_IDENTITY} FROM restitched UNION SELECT {_IDENTITY} FROM gone")
        items = in_order(self._table(f"SELECT {_CONTENT} FROM restitched UNION SELECT {_CONTENT} FROM around"))
        self._connection.register("items", items.select(IDENTITY).append_column("item", pa.array(np.arange(items.num_rows))))
        anew = self._flags("near", items.num_rows)
        self._connection.register("linked_anew", pa.table({"item": np.flatnonzero(anew)}))
        kept = self._connection.sql(
            f"SELECT i.item, coalesce(l.item, -1) AS linked, list_position({list(LINK_RULES)!r}, s.rule) - 1 AS rule "
            "FROM of_reached s "
            f"JOIN items i USING ({_IDENTITY}) ANTI JOIN linked_anew a ON a.item = i.item "
            "LEFT JOIN items l ON l.item_kind = s.linked_kind AND l.item_id = s.linked_id AND l.segment = s.linked_segment "
            "WHERE s.rule <> 'first'"
        ).fetchnumpy()
        links = (
            links_between(items, self._rules)
            .of(anew)
            .joined(Links(*(kept[name].astype(np.int64) for name in ("item", "linked", "rule"))))
        )
        rows = link_rows(items, links)
        self._connection.register("rows", rows)
        return self._table(f"SELECT * FROM rows SEMI JOIN restitched USING ({_IDENTITY})")

    def _flags(self, table: str, items: int) -> npt.NDArray[np.bool_]:
        """Which of the numbered items are in a table."""
        flags = np.zeros(items, dtype=bool)
        flags[self._connection.sql(f"SELECT item FROM items SEMI JOIN {table} USING ({_IDENTITY})").fetchnumpy()["item"]] = True
        return flags

    def _choose(self) -> None:
        """Make `remade` (ids whose measures change or that are no more) and `chosen_links` (the links of those that are)."""
        self._make(
            "links_now",
            f"SELECT * FROM links ANTI JOIN replaced USING ({_IDENTITY}) UNION ALL SELECT {_LINK_ROW} FROM made",
            view=True,
        )
        if self._all:
            self._make("remade", "SELECT DISTINCT workstream_id FROM made")
            self._make("chosen_links", "SELECT * FROM made", view=True)
            return
        parts = [
            "SELECT workstream_id FROM made",
            "SELECT workstream_id FROM reached",
            "SELECT workstream_id FROM stored_workstreams WHERE resolved_at IS NULL "
            "OR (first_contact_at IS NOT NULL AND first_contact_resolution IS NULL)",
            "SELECT workstream_id FROM links_now SEMI JOIN changed_days USING (business_date)",
        ]
        for key, table in EVENT_TABLES.items():
            self._core(table, self._changed_events)
            parts.append(f"SELECT workstream_id FROM links_now WHERE {key} IN (SELECT {key} FROM {table.name})")
        self._make("remade", " UNION ".join(parts))
        self._make("chosen_links", "SELECT * FROM links_now SEMI JOIN remade USING (workstream_id)")

    def _measure(self) -> None:
        """Make `made_workstreams`."""
        if self._all:
            for table in EVENT_TABLES.values():
                self._core(table, None)
        else:
            self._narrow()
        cut_off_us = grid_of(self._enterprise).cut_off(self._night).value // 1000
        for name, value in measure_variables(self._enterprise.workstreams, cut_off_us).items():
            self._connection.execute(f"SET VARIABLE {name} = $1", [value])
        self._connection.register("members", members_of(self._table("SELECT * FROM chosen_links")))
        for name, sql in SPAN_STEPS:
            self._make(name, sql)
        spans, ends = self._table("SELECT * FROM spans"), self._table("SELECT * FROM ends")
        quiet_us = self._rules.resolved_after_quiet_days * DAY_US
        self._connection.register("stage_seconds", stage_seconds(spans, ends, quiet_us))
        for name, sql in MEASURE_STEPS:
            self._make(name, sql)
        self._require_every_workstream_measured()

    def _narrow(self) -> None:
        """Make views of core hold just the dates with items of the chosen workstreams, and their events."""
        for kind, table in ITEM_TABLES.items():
            self._core(table, self._dates(f"SELECT business_date FROM chosen_links WHERE item_kind = '{kind}'"))
        worked_on = self._dates("SELECT business_date FROM chosen_links WHERE item_kind IN ('case', 'claim')")
        first = min(worked_on, default=self._night) - _EARLIEST_EVENT
        for table in EVENT_TABLES.values():
            self._lake.view(self._connection, table, first=first, last=self._night)

    def _require_every_item_once(self) -> None:
        """Compare with core, on the dates that the night looked at."""
        self._days("changed_days", self._changed)
        stitched = "SELECT * FROM made"
        if not self._all:
            stitched = f"SELECT * FROM stored_here ANTI JOIN replaced USING ({_IDENTITY}) UNION ALL "
            stitched += "SELECT * FROM made SEMI JOIN changed_days USING (business_date)"
        once = (
            f"SELECT {_IDENTITY}, business_date FROM ({stitched}) GROUP BY {_IDENTITY}, business_date "
            "HAVING count(DISTINCT workstream_id) = 1"
        )
        in_core, held = (
            {
                (day, kind): items
                for day, kind, items in self._connection.execute(
                    f"SELECT business_date, item_kind, count(*) FROM ({sql}) GROUP BY ALL"
                ).fetchall()
            }
            for sql in ("SELECT * FROM fresh", once)
        )
        require_every_item_once(in_core, held, self._night)

    def _require_every_workstream_measured(self) -> None:
        """Compare the items of the measured workstreams with those of their links."""
        counts = [
            self._connection.sql(f"SELECT coalesce(sum({what}), 0)::BIGINT FROM {table}").fetchall()[0][0]
            for what, table in (("1", "members"), ("items", "made_workstreams"))
        ]
        require_every_item_once({(self._night, "any"): counts[0]}, {(self._night, "any"): counts[1]}, self._night)

    def _changes(self, before: str, after: str, table: Table) -> tuple[pa.Table, list[date]]:
        """Rows of the dates on which `after` is not `before`."""
        names = ", ".join(table.column_names)
        differ = self._dates(
            f"SELECT business_date FROM (SELECT {names} FROM {after} EXCEPT SELECT {names} FROM {before}) UNION "
            f"SELECT business_date FROM (SELECT {names} FROM {before} EXCEPT SELECT {names} FROM {after})"
        )
        self._days("differing", differ)
        return self._table(f"SELECT {names} FROM {after} SEMI JOIN differing USING (business_date)").cast(
            table.arrow_schema
        ), differ

    def _everything(self, made: str, table: Table) -> tuple[pa.Table, list[date]]:
        rows = self._table(f"SELECT {', '.join(table.column_names)} FROM {made}").cast(table.arrow_schema)
        return rows, self._dates(f"SELECT business_date FROM {made}")

    def _core(self, table: Table, dates: Collection[date] | None) -> None:
        if dates is None:
            self._lake.view(self._connection, table, last=self._night)
        else:
            view_of_dates(self._connection, self._lake, table, dates)

    def _of_dates(self, table: Table, dates: Collection[date], name: str) -> None:
        """The stored rows of some dates; none where everything is made anew."""
        view_of_dates(self._connection, self._lake, table, () if self._all else dates, name)

    def _dates(self, sql: str) -> list[date]:
        return sorted(day for (day,) in self._connection.execute(f"SELECT DISTINCT business_date FROM ({sql})").fetchall())

    def _days(self, name: str, dates: Collection[date]) -> None:
        self._connection.register(name, pa.table({"business_date": pa.array(sorted(dates), pa.date32())}))

    def _table(self, sql: str) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table()

    def _make(self, name: str, sql: str, *, view: bool = False) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP {'VIEW' if view else 'TABLE'} {name} AS {sql}")
