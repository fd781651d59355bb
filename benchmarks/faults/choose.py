"""Thresholds from the curves of the training nights: what catches most at a given share of nights with a false alarm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import special

from expectations.monitors.hit import Hit
from expectations.monitors.shares import SHARES
from expectations.monitors.thresholds import CHOSEN, Thresholds
from faults.judged import Judged
from faults.trials import is_large

Floats = npt.NDArray[np.float64]

LOOSE = 0.6
"""Thresholds are looked for from this share of the present ones on."""
BUDGET = 1 / 40
"""Share of training nights with a false alarm: less than the one in 30 that is allowed, as other nights are other nights."""
FIELD_OF = {
    "volume_low": "volume", "volume_high": "volume", "volume_doubled": "volume", "feed_low": "volume_feed",
    "feed_high": "volume_feed", "contacts_missing": "volume_with_idle", "queues_mixed_up": "mapping", "claims_low": "claims",
    "claims_high": "claims", "handle_time": "handle", "feed_handle_time": "handle_feed", "abandonment": "abandonment",
    "wait": "wait", "links_lead_nowhere": "orphans", "numbers_missing": "numbering", "part_of_day_missing": "hole",
    "day_moved": "shifted", **{share.rule: "share" for share in SHARES},
}  # fmt: skip
"""Which threshold each rule rests on; the others have none."""
_GRID = np.round(np.arange(LOOSE, 1.41, 0.02), 2)
NEUTRAL = {
    "hole": 13.8, "shifted": 13.8, "abandonment": 5.0, "wait": 5.0, "share": 5.0, "orphans": 5.0, "numbering": 5.0,
}  # fmt: skip
"""Where the search begins and what it leaves only for a gain, by theory alone: with 13 queues and four independent rules each,
one night in 40 is an alarm at 3.5 deviations; at 13.8 for the likelihood ratio of the best of about 500 stretches; at 5 for
shares, waits and numbers, whose tails are heavier than a normal's."""
_NEUTRAL_DEVIATIONS = 3.5
_RELUCTANCE = 0.01
_SOFT = 0.04
"""Evidence this far (as a share) around a threshold counts in part, so that no single night or fault decides."""


def is_held_out(night: date) -> bool:
    """Whether a night is one that no threshold was chosen on: every other month."""
    return (night.year * 12 + night.month) % 2 == 1


def choose(faults: Sequence[Judged], clean: Mapping[date, Sequence[Hit]]) -> Thresholds:
    """The thresholds that catch most of the training nights' large queue-days at `BUDGET`.

    Args:
        faults: judged by `LOOSE` thresholds.
        clean: what the same thresholds say of the clean nights.
    """
    names = [field.name for field in dataclasses.fields(CHOSEN)]
    found = [one.found.get(queue, {}) for one in faults if not is_held_out(one.night)
             for queue, effect in one.trial.effects.items() if is_large(effect)]  # fmt: skip
    large = _strengths([{rule: value for (rule, _), value in one.items()} for one in found], names)
    nights = _strengths([_strongest(hits) for night, hits in clean.items() if not is_held_out(night)], names)
    neutral = np.array([NEUTRAL.get(name, _NEUTRAL_DEVIATIONS) / getattr(CHOSEN, name) for name in names])
    factors = np.clip(neutral, _GRID[0], _GRID[-1])
    for _ in range(4):
        for column in range(len(names)):
            tried = np.tile(factors, (len(_GRID), 1))
            tried[:, column] = _GRID
            worth = [_worth(large, nights, row, neutral) for row in tried]
            factors = tried[int(np.argmax(worth))]
    return Thresholds(
        **{name: round(float(getattr(CHOSEN, name) * factor), 2) for name, factor in zip(names, factors, strict=True)}
    )


def _strongest(hits: Sequence[Hit]) -> dict[str, float]:
    found: dict[str, float] = {}
    for hit in hits:
        found[hit.rule] = max(hit.strength, found.get(hit.rule, 0.0))
    return found


def _strengths(found: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    """Evidence over the present threshold, shape (cases, thresholds and one more for rules that have none)."""
    strengths = np.zeros((len(found), len(names) + 1))
    for row, rules in enumerate(found):
        for rule, strength in rules.items():
            column = names.index(FIELD_OF[rule]) if rule in FIELD_OF else len(names)
            strengths[row, column] = max(strengths[row, column], min(strength * LOOSE, 100.0))
    return strengths


def _worth(large: Floats, nights: Floats, factors: Floats, neutral: Floats) -> float:
    """Share caught, less what is over the budget, and a little less for every step away from theory: it needs a reason."""
    limits = np.append(factors, 1.0)
    caught, alarms = (float(special.ndtr(((strengths / limits).max(axis=1) - 1) / _SOFT).mean()) for strengths in (large, nights))
    far = float(np.abs(np.log(factors / neutral)).sum())
    return caught - 20 * max(0.0, alarms - BUDGET) - _RELUCTANCE * far
