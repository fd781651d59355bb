"""What Erlang A says of a real bank's waiting, by type of call and hour, beside what its callers met.

Run: LEADLINE_SHARED=<folder with data/> .venv/bin/python benchmarks/bench_bank_january.py

Data: call by call, January 1999, Technion SEE Lab (Mandelbaum, Sakov, Zeltyn); free for use with acknowledgement, not to be
copied into this project. Nothing is fitted to waiting: arrivals and handle times are those of the half hour, positions the agents
who were there, patience that of the first half of the month. The second half is predicted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from staffing.erlang import queue_measures

POOLS = {"PS": "bank", "NW": "bank", "PE": "bank", "TT": "bank", "NE": "bank", "IN": "internet"}
"""Who answers: most agents take every kind of banking call; internet calls have people of their own."""
TYPES = {"PS": "regular", "NW": "prospective", "PE": "English", "NE": "stock trading", "IN": "internet"}
LEARNT_UNTIL = pd.Timestamp("1999-01-16")
PRESENT_MINUTES = 15
"""An agent is there between two calls that are no further apart."""
HALF_HOUR = 1800.0
WITHIN_SECONDS = 20.0


def calls_of(folder: Path) -> pd.DataFrame:
    """Calls that reached a queue or an agent, with their pool; phantoms and calls of no known type left out."""
    calls = pd.read_csv(
        folder / "data" / "anonymous_bank_january" / "calls.csv.gz", parse_dates=["vru_exit", "ser_start", "ser_exit"]
    )
    calls = calls[(calls["offered"] == 1) & calls["outcome"].isin(["AGENT", "HANG"]) & calls["type"].isin(list(POOLS))]
    queued = calls["vru_exit"].fillna(calls["ser_start"])
    return calls.assign(
        at=queued, half=queued.dt.floor("30min"), pool=calls["type"].map(POOLS), gone=calls["outcome"] == "HANG",
        wait=calls["q_time_s"].astype("float64"),
    )  # fmt: skip


def present(calls: pd.DataFrame) -> pd.Series:
    """Mean agents of each pool who were there, per half hour; an agent belongs to the pools by that day's service time."""
    served = calls[~calls["gone"]].dropna(subset=["ser_start", "ser_exit"])
    served = served[served["ser_exit"] > served["ser_start"]].assign(day=served["at"].dt.date).sort_values("ser_start")
    worked = served.groupby(["agent", "day", "pool"])["ser_time_s"].sum()
    shares = worked / worked.groupby(["agent", "day"]).transform("sum")
    pieces = []
    for (agent, day), own in served.groupby(["agent", "day"]):
        begins, ends = own["ser_start"].to_numpy(), own["ser_exit"].cummax().to_numpy()
        new = np.r_[True, (begins[1:] - ends[:-1]) > np.timedelta64(PRESENT_MINUTES, "m")]
        stretch = np.cumsum(new) - 1
        for number in range(stretch[-1] + 1):
            first, last = pd.Timestamp(begins[stretch == number][0]), pd.Timestamp(ends[stretch == number][-1])
            for half in pd.date_range(first.floor("30min"), last, freq="30min"):
                inside = (min(last, half + pd.Timedelta(minutes=30)) - max(first, half)).total_seconds()
                pieces += [(pool, half, share * max(inside, 0.0) / HALF_HOUR) for pool, share in shares[agent, day].items()]
    return pd.DataFrame(pieces, columns=["pool", "half", "agents"]).groupby(["pool", "half"])["agents"].sum()


def predicted(halves: pd.DataFrame, patience: pd.Series) -> pd.DataFrame:
    """Erlang A of each half hour of a pool, on a straight line between whole numbers of agents."""
    line = {
        "offered_contacts": halves["calls"], "interval_seconds": HALF_HOUR, "mean_handle_seconds": halves["handle"],
        "answer_within_seconds": WITHIN_SECONDS, "mean_patience_seconds": halves["pool"].map(patience),
    }  # fmt: skip
    low = np.floor(halves["agents"])
    few, more = (queue_measures(**line, positions=positions) for positions in (low, low + 1))
    part = halves["agents"] - low
    found = {
        name: (1 - part) * getattr(few, name) + part * getattr(more, name)
        for name in ("mean_wait_seconds", "abandoned_fraction", "answered_within_fraction")
    }
    return halves.assign(**{f"predicted_{name}": values for name, values in found.items()})


def main() -> None:
    """Predict and show."""
    shared = os.environ.get("LEADLINE_SHARED")
    if not shared or not (Path(shared) / "data" / "anonymous_bank_january").is_dir():
        sys.exit("LEADLINE_SHARED names no folder with data/anonymous_bank_january: nothing is measured")
    calls = calls_of(Path(shared))
    learnt, tested = calls[calls["at"] < LEARNT_UNTIL], calls[calls["at"] >= LEARNT_UNTIL]
    patience = learnt.groupby("pool")["wait"].sum() / learnt.groupby("pool")["gone"].sum()
    served = tested[~tested["gone"] & (tested["ser_time_s"] > 0)]
    halves = tested.groupby(["pool", "half"]).agg(calls=("gone", "size")).join(
        served.groupby(["pool", "half"])["ser_time_s"].mean().rename("handle")
    ).join(present(tested)).reset_index()  # fmt: skip
    halves = halves.dropna(subset=["agents"])
    halves["handle"] = halves["handle"].fillna(halves["pool"].map(served.groupby("pool")["ser_time_s"].mean()))
    predictions = predicted(halves[halves["agents"] > 0], patience)
    both = tested.merge(predictions, on=["pool", "half"])
    both["answered_within"] = ~both["gone"] & (both["wait"] <= WITHIN_SECONDS)
    console = Console(width=130)
    words = ", ".join(f"{pool} {seconds:.0f} s" for pool, seconds in patience.items())
    console.print(f"{len(both):,} of {len(tested):,} calls from {LEARNT_UNTIL:%d %B} on; mean patience before: {words}")
    both["hour"] = both["at"].dt.hour
    for title, keys in (("by type", ["type"]), ("by type and hour", ["type", "hour"]), ("by load", ["load"])):
        if title == "by load":
            load = both["calls"] * both["handle"] / HALF_HOUR / both["agents"]
            both["load"] = pd.cut(
                load, [0, 0.5, 0.7, 0.85, 1.0, 9.0], labels=["to 50 %", "to 70 %", "to 85 %", "to 100 %", "above"]
            )
        console.print(_table(both[both["type"].isin(list(TYPES))], keys, title))


def _table(both: pd.DataFrame, keys: list[str], title: str) -> Table:
    table = Table(title=f"Predicted by Erlang A and observed, {title}")
    pairs = ("wait s, predicted", "observed", "gave up %, predicted", "observed", "in 20 s %, predicted", "observed")
    for heading in (*keys, "calls", *pairs):
        table.add_column(heading, justify="right")
    for key, own in both.groupby(keys, observed=True):
        if len(own) < 40:
            continue
        numbers = (
            own["predicted_mean_wait_seconds"].mean(), own["wait"].mean(), 100 * own["predicted_abandoned_fraction"].mean(),
            100 * own["gone"].mean(), 100 * own["predicted_answered_within_fraction"].mean(), 100 * own["answered_within"].mean(),
        )  # fmt: skip
        named = [TYPES.get(str(part), str(part)) for part in key]
        table.add_row(*named, f"{len(own):,}", *[f"{number:.1f}" for number in numbers])
    return table


if __name__ == "__main__":
    main()
