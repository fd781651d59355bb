"""Calls and agents' states out of a switch's staged events: what tonight's events change, some days at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.memory import give_back
from enterprise.sources import AsteriskQueueLog
from etl.ahead import done_ahead
from etl.callbacks import LONGEST_DAYS as CALLBACK_DAYS
from etl.callbacks import Habit
from etl.core import Change
from etl.put_aside import Judged, PutAside
from etl.queue_calls import Events
from etl.queue_log import QUEUE_EVENTS
from etl.queue_log_course import LONGEST_CALL_DAYS
from etl.sources.partitions import portions
from etl.sources.staged import Staged
from etl.sources.staged_events import StagedEvents, of_calls, on_dates
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES, CONTACTS
from warehouse.tables.declaration import Table

_ROWS_AT_ONCE = 500_000  # what a portion costs besides its rows is shared by more of them; larger ones only take more memory
_DAYS_AT_ONCE = 8  # each portion reads the days around its own, too: so many are taken together unless they have very many rows
_MOST_ROWS_AT_ONCE = 700_000
_MAKERS = 2
_MOST_ROWS_BEING_MADE = 3_000_000  # read by all makers together; of 600,000 contacts a day, two makers would hold two gigabytes
_DAY = timedelta(days=1)
RULE = "call_without_entry"
_REASON = (
    "no ENTERQUEUE of this call is known, so nobody can say when it came and where to; it was cut off or stands in a log that "
    "was not received: when that comes, the row is taken back by itself"
)


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of some dates.

    Args:
        changes: what changes on them.
        repeated: landing file of each line that repeats another.
        earlier: dates before them on which a call began that has new events.
        without_entry: events that belong to no call's visit, and that no longer are such.
    """

    changes: dict[Table, Change]
    repeated: Sequence[str]
    earlier: Set[date]
    without_entry: pd.DataFrame


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
        self._source_system = source_system
        batches = [batch for source, batch in staged.batches(QUEUE_EVENTS.name) if source == source_system]
        self._events = StagedEvents(lake, source_system, batches, _EVENTS.names[:-1])
        self._order = staged.order(source_system)

    def changes(self, put_aside: PutAside) -> Iterator[dict[Table, Change]]:
        """What the new events change in CONTACTS and AGENT_STATES, some dates at a time; the next ones are made meanwhile.

        Args:
            put_aside: takes the events of calls that never entered a queue.
        """
        new = self._events.dates_of(self._staged.nights)
        affected = {day + _DAY * step for day in new for step in range(-1, self._back + 1)}
        earlier: set[date] = set()
        for made in self._made_ahead(affected, new):
            earlier |= made.earlier
            yield self._counted(made, put_aside)
        for made in self._made_ahead(earlier - affected, frozenset()):
            yield self._counted(made, put_aside)

    def _made_ahead(self, days: Set[date], new: Collection[date]) -> Iterator[_Made]:
        """What stands on some dates, some at a time; the next ones are made meanwhile unless they are too large."""
        rows = self._events.rows_on(self._around(days))
        together = list(portions(((day, rows[day]) for day in sorted(days)), _ROWS_AT_ONCE, _DAYS_AT_ONCE, _MOST_ROWS_AT_ONCE))
        read = max((sum(rows[day] for day in self._around(dates)) for dates in together), default=0)
        works = (partial(self._made, dates, new) for dates in together)
        if read * _MAKERS <= _MOST_ROWS_BEING_MADE:
            yield from done_ahead(works, _MAKERS)
            return
        for work in works:
            made = work()
            give_back()  # what so large a portion took would stay beside what it takes to write it
            yield made

    def _around(self, days: Collection[date]) -> set[date]:
        """Dates whose events are read to tell what stands on some dates."""
        return {day + _DAY * step for day in days for step in range(-self._back, 2)}

    def _counted(self, made: _Made, put_aside: PutAside) -> dict[Table, Change]:
        self._staged.count_repeated_lines(self._source_system, made.repeated)
        if len(made.without_entry):
            put_aside.judge(Judged(self._source_system, CONTACTS.name, RULE, _REASON, made.without_entry))
        return made.changes

    def _made(self, dates: Sequence[date], new: Collection[date]) -> _Made:
        """What stands on some dates."""
        around = self._around(dates)
        events = Events(self._events_on(around))
        begun, open_yet = events.unfinished()
        before = self._beyond(around, -_DAY, begun)
        after = self._beyond(around, _DAY, open_yet)
        earlier: set[date] = set()
        if before.num_rows or after.num_rows:
            concerned = before.filter(of_calls(before, events.calls_on(new, begun)))
            began = concerned.filter(pc.equal(concerned.column("event").cast(pa.string()), "ENTERQUEUE"))
            earlier.update(began.column("business_date").to_pylist())
            events = events.extended(before, after)
        repeated = events.repeated(dates)
        made = events.tables(self._source_system, self._settings.wrap_pause_reason, self._habit, dates)
        replaced = [(self._source_system, frozenset(dates))]
        changes = {
            table: Change([on_dates(rows, dates).select(table.column_names)], replaced=list(replaced), dates=set(dates))
            for table, rows in zip((CONTACTS, AGENT_STATES), made, strict=True)
        }
        return _Made(changes, repeated, earlier, events.without_entry(dates))

    def _beyond(self, around: set[date], step: timedelta, calls: pa.Array) -> pa.Table:
        """Events of some calls on the days before, or after, those already read: as far as a call is followed."""
        days = {day + step * far for day in around for far in range(1, LONGEST_CALL_DAYS + 1)} - around
        return self._events_on(days if len(calls) else set(), calls)

    def _events_on(self, dates: set[date], calls: pa.Array | None = None) -> pa.Table:
        """Events of some dates, all or those of some calls, in the order in which they were received as far as they lie so."""
        return pa.concat_tables([_EVENTS.empty_table(), *(self._placed(rows) for rows in self._events.on(dates, calls))])

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
        ("landing_file", _TEXT),
        ("landing_row", pa.int64()),
        ("seq", pa.int64()),
    ]
)
