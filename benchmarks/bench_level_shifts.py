"""How soon forecasts follow a level that has shifted, on real series with shifts planted in them; with the rule and without it.

Run: .venv/bin/python benchmarks/bench_level_shifts.py [--only bank montgomery ...]

Each series is brought to another level some days before the origin, and stays there; days 1 to 14 after the origin are scored in
units of the new level. The first row of each group plants nothing. All models but Prophet take part. Data from the folder named
by LEADLINE_SHARED, or ../shared beside the repository; what is not there is skipped.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from accuracy.series import GROUPS, data_folder
from accuracy.shifts import Found, kinds, score_shift

ORIGINS = {"bank": 4, "montgomery": 2, "incidents": 1, "fire_claims": 2, "danish_claims": 2}


def main() -> None:
    """Run the groups asked for and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(ORIGINS), default=list(ORIGINS))
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", module="prophet|cmdstanpy")
    console, folder = Console(width=140), data_folder()
    for name in arguments.only:
        try:
            group = GROUPS[name](folder)
        except FileNotFoundError:
            console.print(f"{name} skipped: its data is not here; set LEADLINE_SHARED to the folder that holds data/")
            continue
        began = time.process_time()
        table = Table(title=f"{group.name}: {len(group.panel.queues)} series, days 1 to 14; without the rule, then with it")
        for heading in ("new level", "days ago", "error %", "", "bias %", "", "in 80 % band", "", "days"):
            table.add_column(heading, justify="right")
        for ratio, age in kinds():
            without, found = (score_shift(group, ORIGINS[name], ratio, age, with_rule=rule) for rule in (False, True))
            what = ("as it is", "") if ratio == 1.0 else (f"{ratio - 1.0:+.0%}", str(age))
            table.add_row(*what, *_beside(without, found), str(found.days))
        table.caption = f"{time.process_time() - began:.0f} CPU seconds"
        console.print(table)


def _beside(without: Found, found: Found) -> list[str]:
    return [
        shown
        for one, other in ((without.error, found.error), (without.bias, found.bias), (without.covered, found.covered))
        for shown in (f"{100 * one:.1f}", f"{100 * other:.1f}")
    ]


if __name__ == "__main__":
    main()
