"""A forecast made by one task or by several, in any order, is the same to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from enterprise import blocks
from enterprise.blocks import blocks_of_shard, queue_blocks, shard_count
from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise, load_enterprise
from forecasting import job
from forecasting.backtest import ORIGINS
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_NAIVE
from forecasting.job import backtest_week, forecast_night, forecast_queues, merge_forecast
from forecasting.nightly import forecast_all
from tests.unit.forecasting.test_nightly import PLAN_DATE, QUEUES, make_history
from warehouse.lake import Lake
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY

ROOT = Path(__file__).parents[3]


@pytest.fixture
def enterprise(monkeypatch: pytest.MonkeyPatch) -> Enterprise:
    monkeypatch.setattr(blocks, "QUEUES_PER_BLOCK", 1)
    whole = load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}})


def per_task(enterprise: Enterprise, queues: int) -> Enterprise:
    return enterprise.model_copy(update={"schedule": enterprise.schedule.model_copy(update={"queues_per_task": queues})})


@pytest.fixture
def lake(enterprise: Enterprise, tmp_path: Path) -> Lake:
    return lake_of(enterprise, tmp_path / "lake", 50)


def lake_of(enterprise: Enterprise, folder: Path, days: int) -> Lake:
    lake, history = Lake(str(folder)), make_history(enterprise, days)
    for table, frame in ((DAILY_HISTORY, history.daily), (INTERVAL_HISTORY, history.intervals), (CLAIMS_DAILY, history.claims)):
        unsaid = [column for column in table.columns if not column.nullable and frame[column.name].isna().all()]
        lake.replace_partitions(table, frame.assign(**{column.name: column.unit == "flag" for column in unsaid}))
    return lake


def test_any_number_of_tasks_in_any_order_gives_the_bytes_of_one(enterprise: Enterprise, lake: Lake) -> None:
    one = {written.table: written.content_hash for written in forecast_night(PLAN_DATE, enterprise, lake)}
    for queues in (1, 2):
        several = per_task(enterprise, queues)
        shards = range(shard_count(several))
        assert len(shards) == {1: 3, 2: 2}[queues]
        for shard in reversed(shards):
            forecast_queues(shard, PLAN_DATE, several, lake)
        merged = {written.table: written.content_hash for written in merge_forecast(PLAN_DATE, several, lake)}
        assert merged == one, f"{len(shards)} tasks"


def test_what_the_week_compares_share_by_share_is_what_its_nights_look_for(
    enterprise: Enterprise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = (SEASONAL_NAIVE, SEASONAL_MEAN_4)
    monkeypatch.setattr(job, "CANDIDATES", few)
    several, lake = per_task(enterprise, 1), lake_of(enterprise, tmp_path / "lake", 42 + 9 * ORIGINS + 14)
    assert [backtest_week(shard, PLAN_DATE, several, lake) for shard in range(3)] == [1, 1, 1]
    kept = sorted(tmp_path.glob("lake/kept/backtest/2026-10-17/*.parquet"))
    assert len(kept) == 3
    history = job._history(PLAN_DATE, several, lake)
    forecast_all(history, several, PLAN_DATE, few, job._Kept(lake))
    assert sorted(tmp_path.glob("lake/kept/backtest/*/*.parquet")) == kept, "no night of the week makes one of its own"


def test_a_share_that_is_missing_is_named_instead_of_planning_without_it(enterprise: Enterprise, lake: Lake) -> None:
    several = per_task(enterprise, 1)
    forecast_queues(0, PLAN_DATE, several, lake)
    with pytest.raises(NeedsPersonError, match="part 1 of 3 of forecast_interval"):
        merge_forecast(PLAN_DATE, several, lake)


def test_every_queue_is_in_one_block_and_every_block_in_one_share(
    enterprise: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "QUEUES_PER_BLOCK", 25)
    queue = enterprise.queues["voice_claims"]
    many = enterprise.model_copy(update={"queues": {f"q{k}": queue.model_copy(update={"id": f"q{k}"}) for k in range(260)}})
    cut = queue_blocks(many)
    assert sorted(one for block in cut for one in block) == sorted(many.queues)
    assert max(map(len, cut)) <= 25
    assert max(map(len, cut)) - min(map(len, cut)) <= 1
    shares = [blocks_of_shard(many, shard) for shard in range(shard_count(many))]
    assert len(shares) == 4
    assert sorted(number for share in shares for number in share) == list(range(len(cut)))
    sizes = [len(share) for share in shares]
    assert sizes == sorted(sizes, reverse=True), "what takes longest begins first"
    assert sizes[0] - sizes[-1] <= 1
    with pytest.raises(ValueError, match="shard 4 of 260 queues"):
        blocks_of_shard(many, 4)
