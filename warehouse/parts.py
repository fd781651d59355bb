"""Parts of a night's tables, each from one of the tasks that a step is mapped to, until they are put together.

They lie at `parts/<step>/<night>/<number>/<table>.parquet` of the lake. They stay after they were put together, so that this may
be done again, and go with retention after two weeks. What may be kept of one night for the next lies beside them in `kept/`, for
as long as a night looks back at single rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from enterprise.errors import NeedsPersonError
from warehouse.lake import Lake, conformed
from warehouse.tables.declaration import Table

_PARTS, _KEPT = "parts", "kept"
STAY_DAYS = {_PARTS: timedelta(days=14), _KEPT: timedelta(days=120)}
"""How long after it was written a folder stays, by the room it lies in."""


def keep_part(lake: Lake, step: str, night: date, number: int, frames: Mapping[Table, pd.DataFrame]) -> None:
    """Keep a task's part of some tables; the same part again takes the place of the former one."""
    for table, frame in frames.items():
        lake.write_bytes(_path(lake, step, night, number, table), _bytes(conformed(table, frame)))


def read_parts(lake: Lake, step: str, night: date, numbers: range, table: Table) -> pd.DataFrame:
    """All parts of a table, one after the other.

    Raises:
        NeedsPersonError: if one is missing.
    """
    parts = []
    for number in numbers:
        path = _path(lake, step, night, number, table)
        if not _is_there(lake, path):
            raise NeedsPersonError(
                f"part {number} of {len(numbers)} of {table.name} of {night} is not in the lake ({path}); expected the mapped "
                f"tasks of the step {step!r} to have ended well. Clear them for that night, and this one after them"
            )
        parts.append(_table(lake, path))
    return _frame(pa.concat_tables(parts))


def keep(lake: Lake, kind: str, day: date, key: str, rows: pd.DataFrame | pa.Table) -> None:
    """Keep what was worked out of a day, under a key that names what it was worked out from."""
    data = rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False)
    lake.write_bytes(_kept_path(lake, kind, day, key), _bytes(data))


def kept(lake: Lake, kind: str, day: date, key: str) -> pd.DataFrame | None:
    """What was kept; None if nothing was of just that."""
    path = _kept_path(lake, kind, day, key)
    return _frame(_table(lake, path)) if _is_there(lake, path) else None


def old_parts(lake: Lake, today: date) -> Iterator[tuple[str, int]]:
    """Folders of nights' parts, and of what was kept, written longer ago than STAY_DAYS: path below the lake, and size in bytes.

    When they were written counts, not which night they are of: a night of long ago may be made just now.
    """
    for room, stay in STAY_DAYS.items():
        for folder in sorted(map(str, lake.filesystem.glob(f"{lake.root}/{room}/*/*"))):
            files = lake.filesystem.find(folder)
            if all(lake.filesystem.modified(file).date() < today - stay for file in files):
                yield folder[len(lake.root) :].lstrip("/"), sum(int(lake.filesystem.size(file)) for file in files)


def _path(lake: Lake, step: str, night: date, number: int, table: Table) -> str:
    return f"{lake.root}/{_PARTS}/{step}/{night.isoformat()}/{number}/{table.name}.parquet"


def _kept_path(lake: Lake, kind: str, day: date, key: str) -> str:
    return f"{lake.root}/{_KEPT}/{kind}/{day.isoformat()}/{key}.parquet"


def _is_there(lake: Lake, path: str) -> bool:
    lake.filesystem.invalidate_cache(path.rsplit("/", 1)[0])  # another machine may have written it a moment ago
    return bool(lake.filesystem.exists(path))


def _bytes(data: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(data, sink, compression="snappy", write_statistics=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _table(lake: Lake, path: str) -> pa.Table:
    return pq.read_table(pa.BufferReader(lake.filesystem.cat_file(path)))


def _frame(data: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = data.to_pandas()
    return frame
