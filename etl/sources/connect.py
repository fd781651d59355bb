"""Amazon Connect contact records, JSON Lines: one record per contact, delivered at least once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import ConnectContactRecords
from etl.business_dates import business_dates
from etl.contact_records import PARSE_SQL, REASONS, record_shape
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.sources.line_files import LineFormat, joined, read_line_files
from warehouse.tables.core import CONTACTS

_TRANSFERS = pa.array(["TRANSFER", "QUEUE_TRANSFER"])
_CALLBACKS = pa.array(["CALLBACK", "CALLBACK_CUSTOMER_FIRST_QUEUED", "CALLBACK_CUSTOMER_FIRST_DIALED"])


def read(settings: ConnectContactRecords, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """All that `read_parts` gives, in one."""
    return joined(_format(settings), read_parts(settings, files, context))


def read_parts(settings: ConnectContactRecords, files: Sequence[LandedFile], context: ReadContext) -> Iterator[Parsed]:
    """Type every contact record of some files.

    Args:
        settings: the source; records of queues that are not in it are quarantined.
        files: landed pieces in landing order.
        context: filesystem, grid and source name.

    Yields:
        CONTACTS; a record that was delivered again stands there again, the one last updated holds when core is made.
    """
    return read_line_files(_format(settings), files, context)


def _format(settings: ConnectContactRecords) -> LineFormat:
    names = pa.table(
        {
            "queue_name": pa.array(list(settings.queues), pa.string()),
            "queue_id": pa.array(list(settings.queues.values()), pa.string()),
        }
    )
    schema = CONTACTS.arrow_schema.remove_metadata()
    return LineFormat(schema, CONTACTS, PARSE_SQL, {"queue_names": names}, REASONS, _contacts, shape=record_shape)


def _contacts(typed: pa.Table, context: ReadContext) -> dict[str, pa.Array]:
    """The declared columns that SQL does not give."""
    prefix = pa.scalar(f"{context.source_system}:")
    transferred, called_back = (pc.is_in(typed.column("method"), methods) for methods in (_TRANSFERS, _CALLBACKS))
    follows = pc.or_(transferred, called_back)  # a call-back names the contact in which it was promised
    previous = pc.binary_join_element_wise(prefix, typed.column("previous_id"), "")
    return {
        "contact_id": pc.binary_join_element_wise(prefix, typed.column("source_contact_id"), ""),
        "segment": pa.repeat(pa.scalar(1, pa.int64()), typed.num_rows),
        "business_date": business_dates(context.grid, typed.column("arrived_at")),
        "arrived_by": pc.if_else(transferred, "transfer", pc.if_else(called_back, "callback", "customer")),
        "previous_contact_id": pc.if_else(follows, previous, pa.scalar(None, pa.string())),
        **{name: pa.nulls(typed.num_rows, pa.string()) for name in ("site_id", "case_id", "claim_id", "thread_id")},
    }
