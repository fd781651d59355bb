"""The kernel that the last night found on the demo enterprise, beside the hidden one that made its contacts.

Run after `make run`: python benchmarks/bench_demo_lead.py [folder of the demo run, `.leadline` by default]
The truth knows a kernel per peril; claims of a line of business bring their mix's, which is taken from the claims of the history.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from warehouse.lake import Lake
from warehouse.tables.forecast import CLAIMS_LEAD
from warehouse.tables.history import CLAIMS_DAILY


def main() -> None:
    """Print total, peak and distance of every kernel that the plan used."""
    console = Console()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".leadline")
    truth_file = folder / "demo-truth" / "lag_kernels.parquet"
    if not truth_file.exists() or not (folder / "lake").is_dir():
        console.print(f"skipped: {folder} holds no run on the demo enterprise; do `make run` first")
        return
    lake = Lake(str(folder / "lake"))
    found = lake.read(CLAIMS_LEAD)
    found = found[found["used"].astype(bool) & (found["plan_date"] == found["plan_date"].max())]
    truth = pd.read_parquet(truth_file)
    claims = lake.read(CLAIMS_DAILY).groupby(["line_of_business", "peril"])["reported_claims"].sum()
    table = Table("queue", "claims", "total: truth", "found", "peak day: truth", "found", "L1 distance, truth scaled to 1")
    for (queue_id, line), kernel in found.groupby(["queue_id", "claim_class"]):
        mine = truth[(truth["queue_id"] == queue_id) & (truth["line_of_business"] == line)]
        weights = claims.loc[line].reindex(mine["peril"]).to_numpy(dtype=np.float64)
        hidden = (mine["contacts_per_claim"] * weights).groupby(mine["lag_day"]).sum() / claims.loc[line].sum()
        got = kernel.set_index("lag_days")["contacts_per_claim"]
        apart = (got - hidden.reindex(got.index).fillna(0.0)).abs().sum() / hidden.sum()
        table.add_row(
            str(queue_id),
            str(line),
            f"{hidden.sum():.2f}",
            f"{got.sum():.2f}",
            str(int(hidden.idxmax())),
            str(int(got.idxmax())),
            f"{apart:.2f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
