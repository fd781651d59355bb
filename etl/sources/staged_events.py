"""Events of a switch out of its staged files, by business date: which row groups hold them, and each read as seldom as can be."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.intake import Batch
from etl.queue_log import QUEUE_EVENTS
from etl.staging import staged_path
from warehouse.lake import Lake

_DAY = timedelta(days=1)
_KEPT_GROUPS = 6
"""Two portions that lie beside each other have a day or two in common: so many groups may hold both ends of two of them."""


@dataclass(frozen=True, slots=True)
class _Groups:
    """A staged file: what it says of itself, and first and last business date of each row group."""

    metadata: pq.FileMetaData
    bounds: Sequence[tuple[date, date]]


class StagedEvents:
    """Staged events of one switch.

    Args:
        lake: where staging lies.
        source_system: the switch.
        batches: its batches that hold events.
        columns: the columns that are read.
    """

    def __init__(self, lake: Lake, source_system: str, batches: Sequence[Batch], columns: Sequence[str]) -> None:
        self._lake = lake
        self._source_system = source_system
        self._batches = batches
        self._columns = list(columns)
        self._known: dict[str, _Groups] = {}
        self._kept: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()
        self._keeping = Lock()

    def on(self, dates: Set[date], calls: pa.Array | None = None) -> Iterator[pa.Table]:
        """Events of some dates, all or those of some calls, in the order in which they lie."""
        for batch in self._batches:
            staged = batch.tables[QUEUE_EVENTS.name]
            if dates and staged.first is not None and staged.last is not None and _overlaps(dates, staged.first, staged.last):
                groups = self._groups(batch)
                with self._opened(batch, groups.metadata) as file:
                    yield from self._read(file, batch.key, groups.bounds, dates, calls)

    def rows_on(self, days: Set[date]) -> Counter[date]:
        """About how many events there are of each of some dates: those of a row group are spread over all dates it reaches to."""
        rows: Counter[date] = Counter()
        for batch in self._batches:
            staged = batch.tables[QUEUE_EVENTS.name]
            if days and staged.first is not None and staged.last is not None and _overlaps(days, staged.first, staged.last):
                groups = self._groups(batch)
                for place, (first, last) in enumerate(groups.bounds):
                    of_group = groups.metadata.row_group(place).num_rows
                    span = (last - first).days + 1
                    rows.update({first + _DAY * step: -(-of_group // span) for step in range(span)})
        return rows

    def dates_of(self, nights: Collection[date]) -> frozenset[date]:
        """Dates of the events that came in some nights."""
        found: set[date] = set()
        for batch in self._batches:
            if batch.night in nights:
                groups = self._groups(batch)
                found.update(day for bounds in groups.bounds for day in bounds)
                wide = [group for group, (first, last) in enumerate(groups.bounds) if (last - first).days > 1]
                if wide:  # only of these may a date between occur
                    with self._opened(batch, groups.metadata) as file:
                        found.update(pc.unique(file.read_row_groups(wide, columns=["business_date"])[0]).to_pylist())
        return frozenset(found)

    def _groups(self, batch: Batch) -> _Groups:
        """What a staged file says of itself, looked at once."""
        if batch.key not in self._known:
            with self._opened(batch) as file:
                metadata = file.metadata
            place = metadata.schema.names.index("business_date")
            bounds = [metadata.row_group(group).column(place).statistics for group in range(metadata.num_row_groups)]
            self._known[batch.key] = _Groups(metadata, [(one.min, one.max) for one in bounds])
        return self._known[batch.key]

    def _opened(self, batch: Batch, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
        """The staged file of a batch: a local one is looked at where it lies."""
        path = staged_path(self._lake.root, self._source_system, batch.key, QUEUE_EVENTS.name)
        local = self._lake.is_local
        return pq.ParquetFile(
            path if local else self._lake.filesystem.open(path, "rb"), metadata=metadata, memory_map=local, pre_buffer=not local
        )

    def _read(
        self, file: pq.ParquetFile, key: str, bounds: Sequence[tuple[date, date]], dates: Collection[date], calls: pa.Array | None
    ) -> Iterator[pa.Table]:
        """Rows of some dates, and of some calls, out of a staged file; neighbouring row groups wanted whole are read together.

        This thread alone reads them: several make the parts, and to share out columns so small costs more than it saves.
        """
        whole: list[int] = []
        for group, (first, last) in enumerate(bounds):
            if calls is None and all(first + _DAY * step in dates for step in range((last - first).days + 1)):
                whole.append(group)
                continue
            if whole:
                yield file.read_row_groups(whole, columns=self._columns, use_threads=False)
                whole = []
            if not _overlaps(dates, first, last):
                continue
            if calls is None:
                yield on_dates(self._shared(file, key, group), dates)
            elif pc.any(there := of_calls(file.read_row_group(group, columns=["call_id"], use_threads=False), calls)).as_py():
                yield on_dates(file.read_row_group(group, columns=self._columns, use_threads=False).filter(there), dates)
        if whole:
            yield file.read_row_groups(whole, columns=self._columns, use_threads=False)

    def _shared(self, file: pq.ParquetFile, key: str, group: int) -> pa.Table:
        """A row group of which only some dates are wanted: those beside them are wanted next, or by another thread just now."""
        with self._keeping:
            rows = self._kept.pop((key, group), None)
            if rows is None:
                rows = file.read_row_group(group, columns=self._columns, use_threads=False)
            self._kept[key, group] = rows
            if len(self._kept) > _KEPT_GROUPS:
                self._kept.popitem(last=False)
            return rows


def of_calls(rows: pa.Table, calls: pa.Array) -> pa.ChunkedArray:
    """Which rows are of some calls."""
    chunks = [pc.is_in(chunk.dictionary, calls).take(chunk.indices) for chunk in rows.column("call_id").chunks]
    return pa.chunked_array(chunks, pa.bool_())


def on_dates(rows: pa.Table, dates: Collection[date]) -> pa.Table:
    """Rows of some business dates."""
    days = np.asarray(rows.column("business_date").cast(pa.int32()))
    wanted = np.array(sorted((day - date(1970, 1, 1)).days for day in dates), np.int32)
    place = np.minimum(np.searchsorted(wanted, days), max(len(wanted) - 1, 0))
    inside = wanted[place] == days if len(wanted) else np.zeros(len(days), np.bool_)
    found = int(np.count_nonzero(inside))
    first = int(inside.argmax()) if found else 0
    if inside[first : first + found].all():  # they lie in one piece, as they do where rows are in order
        return rows.slice(first, found)
    return rows.filter(pa.array(inside))


def _overlaps(dates: Collection[date], first: date, last: date) -> bool:
    span = (last - first).days
    if span < len(dates):
        return any(first + _DAY * step in dates for step in range(span + 1))
    return any(first <= day <= last for day in dates)
