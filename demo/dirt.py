"""Dirt as in life: what is planted into the written files, where, and the list of it for the truth.

Planted (spans of at least `LONG_SPAN_DAYS`, each on a day of its own, never in the last three days):
  outage          a whole day of the switch is missing: no queue_log file (2026-03-17 where the span holds it)
  late_file       a day's chat records arrive in the next day's file; the day itself has no file
  late_rows       a third of a day's chat records arrive in the next day's file
  duplicate_file  a day's queue_log lies there twice, the second named ...-copy
  clock_skew      node sw2 of the switch runs 194 seconds ahead for an afternoon (13:00 to 17:00)
  unknown_queue   calls of a queue that nobody knows (`test-line`), on two days
  byte_order_mark a case export that begins with a UTF-8 byte order mark
  mixed_line_ends a case export with CRLF on every third row
Planted in every span, a few rows per ten thousand:
  duplicate_line  a line written twice in a row
  duplicate_mail  a mail that lies in its archive twice, byte by byte
  broken_line     a line cut off within its first half (always too few fields, or no closing brace)
Besides, both clock changes lie in the data as they are; they are no dirt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from demo.clock import Clock
from demo.demand import business_days

LONG_SPAN_DAYS = 60
SKEW_SECONDS = 194
SKEWED_NODE = 1
UNKNOWN_QUEUE = "test-line"
PREFERRED_OUTAGE = date(2026, 3, 17)
_QUIET_DAYS = 3


@dataclass(frozen=True)
class Stain:
    """One piece of planted dirt: `rows` affected in `file` (relative to the demo folder) on the local day."""

    kind: str
    file: str
    day: date
    rows: int
    note: str


@dataclass
class Dirt:
    """The plan of file-level dirt (day indices of the clock) and the growing list of everything planted."""

    outage: int | None = None
    late_file: int | None = None
    late_rows: int | None = None
    duplicate_file: int | None = None
    skew: int | None = None
    unknown_queue: tuple[int, ...] = ()
    byte_order_mark: int | None = None
    mixed_line_ends: int | None = None
    line_fraction: float = 0.0003
    quiet_from: int = 0
    stains: list[Stain] = field(default_factory=list)

    def spoil(self, content: bytes, file: str, day: int, clock: Clock, rng: np.random.Generator, header: int = 0) -> bytes:
        """Duplicate and break a few of the file's lines and note which; `header` lines are left alone."""
        ends = np.flatnonzero(np.frombuffer(content, np.uint8) == 10)
        lines = len(ends) - header
        if lines < 40:
            return content
        expected = 0.7 if day >= self.quiet_from else self.line_fraction * lines
        doubled = int(rng.poisson(expected))
        broken = int(rng.poisson(expected * 0.7))
        total = min(doubled + broken, lines // 40)
        if total == 0:
            return content
        chosen = np.sort(rng.choice(lines - 1, total, replace=False)) + header
        is_double = rng.permutation(np.arange(total) < doubled)
        out, copied = [], 0
        for row, double in zip(chosen.tolist(), is_double.tolist(), strict=True):
            begin = int(ends[row - 1]) + 1 if row else 0
            until = int(ends[row]) + 1
            line = content[begin:until]
            if double:
                out.append(content[copied:until] + line)
            else:
                keep = max(int(len(line.rstrip()) * float(rng.uniform(0.10, 0.35))), 3)
                out.append(content[copied:begin] + line[:keep] + b"\n")
            copied = until
            kind = "duplicate_line" if double else "broken_line"
            self.note(kind, file, clock.days[day], 1, f"line {row + 1} of the file before dirt: {_excerpt(line)}")
        out.append(content[copied:])
        return b"".join(out)

    def note(self, kind: str, file: str, day: date, rows: int, note: str) -> None:
        """Add a stain to the list."""
        self.stains.append(Stain(kind, file, day, rows, note))


def _excerpt(line: bytes) -> str:
    return line[:120].decode("utf-8", "replace").strip()


def plan_dirt(clock: Clock, rng: np.random.Generator) -> Dirt:
    """Choose the days of the file-level dirt; none on spans shorter than `LONG_SPAN_DAYS`."""
    dirt = Dirt(quiet_from=clock.last - _QUIET_DAYS + 1)
    if clock.last - clock.first + 1 < LONG_SPAN_DAYS:
        return dirt
    working = business_days(clock)
    candidates = np.array([day for day in range(clock.first + 7, clock.last - 10) if working[day] and working[day + 1]])
    outage = clock.days.index(PREFERRED_OUTAGE) if PREFERRED_OUTAGE in clock.days else int(rng.choice(candidates))
    dirt.outage = outage
    candidates = candidates[np.abs(candidates - outage) > 3]
    chosen = [int(day) for day in rng.choice(candidates, 8, replace=False)]
    (
        dirt.late_file, dirt.late_rows, dirt.duplicate_file, dirt.skew,
        dirt.byte_order_mark, dirt.mixed_line_ends, *unknown,
    ) = chosen  # fmt: skip
    if abs(dirt.late_file - dirt.late_rows) < 2:
        dirt.late_rows = None
    dirt.unknown_queue = tuple(sorted(unknown))
    return dirt
