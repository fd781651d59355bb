"""What stitching costs: as items grow, beside the obvious loop, and for the demo's two years and one night of it.

Run: .venv/bin/python benchmarks/bench_workstreams.py [--lake .leadline/lake]

Made items have the demo's habits: calls and mails, threads, claims, and names of claims in one mail of three. The rival is the
obvious program: one pass over the items in order with dictionaries of what was named last, and a union-find with path halving.
Both are measured in processor seconds on items in memory; both must give the same workstreams. The demo's lake, where there
is one with contacts of the present form, is stitched in a folder of its own that is removed afterwards: first all of it until the
day before the last, then the last night.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from enterprise.settings import load_enterprise
from enterprise.workstreams import WorkstreamRules
from etl.job import stitch_night
from etl.links import CONTENT, in_order, links_between
from etl.workstreams import earliest_items, link_rows
from warehouse.lake import Lake
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.workstreams import WORKSTREAM_LINKS

ROOT = Path(__file__).parents[1]
SIZES = (250_000, 500_000, 1_000_000)
RULES = WorkstreamRules()
SCHEMA = pa.schema([WORKSTREAM_LINKS.arrow_schema.field(name) for name in CONTENT])
CORE = (CONTACTS, MESSAGES, CASES, CASE_EVENTS, CLAIMS, CLAIM_EVENTS)
_DAY_US = 86_400_000_000


def made_items(count: int, seed: int = 1) -> pa.Table:
    """Items of two years in no order."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["contact", "message", "claim"], count, p=[0.68, 0.25, 0.07])
    number = np.arange(count)
    customer = rng.integers(0, count // 4, count)
    at_us = 1_731_000_000_000_000 + rng.integers(0, 730 * 86_400, count) * 1_000_000
    claims = number[kind == "claim"]
    names = (kind == "message") & (rng.random(count) < 0.33)
    claim = np.where(kind == "claim", number, rng.choice(claims, count))
    day = (at_us // _DAY_US).astype("int32")

    def text(prefix: str, values: np.ndarray, there: np.ndarray) -> pa.Array:
        return pa.array(
            [f"{prefix}{value:09d}" if known else None for value, known in zip(values, there, strict=True)], pa.string()
        )

    every = np.ones(count, dtype=bool)
    columns: dict[str, Any] = dict.fromkeys(CONTENT, pa.nulls(count, pa.string())) | {
        "item_kind": pa.array(kind.tolist()),
        "item_id": text("acd:sw1-", number, every),
        "segment": pa.array(np.ones(count, dtype=np.int64)),
        "business_date": pa.array(day).cast(pa.date32()),
        "happened_at": pa.array(at_us).cast(pa.timestamp("us", tz="UTC")),
        "customer_id": text("1", customer, every),
        "topic": pa.array(rng.choice(["claims", "service", "sales"], count).tolist()),
        "claim_id": text("CL", claim, names | (kind == "claim")),
        "thread_id": text("mail:<", rng.integers(0, count // 8, count), kind == "message"),
        "arrived_by": pa.array(np.where(kind == "contact", "customer", "").tolist()),
    }
    return pa.table({name: columns[name] for name in CONTENT}).cast(SCHEMA)


def stitched(items: pa.Table) -> tuple[pa.Table, np.ndarray]:
    """Items in order and the earliest item of each one's workstream."""
    ordered = in_order(items)
    links = links_between(ordered, RULES)
    real = links.linked >= 0
    return ordered, earliest_items(ordered.num_rows, links.item[real], links.linked[real])


def looped(items: pa.Table) -> np.ndarray:
    """The same by one pass in order, with dictionaries and a union-find; without the rule of shared customers."""
    parent = list(range(items.num_rows))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    last_named: dict[tuple[str, str], int] = {}
    last_of: dict[tuple[str, str], tuple[int, int, bool]] = {}
    limit = RULES.same_topic_within_days * _DAY_US
    columns = [items.column(name).to_pylist() for name in ("customer_id", "topic", "claim_id", "thread_id")]
    times = items.column("happened_at").cast(pa.int64()).to_pylist()
    named = list(zip(columns[2], columns[3], strict=True))
    for item, (customer, topic, claim, thread) in enumerate(zip(*columns, strict=True)):
        for key in (("claim", claim), ("thread", thread)):
            if key[1] is not None:
                before = last_named.get(key)
                if before is not None:
                    one, other = root(before), root(item)
                    parent[max(one, other)] = min(one, other)
                last_named[key] = item
        before, when, matter = last_of.get((customer, topic), (-1, 0, False))
        near = before >= 0 and times[item] - when <= limit
        stated = near and any(a is not None and a == b for a, b in zip(named[item], named[before], strict=True))
        if near and not stated and not (claim is not None and matter):
            one, other = root(before), root(item)
            parent[max(one, other)] = min(one, other)
        last_of[(customer, topic)] = (item, times[item], claim is not None or (near and matter))
    return np.array([root(item) for item in range(items.num_rows)])


def growth(console: Console) -> None:
    """Cost by number of items, ours and the loop's."""
    table = Table("items", "ours, CPU s", "µs per item", "rows of links, CPU s", "the loop, CPU s", "loop / ours", "same")
    for count in SIZES:
        items = made_items(count)
        began = time.process_time()
        ordered, ours = stitched(items)
        ours_seconds = time.process_time() - began
        began = time.process_time()
        link_rows(ordered, links_between(ordered, RULES))
        rows_seconds = time.process_time() - began
        began = time.process_time()
        theirs = looped(ordered)
        loop_seconds = time.process_time() - began
        table.add_row(
            f"{count:,}", f"{ours_seconds:.2f}", f"{1e6 * ours_seconds / count:.2f}", f"{rows_seconds:.2f}",
            f"{loop_seconds:.2f}", f"{loop_seconds / ours_seconds:.1f}", "yes" if np.array_equal(ours, theirs) else "NO",
        )  # fmt: skip
    console.print(table)


def of_a_lake(console: Console, source: Path) -> None:
    """The whole of a lake stitched, and its last night alone."""
    core = Lake(str(source))
    days = core.partitions(CONTACTS)
    if not days or "arrived_by" not in core.connect().read_parquet(core.files(CONTACTS, first=days[-1])).columns:
        console.print(f"skipped: {source} holds no contacts of the present form; run a night first (make demo)")
        return
    while not pq.read_metadata(core.files(CONTACTS, first=days[-1])[0]).num_rows:
        days.pop()  # a date that was looked at and holds nothing is no night to measure
    with tempfile.TemporaryDirectory() as folder:
        enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, Path(folder))
        lake = Lake(f"{folder}/lake")
        for table in CORE:
            Path(lake.folder(table)).parent.mkdir(parents=True, exist_ok=True)
            Path(lake.folder(table)).symlink_to(Path(core.folder(table)).resolve())
        shown = Table("night", "rows written", "partitions", "CPU s", "wall s", "peak memory GB")
        for name, night in (("all until the day before", days[-1] - timedelta(days=1)), ("the last night", days[-1])):
            cpu, wall = time.process_time(), time.monotonic()
            written = stitch_night(night, enterprise, lake)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            shown.add_row(
                name, f"{sum(one.rows for one in written):,}", f"{len(written)}", f"{time.process_time() - cpu:.1f}",
                f"{time.monotonic() - wall:.1f}", f"{peak:.1f}",
            )  # fmt: skip
        console.print(shown)


def by_history(console: Console, source: Path, lengths: Sequence[int]) -> None:
    """A further night after histories of several lengths: it is to cost by its own items."""
    core = Lake(str(source))
    last = core.partitions(CONTACTS)[-1]
    while not pq.read_metadata(core.path(CONTACTS, last)).num_rows:
        last -= timedelta(days=1)
    shown = Table("days of history", "links", "first stitch, CPU s", "further night: CPU s", "wall s", "partitions written")
    for length in lengths:
        with tempfile.TemporaryDirectory() as folder:
            enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, Path(folder))
            lake = Lake(f"{folder}/lake")
            for table in CORE:
                for day in core.partitions(table, last - timedelta(days=length), last):
                    Path(lake.path(table, day)).parent.mkdir(parents=True)
                    Path(lake.path(table, day)).symlink_to(Path(core.path(table, day)).resolve())
            began = time.process_time()
            stitch_night(last - timedelta(days=2), enterprise, lake)
            first = time.process_time() - began
            stitch_night(last - timedelta(days=1), enterprise, lake)  # the first further night of a process compiles and imports
            cpu, wall = time.process_time(), time.monotonic()
            written = stitch_night(last, enterprise, lake)
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
            links = sum(pq.read_metadata(path).num_rows for path in lake.files(WORKSTREAM_LINKS))
            shown.add_row(f"{length}", f"{links:,}", f"{first:.1f}", f"{cpu:.2f}", f"{wall:.1f}", f"{len(written)}")
    console.print(shown)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, default=ROOT / ".leadline" / "lake")
    parser.add_argument("--only-lake", action="store_true")
    parser.add_argument("--days", type=int, nargs="+", help="only a further night, after so many days of the lake's history")
    arguments = parser.parse_args()
    console = Console()
    if arguments.days:
        by_history(console, arguments.lake, arguments.days)
        return
    of_a_lake(console, arguments.lake)
    if not arguments.only_lake:
        growth(console)


if __name__ == "__main__":
    main()
