"""People, shifts and who is really there.

Planners of the simulated insurer know the calendar but neither the day factor nor storms; they plan shifts by a
square-root rule around the expected load, noisily. Shifts are covered by part-time and full-time people with a
lunch and short breaks; some people fall ill, some come late. So waits and abandonments follow from staffing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.clock import BoolArray, Clock, FloatArray, IntArray
from demo.compiled import compiled
from demo.queues import QUEUES

HALF_HOURS = 48
_LENGTHS = np.array([17, 13, 9], np.int64)
"""Shift lengths in half hours: 8.5 (with lunch), 6.5 (with lunch) and 4.5 hours."""
_NIGHT_SHIFTS = ((420, 510), (900, 510), (1380, 510))
SICK_FRACTION = 0.035


@dataclass(frozen=True)
class People:
    """Posts of the company and the person who fills each post on each day.

    Attributes:
        queue: queue index of each post.
        contract_hours: hours a week of each post.
        agent: agent number of the post's holder per day (posts x days); agents are numbered from 1.
        hired: day index on which each agent (number - 1) started; negative: before the simulation.
        left: day index after the agent's last day, -1 if still employed.
        post_of_agent: post of each agent.
        site: site index of each agent.
    """

    queue: IntArray
    contract_hours: IntArray
    agent: IntArray
    hired: IntArray
    left: IntArray
    post_of_agent: IntArray
    site: IntArray


@dataclass(frozen=True)
class Shifts:
    """Planned shifts in order of queue and start: one row each; `minute` and `length` are local minutes."""

    queue: IntArray
    day: IntArray
    minute: IntArray
    length: IntArray
    post: IntArray
    absent: BoolArray


@compiled
def _cover(required: FloatArray, lengths: IntArray) -> IntArray:
    """Greedy shifts for one day: rows of (first half hour, half hours)."""
    first, last = 0, len(required)
    while first < last and required[first] <= 0:
        first += 1
    while last > first and required[last - 1] <= 0:
        last -= 1
    cover = np.zeros(len(required))
    out = np.empty((400, 2), np.int64)
    count = 0
    for slot in range(first, last):
        while cover[slot] + 0.5 < required[slot] and count < 400:
            best, best_start, best_length = -1.0, slot, lengths[0]
            for length in lengths:
                size = min(length, last - first)
                start = max(min(slot, last - size), first)
                gain = 0.0
                for k in range(start, start + size):
                    gain += min(1.0, max(0.0, required[k] - cover[k]))
                if gain / size > best + 0.02:
                    best, best_start, best_length = gain / size, start, size
            for k in range(best_start, best_start + best_length):
                cover[k] += 1.0
            out[count, 0] = best_start
            out[count, 1] = best_length
            count += 1
    return out[:count]


@compiled
def _assign(day: IntArray, week: IntArray, start: IntArray, length: IntArray, contract: IntArray) -> IntArray:
    """Give each shift of one queue (ascending by day) to the rested post with most contract hours left; -1 if none."""
    posts = len(contract)
    used = np.zeros(posts)
    free_from = np.full(posts, -10_000_000, np.int64)
    out = np.full(len(day), -1, np.int64)
    for i in range(len(day)):
        if i > 0 and week[i] != week[i - 1]:
            used[:] = 0.0
        begin = day[i] * 1440 + start[i]
        best, best_left = -1, -4.0
        for post in range(posts):
            left = contract[post] - used[post]
            if free_from[post] <= begin and left > best_left:
                best, best_left = post, left
        if best >= 0:
            out[i] = best
            used[best] += length[i] / 60.0
            free_from[best] = begin + length[i] + 660
    return out


def _required(queue: int, rate: FloatArray, clock: Clock, rng: np.random.Generator) -> FloatArray:
    """Positions planned per day and local half hour (days x 48), before absence."""
    spec = QUEUES[queue]
    half = clock.slot_minute // 30
    per_half = np.zeros((len(clock.days), HALF_HOURS))
    np.add.at(per_half, (clock.slot_day, half), rate)
    load = per_half / 1800.0 * (spec.talk_seconds + spec.wrap_seconds)
    smooth = load.copy()
    smooth[:, 1:-1] = (load[:, :-2] + 2.0 * load[:, 1:-1] + load[:, 2:]) / 4.0
    smooth = np.where(load > 0, smooth, 0.0)
    if spec.channel == "chat":
        positions = smooth / 1.85 * 1.12 + 0.42 * np.sqrt(smooth)
    else:
        positions = smooth + 0.55 * np.sqrt(smooth) + 0.35
    noise = rng.lognormal(0.0, 0.07, (len(clock.days), 1))
    positions = positions * noise / (0.90 * (1.0 - SICK_FRACTION))
    return np.where(load > 0, np.maximum(np.round(positions), 2.0), 0.0)


def _deferred_shifts(
    queue: int, workload: FloatArray, clock: Clock, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Back-office shifts: enough people for the mean daily work of the last ten days, decided the day before."""
    spec = QUEUES[queue]
    working = np.array([spec.worked[weekday] is not None for weekday in clock.weekday]) & ~clock.holiday
    days, minutes, lengths = [], [], []
    backlog_pressure = 1.0
    for day in np.flatnonzero(working):
        recent = slice(max(day - 10, 0), max(day, 1))
        per_working_day = workload[recent].sum() / max(int(working[recent].sum()), 1)
        need = per_working_day / (7.1 * 3600.0) * 1.12 * backlog_pressure * rng.lognormal(0.0, 0.05)
        count = max(int(np.floor(need + rng.random())), 2)
        begin = np.where(np.arange(count) % 2 == 0, 480, 570)
        days.append(np.full(count, day, np.int64))
        minutes.append(begin.astype(np.int64))
        lengths.append(np.full(count, 510, np.int64))
    return np.concatenate(days), np.concatenate(minutes), np.concatenate(lengths)


def _live_shifts(queue: int, rate: FloatArray, clock: Clock, rng: np.random.Generator) -> tuple[IntArray, IntArray, IntArray]:
    """Shifts of a voice or chat queue from its planned rate per slot."""
    required = _required(queue, rate, clock, rng)
    days, minutes, lengths = [], [], []
    for day in range(len(clock.days) - 1):
        if QUEUES[queue].worked[6] is not None:  # around the clock: three fixed shifts
            for begin, length in _NIGHT_SHIFTS:
                covered = required[day, begin // 30 : min((begin + length) // 30, HALF_HOURS)]
                count = int(covered.max()) + (begin != _NIGHT_SHIFTS[-1][0])
                days.append(np.full(count, day, np.int64))
                minutes.append(np.full(count, begin, np.int64))
                lengths.append(np.full(count, length, np.int64))
            continue
        rows = _cover(required[day], _LENGTHS)
        days.append(np.full(len(rows), day, np.int64))
        minutes.append(rows[:, 0] * 30)
        lengths.append(rows[:, 1] * 30)
    return np.concatenate(days), np.concatenate(minutes), np.concatenate(lengths)


def make_shifts(clock: Clock, planned_rate: FloatArray, workload: FloatArray, rng: np.random.Generator) -> tuple[Shifts, People]:
    """Plan every shift and fill it with a post's holder.

    Args:
        clock: the simulated days.
        planned_rate: contacts per queue and slot that planners expect (voice and chat).
        workload: seconds of work that arrived per queue and day (deferred queues).
        rng: source of planning noise, contracts, turnover and absence.

    Returns:
        The shifts that could be filled, and the people.
    """
    parts: list[tuple[IntArray, ...]] = []
    post_queue: list[IntArray] = []
    contracts: list[IntArray] = []
    base = 0
    week = (np.arange(len(clock.days)) + int(clock.weekday[0])) // 7
    for queue, spec in enumerate(QUEUES):
        if spec.channel in ("voice", "chat"):
            day, minute, length = _live_shifts(queue, planned_rate[queue], clock, rng)
        else:
            day, minute, length = _deferred_shifts(queue, workload[queue], clock, rng)
        hours = np.bincount(week[day], weights=length / 60.0)
        posts = max(int(np.quantile(hours, 0.95) / 29.0) + 2, int(np.bincount(day).max()) + 1)
        contract = rng.choice(np.array([36, 32, 28, 24, 20]), posts, p=[0.35, 0.25, 0.15, 0.15, 0.10])
        post = _assign(day, week[day], minute, length, contract.astype(np.int64))
        filled = post >= 0
        parts.append(
            (np.full(int(filled.sum()), queue, np.int64), day[filled], minute[filled], length[filled], post[filled] + base)
        )
        post_queue.append(np.full(posts, queue, np.int64))
        contracts.append(contract.astype(np.int64))
        base += posts
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    absent = rng.random(len(columns[0])) < SICK_FRACTION
    people = _hire(np.concatenate(post_queue), np.concatenate(contracts), len(clock.days), rng)
    return Shifts(columns[0], columns[1], columns[2], columns[3], columns[4], absent), people


def _hire(queue: IntArray, contract: IntArray, days: int, rng: np.random.Generator) -> People:
    """Fill each post with a chain of people: tenure exponential with mean three years."""
    agent = np.zeros((len(queue), days), np.int64)
    hired, left, post_of, number = [], [], [], 0
    for post in range(len(queue)):
        day = -int(rng.integers(30, 2500))
        while day < days:
            tenure = int(rng.exponential(1100.0)) + 60
            until = day + tenure
            if until <= 0:
                day = -int(rng.integers(30, 400))
                continue
            number += 1
            agent[post, max(day, 0) : until] = number
            hired.append(day)
            left.append(until if until < days else -1)
            post_of.append(post)
            day = until
    return People(queue, contract, agent, np.array(hired), np.array(left), np.array(post_of), rng.integers(0, 3, number))
