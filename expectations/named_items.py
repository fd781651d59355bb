"""Sources held against each other: claims and cases that contacts and mails name are known to the source that keeps them.

What one system names and the other lacks was lost on the way from the other, or was never delivered.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from expectations.findings import as_findings
from warehouse.lake import Lake
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, MESSAGES, SURVEYS
from warehouse.tables.declaration import Table
from warehouse.tables.run import DATA_QUALITY

STAGE = "sources"
NAMED_DAYS = 28
"""Days whose contacts, mails and surveys are looked at: what is delivered late heals them."""
_RECENT_DAYS = 112
"""Items are looked for among those of so many days first, and only what is not found there among all."""
TOLERANCE = 0.02
"""Share of a day's named items that may be unknown beyond the usual share: people mistype numbers."""
FEWEST_UNKNOWN = 5
_SPREAD = 3.0
_SHOWN = 3

_NAMED_SQL = """
SELECT 'claims' AS kind, claim_id AS item_id, queue_id, business_date FROM messages WHERE claim_id IS NOT NULL
UNION ALL SELECT 'claims', claim_id, queue_id, business_date FROM contacts WHERE claim_id IS NOT NULL
UNION ALL SELECT 'cases', case_id, queue_id, business_date FROM contacts WHERE case_id IS NOT NULL
UNION ALL SELECT 'cases', case_id, NULL, business_date FROM surveys WHERE case_id IS NOT NULL
"""
_KNOWN_SQL = "SELECT 'claims' AS kind, claim_id AS item_id FROM claims{0} UNION ALL SELECT 'cases', case_id FROM cases{0}"
_FORM_SQL = "regexp_extract({0}, '^[^0-9]*') || ' ' || length({0})"
"""What ids of one system have in common: how they begin, and how long they are."""
_SUMS_SQL = f"""
SELECT n.kind, n.business_date, count(*) AS named_rows, count(u.item_id) AS unknown_rows,
  list_sort(list(DISTINCT {_FORM_SQL.format("u.item_id")}) FILTER (u.item_id IS NOT NULL)) AS unknown_forms,
  string_agg(DISTINCT n.queue_id, ',' ORDER BY n.queue_id) FILTER (u.item_id IS NOT NULL) AS queues,
  array_to_string(list_sort(list(DISTINCT u.item_id) FILTER (u.item_id IS NOT NULL))[:{_SHOWN}], ', ') AS first_unknown
FROM named n LEFT JOIN unknown u USING (kind, item_id) GROUP BY ALL ORDER BY 1, 2
"""
_KEEPERS_SQL = f"""
SELECT DISTINCT 'claims' AS kind, source_system, {_FORM_SQL.format("claim_id")} AS id_form FROM claims
UNION ALL SELECT DISTINCT 'cases', source_system, {_FORM_SQL.format("case_id")} FROM cases ORDER BY ALL
"""


@dataclass(frozen=True, eq=False)
class Named:
    """What the days' contacts, mails and surveys name.

    Attributes:
        days: per kind of item ("claims", "cases") and date: named_rows, unknown_rows, unknown_forms (what their ids look like),
            queues (those that name unknown ones, separated by commas) and first_unknown.
        keepers: kind, source_system and id_form: which sources keep items of that kind, and what their ids look like.
    """

    days: pd.DataFrame
    keepers: pd.DataFrame


def named_items(night: date, lake: Lake) -> Named:
    """What the contacts, mails and surveys of the days up to a night name, and how much of it is unknown."""
    connection = lake.connect()
    try:
        for table in (CONTACTS, MESSAGES, SURVEYS):
            lake.view(connection, table, first=night - timedelta(days=NAMED_DAYS - 1), last=night)
        for table in (CLAIMS, CASES):
            lake.view(connection, table, first=night - timedelta(days=_RECENT_DAYS - 1), last=night)
        connection.execute(f"CREATE TEMP TABLE named AS {_NAMED_SQL}")
        connection.execute(
            f"CREATE TEMP TABLE unknown AS SELECT DISTINCT kind, item_id FROM named ANTI JOIN ({_KNOWN_SQL.format('')}) "
            "USING (kind, item_id)"
        )
        if connection.execute("SELECT count(*) FROM unknown").fetchall() != [(0,)]:
            for table in (CLAIMS, CASES):
                lake.view(connection, table, last=night, name=f"{table.name}_ever")
            connection.execute(
                f"DELETE FROM unknown WHERE (kind, item_id) IN (SELECT (kind, item_id) FROM ({_KNOWN_SQL.format('_ever')}))"
            )
        days, keepers = (connection.sql(text).to_arrow_table().to_pandas() for text in (_SUMS_SQL, _KEEPERS_SQL))
        return Named(days, keepers)
    finally:
        connection.close()


_TABLES: dict[str, Table] = {"claims": CLAIMS, "cases": CASES}


def judge_named(named: Named, night: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which days name more unknown items than usual.

    Args:
        named: what the days up to the night name.
        night: the night.

    Returns:
        Rows of DATA_QUALITY, one per kind of item; and rows of QUALITY_FINDINGS but for `action`: one per day on which too many
        are unknown and source that may have lost them. Of several sources that keep such items those may whose ids look like the
        unknown ones; where none does, all of them, and the reason says that they cannot be told apart.
    """
    outcomes: list[dict[str, object]] = []
    found: list[dict[str, object]] = []
    for kind, table in _TABLES.items():
        keepers = named.keepers[named.keepers["kind"] == kind]
        mine_of_kind = named.days[named.days["kind"] == kind]
        days = _too_many(mine_of_kind) if len(keepers) else named.days.iloc[:0].assign(usual=0.0, most=0.0)
        rule = f"named_{kind}_known"
        expected = (
            f"of the {kind} that a day's contacts, mails and surveys name at most {100 * TOLERANCE:g} % more than usual, or "
            f"{FEWEST_UNKNOWN - 1}, are unknown to the source that keeps {kind}"
        )
        mine = [
            _finding(rule, table, source, blamed, day, night)
            for day in days.to_dict("records")
            for blamed in [_blamed(keepers, day["unknown_forms"])]
            for source in blamed
        ]
        found += mine
        outcomes.append(
            {
                "plan_date": night,
                "stage": STAGE,
                "table_name": table.name,
                "rule": rule,
                "severity": "warn",
                "result": "failed" if mine else "passed",
                "rows_checked": int(named.days.loc[named.days["kind"] == kind, "named_rows"].sum()),
                "rows_failed": int(days["unknown_rows"].sum()),
                "rows_quarantined": 0,
                "queues_affected": ",".join(sorted({queue for queues in days["queues"].dropna() for queue in queues.split(",")}))
                or None,
                "observed": "; ".join(str(one["reason"]) for one in mine[:_SHOWN]) or None,
                "expected": expected,
                "next_step": mine[0]["next_step"] if mine else None,
            }
        )
    return pd.DataFrame(outcomes)[DATA_QUALITY.column_names], as_findings(pd.DataFrame(found, columns=_COLUMNS))


_COLUMNS = [
    "plan_date", "rule", "subject_kind", "subject_id", "business_date", "stage", "table_name", "severity", "measure",
    "observed_value", "expected_value", "expected_high", "reason", "next_step",
]  # fmt: skip


def _too_many(days: pd.DataFrame) -> pd.DataFrame:
    """Days with more unknown items than the middle day's share, the tolerance and chance let be expected."""
    rows, unknown = (days[name].to_numpy(dtype=np.float64) for name in ("named_rows", "unknown_rows"))
    usual = rows * float(np.median(unknown / np.maximum(rows, 1.0))) if len(days) else rows
    most = np.maximum(usual + TOLERANCE * rows + _SPREAD * np.sqrt(usual), FEWEST_UNKNOWN - 1.0)
    return days.assign(usual=usual, most=most)[unknown > most]


def _blamed(keepers: pd.DataFrame, unknown_forms: Iterable[str]) -> list[str]:
    """Sources whose ids look like the unknown ones; all of them where none does."""
    alike = keepers.loc[keepers["id_form"].isin(list(unknown_forms)), "source_system"]
    return sorted(set(alike if len(alike) else keepers["source_system"]))


def _finding(
    rule: str, table: Table, source: str, blamed: Sequence[str], day: Mapping[Hashable, Any], night: date
) -> dict[str, object]:
    queues = f" of {day['queues']}" if isinstance(day["queues"], str) else ""
    others = [one for one in blamed if one != source]
    unsure = f" or to {' or '.join(others)} (the ids do not tell which)" if others else ""
    reason = (
        f"{day['unknown_rows']} of the {day['named_rows']} {table.name} that contacts and mails{queues} name on "
        f"{day['business_date']} are unknown to source {source}{unsure}, first {day['first_unknown']}; "
        f"usual: {day['most']:.0f} at most"
    )
    next_step = (
        f"rows of {' or '.join([source, *others])} of the days up to {day['business_date']} seem to be missing: "
        "have it deliver them, then run the night again"
    )
    values = (
        night, rule, "source", source, day["business_date"], STAGE, table.name, "warn", f"unknown_{table.name}",
        float(day["unknown_rows"]), day["usual"], day["most"], reason, next_step,
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))
