"""PostgreSQL's times that Python has none for: infinity, the years before 1 and after 9999."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format


def with_all_times(connection: psycopg.Connection[Any], _record: object = None) -> None:
    """Have a connection give such times as text instead of breaking off: one row's time is no reason to read none at all."""
    for name in ("date", "timestamp", "timestamptz"):
        kind = connection.adapters.types[name].oid
        connection.adapters.register_loader(name, _or_text(connection.adapters.get_loader(kind, Format.TEXT)))


def _or_text(loader: Any) -> type[Loader]:
    class OrText(Loader):
        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._usual = loader(oid, context)

        def load(self, data: Buffer) -> Any:
            try:
                return self._usual.load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return OrText
