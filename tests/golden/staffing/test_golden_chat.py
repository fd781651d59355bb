"""Every reference case of chat, in all three models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from staffing.chat import chat_measures, chat_positions_required
from staffing.goals import Goal

CASES = json.loads((Path(__file__).parent / "chat_cases.json").read_text())["cases"]
MODELS = {"M1": "slots", "M2": "effective_handle_time", "M3": "load_dependent"}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_published_number_of_the_case_is_found(case: dict[str, Any], model: str) -> None:
    inputs, expected = case["inputs"], dict(case["outputs"][model])
    line = {
        "offered_contacts": inputs["chats"],
        "interval_seconds": inputs["interval_s"],
        "mean_handle_seconds": inputs["aht_single_s"],
        "concurrency": inputs["concurrency"],
        "slowdown_per_extra_chat": inputs["slowdown_per_extra_chat"],
        "mean_patience_seconds": inputs["patience_s"] or np.inf,
        "model": MODELS[model],
    }
    found = chat_measures(**line, positions=inputs["agents"], answer_within_seconds=inputs["threshold_s"])
    goal = Goal(answered_fraction=inputs["target_sl"], answer_within_seconds=inputs["threshold_s"])
    assert int(chat_positions_required(**line, goal=goal).positions) == expected.pop("required_agents")
    values = {
        "stable": found.queue.is_stable,
        "pwait": found.queue.wait_probability,
        "sl": found.queue.service_level("of_offered"),
        "asa": found.queue.mean_wait_answered_seconds,
        "ab": found.queue.abandoned_fraction,
        "mean_concurrency": found.mean_concurrency,
        "agent_occupancy": found.agent_occupancy,
    }
    for name, value in expected.items():
        if value is None:
            assert not np.isfinite(values[name]), name
        else:
            assert float(values[name]) == pytest.approx(float(value), rel=1e-6, abs=1e-12), name
