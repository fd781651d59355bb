"""What a rule is: a name, what a failure does, and how to see for every row or group whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from enterprise.settings import Enterprise
from warehouse.tables.declaration import Table

Severity = Literal["stop", "quarantine", "warn"]
Stage = Literal["core", "history", "forecast", "staffing"]


@dataclass(frozen=True, eq=False)
class Night:
    """What a rule may look at: the settings, the night, and the frames of its stage by table."""

    enterprise: Enterprise
    business_date: date
    frames: Mapping[Table, pd.DataFrame]

    def frame(self, table: Table) -> pd.DataFrame:
        """The rows of a table that belong to the night."""
        return self.frames[table]


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
            (what was seen, in words).
    """

    name: str
    stage: Stage
    table: Table
    severity: Severity
    expected: str
    next_step: str
    evidence: Callable[[Night], pd.DataFrame]


def evidence(holds: pd.Series, queue_id: pd.Series | str | None, seen: pd.Series | str) -> pd.DataFrame:
    """The evidence frame of a rule.

    Example:
        >>> evidence(pd.Series([True, False]), "voice", "3 rows").to_dict("list")
        {'holds': [True, False], 'queue_id': ['voice', 'voice'], 'seen': ['3 rows', '3 rows']}
    """
    return pd.DataFrame({"holds": holds.astype("bool"), "queue_id": queue_id, "seen": seen})


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
    text: pd.Series = instants.dt.tz_convert(time_zone).dt.strftime("%a %Y-%m-%d %H:%M").astype("str")
    return text
