"""From where on a day is not believed: what `benchmarks/bench_faults.py --choose` finds on its training nights, rounded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Surprises are in standard deviations of a normal, evidence in natural logarithms of a likelihood ratio.

    Attributes:
        volume: a queue's count against its own expectation.
        volume_feed: the same of all queues of a feed together.
        volume_with_idle: a low count and agents who seem idle while customers wait, added up.
        mapping: one queue down and another up by as much.
        claims: claims of one line.
        handle, handle_feed: mean handle time.
        abandonment, wait: share that gave up; mean wait.
        share: a share of impossible or empty rows.
        orphans, numbering: links that lead nowhere; running numbers that are missing.
        hole, shifted: evidence that part of the day is missing; that the day is moved by an hour.
    """

    volume: float = 3.15
    volume_feed: float = 3.5
    volume_with_idle: float = 3.5
    mapping: float = 3.5
    claims: float = 3.5
    handle: float = 3.1
    handle_feed: float = 3.5
    abandonment: float = 4.5
    wait: float = 5.0
    share: float = 5.0
    orphans: float = 5.0
    numbering: float = 5.0
    hole: float = 13.8
    shifted: float = 13.8


CHOSEN = Thresholds()
