"""Links of a night: which items of core are stitched anew, and the rows of WORKSTREAM_LINKS that come of it.

A night looks at the partitions of core that were written since the last one. Items that came, went or changed there, and all that
share a contact, case, claim, thread or customer with them, are linked anew; where links are not what they were, the workstreams
concerned, old and new, are stitched anew. Because a link depends only on items that share one of those, and a workstream only on
its own links, the result is that of one stitch of everything; a property test holds it to that. Who shares what is found by
`etl.sources.link_keys`; links are read and written only for the dates that are touched.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pyarrow as pa

from enterprise.settings import Enterprise
from etl.items import ITEMS_SQL, RELATED_SQL, topic_tables, wanted_sql
from etl.links import CONTENT, IDENTITY, Links, in_order, links_between
from etl.sources.link_keys import LinkKeys
from etl.sources.partitions import PartitionTables, Parts
from etl.stitching import ITEM_TABLES
from etl.workstreams import attached_rows, link_rows, require_every_item_once
from warehouse.tables.workstreams import LINK_RULES, WORKSTREAM_LINKS

_CONTENT, _IDENTITY = ", ".join(CONTENT), ", ".join(IDENTITY)
_LINK = f"{_IDENTITY}, rule, linked_kind, linked_id, linked_segment"
_LINK_ROW = ", ".join(WORKSTREAM_LINKS.column_names)
_ON_THE_WAY = ("stale", "come", "near", "stored_around", "relinked", "of_reached", "kept_links", "new_links")
"""Tables that lead to the links and say nothing afterwards: what follows wants the memory."""


class WorkstreamLinks:
    """Makes the links that a night changes.

    It leaves tables `made` (their rows), `replaced` (items whose stored rows go) and `reached` (workstreams that are stitched
    anew) for the measures.

    Args:
        tables: the connection.
        enterprise: settings.
        night: the night, for messages.
        changed: dates whose partitions of contacts, messages, cases and claims may have changed; None to stitch everything.
        keys: on which dates stored links name whom.
    """

    def __init__(
        self, tables: PartitionTables, enterprise: Enterprise, night: date, changed: Collection[date] | None, keys: LinkKeys
    ) -> None:
        self._tables = tables
        self._keys = keys
        self._rules = enterprise.workstreams
        self._night = night
        self._changed = changed
        for name, topics in topic_tables(enterprise).items():
            tables.register(name, topics)
        for table in ITEM_TABLES.values():
            tables.view(table, changed)
        tables.make("fresh", ITEMS_SQL)
        if changed is None:
            tables.empty(WORKSTREAM_LINKS, "links")
            for name, columns in (("gone", _CONTENT), ("replaced", _IDENTITY)):
                tables.make(name, f"SELECT {columns} FROM fresh WHERE false")
            tables.make("reached", "SELECT workstream_id FROM links")
            items = in_order(tables.rows(f"SELECT {_CONTENT} FROM fresh"))
            tables.keep("made", link_rows(items, links_between(items, self._rules)))
        else:
            tables.view(WORKSTREAM_LINKS, changed, "stored_here")
            tables.keep("made", self._stitched_anew())
            tables.drop(*_ON_THE_WAY)

    def changes(self) -> Parts:
        """Rows of WORKSTREAM_LINKS of the dates that change, and these dates, some at a time.

        Raises:
            AccountingError: if an item of core is in no workstream, or in several.
        """
        self._require_every_item_once()
        tables = self._tables
        if self._changed is None:
            tables.drop("fresh")  # the measures want the memory
            return tables.everything(WORKSTREAM_LINKS, "made")
        dates = tables.dates("SELECT business_date FROM made UNION SELECT business_date FROM gone")
        return tables.changes(WORKSTREAM_LINKS, dates, links_now_sql("before"))

    def view_links(self, wanted: str) -> set[date]:
        """Make `links` a view of the links of the dates on which some names (kind, name, business_date) stand; gives them."""
        dates = self._keys.dates_with(wanted)
        self._tables.view(WORKSTREAM_LINKS, dates, "links")
        return dates

    def view_links_of(self, workstreams: str) -> set[date]:
        """Make `links` a view of the links of the dates on which some workstreams have items; gives these dates."""
        return self.view_links(
            f"SELECT 'workstream' AS kind, workstream_id AS name, NULL::DATE AS business_date FROM {workstreams}"
        )

    def _stitched_anew(self) -> pa.Table:
        """The link rows of all that the night's changes can reach."""
        make, rows = self._tables.make, self._tables.rows
        not_gone = f"ANTI JOIN gone USING ({_IDENTITY})"
        make("stale", f"SELECT DISTINCT {_CONTENT}, workstream_id FROM stored_here")
        make("gone", f"SELECT {_CONTENT} FROM stale EXCEPT SELECT {_CONTENT} FROM fresh")
        make("come", f"SELECT {_CONTENT} FROM fresh EXCEPT SELECT {_CONTENT} FROM stale")
        make("moved", "SELECT * FROM gone UNION ALL SELECT * FROM come")
        self._link_anew(not_gone)
        make(
            "reached",
            f"SELECT workstream_id FROM stored_near SEMI JOIN relinked USING ({_IDENTITY}) "
            f"UNION SELECT workstream_id FROM stale SEMI JOIN gone USING ({_IDENTITY}) "
            "UNION SELECT s.workstream_id FROM new_links n JOIN stored_around s "
            "ON s.item_kind = n.linked_kind AND s.item_id = n.linked_id AND s.segment = n.linked_segment",
        )
        self.view_links_of("reached")
        make("of_reached", f"SELECT * FROM links SEMI JOIN reached USING (workstream_id) {not_gone}")
        make("restitched", f"SELECT {_CONTENT} FROM of_reached UNION SELECT {_CONTENT} FROM come")
        make("replaced", f"SELECT {_IDENTITY} FROM restitched UNION SELECT {_IDENTITY} FROM gone")
        make("kept_links", f"SELECT {_LINK} FROM of_reached ANTI JOIN relinked USING ({_IDENTITY})")
        items = in_order(rows("SELECT * FROM restitched"))
        self._tables.drop("restitched", "stored_near")
        return link_rows(items, self._numbered(items))

    def _link_anew(self, not_gone: str) -> None:
        """Make `relinked` (items whose links are not what they were) and `new_links` (their links now)."""
        make = self._tables.make
        make("wanted", wanted_sql("moved"))
        self.view_links("SELECT * FROM wanted")
        make("stored_near", f"SELECT * FROM ({RELATED_SQL}) {not_gone}")
        make("near", f"SELECT {_CONTENT} FROM stored_near UNION SELECT {_CONTENT} FROM come")
        make("wanted", wanted_sql("near"))
        self.view_links("SELECT * FROM wanted")
        make("stored_around", f"SELECT * FROM ({RELATED_SQL}) {not_gone}")
        around = in_order(self._tables.rows(f"SELECT {_CONTENT} FROM stored_around UNION SELECT {_CONTENT} FROM come"))
        self._tables.register("linked", attached_rows(around, links_between(around, self._rules)))
        make("near_links", f"SELECT {_LINK} FROM linked SEMI JOIN near USING ({_IDENTITY})")
        self._tables.connection.unregister("linked")  # what follows wants the memory
        stored = f"SELECT {_LINK} FROM stored_near"
        make(
            "relinked",
            f"SELECT {_IDENTITY} FROM come UNION SELECT {_IDENTITY} FROM (SELECT * FROM near_links EXCEPT {stored}) "
            f"UNION SELECT {_IDENTITY} FROM ({stored} EXCEPT SELECT * FROM near_links)",
        )
        make("new_links", f"SELECT * FROM near_links SEMI JOIN relinked USING ({_IDENTITY})")

    def _numbered(self, items: pa.Table) -> Links:
        """The links kept and the new ones, between numbered items."""
        self._tables.register("items", items.select(IDENTITY).append_column("item", pa.array(np.arange(items.num_rows))))
        connection = self._tables.connection
        found = connection.sql(
            f"SELECT i.item, coalesce(l.item, -1) AS linked, list_position({list(LINK_RULES)!r}, s.rule) - 1 AS rule "
            f"FROM (SELECT * FROM kept_links UNION ALL SELECT * FROM new_links) s JOIN items i USING ({_IDENTITY}) "
            "LEFT JOIN items l ON l.item_kind = s.linked_kind AND l.item_id = s.linked_id AND l.segment = s.linked_segment "
            "WHERE s.rule <> 'first'"
        ).fetchnumpy()
        connection.unregister("items")
        return Links(*(found[name].astype(np.int64) for name in ("item", "linked", "rule")))

    def _require_every_item_once(self) -> None:
        """Compare with core, on the dates that the night looked at."""
        stitched = "SELECT * FROM made"
        if self._changed is not None:
            self._tables.register_dates("changed_days", self._changed)
            stitched = (
                f"SELECT {_LINK_ROW} FROM stored_here ANTI JOIN replaced USING ({_IDENTITY}) UNION ALL "
                f"SELECT {_LINK_ROW} FROM made SEMI JOIN changed_days USING (business_date)"
            )
        once = (
            f"SELECT {_IDENTITY}, business_date FROM ({stitched}) GROUP BY {_IDENTITY}, business_date "
            "HAVING count(DISTINCT workstream_id) = 1"
        )
        require_every_item_once(self._counted("fresh"), self._counted(f"({once})"), self._night)

    def _counted(self, relation: str) -> dict[tuple[date, str], int]:
        counted = self._tables.connection.execute(f"SELECT business_date, item_kind, count(*) FROM {relation} GROUP BY ALL")
        return {(day, kind): items for day, kind, items in counted.fetchall()}


def links_now_sql(stored: str, made: str = "FROM made") -> str:
    """Links as they stand after the night: those stored (a relation with all rows of what it is about), and those just made.

    Args:
        stored: the relation of stored links.
        made: where those just made come from; all of them, or those that it is about.
    """
    gone = f"ANTI JOIN replaced USING ({_IDENTITY})"
    return f"SELECT {_LINK_ROW} FROM {stored} {gone} UNION ALL SELECT {_LINK_ROW} {made}"
