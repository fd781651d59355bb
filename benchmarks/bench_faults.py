"""Which faults the monitors catch, and how often they cry wolf: the experiment behind expectations/monitors/thresholds.py.

Run: .venv/bin/python benchmarks/bench_faults.py [--lake .leadline/lake] [--truth .leadline/demo-truth] [--trials 12]
     [--folder FOLDER] [--write]

Plants every kind of fault of benchmarks/faults/kinds.py at every size into nights of the demo's lake on which nothing was planted
by the demo itself, derives history's figures and the summaries of single rows from the changed rows by the monitors' own SQL
and arithmetic, and asks the monitors about the night. Trials are seeded and kept in FOLDER as they are done, so that a run that
was cut off goes on. `--write` writes docs/fault_detection.md.
Real calls (LEADLINE_SHARED or ../shared) are judged as well where they are.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from pathlib import Path

from faults.day import Day
from faults.ground import demo_ground
from faults.kinds import KINDS
from faults.real import real_results
from faults.report import report
from faults.trials import SCALES, clean_hits, run_trial
from rich.console import Console

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run the trials that are missing and show the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path, default=ROOT / ".leadline" / "lake")
    parser.add_argument("--truth", type=Path, default=ROOT / ".leadline" / "demo-truth")
    parser.add_argument("--trials", type=int, default=12, help="of each kind and size")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "leadline-faults")
    parser.add_argument("--write", action="store_true", help="write docs/fault_detection.md")
    parser.add_argument("--report-only", action="store_true", help="plant nothing more: report what was planted so far")
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
    path = arguments.folder / "trials.jsonl"
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = {(row["kind"], row["size"], row["number"]) for row in done}
    days: dict[int, Day] = {}
    with path.open("a") as file:
        for number in range(0 if arguments.report_only else arguments.trials):
            for kind in KINDS:
                for size in kind.sizes:
                    if (kind.name, size, number) in known:
                        continue
                    row = run_trial(ground, kind, size, number, days)
                    row = row or {"kind": kind.name, "size": size, "number": number, "queues": {}, "caught": {}}
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                    done.append(row)
            console.print(f"trial {number + 1} of {arguments.trials}")
    each = {(row["kind"], row["size"], row["number"]): row for row in done if row["number"] < arguments.trials}
    rounds = Counter(number for _, _, number in each)  # a round that was cut off would weigh the first kinds more
    whole = sum(len(kind.sizes) for kind in KINDS)
    done = [row for key, row in each.items() if rounds[key[2]] == whole]
    shared = Path(os.environ.get("LEADLINE_SHARED", ROOT.parent / "shared"))
    channels = {queue.id: queue.channel for queue in ground.enterprise.queues.values()}
    clean = {scale: clean_hits(ground, scale) for scale in SCALES}
    text = report(done, clean, real_results(shared, arguments.trials), channels)
    console.print(text, markup=False)
    if arguments.write:
        (ROOT / "docs" / "fault_detection.md").write_text(text)


if __name__ == "__main__":
    main()
