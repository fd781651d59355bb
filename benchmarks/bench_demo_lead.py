"""The kernels that the present code finds on the demo enterprise's history, beside the hidden ones that made its contacts.

Run after `make run`: .venv/bin/python benchmarks/bench_demo_lead.py [folder of the demo run, `.leadline` by default]
Leads are estimated anew from the lake, as the last planned night would. The truth knows a kernel per peril; claims of a line of
business bring their mix's, which is taken from the claims of the history. Letters of mailings have a kernel per queue.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from enterprise.settings import load_enterprise
from forecasting.as_of import known_by
from forecasting.night_history import History
from warehouse.lake import Lake
from warehouse.tables.core import DRIVER_VALUES
from warehouse.tables.forecast import CLAIMS_LEAD
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY

SETTINGS = Path(__file__).parents[1] / "config" / "enterprise.toml"
MAILINGS = "mailings"


def hidden_kernels(truth: Path, claims: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """(queue, line of business or driver) -> contacts per claim or letter by lag day."""
    reported = claims.groupby(["line_of_business", "peril"])["reported_claims"].sum()
    kernels = {}
    for (queue_id, line), mine in pd.read_parquet(truth / "lag_kernels.parquet").groupby(["queue_id", "line_of_business"]):
        weights = reported.loc[line].reindex(mine["peril"]).fillna(0.0).to_numpy(dtype=np.float64)
        brought = (mine["contacts_per_claim"] * weights).groupby(mine["lag_day"]).sum()
        kernels[str(queue_id), str(line)] = brought / reported.loc[line].sum()
    letters = pd.read_parquet(truth / "letter_kernels.parquet")
    return kernels | {
        (str(queue_id), MAILINGS): mine.set_index("lag_day")["contacts_per_letter"]
        for queue_id, mine in letters.groupby("queue_id")
    }


def main() -> None:
    """Print total, peak and distance of every kernel that is used, and those hidden ones that are not found."""
    console = Console(width=130)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".leadline")
    truth = folder / "demo-truth"
    if not truth.is_dir() or not (folder / "lake").is_dir():
        console.print(f"skipped: {folder} holds no run on the demo enterprise; do `make run` first")
        return
    lake = Lake(str(folder / "lake"))
    night = lake.read(CLAIMS_LEAD, columns=["plan_date"])["plan_date"].max()
    claims = lake.read(CLAIMS_DAILY, last=night)
    daily = lake.read(DAILY_HISTORY, last=night)
    history = History(daily, pd.DataFrame(), claims, drivers=lake.read(DRIVER_VALUES))
    known = known_by(history, load_enterprise(SETTINGS, {}, folder), night)
    began = time.process_time()
    lead = known.leads.estimate(known.panel)
    seconds = time.process_time() - began
    hidden = hidden_kernels(truth, claims)
    used = lead.kernels[lead.kernels["used"].astype(bool)]
    found = {key: rows.set_index("lag_days")["contacts_per_claim"] for key, rows in used.groupby(["queue_id", "claim_class"])}
    contacts = daily.groupby("queue_id")["offered_contacts"].sum()
    units = claims.groupby("line_of_business")["reported_claims"].sum()
    units[MAILINGS] = lake.read(DRIVER_VALUES).query("business_date <= @night")["value"].sum()
    table = Table(title=f"leads of the night of {night}, {len(known.panel.dates)} days; {seconds:.1f} CPU seconds")
    for heading in (
        "queue",
        "driver",
        "share of volume",
        "total: truth",
        "found",
        "peak: truth",
        "found",
        "L1, truth scaled to 1",
    ):
        table.add_column(heading)
    for queue_id, driver in sorted(hidden.keys() | found.keys()):
        true, got = hidden.get((queue_id, driver)), found.get((queue_id, driver))
        share, apart = "-", "-"
        if true is not None:
            share = f"{true.sum() * units[driver] / contacts[queue_id]:.1%}"
        if true is not None and got is not None:
            every = true.index.union(got.index)
            apart = f"{(got.reindex(every, fill_value=0.0) - true.reindex(every, fill_value=0.0)).abs().sum() / true.sum():.2f}"
        cells = [f"{one.sum():.3g}" if one is not None else "none" for one in (true, got)]
        peaks = [str(int(one.idxmax())) if one is not None else "-" for one in (true, got)]
        table.add_row(queue_id, driver, share, *cells, *peaks, apart)
    console.print(table)


if __name__ == "__main__":
    main()
