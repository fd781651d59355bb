"""How long shifts for about 1,000 people and four weeks take, and how far from the best they may be at most.

Run: .venv/bin/python benchmarks/bench_shift_cover.py

A service open from 08:00 to 20:00 on six days, and one open day and night, in half hours; two full-time contracts with a break of
half an hour and two part-time ones. The bound is that of the integer programme: no plan is cheaper.
"""

from __future__ import annotations

import time

import numpy as np
from rich.console import Console
from rich.table import Table

from staffing.shift_cover import Contract, cover_shifts

DAYS, INTERVALS, HOURS = 28, 48, 0.5
MOST_SECONDS, MOST_GAP = 120.0, 0.01
CONTRACTS = (
    Contract("five days of 8 hours", 5, 17, 240.0, 1, 6, 11),
    Contract("four days of 9 hours", 4, 19, 270.0, 1, 6, 11),
    Contract("four days of 4 hours", 4, 8, 128.0),
    Contract("five days of 5 hours", 5, 10, 157.5, people_at_most=150),
)


def required(generator: np.random.Generator, night: float, morning: float, evening: float, week: list[float]) -> np.ndarray:
    """People to schedule per half hour: two peaks a day, weekdays of their own, days that stray."""
    hour = np.arange(INTERVALS) / 2
    day = night + morning * np.exp(-(((hour - 11) / 3) ** 2)) + evening * np.exp(-(((hour - 16) / 3) ** 2))
    return np.concatenate([np.round(day * week[d % 7] * generator.normal(1, 0.05)) for d in range(DAYS)]).astype(np.int64)


def main() -> None:
    """Measure and show one table."""
    generator = np.random.default_rng(20261112)
    days = np.repeat(np.arange(DAYS), INTERVALS)
    hour = np.tile(np.arange(INTERVALS) / 2, DAYS)
    week = [1.2, 1.05, 1.0, 1.0, 0.95, 0.45, 0.0]
    opened = (hour >= 8) & (hour < 20) & (np.array(week)[days % 7] > 0)
    cases = {
        "08:00 to 20:00, six days": (required(generator, 20, 690, 560, week) * opened, opened),
        "day and night": (required(generator, 60, 450, 330, [1, 1, 1, 1, 0.9, 0.7, 0.6]), np.ones(days.size, dtype=bool)),
    }
    table = Table("service", "people", "hours required", "hours short", "hours over", "above the bound", "seconds")
    for name, (need, is_open) in cases.items():
        begin = time.perf_counter()
        found = cover_shifts(
            need, days, is_open, CONTRACTS, interval_hours=HOURS, cost_per_missing_hour=45.0, relative_gap=MOST_GAP / 2
        )
        seconds = time.perf_counter() - begin
        numbers = (need.sum() * HOURS, found.hours_short.sum(), found.hours_over.sum())
        shown = [f"{number:,.0f}" for number in numbers]
        table.add_row(name, f"{found.people.sum():,}", *shown, f"{100 * found.gap:.2f} %", f"{seconds:.1f}")
    console = Console(width=130)
    console.print(table)
    console.print(f"Goals: below {MOST_SECONDS:g} seconds, at most {100 * MOST_GAP:g} % above the bound.")


if __name__ == "__main__":
    main()
