"""What Leadline computes for a reference case, under the names that the reference uses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from staffing.chat import chat_measures, chat_positions_required
from staffing.deferred import NO_DUE, DeferredWork, MinimalPeak, deferred_work, due_in_open_periods, due_periods, minimal_peak
from staffing.deferred_plan import cheapest_plan
from staffing.erlang import blocking_probability, offered_load, queue_measures
from staffing.goals import Goal
from staffing.requirement import positions_required
from staffing.shrinkage import ceiling, scheduled_staff
from staffing.trajectory import trajectory
from staffing.trunks import trunk_measures

Values = Mapping[str, Any]

_DEFINITIONS = {
    "sl_offered": "of_offered",
    "sl_answered": "of_answered",
    "sl_excl_short_abandons": "excluding_short_abandons",
    "sl_incl_short_abandons": "wait_within",
    "sl_virtual_wait": "virtual_wait",
}
_CHAT_MODELS = {"M1": "slots", "M2": "effective_handle_time", "M3": "load_dependent"}
_MODELS = ("erlang_b", "erlang_c", "erlang_a", "mmnk", "mmnk_m", "required_erlang_c", "required_erlang_a")
_KINDS = ("min_staff", "fluid_backlog")


def computed(case: Values) -> tuple[str, Values]:
    """Model or kind of a case, and everything that Leadline has to say to its inputs.

    Args:
        case: as in `staffing.known_answers.known_answers`.

    Raises:
        KeyError: if an input is missing.
        ValueError: if the model or kind is not known, or an input lies outside its range.

    Example:
        >>> case = {"model": "erlang_b", "inputs": {"calls": 60, "interval_s": 3600, "aht_s": 180, "agents": 5}}
        >>> kind, found = computed(case)
        >>> kind, round(float(found["block"]), 8)
        ('erlang_b', 0.11005435)
    """
    inputs = case["inputs"]
    if "model" in case:
        model = str(case["model"])
        if model not in _MODELS:
            raise ValueError(f"model '{model}' is not known; known: {', '.join(_MODELS)}")
        return model, _required(inputs) if model.startswith("required") else _measured(model, inputs)
    if "kind" in case:
        kind = str(case["kind"])
        if kind not in _KINDS:
            raise ValueError(f"kind '{kind}' is not known; known: {', '.join(_KINDS)}")
        return kind, _least_staff(inputs, case.get("outputs", {})) if kind == "min_staff" else _run_off(inputs)
    return "chat", {model: _chat(inputs, _CHAT_MODELS[model]) for model in case["outputs"]}


def _line(inputs: Values) -> dict[str, Any]:
    return {
        "offered_contacts": inputs["calls"],
        "interval_seconds": inputs["interval_s"],
        "mean_handle_seconds": inputs["aht_s"],
    }


def _patience(inputs: Values) -> float:
    return np.inf if inputs.get("patience_s") is None else float(inputs["patience_s"])


def _measured(model: str, inputs: Values) -> Values:
    line = _line(inputs)
    load = offered_load(**line)
    if model == "erlang_b":
        block = blocking_probability(load, inputs["agents"])
        return {"offered_erlangs": load, "block": block, "carried_erlangs": load * (1 - block)}
    more = {
        "positions": inputs["agents"],
        "answer_within_seconds": inputs["threshold_s"],
        "mean_patience_seconds": _patience(inputs),
    }
    if model.startswith("mmnk"):
        trunks = trunk_measures(**line, **more, trunks=inputs["trunks"])
        return {
            "offered_erlangs": load,
            "block": trunks.blocked_fraction,
            "pwait_offered": trunks.wait_probability,
            "pwait_accepted": trunks.wait_probability_accepted,
            "sl_offered": trunks.answered_within_fraction,
            "sl_accepted": trunks.answered_within_accepted_fraction,
            "asa_answered_s": trunks.mean_wait_answered_seconds,
            "wait_mean_accepted_s": trunks.mean_wait_seconds,
            "abandonment_offered": trunks.abandoned_fraction,
            "occupancy": trunks.occupancy,
            "avg_queue": trunks.mean_queue_contacts,
        }
    queue = queue_measures(**line, **more)
    levels = {name: queue.service_level(definition) for name, definition in _DEFINITIONS.items()}  # type: ignore[arg-type]
    return levels | {
        "offered_erlangs": load,
        "stable": queue.is_stable,
        "pwait": queue.wait_probability,
        "sl": queue.answered_within_fraction,
        "asa_s": queue.mean_wait_seconds,
        "occupancy": queue.occupancy,
        "avg_queue": queue.mean_queue_contacts,
        "abandonment": queue.abandoned_fraction,
        "wait_mean_all_s": queue.mean_wait_seconds,
        "asa_answered_s": queue.mean_wait_answered_seconds,
        "abandoned_within_threshold": queue.abandoned_within_fraction,
    }


def _required(inputs: Values) -> Values:
    def limit(name: str) -> float:
        return np.nan if inputs.get(name) is None else float(inputs[name])

    line, patience, within = _line(inputs), _patience(inputs), inputs.get("threshold_s") or 0.0
    definition: Any = _DEFINITIONS[inputs.get("sl_definition") or "sl_offered"]
    goal = Goal(
        answered_fraction=limit("target_sl"),
        answer_within_seconds=within,
        definition=definition,
        maximum_occupancy=limit("max_occupancy"),
        maximum_mean_wait_seconds=limit("target_asa_s"),
        maximum_abandoned_fraction=limit("max_abandonment"),
    )
    count = int(positions_required(**line, goal=goal, mean_patience_seconds=patience).positions)
    people = scheduled_staff(count, {"all": inputs.get("shrinkage") or 0.0})
    more = {"answer_within_seconds": within, "mean_patience_seconds": patience}
    here, fewer = (queue_measures(**line, **more, positions=positions) for positions in (count, max(count - 1, 0)))
    values = {"required_agents": count, "scheduled_agents": int(people.staff), "scheduled_fte": people.staff_fractional}
    for queue, ending in ((here, ""), (fewer, "_at_n_minus_1")):
        values |= {
            f"sl{ending}": queue.service_level(definition),
            f"asa_s{ending}": queue.mean_wait_seconds,
            f"asa_answered_s{ending}": queue.mean_wait_answered_seconds,
            f"occupancy{ending}": queue.occupancy,
            f"pwait{ending}": queue.wait_probability,
            f"abandonment{ending}": queue.abandoned_fraction,
        }
    return values


def _chat(inputs: Values, model: Any) -> Values:
    line = {
        "offered_contacts": inputs["chats"],
        "interval_seconds": inputs["interval_s"],
        "mean_handle_seconds": inputs["aht_single_s"],
        "concurrency": inputs["concurrency"],
        "slowdown_per_extra_chat": inputs["slowdown_per_extra_chat"],
        "mean_patience_seconds": _patience(inputs),
        "model": model,
    }
    found = chat_measures(**line, positions=inputs["agents"], answer_within_seconds=inputs["threshold_s"])
    goal = Goal(answered_fraction=inputs["target_sl"], answer_within_seconds=inputs["threshold_s"])
    return {
        "required_agents": int(chat_positions_required(**line, goal=goal).positions),
        "stable": found.queue.is_stable,
        "pwait": found.queue.wait_probability,
        "sl": found.queue.service_level("of_offered"),
        "asa": found.queue.mean_wait_answered_seconds,
        "ab": found.queue.abandoned_fraction,
        "mean_concurrency": found.mean_concurrency,
        "agent_occupancy": found.agent_occupancy,
    }


def _work(inputs: Values) -> DeferredWork:
    backlog = inputs.get("opening_backlog") or []
    return deferred_work(
        is_open=inputs["open"],
        arrivals=inputs["arrivals"],
        mean_handle_seconds=inputs["aht_s"],
        period_hours=inputs["period_h"],
        goal_open_periods=inputs["sla_open_periods"],
        lag_periods=inputs.get("lag") or 0,
        backlog_items=[items for items, _ in backlog],
        backlog_due=[NO_DUE if due is None or due >= len(inputs["open"]) else max(due, 0) for _, due in backlog],
        productive_fraction=1 - (inputs.get("shrinkage") or 0),
    )


def _least_staff(inputs: Values, outputs: Values) -> Values:
    work = _work(inputs)
    peak = minimal_peak(work)
    feasible = bool(np.isfinite(peak.staff))
    plan = cheapest_plan(work, block=inputs.get("block"))
    return {
        "due": [None if period == NO_DUE else int(period) for period in due_periods(inputs["open"], inputs["sla_open_periods"])],
        "capacity_per_agent_period": work.items_per_person,
        "total_due_items": work.due_items,
        "min_peak_staff": peak.staff,
        "min_peak_staff_integer": int(ceiling(peak.staff)) if feasible else None,
        "critical_window": _critical_window(work, peak, outputs.get("critical_window")) if feasible else None,
        "min_total_staff_periods_integer_by_block": round(plan.staff_periods) if feasible else None,
        "min_total_staff_hours_real_unbounded": cheapest_plan(work, whole_people=False).staff_hours if feasible else None,
        "min_total_fte_hours": _hours_within(work, inputs.get("max_staff")),
    }


def _critical_window(work: DeferredWork, peak: MinimalPeak, asked: Sequence[int] | None) -> Sequence[int] | None:
    """The window that needs the peak: the reference's own where it does, as several may need it alike."""
    if asked is None or peak.critical_window is None:
        return peak.critical_window
    items, first, last = due_in_open_periods(work)
    before = np.concatenate([[0], np.cumsum(work.is_open)])
    begin, end = before[asked[0]], before[asked[1] + 1]
    inside = float(items[(first >= begin) & (last < end)].sum())
    needed = inside / work.items_per_person / (end - begin) if end > begin else 0.0
    return asked if math.isclose(needed, peak.staff, rel_tol=1e-9) else peak.critical_window


def _hours_within(work: DeferredWork, most: float | None) -> float | None:
    """Fewest hours of real numbers of people, at most `most` in each period; None where some work is late."""
    plan = cheapest_plan(work, whole_people=False, maximum_staff=np.inf if most is None else most)
    return plan.staff_hours if plan.is_attainable else None


def _run_off(inputs: Values) -> Values:
    work = _work(inputs)
    found = trajectory(work, inputs["staff"])
    return {
        "completed": found.completed,
        "backlog_end": found.backlog,
        "utilisation": found.utilisation,
        "on_time_by_cohort": found.on_time,
        "pct_within_sla": found.within_goal_fraction,
        "items_with_due": work.due_items,
        "backlog_final": found.backlog[-1],
    }
