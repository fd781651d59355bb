"""Sources that a night could not read: which queues and claims they feed, and since which day these are missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from enterprise.model import Settings
from enterprise.settings import Enterprise
from enterprise.sources import ClaimsDatabase, MappedTable
from expectations.findings import as_findings
from warehouse.tables.run import DATA_QUALITY, SOURCE_READS

STAGE = "sources"
RULE = "source_read"
_EXPECTED = "every source of the settings read to its end"
_NEXT_STEP = (
    "see that the source answers (leadline doctor), then run the night again: leadline run --date {night}; "
    "what it missed is taken in late, too"
)
_MOST_DAYS = 28
"""A source that is away for longer is a queue of its own: only so many days are named."""
_BESIDE_OTHERS = "interval_report"
"""Kind of source that only tells again what other sources tell, where they do."""


def unread_sources(
    reads: pd.DataFrame, enterprise: Enterprise, lines: Iterable[str], night: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What sources that could not be read mean for the night.

    Args:
        reads: rows of SOURCE_READS of the night; a source without a row counts as read.
        enterprise: the settings.
        lines: lines of business that claims were reported of.
        night: the night.

    Returns:
        The outcome, one row of DATA_QUALITY; and rows of QUALITY_FINDINGS but for `action`: one per unread source, and one for
        each queue and line of claims it feeds on each day since it was read last.
    """
    rows: list[dict[str, object]] = []
    unread = reads[~reads["was_read"].astype(bool)].sort_values("source_system")
    for read in unread.to_dict("records"):
        name = str(read["source_system"])
        if name not in enterprise.sources:
            continue
        queues, of_claims = _fed(name, enterprise.sources, enterprise)
        days = _missing_days(read["last_read_date"], night)
        reason = f"source {name} could not be read for {days[0]}{f' to {night}' if len(days) > 1 else ''}: {read['reason']}"
        subjects = [("queue", queue, day) for queue in queues for day in days]
        subjects += [("claims", line, day) for line in (lines if of_claims else ()) for day in days]
        rows.append(_row("source", name, night, "quarantine" if subjects else "warn", reason, night))
        rows += [_row(kind, subject, day, "quarantine", reason, night) for kind, subject, day in subjects]
    found = pd.DataFrame(rows, columns=_COLUMNS).drop_duplicates(["rule", "subject_kind", "subject_id", "business_date"])
    failed = found[found["subject_kind"] == "source"]
    queues_affected = sorted(set(found.loc[found["subject_kind"] == "queue", "subject_id"]))
    outcome: dict[str, Any] = {
        "plan_date": night,
        "stage": STAGE,
        "table_name": SOURCE_READS.name,
        "rule": RULE,
        "severity": "quarantine",
        "result": "failed" if len(failed) else "passed",
        "rows_checked": len(enterprise.sources),
        "rows_failed": len(failed),
        "rows_quarantined": 0,
        "queues_affected": ",".join(queues_affected) or None,
        "observed": "; ".join(failed["reason"]) or None,
        "expected": _EXPECTED,
        "next_step": _NEXT_STEP.format(night=night) if len(failed) else None,
    }
    return pd.DataFrame([outcome])[DATA_QUALITY.column_names], as_findings(found)


_COLUMNS = [
    "plan_date",
    "rule",
    "subject_kind",
    "subject_id",
    "business_date",
    "stage",
    "table_name",
    "severity",
    "reason",
    "next_step",
]


def _row(kind: str, subject: str, day: date, severity: str, reason: str, night: date) -> dict[str, object]:
    values = (night, RULE, kind, subject, day, STAGE, SOURCE_READS.name, severity, reason, _NEXT_STEP.format(night=night))
    return dict(zip(_COLUMNS, values, strict=True))


def _missing_days(last_read: object, night: date) -> Sequence[date]:
    """Days of which nothing, or not all, is known: those after the last night that read the source."""
    since = night if not isinstance(last_read, date) else last_read + timedelta(days=1)
    count = min(max((night - since).days + 1, 1), _MOST_DAYS)
    return [night - timedelta(days=back) for back in reversed(range(count))]


def _fed(name: str, sources: Mapping[str, Settings], enterprise: Enterprise) -> tuple[list[str], bool]:
    """Queues that a source feeds, and whether it brings claims."""
    source = sources[name]
    queues = _queues_of(source)
    if getattr(source, "kind", "") == _BESIDE_OTHERS:
        queues -= {queue for other, settings in sources.items() if other != name for queue in _queues_of(settings)}
    of_claims = isinstance(source, ClaimsDatabase) or (isinstance(source, MappedTable) and source.table == "claims")
    if of_claims:
        queues |= {queue.id for queue in enterprise.queues.values() if queue.work_of_claims}
    return [queue for queue in enterprise.queues if queue in queues], of_claims


def _queues_of(source: Settings) -> set[str]:
    if isinstance(source, MappedTable):
        return {source.constants.get("queue_id", ""), *source.values.get("queue_id", {}).values()} - {""}
    named: Mapping[str, str] = getattr(source, "queues", {})
    return set(named.values())
