from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.stages import stage_seconds
from warehouse.tables.workstreams import STAGES

END, QUIET = 40, 7
spans = st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, END), st.integers(0, END))


@given(st.lists(spans, max_size=10), st.lists(st.booleans(), min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
def test_stages_are_those_of_a_clock_that_looks_every_moment(
    drawn: list[tuple[int, int, int, int]], resolved: list[bool]
) -> None:
    rows = [(ws, kind, min(a, b), max(a, b)) for ws, kind, a, b in drawn]
    columns = zip(*rows, strict=True) if rows else ([], [], [], [])
    table = pa.table(
        {
            name: pa.array(list(values), pa.int64())
            for name, values in zip(("ws", "kind", "from_us", "until_us"), columns, strict=True)
        }
    )
    ends = pa.table(
        {
            "ws": [0, 1, 2],
            "opened_us": [0, 0, 0],
            "end_us": [END] * 3,
            "resolved_us": pa.array([END if done else None for done in resolved], pa.int64()),
        }
    )
    made = stage_seconds(table, ends, QUIET).to_pylist()
    assert [_without_ws(one) for one in made] == [_slow([row for row in rows if row[0] == ws], resolved[ws]) for ws in range(3)]
    assert all(sum(one[f"{stage}_us"] for stage in STAGES) == END for one in made)


def _without_ws(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "ws"}


def _slow(rows: list[tuple[int, int, int, int]], resolved: bool) -> dict[str, Any]:
    """Look at every moment; a quiet stretch is one in which nothing begins, ends or goes on, however short."""
    told: dict[str, Any] = {f"{stage}_us": 0 for stage in STAGES}
    edges = {edge for _, _, since, until in rows for edge in (since, until)} | {0, END}
    quiet, came_back = 0, False
    for moment in range(END):
        active = {kind for _, kind, since, until in rows if since <= moment < until}
        stage = min(active, default=5)
        told[f"{STAGES[stage]}_us"] += 1
        idle = not active
        quiet = (0 if moment in edges else quiet) + 1 if idle else 0
        if idle and quiet >= QUIET and moment + 1 in edges and (moment + 1 < END or resolved):
            came_back = True
    return {**told, "came_back": came_back}


def test_a_workstream_that_was_over_at_once_has_no_time_and_never_came_back() -> None:
    none = {name: pa.array([], pa.int64()) for name in ("ws", "kind", "from_us", "until_us")}
    ends = pa.table({"ws": [0], "opened_us": [5], "end_us": [5], "resolved_us": [5]})
    made = stage_seconds(pa.table(none), ends, 0).to_pylist()[0]
    assert sum(made[f"{stage}_us"] for stage in STAGES) == 0


def test_spans_beyond_a_million_workstreams_stay_with_their_own() -> None:
    count = 1_000_000
    ws = np.arange(count)
    spans = pa.table({"ws": ws, "kind": ws % 5, "from_us": ws * 0 + 1, "until_us": ws * 0 + 3})
    ends = pa.table({"ws": ws, "opened_us": ws * 0, "end_us": ws * 0 + 3, "resolved_us": ws * 0 + 3})
    made = stage_seconds(spans, ends, 10)
    assert all(made.column(f"{stage}_us").to_numpy().sum() == 2 * count / 5 for stage in STAGES[:5])
    assert made.column("waiting_on_customer_us").to_numpy().sum() == count
