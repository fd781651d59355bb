"""Contacts, mails, cases and claims stitched into workstreams: connected components of their links (pure).

The links come from `etl.links`; what is said of each workstream from `etl.workstream_measures`. Here the links become
workstreams, and it is checked that every item stands in exactly one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from enterprise.errors import AccountingError
from etl.links import CONTENT, IDENTITY, Links, in_order
from warehouse.tables.workstreams import INFERRED_RULE, LINK_RULES, WORKSTREAM_LINKS

IntArray = npt.NDArray[np.int64]
_SHOWN = 3


_SAID = (*IDENTITY, "business_date", "happened_at", "customer_id", "topic")


def attached_rows(items: pa.Table, links: Links) -> pa.Table:
    """What each item is attached to and by which rule: one row per rule, one of rule `first` for what is attached to nothing.

    Args:
        items: columns `CONTENT`, in order.
        links: their links, at most one per item and rule.

    Returns:
        The item's identity, `rule`, and the identity of what it is attached to.
    """
    item, linked, rule = _attached(items, links)
    what = items.select(IDENTITY).take(pa.array(linked, mask=linked < 0))
    columns = {name: items.column(name).take(pa.array(item)) for name in IDENTITY}
    columns |= {"rule": pa.array(LINK_RULES).take(pa.array(rule))}
    columns |= {f"linked_{name.removeprefix('item_')}": what.column(name) for name in IDENTITY}
    return pa.table(columns)


def link_rows(items: pa.Table, links: Links) -> pa.Table:
    """Rows of WORKSTREAM_LINKS: each item with its workstream, one row per rule that attached it, one row where none did.

    Args:
        items: columns `CONTENT`, in order.
        links: their links, at most one per item and rule.

    Returns:
        Exactly the declared columns, in no order.
    """
    real = links.linked >= 0
    earliest = earliest_items(items.num_rows, links.item[real], links.linked[real])
    named = np.unique(earliest)
    names = _names(items.take(pa.array(named))).take(pa.array(np.searchsorted(named, earliest)))
    item = pa.array(_attached(items, links)[0])
    attached = attached_rows(items, links)
    columns = {name: items.column(name).take(item) for name in CONTENT if name not in IDENTITY}
    columns |= {name: attached.column(name) for name in attached.column_names}
    columns["workstream_id"] = names.take(item)
    columns["inferred"] = pc.equal(columns["rule"], INFERRED_RULE)
    schema = WORKSTREAM_LINKS.arrow_schema
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _attached(items: pa.Table, links: Links) -> tuple[IntArray, IntArray, IntArray]:
    """Per row: number of the item, number of what it is attached to (-1 for nothing), and the rule."""
    alone = np.ones(items.num_rows, dtype=bool)
    alone[links.item] = False
    first = np.flatnonzero(alone)
    item = np.concatenate([links.item, first])
    linked = np.concatenate([links.linked, np.full(len(first), -1)])
    return item, linked, np.concatenate([links.rule, np.full(len(first), LINK_RULES.index("first"))])


def members_of(links: pa.Table) -> pa.Table:
    """The items of some workstreams, in order, each once.

    Args:
        links: rows of WORKSTREAM_LINKS, in any order.

    Returns:
        Columns ws (number of the workstream, from 0), item (number of the item in the total order), workstream_id and what
        `links` says of the item itself.
    """
    rows = in_order(links.select([*_SAID, "workstream_id"]))
    repeats = np.ones(rows.num_rows, dtype=bool)
    for name in IDENTITY:
        column = rows.column(name)
        repeats[1:] &= np.asarray(pc.equal(column.slice(1), column.slice(0, max(rows.num_rows - 1, 0))).to_numpy(), dtype=bool)
    repeats[:1] = False
    rows = rows.filter(pa.array(~repeats)).combine_chunks()
    ws = rows.column("workstream_id").combine_chunks().dictionary_encode().indices
    return rows.append_column("ws", ws.cast(pa.int64())).append_column("item", pa.array(np.arange(rows.num_rows)))


def _names(items: pa.Table) -> pa.ChunkedArray:
    """Ids of the workstreams that begin with these items: kind and id, and the segment if it is not the first."""
    segment = items.column("segment")
    ending = pc.if_else(pc.greater(segment, 1), pc.binary_join_element_wise("#", segment.cast(pa.string()), ""), "")
    tagged = pc.binary_join_element_wise(items.column("item_kind"), items.column("item_id"), ":")
    return pc.binary_join_element_wise(tagged, ending, "")


def earliest_items(items: int, item: IntArray, linked: IntArray) -> IntArray:
    """The earliest item of each item's workstream: the smallest number in its connected component.

    The earliest item names the workstream. It stays the earliest whatever comes later, so the name holds from night to night;
    when a later item joins two workstreams, the name of the earlier one holds.

    Args:
        items: how many items there are; they are numbered from 0 in order of time.
        item: items with a link, any number of links each.
        linked: what each of these is linked to, in the same order.

    Returns:
        One number per item, never larger than the item's own.

    Example:
        >>> earliest_items(6, np.array([2, 4, 5]), np.array([0, 3, 2])).tolist()
        [0, 1, 0, 3, 3, 0]
    """
    if items == 0:
        return np.zeros(0, dtype=np.int64)
    graph = coo_array((np.ones(len(item), dtype=np.int8), (item, linked)), shape=(items, items))
    _, component = connected_components(graph, directed=False)
    _, first, place = np.unique(component, return_index=True, return_inverse=True)
    earliest: IntArray = first[place].astype(np.int64)
    return earliest


def require_every_item_once(
    in_core: Mapping[tuple[date, str], int], stitched: Mapping[tuple[date, str], int], night: date
) -> None:
    """Check that as many items went into workstreams as there are.

    Args:
        in_core: items per (business date, kind) in the core tables.
        stitched: different items per (business date, kind) that stand in exactly one workstream.
        night: the night, for the message.

    Raises:
        AccountingError: naming the first dates and kinds that differ.

    Example:
        >>> day = date(2026, 11, 12)
        >>> require_every_item_once({(day, "contact"): 2}, {(day, "contact"): 2}, day)
    """
    wrong = [
        f"{in_core.get(key, 0)} of kind {key[1]} on {key[0]} came in and {stitched.get(key, 0)} are in one workstream each"
        for key in sorted(in_core.keys() | stitched.keys())
        if in_core.get(key, 0) != stitched.get(key, 0)
    ]
    if wrong:
        raise AccountingError(
            f"night {night}: workstreams do not hold every item once: {'; '.join(wrong[:_SHOWN])}; nothing was written: look "
            "whether core holds rows twice, and report it with the dates if it does not"
        )
