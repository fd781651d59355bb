"""What each step of the night reads and fills, by the names of the declared tables.

Names only, so that DAG files can ask without loading what tables need. The run summary counts by it, and lineage is told from it.
`make test-backfill` holds it against what the jobs of a whole night read and write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EXTRACT_PREFIX = "extract_"
ONLY_BY_HAND = "LEADLINE_ONLY_BY_HAND"
"""Environment variable that is set where no run is to start by the clock."""


@dataclass(frozen=True, slots=True)
class NightStep:
    """One step of the night.

    Attributes:
        reads: tables of the lake that it reads, but for those that it fills itself.
        fills: tables of the lake that it writes; of core those that the enterprise's sources bring.
        publishes: tables of the warehouse that it fills.
    """

    reads: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()


_CORE = (
    "contacts", "interval_reports", "messages", "cases", "case_events", "claims", "claim_events", "agents", "agent_states",
    "schedules", "surveys", "driver_values",
)  # fmt: skip
_INTAKE = ("landing_files", "quarantine", "source_reads", "source_changes")
_HISTORY = ("interval_history", "daily_history", "wait_history", "claims_daily", "backlog_opening")
_MODELS = ("model_forecast_interval", "model_forecast_daily")
_FORECAST = (
    "forecast_interval", "forecast_daily", "forecast_weekly", "forecast_change", "claims_lead", "driver_lead",
    "model_leaderboard", *_MODELS, "override_effect",
)  # fmt: skip
_STAFFING = (
    "staffing_interval", "staffing_daily", "staffing_weekly", "backlog_projection", "certainty_curve", "staffing_blended",
    "patience", "chat_concurrency", "chase_rate", "deadline_price", "claims_positions", "shrinkage_hours",
    "staff_group_interval",
)  # fmt: skip
_SHIFTS = ("shift_people", "shift_schedule", "shift_cover", "capacity_plan")
_STITCHED = ("contacts", "messages", "cases", "case_events", "claims", "claim_events")
_COUNTED = ("contacts", "interval_reports", "messages", "cases", "case_events", "claims", "agent_states")
_LEARNT_FROM = ("daily_history", "interval_history", "claims_daily", "driver_values", "quality_findings", "override_status")
_STAFFED_FROM = (
    "forecast_interval", "forecast_daily", "backlog_opening", "interval_history", "daily_history", "contacts", "quality_findings",
    "override_status", "claims_contacts",
)  # fmt: skip
_AUDITS = ("simulation_audit", "group_audit")
_CHECKS = ("data_quality", "quality_findings")
_TODAY = ("forecast_today", "staffing_today")
_OVER = ("accuracy_ledger", "miss_analysis", "adherence_daily")
_PLAN = (
    *_FORECAST, *_STAFFING, *_SHIFTS, "interval_history", "daily_history", *_CHECKS, *_OVER, "override_status",
    *_AUDITS,
)  # fmt: skip
_BESIDE_THE_PLAN = ("plan_version", "queue", "calendar_date", "calendar_interval", "history_days")

NIGHT_STEPS: Mapping[str, NightStep] = {
    "conform": NightStep(fills=(*_CORE, *_INTAKE)),
    "take_overrides": NightStep(fills=("override_status",)),
    "stitch_workstreams": NightStep(_STITCHED, ("workstreams", "workstream_links")),
    "build_history": NightStep((*_COUNTED, "override_status"), _HISTORY),
    "check_history": NightStep(
        (*_CORE, *_HISTORY, "source_reads", "quality_releases", "override_status"), _CHECKS
    ),
    "forecast": NightStep(_LEARNT_FROM, (*_FORECAST, "claims_contacts")),
    "forecast_queues": NightStep((*_LEARNT_FROM, "forecast_daily", "model_forecast_daily")),
    "merge_forecast": NightStep(("daily_history", "quality_findings", "override_status"), (*_FORECAST, "claims_contacts")),
    "measure_accuracy": NightStep(
        ("forecast_daily", "model_forecast_daily", "daily_history", "quality_findings"), ("accuracy_ledger",)
    ),
    "explain_misses": NightStep(
        (
            "staffing_interval", "forecast_daily", "interval_history", "daily_history", "wait_history", "schedules",
            "agent_states", "quality_findings", "chat_concurrency",
        ),
        ("miss_analysis", "adherence_daily"),
    ),
    "staff": NightStep(_STAFFED_FROM, _STAFFING),
    "staff_queues": NightStep((*_STAFFED_FROM, "staffing_interval")),
    "merge_staffing": NightStep(
        ("forecast_interval", "forecast_daily", "backlog_opening", "claims_contacts", "override_status"), _STAFFING
    ),
    "plan_shifts": NightStep(
        (
            "staffing_interval", "staffing_blended", "staff_group_interval", "forecast_daily", "forecast_weekly", "agents",
            "override_status",
        ),
        _SHIFTS,
    ),
    "audit_plan": NightStep(
        ("staffing_interval", "staffing_blended", "staff_group_interval", "chat_concurrency", "contacts"), _AUDITS
    ),
    "check_plan": NightStep(
        (
            *_FORECAST, "claims_contacts", *_STAFFING, *_SHIFTS, *_AUDITS, *_OVER, *_TODAY, "backlog_opening", "workstreams",
            "workstream_links", "override_status", "quality_releases",
        ),
        _CHECKS,
    ),
    "publish": NightStep((*_PLAN, "backlog_opening", "claims_daily", "driver_values"), publishes=(*_PLAN, *_BESIDE_THE_PLAN)),
    "write_planbook": NightStep(
        (
            *_FORECAST, *_STAFFING, *_SHIFTS, *_AUDITS, *_CHECKS, "override_status", "daily_history", "claims_daily",
            "quarantine", "source_changes", "accuracy_ledger", "miss_analysis",
        )
    ),
    "write_data_docs": NightStep(_CHECKS),
    "tell_people": NightStep(("quality_findings", "source_reads")),
    "summarise_night": NightStep(
        (
            "landing_files", "source_reads", "quality_findings", "accuracy_ledger", "forecast_daily",
            "staffing_daily",
        ),
        publishes=("run_summary",)
    ),
}  # fmt: skip
"""Every step of `nightly_plan` that has tables; a source's extraction fills no table, it lands bytes.

Forecast and staffing are one step each, or shared out (`forecast_queues`, `staff_queues`) and put together (`merge_...`)."""

LAYERS: Mapping[str, str] = {
    **dict.fromkeys((*_CORE, "workstreams", "workstream_links"), "core"),
    **dict.fromkeys(_HISTORY, "history"),
    **dict.fromkeys((*_FORECAST, "claims_contacts", "accuracy_ledger", "override_status", "forecast_today"), "forecast"),
    **dict.fromkeys((*_STAFFING, *_SHIFTS, *_AUDITS, "miss_analysis", "adherence_daily", "staffing_today"), "staffing"),
    **dict.fromkeys((*_INTAKE, *_CHECKS, "quality_releases"), "run"),
}
"""Folder of the lake in which each of these tables lies."""
