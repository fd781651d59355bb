"""How long the staffing of work that can wait takes, beside the same linear programmes written as textbooks do.

Run: .venv/bin/python benchmarks/bench_deferred.py [--queues 300] [--rival 10]

Queues of 42 days in half hours, with goals of 4 to 60 business hours and an opening backlog: the lowest peak, then the fewest
hours below it with one number of people a day (`minimal_peak`, `cheapest_plan`). Half of them are open in office hours, half day
and night. The rival is `scipy.optimize.linprog` (HiGHS) on the transport form: a variable for each cohort in each period in which
it may be worked; it is run on a few of the queues, as it takes long, and its optimum must be the same.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import sparse
from scipy.optimize import linprog

from staffing.deferred import DeferredWork, deferred_work, due_in_open_periods, minimal_peak
from staffing.deferred_plan import cheapest_plan

DAYS, PER_DAY, MOST_SECONDS = 42, 48, 60.0
DAY = np.repeat(np.arange(DAYS), PER_DAY)


def queue(generator: np.random.Generator, *, office: bool) -> DeferredWork:
    """Arrivals with a peak before noon, quieter weekends, and mails that wait since the days before."""
    hour = np.tile(np.arange(PER_DAY) / 2, DAYS)
    is_open = (hour >= 8) & (hour < 18) & (DAY % 7 < 5) if office else np.ones(DAY.size, dtype=bool)
    rate = generator.uniform(2, 40) * np.exp(-(((hour - 11) / 4) ** 2)) * np.where(DAY % 7 < 5, 1.0, 0.2)
    places = np.flatnonzero(is_open)
    return deferred_work(
        is_open=is_open,
        arrivals=generator.poisson(rate),
        mean_handle_seconds=generator.uniform(200, 2000),
        period_hours=0.5,
        goal_open_periods=int(generator.choice([8, 16, 20, 40, 60, 120])),
        backlog_items=generator.integers(10, 200, 2),
        backlog_due=places[[7, 15]],
        productive_fraction=0.9,
    )


def planned(work: DeferredWork) -> float:
    """People-periods of the plan as the night makes it."""
    peak = minimal_peak(work).staff * (1 + 1e-6)
    return cheapest_plan(work, block=DAY, whole_people=False, maximum_staff=peak).staff_periods


def textbook(work: DeferredWork) -> float:
    """The same optimum from the transport form."""
    peak = minimal_peak(work).staff * (1 + 1e-6)
    items, first, last = due_in_open_periods(work)
    opened = np.flatnonzero(work.is_open)
    spans = last - first + 1
    cohort = np.repeat(np.arange(items.size), spans)
    period = first[cohort] + np.arange(cohort.size) - np.repeat(np.cumsum(spans) - spans, spans)
    used = sparse.csr_array((np.ones(cohort.size), (period, np.arange(cohort.size))), shape=(opened.size, cohort.size))
    done = sparse.csr_array((np.ones(cohort.size), (cohort, np.arange(cohort.size))), shape=(items.size, cohort.size))
    people = sparse.csr_array((np.ones(opened.size), (np.arange(opened.size), DAY[opened])), shape=(opened.size, DAYS))
    found = linprog(
        np.concatenate([np.bincount(DAY[opened], minlength=DAYS), np.zeros(cohort.size)]),
        A_ub=sparse.hstack([-people, used], format="csr"),
        b_ub=np.zeros(opened.size),
        A_eq=sparse.hstack([sparse.csr_array((items.size, DAYS)), done], format="csr"),
        b_eq=items / work.items_per_person,
        bounds=[(0, peak)] * DAYS + [(0, None)] * cohort.size,
        method="highs",
    )
    return float(found.fun)


def timed(works: list[DeferredWork], plan: object) -> tuple[list[float], float, float]:
    """Optima, clock and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    optima = [plan(work) for work in works]  # type: ignore[operator]
    return optima, time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Measure and show one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", type=int, default=300)
    parser.add_argument("--rival", type=int, default=10)
    chosen = parser.parse_args()
    generator = np.random.default_rng(20261130)
    works = [queue(generator, office=number % 2 == 0) for number in range(chosen.queues)]
    planned(works[0])  # compiled code is loaded once
    optima, wall, cpu = timed(works, planned)
    few = works[: chosen.rival]
    rival, rival_wall, rival_cpu = timed(few, textbook)
    difference = max(abs(a - b) / b for a, b in zip(optima, rival, strict=False))
    table = Table("", "queues", "clock, s", "CPU, s", "CPU, ms a queue")
    for name, count, seconds, used in (
        ("Leadline", len(works), wall, cpu),
        ("scipy's linprog, transport form", len(few), rival_wall, rival_cpu),
    ):
        table.add_row(name, f"{count}", f"{seconds:.1f}", f"{used:.1f}", f"{1000 * used / count:.1f}")
    console = Console(width=130)
    console.print(table)
    ratio = rival_cpu / len(few) / (cpu / len(works))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    console.print(
        f"Goal: {chosen.queues} queues below {MOST_SECONDS:g} s. Leadline takes {ratio:.0f} times less CPU a queue; optima "
        f"differ by {difference:.1e} at most. Peak memory {memory:.2f} GB."
    )


if __name__ == "__main__":
    main()
