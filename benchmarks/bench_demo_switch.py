"""What the demo's switch does with the positions that the plan asks for, beside what the plan predicts.

Run after `make run`: python benchmarks/bench_demo_switch.py [folder of the demo run, `.leadline` by default]

The switch shares nothing with the pipeline: ring times, callers who hang up at once, redials, log-normal talk and work after it,
agents who end their call before they leave. It gets Poisson arrivals of the plan's contacts per interval and one agent per
planned position, thirty times over the plan's first fortnight.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from demo.queues import QUEUES, QueueSpec, queues_of
from demo.switch import ABANDONED
from demo.telephony import Legs, simulate_calls
from enterprise.settings import load_enterprise
from warehouse.lake import Lake
from warehouse.tables.staffing import STAFFING_INTERVAL

RUNS, DAYS = 30, 14
CONFIG = Path(__file__).parents[1] / "config" / "enterprise.toml"


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


def run(plan: dict[int, pd.DataFrame], seed: int) -> Legs:
    """One fortnight of the demo's switch under the plan."""
    rng = np.random.default_rng(seed)
    arrived, queue_of, spans, agents = [], [], [], 0
    for queue, rows in plan.items():
        counts = rng.poisson(rows["mean_offered_contacts"])
        begins = np.repeat(rows["interval_start_utc"].astype("int64").to_numpy() // 1_000_000, counts)
        at = begins + rng.random(len(begins)) * np.repeat(rows["open_seconds"].to_numpy(dtype=np.float64), counts)
        arrived.append(at.astype(np.int64))
        queue_of.append(np.full(len(at), queue))
        spans += spans_of(rows, queue, agents)
        agents += int(rows["positions_required"].max())
    at, queue_of_all = np.concatenate(arrived), np.concatenate(queue_of)
    order = np.argsort(at, kind="stable")
    columns = [np.array(column) for column in zip(*sorted(spans, key=lambda span: span[2]), strict=True)]
    everything = int(at.min()) - 86_400, int(at.max()) + 86_400
    midnight = np.array([everything[0], everything[1]])
    openings = (midnight, np.full((len(plan), 2), everything[0]), np.full((len(plan), 2), everything[1]))
    parameters = np.array(
        [[one.talk_seconds, one.wrap_seconds, one.talk_sigma, one.patience_seconds, one.timeout_seconds] for one in voice()]
    )
    none = np.zeros((len(plan), len(plan)))
    legs, _ = simulate_calls(at[order], queue_of_all[order], tuple(columns), parameters.astype(np.float64), none, openings, rng)
    return legs


def voice() -> list[QueueSpec]:
    """The demo's voice queues in the order of its switch."""
    return [QUEUES[number] for number in queues_of("voice")]


def main() -> None:
    """Show both per queue."""
    console = Console(width=120)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".leadline")
    if not (folder / "lake").is_dir():
        console.print(f"skipped: {folder} holds no run on the demo enterprise; do `make run` first")
        return
    enterprise = load_enterprise(CONFIG, {}, folder.resolve().parent)
    whole = Lake(str(folder / "lake")).read(STAFFING_INTERVAL)
    whole = whole[(whole["plan_date"] == whole["plan_date"].max()) & (whole["lead_days"] <= DAYS)]
    names = [spec.queue_id for spec in voice()]
    plan = {number: whole[whole["queue_id"] == name].sort_values("interval_start_utc") for number, name in enumerate(names)}
    runs = [run(plan, seed) for seed in range(RUNS)]
    pairs = ("service level: plan", "switch", "95 % interval", "gave up: plan", "switch", "AHT: plan", "switch")
    table = Table("queue", "calls a run", *pairs)
    for number, name in enumerate(names):
        goal, short = enterprise.queues[name].service_goal, enterprise.queues[name].demand.short_abandon_seconds
        rows = plan[number]
        levels, lost, handle, calls = [], [], [], 0
        for legs in runs:
            mine = legs.queue == number
            wait = np.where(legs.connected >= 0, legs.connected, legs.ended) - legs.entered
            gone = legs.outcome == ABANDONED
            mine &= ~(gone & (wait < short)) & (legs.ended >= 0)
            levels.append(float((mine & ~gone & (legs.connected >= 0) & (wait <= goal.seconds)).sum() / mine.sum()))
            lost.append(float((mine & gone).sum() / mine.sum()))
            answered = mine & (legs.connected >= 0)
            handle.append(float((legs.talk + legs.wrap)[answered].mean()))
            calls += int(mine.sum())
        weight = rows["mean_offered_contacts"]
        error = 2 * float(np.std(levels, ddof=1)) / np.sqrt(RUNS)
        table.add_row(
            name, f"{calls / RUNS:,.0f}", f"{100 * np.average(rows['answered_fraction'], weights=weight):.1f} %",
            f"{100 * np.mean(levels):.1f} %", f"± {100 * error:.1f}",
            f"{100 * np.average(rows['abandoned_fraction'], weights=weight):.1f} %", f"{100 * np.mean(lost):.1f} %",
            f"{np.average(rows['mean_handle_seconds'], weights=weight):.0f} s", f"{np.mean(handle):.0f} s",
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main()
