"""What the demo's switch and chat room do with the positions that the plan asks for, beside what the plan predicts.

Run after `make run`: python benchmarks/bench_demo_switch.py [folder of the demo run, `.leadline` by default]

The switch shares nothing with the pipeline: ring times, callers who hang up at once, redials, log-normal talk and work after it,
agents who end their call before they leave. So does the chat room: an agent slows down with every chat, a chat stays where it
began, after-contact work keeps its slot. They get Poisson arrivals of the plan's contacts per interval and one agent per planned
position, thirty times over the plan's first fortnight. Neither knows teams or work between calls; these have a simulation of
ours (`staffing/group_audit.py`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from demo.chatroom import simulate_chats
from demo.queues import QUEUES, QueueSpec, queues_of
from demo.switch import ABANDONED
from demo.telephony import simulate_calls
from enterprise.queues import Queue
from enterprise.settings import load_enterprise
from warehouse.lake import Lake
from warehouse.tables.staffing import STAFFING_INTERVAL

RUNS, DAYS = 30, 14
CONFIG = Path(__file__).parents[1] / "config" / "enterprise.toml"


@dataclass(frozen=True, eq=False)
class Contacts:
    """Simulated contacts: wait until answered or gone, whether answered, whether over, handle time where answered."""

    queue: np.ndarray
    wait_seconds: np.ndarray
    is_answered: np.ndarray
    is_known: np.ndarray
    handle_seconds: np.ndarray


def spans_of(plan: pd.DataFrame, queue: int, first_agent: int) -> list[tuple[int, int, int, int, bool, bool]]:
    """Agent, queue, begin, end, first and last of shift: agent k works through the intervals that ask for more than k."""
    begins = plan["interval_start_utc"].astype("int64").to_numpy() // 1_000_000
    ends = begins + plan["open_seconds"].to_numpy(dtype=np.int64)
    need = plan["positions_required"].to_numpy(dtype=np.int64)
    found = []
    for agent in range(int(need.max())):
        wanted = np.flatnonzero(need > agent)
        breaks = np.flatnonzero((np.diff(wanted) > 1) | (begins[wanted[1:]] > ends[wanted[:-1]]))
        for own in np.split(wanted, breaks + 1):
            found.append((first_agent + agent, queue, int(begins[own[0]]), int(ends[own[-1]]), True, True))
    return found


def drawn(plan: dict[int, pd.DataFrame], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Arrivals in order, their queues, and the columns of the agents' spans."""
    arrived, queue_of, spans, agents = [], [], [], 0
    for queue, rows in plan.items():
        counts = rng.poisson(rows["mean_offered_contacts"])
        begins = np.repeat(rows["interval_start_utc"].astype("int64").to_numpy() // 1_000_000, counts)
        at = begins + rng.random(len(begins)) * np.repeat(rows["open_seconds"].to_numpy(dtype=np.float64), counts)
        arrived.append(at.astype(np.int64))
        queue_of.append(np.full(len(at), queue))
        spans += spans_of(rows, queue, agents)
        agents += int(rows["positions_required"].max())
    at, queues = np.concatenate(arrived), np.concatenate(queue_of)
    order = np.argsort(at, kind="stable")
    columns = [np.array(column) for column in zip(*sorted(spans, key=lambda span: span[2]), strict=True)]
    return at[order], queues[order], columns


def run(channel: str, plan: dict[int, pd.DataFrame], seed: int) -> Contacts:
    """One fortnight of the demo's switch, or of its chat room, under the plan."""
    rng = np.random.default_rng(seed)
    at, queues, columns = drawn(plan, rng)
    before, after = int(at.min()) - 86_400, int(at.max()) + 86_400
    midnight, always = np.array([before, after]), np.full((len(plan), 2), after)
    parameters = np.array(
        [
            [one.talk_seconds, one.wrap_seconds, one.talk_sigma, one.patience_seconds, one.timeout_seconds]
            for one in specs(channel)
        ]
    ).astype(np.float64)
    none = np.zeros((len(plan), len(plan)))
    if channel == "chat":
        chats = simulate_chats(at, queues, tuple(columns[:4]), parameters, none, (always, midnight), rng)
        known = chats.ended >= 0
        wait = np.where(chats.connected >= 0, chats.connected, chats.ended) - chats.entered
        return Contacts(chats.queue, wait, chats.connected >= 0, known, chats.ended + chats.wrap - chats.connected)
    openings = (midnight, np.full((len(plan), 2), before), always)
    legs, _ = simulate_calls(at, queues, tuple(columns), parameters, none, openings, rng)
    wait = np.where(legs.connected >= 0, legs.connected, legs.ended) - legs.entered
    answered = (legs.connected >= 0) & (legs.outcome != ABANDONED)
    return Contacts(legs.queue, wait, answered, legs.ended >= 0, legs.talk + legs.wrap)


def specs(channel: str) -> list[QueueSpec]:
    """The demo's queues of a channel in the order of its simulator."""
    return [QUEUES[number] for number in queues_of(channel)]


def main() -> None:
    """Show both per queue."""
    console = Console(width=120)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".leadline")
    if not (folder / "lake").is_dir():
        console.print(f"skipped: {folder} holds no run on the demo enterprise; do `make run` first")
        return
    enterprise = load_enterprise(CONFIG, {}, folder.resolve().parent)
    lake = Lake(str(folder / "lake"))
    night = max(lake.partitions(STAFFING_INTERVAL))
    whole = lake.read(STAFFING_INTERVAL, first=night, last=night)
    whole = whole[whole["lead_days"] <= DAYS]
    pairs = ("service level: plan", "simulator", "95 % interval", "gave up: plan", "simulator", "AHT: plan", "simulator")
    table = Table("queue", "contacts a run", *pairs)
    for channel in ("voice", "chat"):
        names = [spec.queue_id for spec in specs(channel)]
        plan = {number: whole[whole["queue_id"] == name].sort_values("interval_start_utc") for number, name in enumerate(names)}
        runs = [run(channel, plan, seed) for seed in range(RUNS)]
        for number, name in enumerate(names):
            table.add_row(name, *compared(enterprise.queues[name], plan[number], number, runs))
    console.print(table)


def compared(queue: Queue, rows: pd.DataFrame, number: int, runs: list[Contacts]) -> list[str]:
    """A queue's cells; the mean handle time of a chat is that of one held beside others, which the plan knows by its slowdown."""
    levels, lost, handle, contacts = [], [], [], 0
    short = queue.demand.short_abandon_seconds if queue.channel == "voice" else 0
    for one in runs:
        mine = (one.queue == number) & one.is_known & (one.is_answered | (one.wait_seconds >= short))
        levels.append(float((mine & one.is_answered & (one.wait_seconds <= queue.service_goal.seconds)).sum() / mine.sum()))
        lost.append(float((mine & ~one.is_answered).sum() / mine.sum()))
        handle.append(float(one.handle_seconds[mine & one.is_answered].mean()))
        contacts += int(mine.sum())
    weight = rows["mean_offered_contacts"]
    return [
        f"{contacts / RUNS:,.0f}",
        f"{100 * np.average(rows['answered_fraction'], weights=weight):.1f} %",
        f"{100 * np.mean(levels):.1f} %",
        f"± {200 * float(np.std(levels, ddof=1)) / np.sqrt(RUNS):.1f}",
        f"{100 * np.average(rows['abandoned_fraction'], weights=weight):.1f} %",
        f"{100 * np.mean(lost):.1f} %",
        f"{np.average(rows['mean_handle_seconds'], weights=weight):.0f} s",
        f"{np.mean(handle):.0f} s",
    ]


if __name__ == "__main__":
    main()
