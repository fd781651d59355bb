"""Chat: the load-dependent chain against its balance equations, a simulation of customers, and voice."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.chat import chat_measures, chat_positions_required
from staffing.erlang import queue_measures
from staffing.goals import Goal

LINE = {"offered_contacts": 60.0, "interval_seconds": 1800.0, "mean_handle_seconds": 480.0, "mean_patience_seconds": 180.0}


def rate_of(chats: int, agents: int, concurrency: int, slowdown: float, handle: float) -> float:
    """Completions per second of so many chats, each agent holding its share, written out agent by agent."""
    held = [len(part) for part in np.array_split(np.arange(min(chats, agents * concurrency)), agents)]
    return sum(k / (handle * (1 + slowdown * (k - 1))) for k in held if k)


@pytest.mark.parametrize(
    ("agents", "concurrency", "slowdown", "patience"),
    [(4, 3, 0.3, 90.0), (2, 5, 1.4, 200.0), (7, 1, 0.0, 60.0), (6, 2, 0.2, 4000.0)],
)
def test_the_chain_equals_its_balance_equations(agents: int, concurrency: int, slowdown: float, patience: float) -> None:
    handle, arrival, full = 300.0, 0.018, agents * concurrency
    states = full + 400
    weight = np.zeros(states + 1)  # logarithms
    for state in range(1, states + 1):
        out = rate_of(state, agents, concurrency, slowdown, handle) + max(state - full, 0) / patience
        weight[state] = weight[state - 1] + np.log(arrival / out)
    share = np.exp(weight - weight.max())
    share /= share.sum()
    found = chat_measures(
        offered_contacts=arrival * 1800,
        interval_seconds=1800,
        mean_handle_seconds=handle,
        positions=agents,
        concurrency=concurrency,
        slowdown_per_extra_chat=slowdown,
        answer_within_seconds=30,
        mean_patience_seconds=patience,
    )
    count = np.arange(states + 1)
    queue = share @ np.maximum(count - full, 0)
    in_service, busy = share @ np.minimum(count, full), share @ np.minimum(count, agents)
    assert float(found.queue.wait_probability) == pytest.approx(share[full:].sum(), rel=1e-9)
    assert float(found.queue.mean_queue_contacts) == pytest.approx(queue, rel=1e-9)
    assert float(found.queue.abandoned_fraction) == pytest.approx(queue / patience / arrival, rel=1e-9)
    assert float(found.mean_concurrency) == pytest.approx(in_service / busy, rel=1e-9)
    assert float(found.agent_occupancy) == pytest.approx(busy / agents, rel=1e-9)


def test_a_simulation_of_customers_sees_what_is_predicted() -> None:
    agents, concurrency, slowdown, within, patience = 5, 2, 0.5, 30.0, 120.0
    arrival, handle, full = 0.0185, 400.0, 10
    generator = np.random.default_rng(8)
    now, chats, waiting, early, offered, gone = 0.0, 0, [], 0, 0, 0
    while offered < 15_000:
        finish = rate_of(chats, agents, concurrency, slowdown, handle)
        step = generator.exponential(1 / (arrival + finish))
        leaving = min(waiting, key=lambda entry: entry[1], default=None)
        if leaving is not None and leaving[1] <= now + step:  # exponential times start anew after any event
            now = leaving[1]
            waiting.remove(leaving)
            gone += 1
            continue
        now += step
        if generator.random() * (arrival + finish) < arrival:
            offered += 1
            if chats < full:
                chats, early = chats + 1, early + 1
            else:
                waiting.append((now, now + generator.exponential(patience)))
        elif waiting:
            came, _ = waiting.pop(0)
            early += now - came <= within
        else:
            chats -= 1
    found = chat_measures(
        offered_contacts=arrival * 1800,
        interval_seconds=1800,
        mean_handle_seconds=handle,
        positions=agents,
        concurrency=concurrency,
        slowdown_per_extra_chat=slowdown,
        answer_within_seconds=within,
        mean_patience_seconds=patience,
    )
    assert 0.05 < float(found.queue.abandoned_fraction) < 0.5
    assert early / offered == pytest.approx(float(found.queue.answered_within_fraction), abs=0.03)
    assert gone / offered == pytest.approx(float(found.queue.abandoned_fraction), abs=0.025)


def test_one_chat_at_a_time_is_voice() -> None:
    chat = chat_measures(**LINE, positions=[10, 16, 25], concurrency=1, slowdown_per_extra_chat=0.7, answer_within_seconds=30)
    voice = queue_measures(**LINE, positions=[10, 16, 25], answer_within_seconds=30)
    np.testing.assert_allclose(chat.queue.answered_within_fraction, voice.answered_within_fraction, rtol=1e-12)
    np.testing.assert_allclose(chat.queue.occupancy, voice.occupancy, rtol=1e-12)


@pytest.mark.parametrize("model", ["load_dependent", "slots", "effective_handle_time"])
@pytest.mark.parametrize("patience", [120.0, np.inf])
def test_the_requirement_is_the_least_of_all(model: str, patience: float) -> None:
    generator = np.random.default_rng(2)
    for _ in range(15):
        line = {
            "offered_contacts": float(10 ** generator.uniform(0, 2.3)),
            "interval_seconds": 1800.0,
            "mean_handle_seconds": float(generator.uniform(100, 900)),
            "concurrency": int(generator.integers(1, 5)),
            "slowdown_per_extra_chat": float(generator.uniform(0, 0.9)),
            "mean_patience_seconds": patience,
            "model": model,
        }
        goal = Goal(answered_fraction=0.85, answer_within_seconds=30, maximum_occupancy=0.9)
        found = chat_positions_required(**line, goal=goal)
        counts = np.arange(0, 150)
        queue = chat_measures(**line, positions=counts, answer_within_seconds=30).queue
        meets = (queue.service_level("of_offered") >= 0.85) & (queue.occupancy <= 0.9) & queue.is_stable
        assert int(found.positions) == int(np.argmax(meets))


def test_nothing_offered_needs_nobody() -> None:
    goal = Goal(answered_fraction=0.8, answer_within_seconds=30)
    quiet = LINE | {"offered_contacts": 0.0}
    assert int(chat_positions_required(**quiet, goal=goal, concurrency=3, slowdown_per_extra_chat=0.2).positions) == 0
    found = chat_measures(**quiet, positions=[0, 2], concurrency=3, slowdown_per_extra_chat=0.2, answer_within_seconds=30)
    assert found.agent_occupancy.tolist() == [0.0, 0.0]
    assert found.mean_concurrency.tolist() == [0.0, 0.0]


def test_a_large_department_does_not_overflow() -> None:
    found = chat_measures(
        offered_contacts=100_000,
        interval_seconds=1800,
        mean_handle_seconds=120,
        positions=[3000, 4500],
        concurrency=3,
        slowdown_per_extra_chat=0.4,
        answer_within_seconds=30,
        mean_patience_seconds=180,
    )
    assert np.isfinite(found.mean_concurrency).all()
    assert found.agent_occupancy.tolist() == pytest.approx([1.0, 1.0], abs=1e-3)


def test_an_unknown_model_or_half_a_chat_is_refused() -> None:
    more = {"positions": 5, "slowdown_per_extra_chat": 0.2, "answer_within_seconds": 30}
    with pytest.raises(ValueError, match="known: load_dependent, slots"):
        chat_measures(**LINE, **more, concurrency=2, model="guess")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"concurrency is 2\.5; expected at least 1 and finite, a whole number"):
        chat_measures(**LINE, **more, concurrency=2.5)
