"""How often the claims lead is found where it is, and where it is not: real calls, real claims, planted kernels.

Run: .venv/bin/python benchmarks/bench_lead.py

Reads bank_calls and insurance_claims from the folder named by LEADLINE_SHARED, or ../shared beside the repository; skipped where
they are not.
Unrelated: claims series cut at random from two real ones next to the bank's calls. Planted: a kernel with a given share of the
volume added to the calls as Poisson counts.
"""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.calendar import FloatArray, QueueCalendar, queue_calendar
from forecasting.exposure import exposures
from forecasting.lead import estimate_leads

KERNEL = np.array([0.05, 0.2, 0.3, 0.2, 0.12, 0.08, 0.05] + [0.0] * 8)
TRIALS = {0.0: 100, 0.02: 30, 0.05: 30, 0.15: 30}
HORIZON_DAYS, LAGS = 28, 14


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
) -> tuple[bool, float, int, float]:
    """Whether the lead was used, the kernel's L1 error, days its peak is off, and share of lags inside their interval."""
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
    )


def main() -> None:
    """Run all trials and print the table."""
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
    table = Table(
        "share of volume",
        "trials",
        "lead used",
        "median L1 error of kernel",
        "peak within a day",
        "lags inside 90 % interval",
        title="Claims lead",
    )
    for share, trials in TRIALS.items():
        results = []
        for number in range(trials):
            source = sources[number % 2]
            start = int(rng.integers(0, len(source) - len(offered)))
            results.append(trial(share, offered, calendar, source[start : start + len(offered)], rng))
        used, errors, peaks, inside = (np.array(column) for column in zip(*results, strict=True))
        shown = ("-",) * 3 if share == 0 else (f"{np.median(errors):.2f}", f"{np.mean(peaks <= 1):.0%}", f"{inside.mean():.0%}")
        table.add_row(f"{share:.0%}", str(trials), f"{used.mean():.0%}", *shown)
    console.print(table)


if __name__ == "__main__":
    main()
