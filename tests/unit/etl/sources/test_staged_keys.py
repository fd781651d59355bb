from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.intake import Batch, Intake
from etl.intake import Staged as StagedTable
from etl.sources.staged import Staged
from etl.sources.staged_keys import StagedKeys
from etl.staging import staged_path
from warehouse.lake import Lake
from warehouse.tables.core import CASE_EVENTS

FIRST = date(2026, 1, 1)


class World:
    """Batches of case events, one a night, whose keys are given as numbers."""

    def __init__(self, folder: Path, keys: list[list[int]], source: str = "crm") -> None:
        self.lake = Lake(str(folder))
        self.source = source
        self.intake = Intake()
        for numbers in keys:
            self.add(numbers)

    def add(self, numbers: list[int]) -> None:
        place = len(self.intake.batches)
        key = f"batch{place}"
        path = Path(staged_path(self.lake.root, self.source, key, CASE_EVENTS.name))
        path.parent.mkdir(parents=True)
        rows = pa.table({"case_event_id": [f"e{number}" for number in numbers], "case_id": [f"c{n % 3}" for n in numbers]})
        pq.write_table(rows, path)
        staged = StagedTable(len(numbers), None, None)
        batch = Batch(FIRST + timedelta(days=place), key, "1", [f"file{place}"], {CASE_EVENTS.name: staged}, ())
        self.intake.batches.append(batch)

    def holding(self, *numbers: int, columns: tuple[str, ...] = ("case_event_id",)) -> list[str]:
        staged = Staged(self.lake, {self.source: self.intake}, [])
        name = columns[0]
        prefix = "e" if name == "case_event_id" else "c"
        keys = pa.table({name: pa.array([f"{prefix}{number}" for number in numbers], pa.string())})
        found = StagedKeys(self.lake, staged).batches_with(CASE_EVENTS, columns, keys)
        staged.close()
        return [batch.key for _, batch in found]

    def arrays(self) -> dict[str, int]:
        folder = Path(self.lake.root) / "state" / "keys"
        return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}


def test_the_batches_that_hold_a_key_are_named_and_no_others(tmp_path: Path) -> None:
    world = World(tmp_path, [[1, 2], [2, 3], [4]])
    assert world.holding(2) == ["batch0", "batch1"]
    assert world.holding(4, 3) == ["batch1", "batch2"]
    assert world.holding(9) == []
    assert world.holding() == []


def test_another_column_has_arrays_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path, [[3, 6], [4], [5]])
    assert world.holding(0, columns=("case_id",)) == ["batch0"]
    assert world.holding(2, columns=("case_id",)) == ["batch2"]
    assert world.holding(3) == ["batch0"]


def test_a_further_night_makes_the_arrays_of_its_own_batch_only(tmp_path: Path) -> None:
    world = World(tmp_path, [[number] for number in range(16)])
    world.holding(3)
    before = world.arrays()
    assert len(before) == 17, "one for each batch and one for the sixteen together"
    world.add([3, 99])
    assert world.holding(3) == ["batch3", "batch16"]
    after = world.arrays()
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1


def test_what_is_already_indexed_is_not_opened_again(tmp_path: Path) -> None:
    world = World(tmp_path, [[1], [2]])
    world.holding(1)
    for batch in world.intake.batches:
        Path(staged_path(tmp_path.as_posix(), world.source, batch.key, CASE_EVENTS.name)).unlink()
    assert world.holding(2) == ["batch1"]


@pytest.mark.parametrize("missing", ["one", "all"])
def test_arrays_that_are_missing_are_made_again(tmp_path: Path, missing: str) -> None:
    world = World(tmp_path, [[number] for number in range(17)])
    assert world.holding(16, 2) == ["batch2", "batch16"]
    paths = sorted((tmp_path / "state" / "keys").rglob("*.npy"))
    for path in paths if missing == "all" else paths[:1]:
        path.unlink()
    assert world.holding(16, 2) == ["batch2", "batch16"]


def test_a_batch_read_anew_is_looked_up_by_what_it_holds_now(tmp_path: Path) -> None:
    world = World(tmp_path, [[1], [2]])
    world.holding(1)
    path = Path(staged_path(world.lake.root, world.source, "again", CASE_EVENTS.name))
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"case_event_id": ["e7"], "case_id": ["c1"]}), path)
    world.intake.batches[0] = replace(world.intake.batches[0], key="again")
    assert world.holding(1) == []
    assert world.holding(7) == ["again"]


def test_the_arrays_are_sorted_whatever_the_order_of_rows(tmp_path: Path) -> None:
    world = World(tmp_path, [list(np.random.default_rng(1).permutation(500)), [1000]])
    assert all(world.holding(number) == ["batch0"] for number in (0, 17, 499))
