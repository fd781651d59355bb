"""How many chats people hold at once and how much that slows them down, from the spans in which they had them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from enterprise.queues import ChatSettings, Queue
from enterprise.settings import Enterprise
from staffing.doors import FloatArray
from warehouse.tables.evidence import CHAT_CONCURRENCY

ENOUGH_CHATS = 100
_SELDOM, _OFTEN = 0.01, 0.05
"""Shares of the time in chats: a number held for less than the first is an oddity, for more than the second is usual."""
_MOST_SLOWDOWN = 2.0  # what the settings allow
_HALF_DROP = float(chi2.ppf(0.95, 1)) / 2.0


@dataclass(frozen=True, eq=False)
class HeldChats:
    """One queue's chats by how many its agents held at the time, from 1.

    Attributes:
        seconds: chat time of the queue's chats while so many were held.
        ended: its chats that ended while so many were held.
    """

    seconds: FloatArray
    ended: FloatArray


def chats_of(queues: Collection[str]) -> str:
    """What `held_chats` takes of some queues, as a query over the table `contacts`: all chats of the agents who serve them."""
    names = ", ".join("'" + queue + "'" for queue in sorted(queues)) or "NULL"
    chats = "channel = 'chat' AND outcome = 'answered' AND answered_at IS NOT NULL AND ended_at IS NOT NULL"
    serving = f"SELECT agent_id FROM contacts WHERE {chats} AND queue_id IN ({names})"  # noqa: S608 - ids of the settings
    return (
        f"SELECT queue_id, agent_id, answered_at, ended_at FROM contacts WHERE {chats} AND agent_id IN ({serving}) "  # noqa: S608
        "ORDER BY contact_id, segment"
    )


def held_chats(chats: pd.DataFrame) -> dict[str, HeldChats]:
    """Count what every queue's chats met; an agent's chats of all queues count.

    Args:
        chats: answered chats with `queue_id`, `agent_id`, `answered_at` and `ended_at`, none missing.

    Example:
        >>> at = pd.to_datetime(["2026-11-12 10:00Z", "2026-11-12 10:01Z"])
        >>> chats = pd.DataFrame({"queue_id": "a", "agent_id": "x", "answered_at": at, "ended_at": at + pd.Timedelta(minutes=2)})
        >>> found = held_chats(chats)["a"]
        >>> found.seconds.tolist(), found.ended.tolist()
        ([120.0, 120.0], [1.0, 1.0])
    """
    spans = chats[chats["ended_at"] > chats["answered_at"]]
    events = pd.concat(
        [
            spans[["queue_id", "agent_id"]].assign(at=spans[side], step=step)
            for side, step in (("answered_at", 1), ("ended_at", -1))
        ]
    ).sort_values(["agent_id", "at", "step"], kind="stable")
    held = events.groupby("agent_id", sort=False)["step"].cumsum().to_numpy()
    lasts = (events["at"].shift(-1) - events["at"]).dt.total_seconds().to_numpy()
    lasts = np.where(events["agent_id"].to_numpy() == events["agent_id"].shift(-1).to_numpy(), lasts, 0.0)
    most = int(held.max(initial=0))
    found = {}
    for queue_id in sorted(set(spans["queue_id"])):
        mine = (events["queue_id"] == queue_id).to_numpy()
        own = events["step"].where(mine, 0).groupby(events["agent_id"], sort=False).cumsum().to_numpy()
        seconds = np.bincount(held, weights=own * lasts, minlength=most + 1)[1:]
        ends = mine & (events["step"] == -1).to_numpy()
        ended = np.bincount(held[ends] + 1, minlength=most + 2)[1 : most + 1]
        found[str(queue_id)] = HeldChats(seconds.astype(np.float64), ended.astype(np.float64))
    return found


def slowdown(held: HeldChats) -> tuple[float, float, float] | None:
    """Slowdown per further chat with its 95 % interval, by maximum likelihood; None where people never held two.

    While k chats are held each ends at the rate 1 / (h (1 + d (k - 1))): ends are counts, chat time is the exposure. The interval
    is that of the profile likelihood. Exact for exponential work; what a chat's age says of its end averages out, because chats
    of all ages meet every number held.
    """
    places = np.arange(len(held.seconds), dtype=np.float64)
    if held.ended[1:].sum() == 0 or held.seconds[0] <= 0 or held.ended[0] == 0:
        return None

    def lack(d: float) -> float:
        """Negative log likelihood with the best h."""
        stretched = 1.0 + d * places
        return float(held.ended.sum() * np.log((held.seconds / stretched).sum()) + (held.ended * np.log(stretched)).sum())

    best = float(minimize_scalar(lack, bounds=(0.0, _MOST_SLOWDOWN), method="bounded", options={"xatol": 1e-6}).x)
    best = min((0.0, best, _MOST_SLOWDOWN), key=lack)

    def beyond(d: float) -> float:
        return lack(d) - lack(best) - _HALF_DROP

    low = float(brentq(beyond, 0.0, best)) if best > 0 and beyond(0.0) > 0 else 0.0
    high = float(brentq(beyond, best, _MOST_SLOWDOWN)) if best < _MOST_SLOWDOWN and beyond(_MOST_SLOWDOWN) > 0 else _MOST_SLOWDOWN
    return best, low, high


def chat_rows(chats: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Rows of CHAT_CONCURRENCY without `plan_date`, one per chat queue of the settings.

    What the settings fix is used; the rest as history shows it, if it shows enough; else one chat at a time and no slowdown.

    Args:
        chats: as in `held_chats`.
        enterprise: its chat queues.
    """
    held = held_chats(chats)
    counts = chats.groupby("queue_id").size()
    rows = [
        _row(queue, held.get(queue.id), int(counts.get(queue.id, 0)))
        for queue in enterprise.queues.values()
        if queue.channel == "chat"
    ]
    return pd.DataFrame(rows, columns=[name for name in CHAT_CONCURRENCY.column_names if name != "plan_date"])


def with_used_chat(enterprise: Enterprise, rows: pd.DataFrame) -> Enterprise:
    """The settings with the concurrency and slowdown that the plan uses (rows of CHAT_CONCURRENCY)."""
    used = {
        row["queue_id"]: ChatSettings(
            concurrency=int(row["used_concurrency"]), slowdown_per_extra_chat=float(row["used_slowdown_per_extra_chat"])
        )
        for row in rows.to_dict("records")
    }
    queues = {
        name: queue.model_copy(update={"chat": used[name]}) if name in used else queue
        for name, queue in enterprise.queues.items()
    }
    return enterprise.model_copy(update={"queues": queues})


def _row(queue: Queue, held: HeldChats | None, chats: int) -> dict[str, object]:
    row: dict[str, object] = {"queue_id": queue.id, "chats": chats}
    fixed = queue.chat.model_fields_set
    learnt = ChatSettings()
    why = f"only {chats} chats with a known agent, begin and end: their overlap says nothing"
    if held is not None and chats >= ENOUGH_CHATS:
        share = held.seconds / held.seconds.sum()
        places = np.arange(1, len(share) + 1)
        usual = int(places[share >= _SELDOM].max(initial=1))
        row |= {
            "concurrency": usual,
            "concurrency_low": int(places[share >= _OFTEN].max(initial=1)),
            "concurrency_high": int(places[held.seconds > 0].max(initial=1)),
            "mean_concurrency": float(held.seconds.sum() / (held.seconds / places).sum()),
        }
        slower = slowdown(held)
        why = "the spans of chats per agent never overlap: one at a time"
        if slower is not None:
            names = ("slowdown_per_extra_chat", "slowdown_per_extra_chat_low", "slowdown_per_extra_chat_high")
            row |= dict(zip(names, slower, strict=True))
            why = f"the spans of {chats} chats"
        learnt = ChatSettings(concurrency=min(usual, 20), slowdown_per_extra_chat=slower[0] if slower else 0.0)
    settings = {"concurrency": "concurrency", "slowdown_per_extra_chat": "slowdown"}
    used = {name: getattr(queue.chat if name in fixed else learnt, name) for name in settings}
    told = [f"{word}: {'the settings' if name in fixed else why}" for name, word in settings.items()]
    return row | {
        "used_concurrency": used["concurrency"],
        "used_slowdown_per_extra_chat": used["slowdown_per_extra_chat"],
        "source": "; ".join(told),
    }
