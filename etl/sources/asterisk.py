"""Asterisk `queue_log` files, rotated and gzipped ones too, read whole columns at a time.

Source of the format: docs.asterisk.org, Operation / Logging / Queue Logs; app_queue.c for the order of the transfer fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from enterprise.sources import AsteriskQueueLog
from etl.business_dates import business_dates
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.queue_log import PARSE_SQL, QUEUE_EVENTS, REASONS, parse_tables
from etl.sources.line_files import read_line_files


def read(settings: AsteriskQueueLog, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Type every line of some queue logs.

    Args:
        settings: the source; lines of queues that are not in it are quarantined.
        files: landed pieces in landing order.
        context: filesystem, grid and source name.

    Returns:
        QUEUE_EVENTS, one row per good line; calls are made of them when core is made. Lines that repeat exactly are still there:
        they are counted across all files then.
    """
    return read_line_files(QUEUE_EVENTS, PARSE_SQL, parse_tables(settings.queues), REASONS, files, context, _events)


def _events(typed: pa.Table, context: ReadContext) -> dict[str, pa.Array]:
    return {"business_date": business_dates(context.grid, typed.column("occurred_at"))}
