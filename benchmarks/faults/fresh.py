"""The part of docs/fault_detection.md about demos of other seeds, which nobody had looked at when the rules were made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from expectations.monitors.hit import Hit
from faults.judged import Judged
from faults.report import GROUPS, Nights, alarms_in_words, by_kind, by_queue, caught_in_words, large_of, share_in_words
from faults.trials import Ground

HEADING = "## On demos that nobody had looked at"
_NEXT = "## The curve"
_WORDS = """
The tables of seed 20261112 hold out thresholds only. Here the whole experiment is put to demos of other seeds: other customers,
storms, outages, day factors and dirt. Rules and thresholds stood before the demo was made; each was judged once, and every such
run is written down. All nights count: there are no training nights. Target and night of a fault are drawn as everywhere here.
"""


def fresh_section(seed: int, day: date, note: str, ground: Ground, faults: Sequence[Judged], clean: Nights) -> str:
    """What became of one seed.

    Args:
        seed: the demo's seed.
        day: when it was judged.
        note: what is to be known of the run.
        ground: its clean days.
        faults: what was said of every trial.
        clean: what was said of every clean night.
    """
    large = large_of(faults)
    planted = sum(bool(one.trial.target) for one in faults)
    lines = [
        f"### Seed {seed}, judged on {day}\n",
        f"{note}\n" if note else "",
        f"{planted} faults, {len(large)} large queue-days, {len(clean)} clean nights.\n",
        "| what | all nights |\n|---|---|",
        *(f"| {words} | {caught_in_words([one for one in large if which(one)], **how)} |" for words, which, how in GROUPS),
        f"| **clean nights with a false alarm** | {alarms_in_words(clean)} |\n",
        "False alarms: " + ("; ".join(_alarm(night, hits) for night, hits in sorted(clean.items()) if hits) or "none") + ".",
    ]
    tables = "\n".join([by_queue(ground, large), by_kind(faults)]).replace("\n## ", "\n#### ")
    return "\n".join([*filter(None, lines), tables.replace("Held-out nights.", "All nights.")]) + "\n"


def _alarm(night: date, hits: Sequence[Hit]) -> str:
    found = sorted({f"{hit.rule} {hit.subject_id}" for hit in hits})
    return f"{night} {', '.join(found)}"


def with_section(page: str, seed: int, section: str) -> str:
    """The page with the seed's part, in place of an earlier one of the same seed."""
    others = [part for part in kept_sections(page) if not part.startswith(f"### Seed {seed},")]
    return with_sections(page, [*others, section])


def kept_sections(page: str) -> list[str]:
    """The parts of the page about single seeds."""
    if HEADING not in page:
        return []
    found = page[page.index(HEADING) : page.index(_NEXT)]
    return ["### Seed " + part.rstrip() + "\n" for part in found.split("### Seed ")[1:]]


def with_sections(page: str, sections: Sequence[str]) -> str:
    """The page with these parts about single seeds and no others."""
    end = page.index(_NEXT)
    start = page.index(HEADING) if HEADING in page else end
    middle = "\n".join([HEADING, _WORDS, _together(sections), *sections]) + "\n" if sections else ""
    return page[:start] + middle + page[end:]


def _together(sections: Sequence[str]) -> str:
    """All seeds in one line, from their tables."""
    found = []
    for row in ("large queue-days caught", "clean nights with a false alarm"):
        counts = [re.search(rf"{row}\*\* \| .*?; (\d+) of (\d+)\)", section) for section in sections]
        numbers = [(int(match[1]), int(match[2])) for match in counts if match]
        found.append(share_in_words(sum(part for part, _ in numbers), sum(whole for _, whole in numbers)))
    return (
        f"**Together: {found[0]} of large queue-days caught; a false alarm on {found[1]} of the clean nights.** Counted are the"
        " monitors, as everywhere on this page; reconciliations of sources and the suites are not in it.\n"
    )
