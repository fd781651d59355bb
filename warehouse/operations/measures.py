"""A night's summary as measures: numbers with a name and what they are about, for whoever watches. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

PREFIX = "leadline"
_OF_STEPS = (
    "task_seconds", "rows_in", "rows_kept", "rows_quarantined", "rows_duplicate", "rows_written", "queues", "flags",
    "yesterday_error_fraction",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a night.

    Attributes:
        name: what was measured, with its unit.
        value: the number.
        tags: what it is about: the step.
    """

    name: str
    value: float
    tags: Mapping[str, str]


def measures(summary: pd.DataFrame) -> list[Measure]:
    """Every number of a night's summary, and per step whether it failed (0 or 1).

    Args:
        summary: rows of RUN_SUMMARY of one night.

    Example:
        >>> row = dict.fromkeys(_OF_STEPS) | {"step": "publish", "status": "success", "task_seconds": 2.5}
        >>> [(one.name, one.value, dict(one.tags)) for one in measures(pd.DataFrame([row]))]
        [('leadline.failed', 0.0, {'step': 'publish'}), ('leadline.task_seconds', 2.5, {'step': 'publish'})]
    """
    found = []
    for row in summary.to_dict("records"):
        tags = {"step": str(row["step"])}
        found.append(Measure(f"{PREFIX}.failed", float(row["status"] in ("failed", "upstream_failed")), tags))
        found += [Measure(f"{PREFIX}.{name}", float(row[name]), tags) for name in _OF_STEPS if not pd.isna(row[name])]
    return found
