"""Every reference case of Erlang B, C, A, finite trunks and required positions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from staffing.erlang import blocking_probability, offered_load, queue_measures
from staffing.goals import Goal
from staffing.requirement import positions_required
from staffing.shrinkage import scheduled_staff
from staffing.trunks import trunk_measures

CASES = json.loads((Path(__file__).parent / "erlang_cases.json").read_text())["cases"]
DEFINITIONS = {
    "sl_offered": "of_offered",
    "sl_answered": "of_answered",
    "sl_excl_short_abandons": "excluding_short_abandons",
    "sl_incl_short_abandons": "wait_within",
    "sl_virtual_wait": "virtual_wait",
}


def close(found: float, expected: float | None) -> bool:
    if expected is None:  # the reference writes "no finite value" so
        return not np.isfinite(found)
    return bool(np.isclose(found, expected, rtol=1e-6, atol=1e-12))


def contacts(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "offered_contacts": inputs["calls"],
        "interval_seconds": inputs["interval_s"],
        "mean_handle_seconds": inputs["aht_s"],
    }


def found_of(model: str, inputs: dict[str, Any]) -> dict[str, Any]:
    line = contacts(inputs)
    load = offered_load(**line)
    if model == "erlang_b":
        block = blocking_probability(load, inputs["agents"])
        return {"offered_erlangs": load, "block": block, "carried_erlangs": load * (1 - block)}
    more = {
        "positions": inputs["agents"],
        "answer_within_seconds": inputs["threshold_s"],
        "mean_patience_seconds": inputs.get("patience_s") or np.inf,
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
    levels = {key: queue.service_level(name) for key, name in DEFINITIONS.items()}
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


def required_of(inputs: dict[str, Any]) -> dict[str, Any]:
    def limit(name: str) -> float:
        return np.nan if inputs.get(name) is None else inputs[name]

    line, patience = contacts(inputs), inputs.get("patience_s") or np.inf
    definition = DEFINITIONS[inputs.get("sl_definition", "sl_offered")]
    goal = Goal(
        answered_fraction=limit("target_sl"),
        answer_within_seconds=inputs["threshold_s"],
        definition=definition,
        maximum_occupancy=limit("max_occupancy"),
        maximum_mean_wait_seconds=limit("target_asa_s"),
        maximum_abandoned_fraction=limit("max_abandonment"),
    )
    required = positions_required(**line, goal=goal, mean_patience_seconds=patience)
    count = int(required.positions)
    people = scheduled_staff(count, {"all": inputs["shrinkage"]})
    more = {"answer_within_seconds": inputs["threshold_s"], "mean_patience_seconds": patience}
    here = queue_measures(**line, **more, positions=count)
    fewer = queue_measures(**line, **more, positions=max(count - 1, 0))
    assert max(count - 1, 0) <= float(required.positions_fractional) <= count
    return {
        "required_agents": count,
        "scheduled_agents": int(people.staff),
        "scheduled_fte": people.staff_fractional,
        "sl": here.service_level(definition),
        "asa_s": here.mean_wait_seconds,
        "occupancy": here.occupancy,
        "pwait": here.wait_probability,
        "abandonment": here.abandoned_fraction,
        "asa_answered_s": here.mean_wait_answered_seconds,
        "sl_at_n_minus_1": fewer.service_level(definition),
        "abandonment_at_n_minus_1": fewer.abandoned_fraction,
        "occupancy_at_n_minus_1": fewer.occupancy,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_published_number_of_the_case_is_found(case: dict[str, Any]) -> None:
    is_search = case["model"].startswith("required")
    found = required_of(case["inputs"]) if is_search else found_of(case["model"], case["inputs"])
    wrong = {name: (found[name], value) for name, value in case["outputs"].items() if not close(float(found[name]), value)}
    assert not wrong
    for name in ("required_agents", "scheduled_agents"):
        if name in case["outputs"]:
            assert found[name] == case["outputs"][name]
