"""A slow second implementation of deferred work in exact fractions: it makes cases with known answers from inputs alone.

It shares no formula with `staffing`: the peak is the worst of all windows, the cheapest blocks an integer programme with one row
per window (or every combination tried), the run-off a queue of items served one cohort after the other.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, milp

Inputs = dict[str, Any]
Cohort = tuple[int, Fraction, int, int | None]
"""Place among backlog then arrivals, items, first period it may be worked in, due period."""

_COMBINATIONS = 3000


def due(is_open: list[int], goal: int) -> list[int | None]:
    """The k-th open period strictly after each period."""
    return [
        next((at for at in range(p + 1, len(is_open)) if is_open[at] and sum(is_open[p + 1 : at + 1]) == goal), None)
        for p in range(len(is_open))
    ]


def cohorts(inputs: Inputs) -> list[Cohort]:
    """Backlog, then arrivals by period."""
    waiting = [(Fraction(str(items)), 0, by) for items, by in inputs["opening_backlog"]]
    last = due(inputs["open"], inputs["sla_open_periods"])
    coming = [(Fraction(str(items)), p + inputs["lag"], last[p]) for p, items in enumerate(inputs["arrivals"])]
    return [(place, *rest) for place, rest in enumerate(waiting + coming)]


def per_person(inputs: Inputs) -> Fraction:
    """Items a person completes in an open period."""
    hours, seconds, lost = (Fraction(str(inputs[name])) for name in ("period_h", "aht_s", "shrinkage"))
    return hours * 3600 / seconds * (1 - lost)


def windows(inputs: Inputs) -> dict[tuple[int, int], tuple[Fraction, int]]:
    """Per window of periods: person-periods of the work that lies wholly in it, and its open periods."""
    opened, capacity = inputs["open"], per_person(inputs)
    work = [one for one in cohorts(inputs) if one[1] > 0 and one[3] is not None]
    found = {}
    for begin in range(len(opened)):
        for end in range(begin, len(opened)):
            inside = sum((items for _, items, release, by in work if release >= begin and by <= end), Fraction(0))
            # Work that may be done only after it is due lies in no window and can never be in time.
            never = sum((items for _, items, release, by in work if release > by and by == end), Fraction(0))
            found[begin, end] = ((inside + never) / capacity, 0 if never else sum(opened[begin : end + 1]))
    return found


def least_staff(inputs: Inputs) -> dict[str, Any]:
    """Outputs of a case of the kind min_staff."""
    need = windows(inputs)
    feasible = all(count > 0 or amount == 0 for amount, count in need.values())
    peak = max((amount / count for amount, count in need.values() if count), default=Fraction(0)) if feasible else None
    opened = inputs["open"]
    critical = next(
        (
            [begin, end]
            for (begin, end), (amount, count) in need.items()
            if peak and opened[begin] and opened[end] and count and work_of_open_window(inputs, begin, end) / count == peak
        ),
        None,
    )
    total = sum((items for _, items, _, by in cohorts(inputs) if by is not None), Fraction(0))
    return {
        "due": due(opened, inputs["sla_open_periods"]),
        "capacity_per_agent_period": rounded(per_person(inputs)),
        "total_due_items": rounded(total),
        "min_peak_staff": rounded(peak),
        "min_peak_staff_integer": None if peak is None else math.ceil(peak),
        "critical_window": critical,
        "min_total_staff_periods_integer_by_block": fewest_in_blocks(inputs, need) if feasible else None,
        "min_total_staff_hours_real_unbounded": rounded(
            total * Fraction(str(inputs["aht_s"])) / 3600 / (1 - Fraction(str(inputs["shrinkage"])))
        )
        if feasible
        else None,
    }


def work_of_open_window(inputs: Inputs, begin: int, end: int) -> Fraction:
    """Person-periods that can be done in no open period outside of the window."""
    places = [p for p, is_open in enumerate(inputs["open"]) if is_open]
    work = [
        items
        for _, items, release, by in cohorts(inputs)
        if by is not None and all(begin <= p <= end for p in places if release <= p <= by)
    ]
    return sum(work, Fraction(0)) / per_person(inputs)


def fewest_in_blocks(inputs: Inputs, need: dict[tuple[int, int], tuple[Fraction, int]]) -> int:
    """Least whole people x open periods, constant in each block: every combination where there are few, else by window rows."""
    opened, block = inputs["open"], inputs["block"]
    count = max(block) + 1
    size = [sum(o for o, b in zip(opened, block, strict=True) if b == one) for one in range(count)]
    rows: dict[tuple[int, ...], Fraction] = {}
    for (begin, end), (amount, _) in need.items():
        inside = tuple(
            sum(o for o, b in zip(opened[begin : end + 1], block[begin : end + 1], strict=True) if b == one)
            for one in range(count)
        )
        rows[inside] = max(rows.get(inside, Fraction(0)), amount)
    most = math.ceil(max(rows.values()))
    if (most + 1) ** count <= _COMBINATIONS:
        return min(
            sum(s * n for s, n in zip(staff, size, strict=True))
            for staff in product(range(most + 1), repeat=count)
            if all(sum(s * n for s, n in zip(staff, inside, strict=True)) >= amount for inside, amount in rows.items())
        )
    matrix = np.array(list(rows), dtype=float)
    # Left sides are whole numbers: what is required may be rounded up to one, which leaves the solver's tolerance no room.
    low = [float(math.ceil(amount)) for amount in rows.values()]
    found = milp(size, integrality=np.ones(count), constraints=[LinearConstraint(matrix, lb=low)], options={"mip_rel_gap": 0.0})
    return round(found.fun)


def run_off(inputs: Inputs) -> dict[str, Any]:
    """Outputs of a case of the kind fluid_backlog."""
    opened, capacity = inputs["open"], per_person(inputs)
    line = sorted(cohorts(inputs), key=lambda one: (len(opened) if one[3] is None else one[3], one[0]))
    left = {one[0]: one[1] for one in line}
    kept: dict[int, Fraction | None] = {place: None if by is None else Fraction(0) for place, _, _, by in line}
    waiting = len(inputs["opening_backlog"])
    completed, backlog, used = [], [], []
    for period, is_open in enumerate(opened):
        room = capacity * Fraction(str(inputs["staff"][period])) * is_open
        most = room
        for place, _, release, by in line:
            if release <= period:
                done = min(left[place], room)
                left[place] -= done
                room -= done
                if by is not None and period <= by:
                    kept[place] += done
        completed.append(most - room)
        backlog.append(sum((left[place] for place, *_ in line if place < waiting + period + 1), Fraction(0)))
        used.append((most - room) / most if most else None)
    total = sum((items for _, items, _, by in line if by is not None), Fraction(0))
    on_time = [kept[place] for place in sorted(kept)]
    return {
        "completed": [rounded(one) for one in completed],
        "backlog_end": [rounded(one) for one in backlog],
        "utilisation": [rounded(one) for one in used],
        "on_time_by_cohort": [rounded(one) for one in on_time],
        "pct_within_sla": rounded(sum((one for one in on_time if one is not None), Fraction(0)) / total) if total else None,
        "items_with_due": rounded(total),
        "backlog_final": rounded(backlog[-1]),
    }


def rounded(value: Fraction | None) -> float | None:
    """Eight significant digits, as the reference has them."""
    return None if value is None else float(f"{float(value):.8g}")


def random_inputs(generator: np.random.Generator, most_periods: int = 14) -> Inputs:
    """Inputs of one case: small and large, dense and empty, with work due at once, closed beginnings and backlogs of any age."""
    periods = int(generator.integers(1, most_periods + 1))
    is_open = (generator.random(periods) < generator.choice([0.0, 0.5, 0.8, 1.0], p=[0.03, 0.27, 0.4, 0.3])).astype(int)
    scale = float(generator.choice([0.01, 1, 10, 100, 10_000, 1e6], p=[0.05, 0.15, 0.45, 0.25, 0.05, 0.05]))
    arrivals = generator.integers(0, 40, periods) * scale / 10 * (generator.random(periods) < generator.choice([0.1, 0.9, 1.0]))
    backlog = []
    for _ in range(int(generator.choice([0, 1, 2, 4]))):
        by = None if generator.random() < 0.15 else int(generator.integers(0, periods))
        backlog.append([round(float(generator.integers(0, 60) * scale / generator.choice([1, 3])), 3), by])
    if generator.random() < 0.8:
        backlog.sort(key=lambda one: periods if one[1] is None else one[1])
    block = np.cumsum(generator.random(periods) < generator.choice([0.15, 0.4, 1.0]))
    return {
        "open": is_open.tolist(),
        "arrivals": [round(float(one), 4) for one in arrivals],
        "aht_s": float(generator.choice([30, 300, 420, 600, 900, 1234.5, 3600, 14_400])),
        "sla_open_periods": int(generator.integers(1, 7)),
        "lag": int(generator.choice([0, 0, 1])),
        "opening_backlog": backlog,
        "period_h": float(generator.choice([0.25, 0.5, 1, 7, 8])),
        "shrinkage": float(generator.choice([0, 0, 0.15, 0.3])),
        "block": (block - block[0]).tolist(),
        "staff": [float(one) for one in generator.choice([0, 1, 2, 3, 5, 8, 2.5], periods) * generator.choice([1, scale])],
    }
