"""What was found odd in a file's history, in words: false starts, days not whole, closures nobody announced, faulty feeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np

from forecasting.cleaning import Mark, left_out_in_words
from forecasting.file_calendars import LearntQueue
from forecasting.file_door import false_start, without_part_days
from forecasting.file_history import FileHistory, QueueHistory
from forecasting.level_shift import LevelShift

_SHOWN = 3


def history_notes(
    history: FileHistory, queues: Mapping[str, LearntQueue], marks: Iterable[Mark], shifts: Mapping[str, LevelShift]
) -> tuple[str, ...]:
    """What the forecast does not rest on, and why.

    Args:
        history: as it was read.
        queues: what was learnt of each of its queues.
        marks: days that were left out of fitting.
        shifts: by queue, how its level has shifted.

    Returns:
        One note per kind of finding, with up to three queues and three dates of each.
    """
    starts = {name: _start(queue) for name, queue in history.queues.items()}
    odd = left_out_in_words(sorted(set(marks), key=lambda mark: (mark.queue_id, mark.business_date)))
    moved = {queue: shift.in_words() for queue, shift in sorted(shifts.items())}
    closed = {name: _closures(queue, history.queues[name]) for name, queue in queues.items()}
    return tuple(
        f"{what} {_some(found)}"
        for what, found in (
            ("the beginning or a day that is not whole is left out:", starts),
            ("nothing came on days on which the queue is usually open; they count as closed, not as quiet:", closed),
            ("levels:", moved),
            ("odd days:", odd),
        )
        if any(found.values())
    )


def _start(queue: QueueHistory) -> str:
    whole = without_part_days(queue)
    start = false_start(whole.daily)
    if start:
        return f"{queue.first} to {queue.first + timedelta(days=start - 1)} (all that was held back came on the last day)"
    return _dates(queue, np.isnan(whole.daily) & ~np.isnan(queue.daily))


def _closures(queue: LearntQueue, read: QueueHistory) -> str:
    exceptions = queue.opening.exceptions
    observed = queue.opening.holidays if isinstance(queue.opening.holidays, frozenset) else frozenset[date]()
    days = [read.first + timedelta(days=row) for row in range(len(read.daily))]
    closed = np.array([day in exceptions and not exceptions[day] and day not in observed for day in days])
    return _dates(read, closed & ~(read.daily > 0.0))


def _dates(queue: QueueHistory, flags: np.ndarray) -> str:
    rows = np.flatnonzero(flags)
    shown = ", ".join(str(queue.first + timedelta(days=int(row))) for row in rows[-_SHOWN:])
    return f"{shown} and {len(rows) - _SHOWN} earlier days" if len(rows) > _SHOWN else shown


def _some(found: Mapping[str, str]) -> str:
    named = [f"{name}: {words}" for name, words in found.items() if words]
    more = f"; and of {len(named) - _SHOWN} more queues" if len(named) > _SHOWN else ""
    return "; ".join(named[:_SHOWN]) + more
