"""The enterprise and the frames of a clean night, for the checks to look at."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from tests.support.example_day import DAY, day_frames, with_queues
from tests.support.example_night import example_enterprise, night_frames
from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.registry import ALL_TABLES
from warehouse.tables.run import DATA_QUALITY
from warehouse.tables.staffing import STAFFING_INTERVAL


@pytest.fixture(scope="session")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return with_queues(example_enterprise(tmp_path_factory.mktemp("enterprise")))


@pytest.fixture(scope="session")
def clean(enterprise: Enterprise, tmp_path_factory: pytest.TempPathFactory) -> dict[Table, pd.DataFrame]:
    """Every frame of a clean night as the lake gives it back; tables without rows are empty."""
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    frames = day_frames(enterprise) | night_frames(enterprise, DAY, enterprise.planning.horizon_days)
    no_erlang = frames[STAFFING_INTERVAL]["staffing_model"] == "deferred"
    frames[STAFFING_INTERVAL].loc[no_erlang, ["positions_erlang_a", "positions_erlang_c"]] = pd.NA
    for table, frame in frames.items():
        if table is not DATA_QUALITY:
            lake.replace(table, frame, DAY)
    return {table: lake.read(table, first=DAY, last=DAY) for table in ALL_TABLES if table.partitioned_by is not None}


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[Table, pd.DataFrame]:
    """Every frame as an empty lake gives it."""
    lake = Lake(str(Path(tmp_path_factory.mktemp("empty"))))
    return {table: lake.read(table) for table in ALL_TABLES}


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    """The example enterprise as its settings have it."""
    return example_enterprise(tmp_path_factory.mktemp("enterprise"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of the test's own, empty."""
    return Lake(str(tmp_path / "lake"))
