"""On which dates stored links name a contact, case, claim, thread, customer or workstream, told without reading the links."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np

from etl.items import wanted_sql
from etl.link_index import Pairs, found_in, joined, joined_from, near
from etl.sources.partitions import PartitionTables
from warehouse.lake import Lake
from warehouse.tables.workstreams import WORKSTREAM_LINKS

_VERSION = f"1:{duckdb.__version__}"  # the hash is DuckDB's own
_EPOCH = date(1970, 1, 1)
_EVER = 1 << 40


class LinkKeys:
    """The dates of names. What it looks in lies under `state/link_keys`, named by its content; the night's state says what holds.

    Args:
        lake: where the segments lie.
        tables: the connection.
        kept: what the last stitch noted; a night without it reads the ids of all stored links once.
        anew: whether everything is stitched: what is stored tells nothing.
        within_days: an item infers a link from a customer's earlier one that is at most so old.
    """

    def __init__(
        self, lake: Lake, tables: PartitionTables, kept: Mapping[str, Any], within_days: int, *, anew: bool = False
    ) -> None:
        self._lake, self._tables = lake, tables
        self._within = within_days + 1  # dates of instants that are so far apart differ by one more at most
        self._names: list[str] = []
        self._segments: list[Pairs] = []
        if anew:
            return
        if kept.get("version") == _VERSION and all(self._is_there(name) for name in kept["segments"]):
            self._names = list(kept["segments"])
            self._segments = [] if lake.is_local else [self._load(name) for name in self._names]
        else:
            tables.view(WORKSTREAM_LINKS, name="links_to_be_indexed")
            self._segments = [self._pairs("links_to_be_indexed")]

    def dates_with(self, wanted: str) -> set[date]:
        """Dates on which stored links have any of some names (a relation of kind, name and business_date).

        Of a customer they are those near the dates asked for, or near one near them: an inferred link reaches no further.
        """
        asked = self._tables.rows(
            f"SELECT hash(kind, name) AS h, kind = 'customer' AS customer, "
            f"coalesce((business_date::DATE - DATE '1970-01-01')::INTEGER, 0) AS day FROM ({wanted})"
        )
        hashes, first, of_name = np.unique(asked.column("h").to_numpy(), return_index=True, return_inverse=True)
        parts = [found_in(segment, hashes) for segment in self._looked_in()]
        if not parts:
            return set()
        name, day = (np.concatenate([part[which] for part in parts]) for which in range(2))
        customer = asked.column("customer").to_numpy().astype(np.bool_)[first]
        days = asked.column("day").to_numpy().astype(np.int64)
        reached = near(name, day, of_name, days, np.where(customer, self._within, _EVER))
        return {_EPOCH + timedelta(days=int(one)) for one in np.unique(day[reached])}

    def note(self, links: str) -> dict[str, Any]:
        """Take up the names of links that are about to be stored (a relation), and say what is to be noted of it all."""
        segments, names = [*self._looked_in(), self._pairs(links)], list(self._names)
        first = joined_from([segment.shape[1] for segment in segments])
        segments = [*segments[:first], joined(segments[first:])] if first < len(segments) else segments
        names = names[:first]
        names += [self._keep(segment) for segment in segments[len(names) :]]
        return {"version": _VERSION, "segments": names}

    def _looked_in(self) -> Iterator[Pairs]:
        """The segments; what lies on this machine is mapped for the while of a look only, so that its pages are free after it."""
        if self._segments or not self._names:
            yield from self._segments
        else:
            yield from map(self._load, self._names)

    def _pairs(self, links: str) -> Pairs:
        named = wanted_sql(links) + f" UNION SELECT 'workstream', workstream_id, business_date FROM {links}"
        day = "(business_date - DATE '1970-01-01')::UBIGINT"
        found = self._tables.rows(f"SELECT DISTINCT hash(kind, name) AS h, {day} AS day FROM ({named}) ORDER BY h, day")
        return np.stack([found.column(name).to_numpy() for name in ("h", "day")]).astype(np.uint64)

    def _path(self, name: str) -> str:
        return f"{self._lake.root}/state/link_keys/{name}.npy"

    def _is_there(self, name: str) -> bool:
        return bool(self._lake.filesystem.exists(self._path(name)))

    def _keep(self, pairs: Pairs) -> str:
        sink = io.BytesIO()
        np.save(sink, pairs)
        name = hashlib.sha256(sink.getbuffer()).hexdigest()[:32]
        self._lake.write_bytes(self._path(name), sink.getvalue())
        return name

    def _load(self, name: str) -> Pairs:
        if self._lake.is_local:
            pairs: Pairs = np.load(self._path(name), mmap_mode="r")
            return pairs
        pairs = np.load(io.BytesIO(self._lake.filesystem.cat_file(self._path(name))))
        return pairs


def sweep_link_keys(lake: Lake, kept: Sequence[str]) -> None:
    """Remove the segments that no stitch looks in any more."""
    folder = f"{lake.root}/state/link_keys"
    if not lake.filesystem.isdir(folder):
        return
    lake.filesystem.invalidate_cache(folder)
    for path in lake.filesystem.ls(folder, detail=False):
        if str(path).rsplit("/", 1)[-1].removesuffix(".npy") not in kept:
            lake.filesystem.rm_file(str(path))
