"""Intervals per second for which positions required are found: Erlang C and Erlang A, 100 to 1,000 calls per interval.

Run: .venv/bin/python benchmarks/bench_staffing.py [intervals]

The first call of each model is left out (it compiles once per installation). Where pyworkforce can be imported its own loop is
timed on a sample of the same intervals, and the intervals where its answer is not the least are counted; otherwise that is said.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from staffing.goals import Goal
from staffing.requirement import Requirement, positions_required

RIVAL_SAMPLE = 2_000


def best_of(times: int, work: Callable[[], Requirement]) -> tuple[float, Requirement]:
    """Seconds of the fastest of several runs, and the result."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), found


def rival_positions(calls: np.ndarray, handle_seconds: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and positions of pyworkforce's Erlang C, one interval at a time as its documentation does."""
    from pyworkforce.queuing import ErlangC

    begin = time.perf_counter()
    found = [
        ErlangC(transactions=float(count), aht=float(handle) / 60, asa=20 / 60, interval=30, shrinkage=0.0).required_positions(
            service_level=0.8, max_occupancy=1.0
        )["raw_positions"]
        for count, handle in zip(calls, handle_seconds, strict=True)
    ]
    return time.perf_counter() - begin, np.array(found)


def main() -> None:
    """Measure and show one table."""
    intervals = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    generator = np.random.default_rng(20261112)
    calls = generator.integers(100, 1001, intervals).astype(np.float64)
    handle = generator.uniform(120, 420, intervals)
    patience = generator.uniform(45, 400, intervals)
    goal = Goal(answered_fraction=0.8, answer_within_seconds=20)

    def required(rows: int, patience_seconds: np.ndarray | float) -> Requirement:
        return positions_required(
            offered_contacts=calls[:rows],
            interval_seconds=1800,
            mean_handle_seconds=handle[:rows],
            mean_patience_seconds=patience_seconds,
            goal=goal,
        )

    required(10, np.inf), required(10, 60.0)
    table = Table(title=f"Positions required, {intervals:,} intervals of 100 to 1,000 calls, {os.cpu_count()} cores")
    for heading in ("model", "intervals/second", "seconds", "mean positions", "numbers tried"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    rates = {}
    for name, waiting in (("Erlang C", np.inf), ("Erlang A", patience)):
        seconds, found = best_of(3, lambda waiting=waiting: required(intervals, waiting))  # type: ignore[misc]
        rates[name] = intervals / seconds
        tried = f"{found.trials.mean():.2f}" if name == "Erlang A" else "-"
        table.add_row(name, f"{rates[name]:,.0f}", f"{seconds:.3f}", f"{found.positions.mean():.1f}", tried)
    console = Console(width=120)
    if importlib.util.find_spec("pyworkforce") is None:
        console.print(table)
        console.print("pyworkforce is not installed here: its loop was not timed and no ratio is claimed.")
        return
    sample = min(RIVAL_SAMPLE, intervals)
    seconds, theirs = rival_positions(calls[:sample], handle[:sample])
    table.add_row("pyworkforce Erlang C", f"{sample / seconds:,.0f}", f"{seconds:.3f}", f"{theirs.mean():.1f}", "-")
    console.print(table)
    wrong = int((theirs != required(sample, np.inf).positions).sum())
    console.print(f"Erlang C here / there: {rates['Erlang C'] * seconds / sample:,.0f}; not minimal there: {wrong} of {sample}")


if __name__ == "__main__":
    main()
