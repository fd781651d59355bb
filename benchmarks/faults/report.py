"""The experiment's tables in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

from expectations.monitors.hit import Hit
from expectations.monitors.rules import RULES
from expectations.monitors.thresholds import CHOSEN
from faults.ceiling import count_power, level_of
from faults.choose import BUDGET, is_held_out
from faults.judged import SCALES, Found, Judged
from faults.kinds import KINDS
from faults.real import RealResult
from faults.trials import Ground, is_large
from faults.words import LIMITS, REAL, WORDS

_CHANCE_RULE = "numbers_missing"
_COUNT_RULES = (
    "volume_low",
    "volume_high",
    "volume_doubled",
    "feed_low",
    "feed_high",
    "queues_mixed_up",
    "claims_low",
    "claims_high",
)
_SIZES = ((0, 50), (50, 100), (100, 200), (200, 400), (400, 10_000))
_CHANNELS = ("voice", "chat", "email", "cases", "claims")

Nights = Mapping[date, Sequence[Hit]]


@dataclass(frozen=True, eq=False)
class Large:
    """A queue-day that a fault moved by 30 % or more.

    Attributes:
        queue: the queue.
        night: the night.
        contacts: what it had before.
        volume, handle: after over before.
        found: what speaks of it.
    """

    queue: str
    night: date
    contacts: float
    volume: float
    handle: float
    found: Found


def large_of(faults: Sequence[Judged]) -> list[Large]:
    """Every large queue-day, once."""
    return [
        Large(queue, one.night, effect[0], effect[1], effect[2], one.found.get(queue, {}))
        for one in faults
        for queue, effect in one.trial.effects.items()
        if is_large(effect)
    ]


def report(
    ground: Ground,
    hidden: Mapping[str, float],
    faults: Mapping[float, Sequence[Judged]],
    clean: Mapping[float, Nights],
    real: Mapping[str, RealResult | str],
) -> str:
    """The whole page.

    Args:
        ground: clean days.
        hidden: relative variance of each queue's hidden day factor.
        faults: what was said of every trial, by factor of the thresholds.
        clean: what was said of every clean night, by the same.
        real: real calls.
    """
    large = large_of(faults[1.0])
    held = [one for one in large if is_held_out(one.night)]
    parts = [WORDS, _head(faults[1.0], large, clean[1.0]), _curve(faults, clean), _ceiling(ground, hidden, held)]
    parts += [_by_rule(held, _kept(clean[1.0], True)), by_queue(ground, held), by_kind(faults[1.0])]
    return "\n".join([*parts, _real(real), LIMITS])


def _kept(nights: Nights, held_out: bool) -> Nights:
    return {night: hits for night, hits in nights.items() if is_held_out(night) == held_out}


def _rules(found: Found, *, held: bool = False, without: str = "", only: Sequence[str] = ()) -> set[str]:
    return {
        rule
        for rule, severity in found
        if rule != without and (not held or severity == "quarantine") and (not only or rule in only)
    }


def share_in_words(caught: int, of: int) -> str:
    """A share in per cent with its 95 % interval and its counts."""
    if of == 0:
        return "-"
    interval = stats.binomtest(caught, of).proportion_ci(method="exact")
    return f"{100 * caught / of:.1f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f}; {caught} of {of})"


def caught_in_words(large: Sequence[Large], **how: object) -> str:
    """How many of the queue-days were caught, with the interval of the share."""
    return share_in_words(sum(bool(_rules(one.found, **how)) for one in large), len(large))  # type: ignore[arg-type]


def alarms_in_words(nights: Nights) -> str:
    """How many of the clean nights have any finding, with the interval of the share."""
    alarms = sum(bool(hits) for hits in nights.values())
    return f"{share_in_words(alarms, len(nights))}, one in {len(nights) / max(alarms, 1):.0f}"


def _is_volume(one: Large) -> bool:
    return abs(one.volume - 1) >= 0.3 - 1e-9


GROUPS: tuple[tuple[str, Callable[[Large], bool], dict[str, object]], ...] = (
    ("**large queue-days caught**", lambda one: True, {}),
    ("... held (not only told of)", lambda one: True, {"held": True}),
    (f"... caught without `{_CHANCE_RULE}`", lambda one: True, {"without": _CHANCE_RULE}),
    ("volume down by 30 % or more", lambda one: _is_volume(one) and one.volume < 1, {}),
    ("volume up by 30 % or more", lambda one: _is_volume(one) and one.volume > 1, {}),
    ("handle time off by 30 % or more", lambda one: abs(one.handle - 1) >= 0.3 - 1e-9, {}),
    ("moved by 30 to 40 % only", lambda one: max(abs(one.volume - 1), abs(one.handle - 1)) < 0.4, {}),
)
"""What is told of large queue-days: in words, which of them, and what counts as caught."""


def _head(faults: Sequence[Judged], large: Sequence[Large], clean: Nights) -> str:
    kinds = len({one.trial.kind for one in faults if one.trial.target})
    planted = sum(bool(one.trial.target) for one in faults)
    lines = [
        "\n## In short\n",
        f"{planted} faults of {kinds} kinds, {len(large)} large queue-days, {len(clean)} clean nights; thresholds as chosen.\n",
        "| what | held-out nights | training nights |", "|---|---|---|",
    ]  # fmt: skip
    for words, which, how in GROUPS:
        mine = [[one for one in large if which(one) and is_held_out(one.night) == held_out] for held_out in (True, False)]
        lines.append(f"| {words} | {caught_in_words(mine[0], **how)} | {caught_in_words(mine[1], **how)} |")
    alarms = [alarms_in_words(_kept(clean, held_out)) for held_out in (True, False)]
    lines.append(f"| **clean nights with a false alarm** | {alarms[0]} | {alarms[1]} |")
    return "\n".join(lines)


def _curve(faults: Mapping[float, Sequence[Judged]], clean: Mapping[float, Nights]) -> str:
    lines = ["\n## The curve\n",
             "All thresholds multiplied by the same factor, held-out nights:\n",
             "| factor | large queue-days caught | clean nights with an alarm |",
             "|---|---|---|"]  # fmt: skip
    for scale in SCALES:
        large = [one for one in large_of(faults[scale]) if is_held_out(one.night)]
        lines.append(f"| {scale:g} | {caught_in_words(large)} | {alarms_in_words(_kept(clean[scale], True))} |")
    chosen = ", ".join(f"{name} {value:g}" for name, value in vars(CHOSEN).items())
    return "\n".join([*lines, f"\nChosen on the training nights for one false alarm in {1 / BUDGET:.0f} (factor 1): {chosen}."])


def _ceiling(ground: Ground, hidden: Mapping[str, float], held: Sequence[Large]) -> str:
    """What the best test of counts alone could catch, beside what was caught."""
    level = level_of(ground.enterprise)
    place = {night: number for number, night in enumerate(ground.seen.dates)}
    power = {}
    for one in held:
        if _is_volume(one):
            row = ground.seen.queue_ids.index(one.queue)
            mean = float(ground.learnt.volume.expected[row, place[one.night]])
            power[one] = count_power(max(mean, 0.5), hidden[one.queue], one.volume, level) if np.isfinite(mean) else 0.0
    lines = [
        "\n## What a count alone can tell\n",
        "A test that knew each day's true rate and how much days vary, and looked at one queue's count alone, would catch so many"
        " of the queue-days (held-out nights) whose volume moved by 30 % or more, at one false alarm in 30 nights of all queues"
        " together. What is caught beyond that is caught by other queues of the feed and by traces in the rows.\n",
        "| volume moved, queue-days of | a count alone, at best | caught by counts (queue, feed, claims) | caught by all rules |",
        "|---|---|---|---|",
    ]
    for low, high in (*_SIZES, (0, 10_000)):
        some = [one for one in power if low <= one.contacts < high]
        if some:
            words = "any size" if high - low == 10_000 else _size_words(low, high)
            best = 100 * sum(power[one] for one in some) / len(some)
            lines.append(f"| {words} | {best:.0f} % | {caught_in_words(some, only=_COUNT_RULES)} | {caught_in_words(some)} |")
    return "\n".join(lines)


def _size_words(low: int, high: int) -> str:
    return f"{low} to {high} contacts" if high < 10_000 else f"{low} contacts and more"


def _by_rule(large: Sequence[Large], nights: Nights) -> str:
    alone: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for one in large:
        rules = _rules(one.found)
        caught.update(rules)
        if len(rules) == 1:
            alone.update(rules)
    lines = [
        "\n## By rule\n",
        "Held-out nights.\n",
        "| rule | large queue-days it speaks of | of which it alone | clean nights with its alarm |",
        "|---|---|---|---|",
    ]
    for rule in RULES:
        false = sum(any(hit.rule == rule.name for hit in hits) for hits in nights.values())
        spoken, alarms = share_in_words(caught[rule.name], len(large)), share_in_words(false, len(nights))
        lines.append(f"| `{rule.name}` | {spoken} | {alone[rule.name]} | {alarms} |")
    return "\n".join(lines)


def by_kind(faults: Sequence[Judged]) -> str:
    """What was caught of each kind and size."""
    sizes = sorted({one.trial.size for one in faults})
    lines = [
        "\n## By kind and size\n",
        "All nights. Queue-days touched that were caught, of all touched, by the share of rows (or the factor) that the fault"
        " takes; and of large ones alone.\n",
        "| kind | hits | "
        + " | ".join(f"{100 * size:.0f} %" for size in sizes) + " | large |", "|---|---|" + "---|" * (len(sizes) + 1),
    ]  # fmt: skip
    for kind in KINDS:
        cells = []
        mine = [one for one in faults if one.trial.kind == kind.name and one.trial.target]
        for size in sizes:
            found = [one.found.get(name) for one in mine if one.trial.size == size for name in _touched(one)]
            cells.append(f"{sum(bool(one) for one in found)}/{len(found)}" if found else "")
        large = large_of(mine)
        cells.append(f"{sum(bool(one.found) for one in large)}/{len(large)}" if large else "none is")
        lines.append(f"| {kind.name} | {kind.scope} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _touched(one: Judged) -> list[str]:
    """Queues whose figures moved; where only times or fields changed, those spoken of, or the target."""
    return list(one.trial.effects) or sorted(one.found) or [one.trial.target]


def by_queue(ground: Ground, large: Sequence[Large]) -> str:
    """What was caught of large queue-days by their size and channel."""
    lines = ["\n## By size of the queue-day and by channel\n", "Held-out nights.\n",
             "| large queue-days of | caught | held |", "|---|---|---|"]  # fmt: skip
    groups = [(_size_words(low, high), [one for one in large if low <= one.contacts < high]) for low, high in _SIZES]
    channel_of = {queue.id: queue.channel for queue in ground.enterprise.queues.values()}
    groups += [(channel, [one for one in large if channel_of[one.queue] == channel]) for channel in _CHANNELS]
    lines += [f"| {name} | {caught_in_words(some)} | {caught_in_words(some, held=True)} |" for name, some in groups]
    return "\n".join(lines)


def _real(real: Mapping[str, RealResult | str]) -> str:
    lines = [
        "\n## Real calls\n",
        "Judged with the same thresholds, by counts per half hour alone (the data hold nothing else); faults hit one queue.\n",
    ]
    for name, result in real.items():
        if isinstance(result, str):
            lines.append(f"**{name}**: {result}.\n")
            continue
        lines.append(f"**{name}**: {result.nights} nights, alarms on {len(result.alarms)}: {'; '.join(result.alarms)}.\n")
        lines += ["| fault | caught |", "|---|---|"]
        lines += [f"| {fault} | {caught} of {planted} |" for fault, (caught, planted) in result.planted.items()]
        lines.append("")
    return "\n".join([*lines, REAL])
