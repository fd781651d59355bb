"""What checks cost: all stages of one night, and many contacts checked where they lie, beside the same suite on pandas.

Run: .venv/bin/python benchmarks/bench_checks.py [--lake .leadline/lake] [--night 2026-11-12] [--millions 100] [--days 1000]

The night: its two tasks as dags/nightly_plan.py has them (check_history, check_plan), each in a process of its own from the first
import to the last row, twice, and the better run of each counts; the lake is copied first (what the checks read of it), so that
no outcome is written beside it. Airflow's own share of a task is not in it. The contacts: made as in `bench_history.py` in a
folder of its own (100 million take 5 GB), checked by the stage `core` in a process of its own over all their days. The rival in
the same run: Great Expectations' own expectations on pandas, derived from the same declaration, over as many of the days as hold
`--rival-millions`; it reads its frame within the time. Seconds per million rows are compared.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from bench_history import LAST, enterprise_in, make_contacts
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
TASKS = {"check_history": ("sources", "core", "history", "monitors"), "check_plan": ("forecast", "staffing")}
BESIDE = {"check_plan": ("workstreams", "audit")}
MOST_SECONDS = 20.0
MOST_MEMORY_GB = 2.0


def checks(task: str, folder: Path, last: date, days: int) -> int:
    """One of the night's tasks of checks; gives the outcomes of the night so far."""
    from expectations.job import validate_beside, validate_night
    from warehouse.lake import Lake
    from warehouse.tables.run import DATA_QUALITY

    enterprise = enterprise_in(folder)
    lake = Lake(enterprise.storage.lake_url)
    for stage in TASKS[task]:
        validate_night(stage, last, enterprise, lake)
    for stage in BESIDE.get(task, ()):
        validate_beside(stage, last, enterprise, lake)
    return len(lake.read(DATA_QUALITY, first=last, last=last))


def contacts(folder: Path, last: date, days: int) -> int:
    """The suite of contacts and its rules over some days."""
    from expectations.suites.opened import opened
    from expectations.suites.registry import rules_of
    from expectations.suites.run import check_stage
    from warehouse.lake import Lake
    from warehouse.tables.core import CONTACTS

    enterprise = enterprise_in(folder)
    rules = [rule for rule in rules_of("core") if rule.table is CONTACTS]
    with opened("core", last, enterprise, Lake(enterprise.storage.lake_url), last - timedelta(days=days - 1)) as looked_at:
        outcomes = check_stage("core", looked_at, [CONTACTS], rules).outcomes
    return int(outcomes["rows_checked"].max())


def rival(folder: Path, last: date, days: int) -> int:
    """Great Expectations on a frame of the same contacts: what follows from the declaration, and no rule besides."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from warehouse.lake import Lake
    from warehouse.tables.core import CONTACTS

    frame = Lake(enterprise_in(folder).storage.lake_url).read(CONTACTS, first=last - timedelta(days=days - 1), last=last)
    wanted: list[gxe.Expectation] = [
        gxe.ExpectTableColumnsToMatchOrderedList(column_list=CONTACTS.column_names),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=CONTACTS.key_names),
    ]
    for column in CONTACTS.all_columns:
        if not column.nullable:
            wanted.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name))
        if column.minimum is not None or column.maximum is not None:
            bounds = {"min_value": column.minimum, "max_value": column.maximum}
            wanted.append(gxe.ExpectColumnValuesToBeBetween(column=column.name, **bounds))
        if column.allowed:
            wanted.append(gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed)))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("night").add_dataframe_asset("contacts")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    if not batch.validate(gx.ExpectationSuite(name="contacts", expectations=wanted)).success:
        raise RuntimeError("the made contacts break their own declaration")
    return len(frame)


STEPS: dict[str, Callable[[Path, date, int], int]] = {
    **{task: partial(checks, task) for task in TASKS},
    "contacts": contacts,
    "rival": rival,
}


def measured(step: str, folder: Path, last: date, days: int = 1) -> dict[str, float]:
    """Wall and processor seconds, peak memory and rows of a step in a process of its own, its start included."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--night", str(last), "--days", str(days)]
    wall = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own interpreter and file
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result | {"wall": time.perf_counter() - wall}


def run_step(step: str, folder: Path, last: date, days: int) -> str:
    """Do a step here and say what it took."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    rows = STEPS[step](folder, last, days)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return json.dumps({"rows": rows, "cpu": used.ru_utime + used.ru_stime, "peak_gb": used.ru_maxrss / 1e6})


def the_night(lake: Path, last: date, console: Console) -> None:
    """Measure one night of a lake."""
    with tempfile.TemporaryDirectory(prefix="leadline-checks-") as made:
        folder = Path(made)
        left_out = shutil.ignore_patterns("landing", "staging", "state")
        shutil.copytree(lake, folder / "lake", ignore=left_out)
        best = {task: min((measured(task, folder, last) for _ in range(2)), key=lambda one: one["wall"]) for task in TASKS}
    table = Table("task", "s", "CPU s", "peak memory", "outcomes", title=f"Night of {last}, a process per task, imports included")
    for task, one in best.items():
        table.add_row(task, f"{one['wall']:.1f}", f"{one['cpu']:.1f}", f"{one['peak_gb']:.2f} GB", f"{one['rows']:,.0f}")
    console.print(table)
    wall, cpu = (sum(one[name] for one in best.values()) for name in ("wall", "cpu"))
    console.print(f"Together {wall:.1f} s ({cpu:.1f} CPU s). Goal: below {MOST_SECONDS:g} s.")


def many_contacts(millions: float, days: int, rival_millions: float, folder: Path | None, console: Console) -> None:
    """Measure a suite over many contacts and its rival over some of them."""
    table = Table("checked by", "million contacts", "s (CPU s)", "s per million (CPU s)", "peak memory", title="Contacts")
    with tempfile.TemporaryDirectory(prefix="leadline-checks-", dir=folder) as made:
        place = Path(made)
        make_contacts(place, round(millions * 1e6), days)
        whole = measured("contacts", place, LAST, days)
        other = measured("rival", place, LAST, max(round(days * min(rival_millions / millions, 1.0)), 1))
    for name, one in (("Leadline: declaration and rules", whole), ("Great Expectations on pandas: declaration", other)):
        count = one["rows"] / 1e6
        each = f"{one['wall'] / count:.2f} ({one['cpu'] / count:.2f})"
        table.add_row(name, f"{count:.1f}", f"{one['wall']:.1f} ({one['cpu']:.1f})", each, f"{one['peak_gb']:.2f} GB")
    console.print(table)
    ratio = (other["cpu"] / other["rows"]) / (whole["cpu"] / whole["rows"])
    console.print(f"CPU seconds per million: {ratio:.1f} times less than the rival. Goal: below {MOST_MEMORY_GB:g} GB.")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lake", type=Path, default=ROOT / ".leadline" / "lake")
    arguments.add_argument("--night", type=date.fromisoformat, default=date(2026, 11, 12))
    arguments.add_argument("--millions", type=float, nargs="*", default=[10.0])
    arguments.add_argument("--days", type=int, default=1000)
    arguments.add_argument("--rival-millions", type=float, default=2.0)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--step", choices=sorted(STEPS))
    given = arguments.parse_args()
    console = Console()
    if given.step:
        console.print(run_step(given.step, given.folder, given.night, given.days), soft_wrap=True)
        return
    if given.lake.exists():
        the_night(given.lake, given.night, console)
    for millions in given.millions:
        many_contacts(millions, given.days, given.rival_millions, given.folder, console)


if __name__ == "__main__":
    main()
