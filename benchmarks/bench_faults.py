"""Which faults the monitors catch, and how often they cry wolf: the experiment behind expectations/monitors/thresholds.py.

Run: .venv/bin/python benchmarks/bench_faults.py [--lake .leadline/lake] [--truth .leadline/demo-truth] [--trials 12]
     [--folder FOLDER] [--choose] [--fresh SEED] [--write]

Plants every kind of fault of benchmarks/faults/kinds.py at every size into nights of the demo's lake on which nothing was planted
by the demo itself, derives history's figures and the summaries of single rows from the changed rows by the monitors' own SQL
and arithmetic, and asks the monitors about the night. What the monitors would see of a planted night is kept in FOLDER: a run
that was cut off goes on, and rules and thresholds that changed are put to the same nights again in about a minute.
`--choose` says which thresholds the training nights ask for (every other month; the others are held out and only judged).
`--fresh SEED` judges a lake of a demo of another seed, which nobody had looked at, on all its nights and with the thresholds as
they are (`leadline demo-data --seed SEED`, then a night); with `--write` it writes its part of docs/fault_detection.md.
`--write` writes docs/fault_detection.md.
Real calls (LEADLINE_SHARED or ../shared) are judged as well where they are.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from faults.choose import LOOSE, choose
from faults.day import Day
from faults.fresh import fresh_section, kept_sections, with_section, with_sections
from faults.ground import demo_ground, hidden_variance
from faults.judged import SCALES, clean_hits, judged, scaled
from faults.kinds import KINDS
from faults.real import real_results
from faults.report import report
from faults.trials import Ground, Trial, kept_trial
from rich.console import Console

ROOT = Path(__file__).parents[1]
_DAYS_KEPT = 150


def main() -> None:
    """Run the trials that are missing and show the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path, default=ROOT / ".leadline" / "lake")
    parser.add_argument("--truth", type=Path, default=ROOT / ".leadline" / "demo-truth")
    parser.add_argument("--trials", type=int, default=12, help="of each kind and size")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "leadline-faults")
    parser.add_argument("--choose", action="store_true", help="say which thresholds the training nights ask for, and end")
    parser.add_argument("--write", action="store_true", help="write docs/fault_detection.md")
    parser.add_argument("--fresh", type=int, help="the lake is of a demo of this seed, which nobody had looked at")
    parser.add_argument("--note", default="", help="what is to be known of this run of a fresh seed")
    arguments = parser.parse_args()
    console = Console()
    if not arguments.lake.exists() or not arguments.truth.exists():
        console.print(
            f"no demo lake at {arguments.lake} or no truth at {arguments.truth}: run `make run` first, or say where they are"
        )
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    ground = demo_ground(ROOT / "config" / "enterprise.toml", arguments.lake, arguments.truth, arguments.folder)
    console.print(f"{len(ground.nights)} clean nights, {len(KINDS)} kinds of fault")
    trials = _trials(ground, arguments.trials, arguments.folder, console)
    if arguments.choose:
        limits = scaled(LOOSE)
        console.print(choose(judged(ground, trials, limits), clean_hits(ground, limits)))
        return
    page = ROOT / "docs" / "fault_detection.md"
    written = page.read_text()
    if arguments.fresh:
        found, quiet = judged(ground, trials, scaled(1.0)), clean_hits(ground, scaled(1.0))
        text = fresh_section(arguments.fresh, datetime.now(UTC).date(), arguments.note, ground, found, quiet)
        console.print(text, markup=False)
        if arguments.write:
            page.write_text(with_section(written, arguments.fresh, text))
        return
    shared = Path(os.environ.get("LEADLINE_SHARED", ROOT.parent / "shared"))
    faults = {scale: judged(ground, trials, scaled(scale)) for scale in SCALES}
    clean = {scale: clean_hits(ground, scaled(scale)) for scale in SCALES}
    text = report(ground, hidden_variance(arguments.truth), faults, clean, real_results(shared, arguments.trials))
    console.print(text, markup=False)
    if arguments.write:
        page.write_text(with_sections(text, kept_sections(written)))


def _trials(ground: Ground, rounds: int, folder: Path, console: Console) -> list[Trial]:
    """Every trial, planted now or before."""
    trials: list[Trial] = []
    days: dict[int, Day] = {}
    for number in range(rounds):
        for kind in KINDS:
            trials += [kept_trial(ground, kind, size, number, days, folder) for size in kind.sizes]
            if len(days) > _DAYS_KEPT:
                days.clear()
        console.print(f"trial {number + 1} of {rounds}")
    return trials


if __name__ == "__main__":
    main()
