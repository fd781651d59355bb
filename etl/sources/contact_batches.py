"""Contacts straight from Parquet, a partition at a time and the next ones while the last one is looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.contact_flow import CODED_COLUMNS, CONTACT_COLUMNS
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

_LOCAL_READERS = 2
_REMOTE_READERS = 8


def contact_batches(lake: Lake, days: Collection[date]) -> Iterator[tuple[date, pa.RecordBatch]]:
    """What `ContactFlow` wants to know of the contacts of some days, in order of the days."""
    if not days:
        return
    first, last = min(days), max(days)
    partitions = zip(lake.partitions(CONTACTS, first, last), lake.files(CONTACTS, first, last), strict=True)
    wanted = iter([(day, path) for day, path in partitions if day in days])
    readers = _LOCAL_READERS if lake.is_local else _REMOTE_READERS
    ahead: deque[tuple[date, Future[list[pa.RecordBatch]]]] = deque()
    with ThreadPoolExecutor(readers) as pool:
        while True:
            while len(ahead) < 2 * readers and (next_one := next(wanted, None)) is not None:
                ahead.append((next_one[0], pool.submit(_read, lake, next_one[1])))
            if not ahead:
                return
            day, read = ahead.popleft()
            for batch in read.result():
                yield day, batch


def _read(lake: Lake, path: str) -> list[pa.RecordBatch]:
    source = path if lake.is_local else lake.filesystem.open(path, "rb")
    coded = list(CODED_COLUMNS)
    # A local file is looked at where it lies; of a remote one the parts that are wanted are fetched together.
    with pq.ParquetFile(source, read_dictionary=coded, memory_map=lake.is_local, pre_buffer=not lake.is_local) as file:
        batches: list[pa.RecordBatch] = file.read(columns=list(CONTACT_COLUMNS), use_threads=False).to_batches()
    return batches


def by_date(contacts: pa.Table) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Contacts sorted by business date, those of a date at a time, as `contact_batches` gives them."""
    for name in CODED_COLUMNS:
        contacts = contacts.set_column(contacts.column_names.index(name), name, contacts.column(name).dictionary_encode())
    days = pc.run_end_encode(contacts.column("business_date").combine_chunks())
    start = 0
    for day, end in zip(days.values.to_pylist(), days.run_ends.to_pylist(), strict=True):
        for batch in contacts.slice(start, end - start).select(list(CONTACT_COLUMNS)).combine_chunks().to_batches():
            yield day, batch
        start = end
