"""What a rule is: a name, what a failure does, and how to see for every row or group whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import duckdb
import pandas as pd

from enterprise.settings import Enterprise
from expectations.views import with_views
from warehouse.tables.declaration import Table

Severity = Literal["stop", "quarantine", "warn"]
Stage = Literal["core", "workstreams", "history", "forecast", "staffing", "audit"]


@dataclass(frozen=True, eq=False)
class Night:
    """What a rule may look at: the settings, the night, and the rows of its stage by table.

    Attributes:
        enterprise: the settings.
        business_date: the night.
        frames: rows by table, of the night or of the days from `first_date` on.
        before: rows of the days before, where a rule compares with them.
        first_date: first of several days that are looked at together; None for the night alone.
        connection: DuckDB with a view per table, named like it; None to make one of the frames when a rule asks for it.
    """

    enterprise: Enterprise
    business_date: date
    frames: Mapping[Table, pd.DataFrame]
    before: Mapping[Table, pd.DataFrame] = field(default_factory=dict)
    first_date: date | None = None
    connection: duckdb.DuckDBPyConnection | None = None
    _kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    def frame(self, table: Table) -> pd.DataFrame:
        """The rows of a table that belong to the night."""
        return self.frames[table]

    @property
    def days(self) -> list[date]:
        """The days looked at, in order."""
        first = self.first_date or self.business_date
        return [first + timedelta(days=ahead) for ahead in range((self.business_date - first).days + 1)]

    @cached_property
    def database(self) -> duckdb.DuckDBPyConnection:
        """DuckDB with a view per table: rules on tables too long for a frame ask it for sums."""
        return with_views(self.frames) if self.connection is None else self.connection

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """What a query over the tables gives."""
        return self.database.execute(sql, parameters or {}).fetchall()

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once a night: several rules share one look at a table."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


@dataclass(frozen=True, eq=False)
class Rule:
    """One thing that must be true.

    Attributes:
        name: stable name in lower case with underscores.
        stage: stage of the night after which it is checked.
        table: table it speaks of.
        severity: `stop` keeps the night's plan back; `quarantine` and `warn` let it go ahead, marked.
        expected: what must be true, in words.
        next_step: what to do when it is not.
        evidence: gives one row per row or group looked at, with `holds` (bool), `queue_id` (text, may be missing) and `seen`
            (what was seen, in words). Where the rows themselves stay in the database, one row per queue with two columns more:
            `rows_checked` and `rows_failed`.
    """

    name: str
    stage: Stage
    table: Table
    severity: Severity
    expected: str
    next_step: str
    evidence: Callable[[Night], pd.DataFrame]


def evidence(
    holds: pd.Series, queue_id: pd.Series | str | None, seen: pd.Series | str | Callable[[pd.Series], pd.Series]
) -> pd.DataFrame:
    """The evidence frame of a rule.

    Args:
        holds: whether each row holds.
        queue_id: queue or member of each row.
        seen: what was seen, in words; or what makes the words of the rows of a mask, where making them of all takes long.

    Example:
        >>> evidence(pd.Series([True, False]), "voice", "3 rows").to_dict("list")
        {'holds': [True, False], 'queue_id': ['voice', 'voice'], 'seen': ['3 rows', '3 rows']}
    """
    holds = holds.astype("bool")
    if callable(seen):
        words = seen(~holds) if not holds.all() else pd.Series(dtype="str")
        seen = words.reindex(holds.index, fill_value="")
    return pd.DataFrame({"holds": holds, "queue_id": queue_id, "seen": seen})


def tallied(rows: Sequence[tuple[object, int, int, str | None]]) -> pd.DataFrame:
    """Evidence counted elsewhere: per queue (or None) the rows looked at, the rows that fail, and the first of them in words.

    Example:
        >>> tallied([("voice", 9, 2, "9 hours")]).to_dict("list")
        {'holds': [False], 'queue_id': ['voice'], 'seen': ['9 hours'], 'rows_checked': [9], 'rows_failed': [2]}
    """
    frame = pd.DataFrame(rows, columns=["queue_id", "rows_checked", "rows_failed", "seen"])
    frame = frame.astype({"queue_id": "str", "rows_checked": "int64", "rows_failed": "int64", "seen": "str"})
    return frame.assign(holds=frame["rows_failed"] == 0)[["holds", "queue_id", "seen", "rows_checked", "rows_failed"]]


def shown(values: pd.Series, decimals: int = 0) -> pd.Series:
    """Numbers as people write them; "unknown" where one is missing.

    Example:
        >>> shown(pd.Series([12.0, None, 0.25]), 1).to_list()
        ['12.0', 'unknown', '0.2']
    """
    return values.map(lambda value: "unknown" if pd.isna(value) else f"{value:.{decimals}f}").astype("str")


def local_time(instants: pd.Series, time_zone: str) -> pd.Series:
    """Instants as the wall clock shows them.

    Example:
        >>> local_time(pd.Series(pd.to_datetime(["2026-11-12T08:00Z"])), "Europe/Amsterdam").to_list()
        ['Thu 2026-11-12 09:00']
    """
    places, once = pd.factorize(instants)  # intervals repeat from queue to queue, and words take long
    words = pd.DatetimeIndex(once, tz="UTC").tz_convert(time_zone).strftime("%a %Y-%m-%d %H:%M")
    text: pd.Series = pd.Series(words.take(places), index=instants.index, dtype="str").where(instants.notna())
    return text
