"""Concurrency and slowdown from the spans of chats: planted ones are found, and the settings have the last word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.queues import ChatSettings
from enterprise.settings import Enterprise
from staffing.chat_history import chat_rows, held_chats, slowdown, with_used_chat
from tests.support.example_night import example_enterprise

START = pd.Timestamp("2026-11-02 08:00", tz="UTC")


def simulated(planted: float, chats: int = 6000, agents: int = 8, most: int = 3, seed: int = 4) -> pd.DataFrame:
    """Agents who take up to `most` chats at once, each slowed down as planted; exponential work of 400 seconds."""
    generator = np.random.default_rng(seed)
    left: list[dict[int, float]] = [{} for _ in range(agents)]
    begun, ended, who = np.zeros(chats), np.zeros(chats), np.full(chats, -1)
    now, next_arrival, number = 0.0, 0.0, 0
    while number < chats or any(left):
        ends = [(min(held.values()) * (1 + planted * (len(held) - 1)), agent) for agent, held in enumerate(left) if held]
        until_end, agent = min(ends, default=(np.inf, -1))
        step = min(until_end, next_arrival - now if number < chats else np.inf)
        for held in left:
            for chat in held:
                held[chat] -= step / (1 + planted * (len(held) - 1))
        now += step
        if step == until_end:
            done = min(left[agent], key=left[agent].__getitem__)
            ended[done] = now
            del left[agent][done]
            continue
        fewest = min(range(agents), key=lambda one: len(left[one]))
        if len(left[fewest]) < most:
            left[fewest][number], begun[number], who[number] = generator.exponential(400.0), now, fewest
        number += 1
        next_arrival = now + generator.exponential(30.0)
    taken = who >= 0
    at = {
        name: START + pd.to_timedelta(values[taken], unit="s") for name, values in (("answered_at", begun), ("ended_at", ended))
    }
    return pd.DataFrame({"queue_id": "chat_sales", "agent_id": [f"a{one}" for one in who[taken]], **at})


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    return example_enterprise(Path("unused"))


def with_chat(enterprise: Enterprise, chat: ChatSettings) -> Enterprise:
    queue = enterprise.queues["chat_sales"].model_copy(update={"chat": chat})
    return enterprise.model_copy(update={"queues": {"chat_sales": queue}})


@pytest.mark.parametrize("planted", [0.0, 0.3])
def test_a_planted_slowdown_lies_within_the_interval(planted: float) -> None:
    found = slowdown(held_chats(simulated(planted))["chat_sales"])
    assert found is not None
    estimate, low, high = found
    assert low <= planted <= high
    assert high - low < 0.3
    assert low <= estimate <= high


def test_history_is_used_unless_the_settings_fix_it(enterprise: Enterprise) -> None:
    chats = simulated(0.3)
    learnt = chat_rows(chats, with_chat(enterprise, ChatSettings())).iloc[0]
    assert (learnt["used_concurrency"], learnt["concurrency"]) == (3, 3)
    assert learnt["used_slowdown_per_extra_chat"] == learnt["slowdown_per_extra_chat"] == pytest.approx(0.3, abs=0.12)
    fixed = chat_rows(chats, with_chat(enterprise, ChatSettings(concurrency=5))).iloc[0]
    assert fixed["used_concurrency"] == 5
    assert fixed["used_slowdown_per_extra_chat"] == learnt["slowdown_per_extra_chat"]
    assert fixed["source"].startswith("concurrency: the settings; slowdown: the spans of")


def test_a_source_without_overlap_says_so(enterprise: Enterprise) -> None:
    starts = START + pd.to_timedelta(np.arange(200) * 600, unit="s")
    chats = pd.DataFrame(
        {"queue_id": "chat_sales", "agent_id": "a", "answered_at": starts, "ended_at": starts + pd.Timedelta(minutes=5)}
    )
    row = chat_rows(chats, with_chat(enterprise, ChatSettings())).iloc[0]
    assert (row["used_concurrency"], row["used_slowdown_per_extra_chat"]) == (1, 0.0)
    assert "never overlap" in row["source"]
    nothing = chat_rows(chats.head(3), with_chat(enterprise, ChatSettings())).iloc[0]
    assert "only 3 chats with a known agent" in nothing["source"]
    assert pd.isna(nothing["concurrency"])


def test_an_agents_chats_of_another_queue_count() -> None:
    at = pd.Series([START, START])
    chats = pd.DataFrame(
        {"queue_id": ["one", "two"], "agent_id": "a", "answered_at": at, "ended_at": at + pd.Timedelta(minutes=1)}
    )
    found = held_chats(chats)
    assert found["one"].seconds.tolist() == [0.0, 60.0]


def test_the_plan_works_with_what_is_used(enterprise: Enterprise) -> None:
    rows = chat_rows(simulated(0.3), with_chat(enterprise, ChatSettings()))
    used = with_used_chat(with_chat(enterprise, ChatSettings()), rows).queues["chat_sales"].chat
    assert used.concurrency == 3
    assert used.slowdown_per_extra_chat == rows.iloc[0]["used_slowdown_per_extra_chat"]
