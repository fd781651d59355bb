"""The experiment's tables in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from scipy import stats

from expectations.monitors.hit import Hit
from expectations.monitors.rules import RULES
from expectations.monitors.thresholds import CHOSEN
from faults.kinds import KINDS
from faults.real import RealResult
from faults.trials import SCALES, is_large

_CHANCE_RULE = "numbers_missing"
_SIZES = ((0, 50), (50, 100), (100, 200), (200, 400), (400, 10_000))
_CHANNELS = ("voice", "chat", "email", "cases", "claims")
_WORDS = """# How well faults are detected

Written by `python benchmarks/bench_faults.py --write`; do not edit. What the rules are stands in `expectations/monitors/`, where
each day is judged by the days before it alone. How it was counted:

- **Clean data**: nights of the demo enterprise (13 queues, 6 feeds) on which the demo itself planted nothing but single broken or
  doubled lines. Holidays, storms, clock changes and the days between the years are among them.
- **A fault** changes the single rows of one queue or feed of one night. History's figures and the summaries of rows are then made
  again by the monitors' own SQL and arithmetic. Night and target are drawn at random by a seed; small
  queues and Sundays included.
- **Large** is a queue-day whose count or mean handle time the fault moved by 30 % or more, as issue 4 says. Each such queue-day
  counts once, whatever its size.
- **Caught** is a queue-day of which a finding speaks on that night: of the queue, of its source, or of the claims it works on.
  `quarantine` findings hold the day back; `warn` findings tell people. **Held** counts the former alone.
- **A false alarm** is a clean night with at least one finding of any rule, severity and queue.
- Intervals are 95 % (Clopper and Pearson). Several queue-days of one feed's fault are not independent, so theirs are too narrow.
"""
_LIMITS = """
## What cannot be caught this way

- **A third of one small queue's rows lost here and there.** A queue of 20 contacts a day varies by 22 % by chance alone, and its
  days vary by 10 to 15 % more, so that a day that is 30 % down is an ordinary one. No threshold can have both. What helps are
  traces: events and replies of rows that are not there, gaps in running numbers, agents who seem idle while customers wait.
  Chat has none of these.
- **Rows added without a trace** (no agent, other times) to one queue: 30 % more is 2 to 2.5 deviations of an ordinary queue.
- **`numbers_missing` is stronger here than it will be elsewhere**: the demo's switch numbers its calls without any irregularity.
  A real one uses numbers for other channels as well. The rule learns how regular a source's numbers are and is silent where they
  are not; the figures above are therefore also given without it.
- A fault in the first 35 open days of a queue, on a day that the settings name as an event, or on a closed day is not judged by
  its count.
- The thresholds were chosen on these same clean nights; the county's and the bank's calls were not used to choose them.
- A level that stays off by about as much for seven open days is accepted as new, with a warning: a fault that
  lasts longer teaches.
- Signs in single rows are looked for in the last 16 weeks; the count and the handle time of every day of the history.
"""


def report(
    rows: Sequence[Mapping[str, Any]],
    clean: Mapping[float, Mapping[date, Sequence[Hit]]],
    real: Mapping[str, RealResult | str],
    channel_of: Mapping[str, str],
) -> str:
    """The whole page."""
    large = [(row, name, effect, row["caught"]) for row in rows for name, effect in row["queues"].items() if is_large(effect)]
    parts = [
        _WORDS,
        _head(rows, large, clean),
        _curve(large, clean),
        _by_rule(large, clean),
        _by_kind(rows),
        _by_queue(large, channel_of),
    ]
    return "\n".join([*parts, _real(real), _LIMITS])


def _rules(caught: Mapping[str, Any], name: str, scale: float, *, held: bool = False, without: str = "") -> set[str]:
    found = caught[f"{scale:g}"].get(name, [])
    pairs = [one.split(":") for one in found]
    return {rule for rule, severity in pairs if rule != without and (not held or severity == "quarantine")}


def _share(caught: int, of: int) -> str:
    if of == 0:
        return "-"
    interval = stats.binomtest(caught, of).proportion_ci(method="exact")
    return f"{100 * caught / of:.1f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f}; {caught} of {of})"


def _count(large: Sequence[Any], scale: float, **how: Any) -> tuple[int, int]:
    return sum(bool(_rules(caught, name, scale, **how)) for _, name, _, caught in large), len(large)


def _alarms(nights: Mapping[date, Sequence[Hit]]) -> tuple[int, int]:
    return sum(bool(hits) for hits in nights.values()), len(nights)


def _head(rows: Sequence[Mapping[str, Any]], large: Sequence[Any], clean: Mapping[float, Mapping[date, Sequence[Hit]]]) -> str:
    volume = [one for one in large if abs(one[2][1] - 1) >= 0.3 - 1e-9]
    handle = [one for one in large if abs(one[2][2] - 1) >= 0.3 - 1e-9]
    down = [one for one in volume if one[2][1] < 1]
    up = [one for one in volume if one[2][1] > 1]
    edge = [one for one in large if max(abs(one[2][1] - 1), abs(one[2][2] - 1)) < 0.4]
    alarms, nights = _alarms(clean[1.0])
    kinds = len({row["kind"] for row in rows if row["queues"] or row["caught"]})
    lines = [
        "\n## In short\n",
        f"{len(rows)} faults of {kinds} kinds, {len(large)} large queue-days, {nights} clean nights; thresholds as chosen.\n",
        "| what | rate |", "|---|---|",
        f"| large queue-days caught | {_share(*_count(large, 1.0))} |",
        f"| ... held (not only told of) | {_share(*_count(large, 1.0, held=True))} |",
        f"| ... caught without `{_CHANCE_RULE}` | {_share(*_count(large, 1.0, without=_CHANCE_RULE))} |",
        f"| volume down by 30 % or more | {_share(*_count(down, 1.0))} |",
        f"| volume up by 30 % or more | {_share(*_count(up, 1.0))} |",
        f"| handle time off by 30 % or more | {_share(*_count(handle, 1.0))} |",
        f"| moved by 30 to 40 % only | {_share(*_count(edge, 1.0))} |",
        f"| clean nights with a false alarm | {_share(alarms, nights)}: one in {nights / max(alarms, 1):.0f} |",
    ]  # fmt: skip
    return "\n".join(lines)


def _curve(large: Sequence[Any], clean: Mapping[float, Mapping[date, Sequence[Hit]]]) -> str:
    lines = ["\n## The curve\n",
             "All thresholds multiplied by the same factor:\n",
             "| factor | large queue-days caught | clean nights with an alarm |",
             "|---|---|---|"]  # fmt: skip
    for scale in SCALES:
        alarms, nights = _alarms(clean[scale])
        lines.append(
            f"| {scale:g} | {_share(*_count(large, scale))} | {_share(alarms, nights)}, one in {nights / max(alarms, 1):.0f} |"
        )
    chosen = ", ".join(f"{name} {value:g}" for name, value in vars(CHOSEN).items())
    return "\n".join([*lines, f"\nChosen (factor 1): {chosen}."])


def _by_rule(large: Sequence[Any], clean: Mapping[float, Mapping[date, Sequence[Hit]]]) -> str:
    nights = clean[1.0]
    alone: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for _, name, _, found in large:
        rules = _rules(found, name, 1.0)
        caught.update(rules)
        if len(rules) == 1:
            alone.update(rules)
    lines = [
        "\n## By rule\n",
        "| rule | large queue-days it speaks of | of which it alone | clean nights with its alarm |",
        "|---|---|---|---|",
    ]
    for rule in RULES:
        false = sum(any(hit.rule == rule.name for hit in hits) for hits in nights.values())
        lines.append(
            f"| `{rule.name}` | {_share(caught[rule.name], len(large))} | {alone[rule.name]} | {_share(false, len(nights))} |"
        )
    return "\n".join(lines)


def _by_kind(rows: Sequence[Mapping[str, Any]]) -> str:
    sizes = sorted({row["size"] for row in rows})
    lines = [
        "\n## By kind and size\n",
        "Queue-days touched that were caught, of all touched, by the share of rows (or the factor) that the fault takes; and of "
        "large ones alone.\n",
        "| kind | hits | "
        + " | ".join(f"{100 * size:.0f} %" for size in sizes) + " | large |", "|---|---|" + "---|" * (len(sizes) + 1),
    ]  # fmt: skip
    for kind in KINDS:
        cells = []
        mine = [row for row in rows if row["kind"] == kind.name]
        for size in sizes:
            pairs = [(row, name) for row in mine if row["size"] == size for name in _touched(row)]
            hit = sum(bool(_rules(row["caught"], name, 1.0)) for row, name in pairs)
            cells.append(f"{hit}/{len(pairs)}" if pairs else "")
        large = [(row, name) for row in mine for name, effect in row["queues"].items() if is_large(effect)]
        hit = sum(bool(_rules(row["caught"], name, 1.0)) for row, name in large)
        cells.append(f"{hit}/{len(large)}" if large else "none is")
        lines.append(f"| {kind.name} | {kind.scope} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _touched(row: Mapping[str, Any]) -> list[str]:
    """Queues whose figures moved; where only times or fields changed, the target if it is a queue, else those spoken of."""
    if row["queues"] or not row["caught"]:
        return list(row["queues"])
    spoken = row["caught"]["1"]
    return sorted(spoken) if spoken else [row["target"]]


def _by_queue(large: Sequence[Any], channel_of: Mapping[str, str]) -> str:
    lines = ["\n## By size of the queue-day and by channel\n", "| large queue-days of | caught | held |", "|---|---|---|"]
    groups = [(f"{low} to {high} contacts" if high < 10_000 else f"{low} contacts and more",
               [one for one in large if low <= one[2][0] < high]) for low, high in _SIZES]  # fmt: skip
    groups += [(channel, [one for one in large if channel_of.get(one[1]) == channel]) for channel in _CHANNELS]
    for name, some in groups:
        lines.append(f"| {name} | {_share(*_count(some, 1.0))} | {_share(*_count(some, 1.0, held=True))} |")
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
    lines.append(
        "The alarms are no false ones throughout: 2003-08-14 is the blackout of the north-east, "
        "2003-09-02 the day after Labor Day; "
        "2016-02-24 and 2016-04-03 are storms and 2016-05-01 a loss of data. Nobody knows of the others."
    )
    return "\n".join(lines)
