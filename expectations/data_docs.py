"""Data docs: one page per night of everything that was checked. It needs no network: style and words are in the file.

Great Expectations' own pages load their styles and scripts from the network, so the page is made here of what its suites found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from warehouse.tables.registry import table_named

_TEMPLATES = Path(__file__).parent / "template"
_TONES = {"stop": "bad", "quarantine": "warn", "warn": "warn"}
_ORDER = {"stop": 0, "quarantine": 1, "warn": 2}
_STAGES = ("sources", "core", "workstreams", "history", "monitors", "forecast", "staffing", "audit")
_RECENT_DAYS = 28
_DONE = {"kept_back": "kept the plan back", "held": "left the day out", "noted": "noted", "released": "released"}


def data_docs(night: date, enterprise_name: str, checks: pd.DataFrame, findings: pd.DataFrame) -> str:
    """The page of a night.

    Args:
        night: the night.
        enterprise_name: name that people use.
        checks: rows of DATA_QUALITY of the night.
        findings: rows of QUALITY_FINDINGS of the night.

    Returns:
        HTML; the same rows give the same bytes.
    """
    rows = [_check(row) for row in _sorted(checks, ["stage", "table_name", "rule"]).to_dict("records")]
    failed = sorted((row for row in rows if not row["passed"]), key=lambda row: _ORDER[str(row["severity"])])
    names = sorted({str(row["stage"]) for row in rows}, key=lambda name: (_STAGES.index(name) if name in _STAGES else -1, name))
    found = _sorted(findings, ["business_date", "rule", "subject_kind", "subject_id"]).to_dict("records")
    told = [_finding(row) for row in reversed(found)]
    recent = [row for row in told if row["business_date"] > night - timedelta(days=_RECENT_DAYS)]
    return _template().render(
        night=night.isoformat(),
        night_in_words=f"{night:%A} {night.day} {night:%B %Y}",
        enterprise=enterprise_name,
        verdict=_verdict(rows, failed),
        failed=failed,
        findings={"of the last four weeks": recent, "of the days before": told[len(recent) :]},
        stages=[_stage(name, [row for row in rows if row["stage"] == name]) for name in names],
        style=Markup((_TEMPLATES / "data_docs.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
    )


def _sorted(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return rows.sort_values(by, ignore_index=True)


def _verdict(rows: list[dict[str, object]], failed: list[dict[str, object]]) -> str:
    tables = len({row["table_name"] for row in rows})
    words = f"{len(rows):,} checks of {tables} tables: {len(rows) - len(failed):,} held"
    by_severity = [(name, sum(row["severity"] == name for row in failed)) for name in _ORDER]
    told = ", ".join(f"{count} of severity {name}" for name, count in by_severity if count)
    if not failed:
        return f"{words}, none failed."
    kept = any(row["severity"] == "stop" for row in failed)
    return f"{words}, {len(failed):,} failed ({told}). " + (
        "A failure of severity stop keeps what rests on its table back." if kept else "None of them keeps the plan back."
    )


def _check(row: Mapping[Any, Any]) -> dict[str, object]:
    return {
        **row,
        "passed": row["result"] == "passed",
        "tone": _TONES[str(row["severity"])],
        "queues": _or_nothing(row["queues_affected"]).replace(",", ", "),
        "observed": _or_nothing(row["observed"]),
        "next_step": _or_nothing(row["next_step"]),
        "looked_at": f"{row['rows_checked']:,}",
    }


def _or_nothing(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _stage(name: object, rows: list[dict[str, object]]) -> dict[str, object]:
    tables = []
    for table in dict.fromkeys(str(row["table_name"]) for row in rows):
        checks = [row for row in rows if row["table_name"] == table]
        passed = sum(bool(row["passed"]) for row in checks)
        checks = sorted(checks, key=lambda row: bool(row["passed"]))
        tables.append(
            {"name": table, "meaning": _meaning(table), "checks": checks, "passed": passed, "failed": len(checks) - passed}
        )
    passed = sum(bool(row["passed"]) for row in rows)
    return {"name": name, "tables": tables, "passed": passed, "failed": len(rows) - passed}


def _meaning(table: str) -> str:
    try:
        return table_named(table).meaning.replace("`", "")
    except KeyError:
        return ""


def _finding(row: Mapping[Any, Any]) -> dict[str, Any]:
    day = row["business_date"]
    measured = _or_nothing(row["measure"])
    if measured and not pd.isna(row["observed_value"]):
        measured += f" {row['observed_value']:,.6g}"
        if not pd.isna(row["expected_low"]) and not pd.isna(row["expected_high"]):
            measured += f", usual {row['expected_low']:,.6g} to {row['expected_high']:,.6g}"
    tone = "good" if row["action"] == "released" else _TONES[str(row["severity"])]
    return {
        **row,
        "day": f"{day:%a} {day:%Y-%m-%d}",
        "measured": measured,
        "done": _DONE[str(row["action"])],
        "tone": tone,
    }


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("data_docs.html.j2")
