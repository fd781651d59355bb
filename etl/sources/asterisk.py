"""Asterisk `queue_log` files, rotated and gzipped ones too, read whole columns at a time.

Source of the format: docs.asterisk.org, Operation / Logging / Queue Logs; app_queue.c for the order of the transfer fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from enterprise.sources import AsteriskQueueLog
from etl.business_dates import business_dates
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.queue_log import NO_SECONDS, NO_TEXT, PARSE_SQL, QUEUE_EVENTS, REASONS, parse_tables
from etl.queue_log_events import DICTIONARY, PlainEvents, line_hashes
from etl.sources.line_files import LineFormat, joined, read_line_files

_REPEATING = frozenset({"source_system", "landing_file", "call_id", "queue_id", "agent_id", "event", "reason"})
_MISSING = {
    field.name: NO_TEXT if field.type == pa.string() else NO_SECONDS for field in QUEUE_EVENTS.arrow_schema if field.nullable
}
_SCHEMA = pa.schema(
    [
        pa.field(field.name, DICTIONARY if field.name in _REPEATING else field.type, nullable=False)
        for field in QUEUE_EVENTS.arrow_schema
    ]
)


def read(settings: AsteriskQueueLog, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """All that `read_parts` gives, in one."""
    return joined(line_format(settings), read_parts(settings, files, context))


def read_parts(settings: AsteriskQueueLog, files: Sequence[LandedFile], context: ReadContext) -> Iterator[Parsed]:
    """Type every line of some queue logs.

    Args:
        settings: the source; lines of queues that are not in it are quarantined.
        files: landed pieces in landing order.
        context: filesystem, grid and source name.

    Yields:
        QUEUE_EVENTS, one row per good line; calls are made of them when core is made. Lines that repeat exactly are still there:
        they are counted across all files then.
    """
    return read_line_files(line_format(settings), files, context)


def line_format(settings: AsteriskQueueLog) -> LineFormat:
    """How the lines of a queue log are read."""
    plain = PlainEvents(settings.queues)
    return LineFormat(_SCHEMA, QUEUE_EVENTS, PARSE_SQL, parse_tables(settings.queues), REASONS, _completed, plain)


def _completed(typed: pa.Table, context: ReadContext) -> dict[str, pa.Array]:
    columns = {"business_date": business_dates(context.grid, typed.column("occurred_at"))}
    if "whole_line" in typed.column_names:
        columns["line_hash"] = line_hashes(typed.column("whole_line"))
        columns |= {name: typed.column(name).fill_null(missing) for name, missing in _MISSING.items()}
    return columns
