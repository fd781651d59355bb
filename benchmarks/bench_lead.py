"""How often the claims lead is found where it is, and where it is not: real calls, real claims, planted kernels.

Run: .venv/bin/python benchmarks/bench_lead.py [--only long short real]

Reads the folder named by LEADLINE_SHARED, or ../shared beside the repository; skipped where it is not.
Unrelated: claims series cut at random from two real ones next to the bank's calls. Planted: a kernel with a given share of the
volume added to the calls as Poisson counts. Short: the same on histories cut to 70-185 and to 32-69 days at random. Real: two
relations without a lead, an insurer's claims next to calls and cases that have nothing to do with them, and incidents resolved
next to those opened, by category, which move on the same day.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from accuracy.series import incidents, insurer

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.calendar import FloatArray, QueueCalendar, queue_calendar
from forecasting.exposure import exposures
from forecasting.lead import estimate_leads
from forecasting.panel import Panel
from forecasting.rolling_leads import LeadSource

KERNEL = np.array([0.05, 0.2, 0.3, 0.2, 0.12, 0.08, 0.05] + [0.0] * 8)
TRIALS = {0.0: 100, 0.02: 30, 0.05: 30, 0.15: 30}
SHORT_TRIALS = {(70, 185): {0.0: 200, 0.15: 60}, (32, 69): {0.0: 100, 0.15: 30, 0.5: 30}}
HORIZON_DAYS, LAGS = 28, 14
FEWEST_A_DAY = 0.5
LAST_INCIDENT = date(2016, 5, 13)


def real_folder() -> Path | None:
    """Where the real data lies, if it is there."""
    data = Path(os.environ.get("LEADLINE_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    return data if (data / "bank_calls").is_dir() and (data / "insurance_claims").is_dir() else None


def calls(folder: Path) -> tuple[pd.Series, QueueCalendar]:
    """The bank's calls per day, missing on closed days, and its calendar."""
    frame = pd.read_csv(folder / "bank_calls" / "bank_calls_5min.csv", parse_dates=["timestamp"])
    daily = frame.groupby(frame["timestamp"].dt.date)["calls"].sum().astype("float64")
    first, last = min(daily.index), max(daily.index)
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    bank = Opening({d: [(time(7), time(21, 30))] for d in range(5)}, "America/New_York", holidays=HolidayCalendar("US"))
    return daily.reindex(days), queue_calendar(bank, first, last + timedelta(days=HORIZON_DAYS), deferred=False)


def trial(
    share: float, offered: pd.Series, calendar: QueueCalendar, claims: FloatArray, rng: np.random.Generator
) -> tuple[bool, float, int, float, float]:
    """Whether the lead was used, the kernel's L1 error, days its peak is off, share of lags inside their interval.

    Last of all the same share of the lags that bring something.
    """
    last: date = offered.index[-1]
    brought = exposures(claims, calendar.takes_contacts[: len(claims)], LAGS) @ KERNEL
    open_days = offered.notna().to_numpy()
    scale = share / (1 - share) * offered.sum() / brought[open_days].sum()
    frame = pd.DataFrame({"calls": offered + rng.poisson(brought * scale)})
    result = estimate_leads(
        frame, pd.DataFrame({"fire": claims}, index=offered.index), {"calls": calendar}, last, HORIZON_DAYS, LAGS, 1
    )
    kernel = result.kernels["contacts_per_claim"].to_numpy()
    error = float(np.abs(kernel / scale - KERNEL).sum()) if scale > 0 else float("nan")
    rows = result.kernels
    inside = (rows["contacts_per_claim_low"] <= KERNEL * scale) & (rows["contacts_per_claim_high"] >= KERNEL * scale)
    return (
        result.used["calls"],
        error,
        abs(int(result.kernels["peak_lag_days"].iloc[0]) - int(np.argmax(KERNEL))),
        float(inside.mean()),
        float(inside[KERNEL > 0.0].mean()),
    )


def cut(offered: pd.Series, calendar: QueueCalendar, first: int, days: int) -> tuple[pd.Series, QueueCalendar]:
    """Some days of the calls and their calendar, as if there had been nothing before."""
    last = first + days + HORIZON_DAYS
    frame = calendar.frame.iloc[first:last].reset_index(drop=True)
    shorter = replace(
        calendar,
        frame=frame,
        takes_contacts=calendar.takes_contacts[first:last],
        weekday_like=calendar.weekday_like[first:last],
    )
    return offered.iloc[first : first + days], shorter


def no_leads(folder: Path) -> dict[str, tuple[int, int]]:
    """Relations in real data without a lead: how many are looked at, and how many used."""
    found: dict[str, tuple[int, int]] = {}
    claims = pd.read_csv(folder / "real_insurer" / "claims.csv", parse_dates=["reported_date"])
    reported = claims.groupby(claims["reported_date"].dt.date).size().astype("float64")
    group = insurer(folder).panel
    beside = group.only([name for name in group.queues if name != "claims"])
    dates = list(beside.dates[: beside.past])
    known = [day for day in dates if day >= min(reported.index)]
    driver = pd.DataFrame({"claims": reported.reindex(known).fillna(0.0)})
    found["real_insurer: claims beside calls and cases"] = _used(beside, driver)
    tickets = pd.read_csv(folder / "it_incidents" / "tickets.csv.gz", parse_dates=["opened_at", "resolved_at"])
    resolved = tickets.groupby(["category", tickets["resolved_at"].dt.date]).size()
    opened = incidents(folder).panel
    opened = opened.until(LAST_INCIDENT, 7)
    looked_at, used = 0, 0
    large = np.nanmean(opened.offered, axis=0) >= FEWEST_A_DAY
    categories = set(resolved.index.get_level_values(0))
    for name in (name for name, enough in zip(opened.queues, large, strict=True) if enough and name in categories):
        dates = list(opened.dates[: opened.past])
        one = _used(opened.only([name]), pd.DataFrame({"resolved": resolved[name].reindex(dates).fillna(0.0).astype("float64")}))
        looked_at, used = looked_at + one[0], used + one[1]
    found["it_incidents: resolved beside opened, by category"] = looked_at, used
    return found


def _used(panel: Panel, driver: pd.DataFrame) -> tuple[int, int]:
    lead = LeadSource(driver, panel.queues, LAGS, 1).estimate(panel)
    return len(panel.queues), sum(lead.used.values())


def main() -> None:
    """Run the trials asked for and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=["long", "short", "real"], default=["long", "short", "real"])
    asked = parser.parse_args().only
    console = Console()
    folder = real_folder()
    if folder is None:
        console.print("skipped: the real data is not here; set LEADLINE_SHARED to the folder that holds data/ with its sources")
        return
    offered, calendar = calls(folder)
    sources = [
        pd.read_csv(folder / "insurance_claims" / name)["claims"].to_numpy(dtype=np.float64)
        for name in ("frecomfire_daily_counts.csv", "danishuni_daily_counts.csv")
    ]
    rng = np.random.default_rng(20_261_112)
    if "long" in asked:
        table = _table("Claims lead, 34 weeks of history")
        for share, trials in TRIALS.items():
            results = []
            for number in range(trials):
                source = sources[number % 2]
                start = int(rng.integers(0, len(source) - len(offered)))
                results.append(trial(share, offered, calendar, source[start : start + len(offered)], rng))
            _add(table, share, results)
        console.print(table)
    rng = np.random.default_rng(20_261_130)
    for (fewest, most), shares in SHORT_TRIALS.items() if "short" in asked else ():
        table = _table(f"Claims lead, {fewest} to {most} days of history")
        for share, trials in shares.items():
            results = []
            for number in range(trials):
                source = sources[number % 2]
                days = int(rng.integers(fewest, most + 1))
                some, shorter = cut(offered, calendar, int(rng.integers(0, len(offered) - days)), days)
                start = int(rng.integers(0, len(source) - days))
                results.append(trial(share, some, shorter, source[start : start + days], rng))
            _add(table, share, results)
        console.print(table)
    if "real" in asked and (folder / "real_insurer").is_dir() and (folder / "it_incidents").is_dir():
        table = Table("relation", "queues", "lead used", title="Relations without a lead")
        for name, (looked_at, used) in no_leads(folder).items():
            table.add_row(name, str(looked_at), str(used))
        console.print(table)


def _table(title: str) -> Table:
    found = [
        "lead used",
        "median L1 error of kernel",
        "peak within a day",
        "lags in 90 % interval",
        "of those that bring something",
    ]
    return Table("share of volume", "trials", *found, title=title)


def _add(table: Table, share: float, results: list[tuple[bool, float, int, float, float]]) -> None:
    used, errors, peaks, inside, bringing = (np.array(column) for column in zip(*results, strict=True))
    shares = (f"{of_all:.0%}" for of_all in (np.mean(peaks <= 1), inside.mean(), bringing.mean()))
    shown = ["-"] * 4 if share == 0 else [f"{np.median(errors):.3f}", *shares]
    table.add_row(f"{share:.0%}", str(len(results)), f"{used.mean():.0%} ({used.sum()})", *shown)


if __name__ == "__main__":
    main()
