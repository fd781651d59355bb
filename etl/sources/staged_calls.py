"""Calls and agents' states out of a switch's staged events: what tonight's events change, some days at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enterprise.sources import AsteriskQueueLog
from etl.callbacks import LONGEST_DAYS as CALLBACK_DAYS
from etl.callbacks import Habit
from etl.core import Change
from etl.intake import Batch
from etl.queue_calls import Events
from etl.queue_log import QUEUE_EVENTS
from etl.sources.staged import Staged
from etl.staging import staged_path
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES, CONTACTS
from warehouse.tables.declaration import Table

_ROWS_AT_ONCE = 700_000
_DAY = timedelta(days=1)
_LONGEST_CALL_DAYS = 7
"""A call is followed this many days beyond the day before and the day after those that are looked at together."""


class StagedCalls:
    """Staged events of one switch.

    Args:
        staged: everything staged, and which of it is new.
        lake: where staging lies.
        source_system: the switch.
        settings: its settings.
    """

    def __init__(self, staged: Staged, lake: Lake, source_system: str, settings: AsteriskQueueLog) -> None:
        self._settings = settings
        self._habit = Habit(settings.callback_call_pattern, settings.callback_caller_pattern)
        self._back = CALLBACK_DAYS if settings.callback_caller_pattern else 1
        self._staged = staged
        self._lake = lake
        self._source_system = source_system
        self._batches = [batch for source, batch in staged.batches(QUEUE_EVENTS.name) if source == source_system]
        self._order = staged.order(source_system)

    def changes(self) -> Iterator[dict[Table, Change]]:
        """What the new events change in CONTACTS and AGENT_STATES, some dates at a time."""
        new = self._event_dates()
        affected = {day + _DAY * step for day in new for step in range(-1, self._back + 1)}
        earlier: set[date] = set()
        for dates in self._together(sorted(affected)):
            yield self._change(dates, new, earlier)
        for dates in self._together(sorted(earlier - affected)):
            yield self._change(dates, frozenset(), set())

    def _change(self, dates: Sequence[date], new: Collection[date], earlier: set[date]) -> dict[Table, Change]:
        """What stands on some dates; dates before them on which a call began that has new events are added to `earlier`."""
        around = {day + _DAY * step for day in dates for step in range(-self._back, 2)}
        events = Events(self._events_on(around))
        begun, open_yet = events.unfinished()
        before = self._beyond(around, -_DAY, begun)
        after = self._beyond(around, _DAY, open_yet)
        if before.num_rows or after.num_rows:
            concerned = before.filter(_of(before, events.calls_on(new)))
            began = concerned.filter(pc.equal(concerned.column("event").cast(pa.string()), "ENTERQUEUE"))
            earlier.update(began.column("business_date").to_pylist())
            events = events.extended(before, after)
        self._staged.count_repeated_lines(self._source_system, _on(events.repeated, dates).column("landing_file").to_pylist())
        made = events.tables(self._source_system, self._settings.wrap_pause_reason, self._habit)
        replaced = [(self._source_system, frozenset(dates))]
        return {
            table: Change([_on(rows, dates).select(table.column_names)], replaced=list(replaced), dates=set(dates))
            for table, rows in zip((CONTACTS, AGENT_STATES), made, strict=True)
        }

    def _beyond(self, around: set[date], step: timedelta, calls: pa.Array) -> pa.Table:
        """Events of some calls on the days before, or after, those already read."""
        days = {day + step * far for day in around for far in range(1, _LONGEST_CALL_DAYS + 1)} - around
        return self._events_on(days if len(calls) else set(), calls)

    def _events_on(self, dates: set[date], calls: pa.Array | None = None) -> pa.Table:
        """Events of some dates, all or those of some calls, in the order in which they were received as far as they lie so."""
        found = [_EVENTS.empty_table()]
        for batch in self._batches:
            staged = batch.tables[QUEUE_EVENTS.name]
            if dates and staged.first is not None and staged.last is not None and _overlaps(dates, staged.first, staged.last):
                with self._lake.filesystem.open(self._path(batch), "rb") as stream:
                    found += [self._placed(rows) for rows in _read(pq.ParquetFile(stream), dates, calls)]
        return pa.concat_tables(found)

    def _placed(self, rows: pa.Table) -> pa.Table:
        """Staged rows with the place of their piece in the order in which pieces were received."""
        return rows.append_column("seq", self._received(rows.column("landing_file"))).cast(_EVENTS)

    def _received(self, landing_files: pa.ChunkedArray) -> pa.ChunkedArray:
        """The order in which the pieces were received that rows come from."""
        chunks = [
            pa.array([self._order.get(name, 0) for name in chunk.dictionary.to_pylist()], pa.int64()).take(chunk.indices)
            for chunk in landing_files.chunks
        ]
        return pa.chunked_array(chunks, pa.int64())

    def _together(self, dates: Sequence[date]) -> Iterator[Sequence[date]]:
        """Dates in portions of about as many rows."""
        staged = [batch.tables[QUEUE_EVENTS.name] for batch in self._batches]
        spans = [(one.last - one.first).days + 1 for one in staged if one.first is not None and one.last is not None]
        per_day = max((one.rows for one in staged), default=0) / max(spans, default=1)
        at_once = max(1, int(_ROWS_AT_ONCE / max(per_day, 1.0)))
        for start in range(0, len(dates), at_once):
            yield dates[start : start + at_once]

    def _event_dates(self) -> frozenset[date]:
        """Dates of the new events."""
        found: set[date] = set()
        for batch in self._batches:
            if batch.night in self._staged.nights:
                with self._lake.filesystem.open(self._path(batch), "rb") as stream:
                    file = pq.ParquetFile(stream)
                    for group in range(file.num_row_groups):
                        first, last = _bounds(file, group)
                        if (last - first).days < 2:  # both ends occur
                            found |= {first, last}
                        else:
                            found.update(pc.unique(file.read_row_group(group, columns=["business_date"])[0]).to_pylist())
        return frozenset(found)

    def _path(self, batch: Batch) -> str:
        return staged_path(self._lake.root, self._source_system, batch.key, QUEUE_EVENTS.name)


_TEXT = pa.dictionary(pa.int32(), pa.string())
_EVENTS = pa.schema(
    [
        ("business_date", pa.date32()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("call_id", _TEXT),
        ("queue_id", _TEXT),
        ("agent_id", _TEXT),
        ("event", _TEXT),
        ("customer_id", pa.string()),
        ("reason", _TEXT),
        ("held_seconds", pa.float64()),
        ("called_seconds", pa.float64()),
        ("line_hash", pa.int64()),
        ("source_system", _TEXT),
        ("landing_file", _TEXT),
        ("landing_row", pa.int64()),
        ("seq", pa.int64()),
    ]
)


def _read(file: pq.ParquetFile, dates: Collection[date], calls: pa.Array | None) -> Iterator[pa.Table]:
    """Rows of some dates, and of some calls, out of a staged file; neighbouring row groups wanted whole are read together."""
    whole: list[int] = []
    for group in range(file.num_row_groups):
        first, last = _bounds(file, group)
        if calls is None and all(first + _DAY * step in dates for step in range((last - first).days + 1)):
            whole.append(group)
            continue
        if whole:
            yield file.read_row_groups(whole, columns=_EVENTS.names[:-1])
            whole = []
        if not _overlaps(dates, first, last):
            continue
        if calls is None:
            yield _on(file.read_row_group(group, columns=_EVENTS.names[:-1]), dates)
        elif pc.any(there := _of(file.read_row_group(group, columns=["call_id"]), calls)).as_py():
            yield _on(file.read_row_group(group, columns=_EVENTS.names[:-1]).filter(there), dates)
    if whole:
        yield file.read_row_groups(whole, columns=_EVENTS.names[:-1])


def _of(rows: pa.Table, calls: pa.Array) -> pa.ChunkedArray:
    """Which rows are of some calls."""
    chunks = [pc.is_in(chunk.dictionary, calls).take(chunk.indices) for chunk in rows.column("call_id").chunks]
    return pa.chunked_array(chunks, pa.bool_())


def _on(rows: pa.Table, dates: Collection[date]) -> pa.Table:
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


def _bounds(file: pq.ParquetFile, group: int) -> tuple[date, date]:
    """First and last business date of a row group."""
    place = file.schema_arrow.get_field_index("business_date")
    statistics = file.metadata.row_group(group).column(place).statistics
    return statistics.min, statistics.max


def _overlaps(dates: Collection[date], first: date, last: date) -> bool:
    span = (last - first).days
    if span < len(dates):
        return any(first + _DAY * step in dates for step in range(span + 1))
    return any(first <= day <= last for day in dates)
