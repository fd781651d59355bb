"""Contacts straight from Parquet, a partition at a time; several at once, each booked by the thread that reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.contact_flow import CODED_COLUMNS, CONTACT_COLUMNS, ContactFlow
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

_LOCAL_READERS = 2
_REMOTE_READERS = 8
CALLED_BACK = "callback"


def book_contacts(lake: Lake, flow: ContactFlow, as_of_us: Mapping[date, int]) -> bool:
    """Book the contacts of some dates.

    Args:
        lake: where core lies.
        flow: takes them.
        as_of_us: the dates and until when their contacts are followed, in microseconds since 1970.

    Returns:
        Whether any of them is a call-back.
    """
    files = contact_files(lake, as_of_us)
    waiting = iter(files)  # every thread takes the next one: a list's iterator gives each of them to one thread only

    def book(into: ContactFlow) -> bool:
        called_back = False
        for day, path in waiting:
            for batch in read_contacts(lake, path):
                called_back = called_back or CALLED_BACK in batch.column("arrived_by").dictionary.to_pylist()
                into.book(batch, as_of_us[day])
        return called_back

    readers = max(1, min(_LOCAL_READERS if lake.is_local else _REMOTE_READERS, len(files)))
    others = [flow.another() for _ in range(readers - 1)]
    with ThreadPoolExecutor(readers) as pool:
        called_back = any(list(pool.map(book, [flow, *others])))
    for other in others:
        flow.add(other)
    return called_back


def contact_files(lake: Lake, days: Collection[date]) -> list[tuple[date, str]]:
    """Those of the days that have contacts, in order, with their files."""
    if not days:
        return []
    first, last = min(days), max(days)
    return [(day, lake.path(CONTACTS, day)) for day in lake.partitions(CONTACTS, first, last) if day in days]


def read_contacts(lake: Lake, path: str) -> list[pa.RecordBatch]:
    """What `ContactFlow` wants to know of the contacts of a partition."""
    coded = list(CODED_COLUMNS)
    # A local file is looked at where it lies; of a remote one the parts that are wanted are fetched together.
    opened = pa.memory_map(path) if lake.is_local else lake.filesystem.open(path, "rb")
    with opened as source, pq.ParquetFile(source, read_dictionary=coded, pre_buffer=not lake.is_local) as file:
        batches: list[pa.RecordBatch] = file.read(columns=list(CONTACT_COLUMNS), use_threads=False).to_batches()
    return batches


def by_date(contacts: pa.Table) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Contacts sorted by business date, those of a date at a time, as `read_contacts` gives them."""
    for name in CODED_COLUMNS:
        contacts = contacts.set_column(contacts.column_names.index(name), name, contacts.column(name).dictionary_encode())
    days = pc.run_end_encode(contacts.column("business_date").combine_chunks())
    start = 0
    for day, end in zip(days.values.to_pylist(), days.run_ends.to_pylist(), strict=True):
        for batch in contacts.slice(start, end - start).select(list(CONTACT_COLUMNS)).combine_chunks().to_batches():
            yield day, batch
        start = end
