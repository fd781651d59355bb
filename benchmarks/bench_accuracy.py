"""How accurate forecasts are on real data: the whole table, rolling origins, nothing of the future visible, one setting for all.

Run: .venv/bin/python benchmarks/bench_accuracy.py [--only bank montgomery ... short intraday leads] [--quick]

Daily: Leadline as the nightly run makes it (nested backtest, champion, spread) beside a four-week mean, Prophet as it comes and,
where statsforecast is installed, AutoETS; by group of series, with tests that pair calendar weeks and days, and how often days
fell into the 80 % bands. `short` are series of these groups at many origins, each with a month or two of history. Half hours of
a bank beside their noise floor, the rest of the day at noon, and leads in real counts beside their oracle. Data from the folder
named by LEADLINE_SHARED, or ../shared beside the repository; what is not there is skipped.
`--quick` leaves Prophet and AutoETS out.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from accuracy.daily import LEADLINE, Scores, score
from accuracy.half_hours import half_hours
from accuracy.leads import closings, planted, planted_all_years, planted_mild
from accuracy.rivals import rivals
from accuracy.series import GROUPS, data_folder

from forecasting.scores import BAND_NAMES

SHORT, INTRADAY, LEADS = "short", "intraday", "leads"
SOURCES = {
    "bank": "bank_calls",
    "montgomery": "montgomery_911",
    "half_hours": "montgomery_911",
    "incidents": "it_incidents",
    "incidents_by_group": "it_incidents",
    "fire_claims": "insurance_claims",
    "danish_claims": "insurance_claims",
    "insurer": "real_insurer",
    "insurer_daily": "real_insurer",
    "insurer_claims": "real_insurer",
    "israeli_bank": "anonymous_bank_january",
    "israeli_bank_daily": "anonymous_bank_january",
    "short_bank": "bank_calls",
    "short_montgomery": "montgomery_911",
    "short_incidents": "it_incidents",
    "short_fire_claims": "insurance_claims",
}


def main() -> None:
    """Run the parts asked for and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*GROUPS, SHORT, INTRADAY, LEADS], default=[*GROUPS, INTRADAY, LEADS])
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    # The rivals warn about pandas' future and short series; neither concerns the figures.
    warnings.filterwarnings("ignore", module="prophet|statsforecast|cmdstanpy")
    console, folder = Console(width=140), data_folder()
    asked = {name: rival for name, rival in rivals().items() if not arguments.quick or name == "4-week mean"}
    if "AutoETS" not in rivals():
        console.print("AutoETS left out: statsforecast is not installed (put a folder with it on PYTHONPATH)")
    for name in GROUPS:
        if name not in arguments.only and not (SHORT in arguments.only and name.startswith(SHORT)):
            continue
        if not (folder / SOURCES[name]).is_dir():
            console.print(f"{name} skipped: {SOURCES[name]} is not here; set LEADLINE_SHARED to the folder that holds data/")
            continue
        began = time.process_time()
        console.print(_daily_table(score(GROUPS[name](folder), asked), time.process_time() - began))
    if not (folder / "bank_calls").is_dir():
        console.print("intraday and leads skipped: bank_calls is not here; set LEADLINE_SHARED to the folder that holds data/")
        return
    if INTRADAY in arguments.only:
        console.print(_half_hour_table(folder))
    if LEADS in arguments.only and (folder / "insurance_claims").is_dir() and (folder / "it_incidents").is_dir():
        console.print(_lead_table(folder))


def _daily_table(scores: Scores, seconds: float) -> Table:
    group = scores.group
    queues, origins = len(group.panel.queues), len(group.origins)
    champions = ", ".join(f"{name} {count}" for name, count in sorted(scores.champions.items(), key=lambda item: -item[1]))
    zero = np.nanmean(group.panel.offered == 0.0) / max(np.isfinite(group.panel.offered).mean(), 1e-9)
    table = Table(
        title=f"{group.name}: {queues} series ({zero:.0%} zeros), {origins} origins {group.origins[-1]} to {group.origins[0]}; "
        f"WAPE % by lead day",
        caption=f"champions: {champions}; of counts split over their own probability "
        f"{100 * np.nanmean(scores.in_band_split):.0f} % lie in Leadline's 80 %; {seconds:.0f} CPU seconds",
    )
    against = ("Leadline's error against it", "p, weeks", "p, days")
    for heading in ("", *BAND_NAMES, "all", "RMSE, series alike", "in 80 % band", *against):
        table.add_column(heading)
    for name in scores.mean:
        bands = [_percent(value) for value in scores.wape_by_band(name)]
        if name == LEADLINE:
            beside = ("", "", "")
        else:
            share, weeks, days = scores.against(name)
            beside = (f"{100 * share:+.1f} %", *(f"{p:.3f}" if np.isfinite(p) else "too few" for p in (weeks, days)))
        table.add_row(
            name, *bands, _percent(scores.wape(name)), f"{scores.relative_square(name):.3f}", _band(scores, name), *beside
        )
    return table


def _band(scores: Scores, name: str) -> str:
    coverage = scores.coverage(name)
    return f"{100 * coverage:.0f} %" if np.isfinite(coverage) else "-"


def _percent(value: float) -> str:
    return f"{100 * value:.2f}" if np.isfinite(value) else "-"


def _half_hour_table(folder: Path) -> Table:
    found = half_hours(folder)
    table = Table("", "", title=f"bank_calls, half hours, business days 1-10, {found.origins} origins; WAPE %")
    table.add_row("4-week mean", _percent(found.four_week_mean))
    table.add_row("Leadline", _percent(found.ahead))
    table.add_row("Leadline, were the day's total known", _percent(found.ahead_with_true_total))
    table.add_row("noise floor: chance alone", _percent(found.noise_floor))
    table.add_row(
        f"rest of the day at noon against the night's forecast, intervals ({found.noons} days)",
        _change(found.noon_interval_change),
    )
    table.add_row("the same, total of the rest", _change(found.noon_total_change))
    table.add_row("totals of the rest in the 80 % band", f"{100 * found.noon_in_band:.0f} %")
    return table


def _change(value: float) -> str:
    return f"{100 * value:+.1f} %"


def _lead_table(folder: Path) -> Table:
    table = Table(title="leads in real counts; WAPE %")
    for heading in ("", "4-week mean", "without the lead", "Leadline", "oracle: true kernel", "nights", "lead used"):
        table.add_column(heading)
    for case in (closings(folder), planted(folder), planted_mild(folder), planted_all_years(folder)):
        values = (case.four_week_mean, case.without_lead, case.with_lead, case.oracle)
        table.add_row(case.name, *map(_percent, values), str(case.nights), str(case.nights_used))
    return table


if __name__ == "__main__":
    main()
