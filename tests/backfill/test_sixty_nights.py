"""Sixty nights in order, and the same at random with sources read side by side, then once more: the same plans, byte for byte.

Thirty nights around each clock change; the half year between them is a gap that the first night after it takes in.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from cli.runtime.night import DAG_ID
from enterprise.settings import load_enterprise
from tests.support.backfill_world import AUTUMN, DAY, SPRING, nights, write_sources
from tests.support.dag_runs import run_words
from tests.support.lake_marks import by_night, without_former
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.lake import Lake

pytestmark = [pytest.mark.backfill, pytest.mark.integration, pytest.mark.slow]

EACH = int(os.environ.get("BACKFILL_NIGHTS", "60")) // 2
NIGHTS = [*nights(SPRING, EACH), *nights(AUTUMN, EACH)]
_VERSIONS = "SELECT plan_date, content_hash, status FROM plan_version ORDER BY plan_date, version"
EXTRACTIONS = ("extract_acd", "extract_claims")


def in_order(folder: Path) -> None:
    """Every night after the other, each with its extractions first; the database is left running."""
    run_words(folder, [f"{dag}={night}" for night in NIGHTS for dag in (*EXTRACTIONS, DAG_ID)], stop=False)


def at_random(folder: Path) -> None:
    """Extractions of both sources side by side, each in an order of its own; then the plans in a third one."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda seed: run_words(folder, shuffled(EXTRACTIONS[seed], seed), stop=False), range(2)))
    run_words(folder, shuffled(DAG_ID, 2), stop=False)


def shuffled(dag_id: str, seed: int) -> list[str]:
    return [f"{dag_id}={night}" for night in random.Random(seed).sample(NIGHTS, len(NIGHTS))]  # noqa: S311


def published(folder: Path) -> tuple[dict[date, str], list[date]]:
    """Hash of the newest version of every night's plan, and the nights whose plans are in force."""
    enterprise = load_enterprise(folder / "enterprise.toml", {}, folder)
    with connected(warehouse_url(enterprise.storage)) as connection:
        rows = connection.execute(
            "SELECT plan_date, content_hash, status FROM plan_version ORDER BY plan_date, version"
        ).fetchall()
    return {day: content for day, content, _ in rows}, [day for day, _, status in rows if status == "current"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """The nights in order, and the same at random, on the same sources."""
    both = [tmp_path_factory.mktemp("worlds") / name for name in ("ordered", "random")]
    for folder in both:
        write_sources(folder, AUTUMN + EACH * DAY)
    return both


def test_nights_at_random_and_once_more_give_the_bytes_of_nights_in_order(folders: Sequence[Path]) -> None:
    ordered, mixed = folders
    try:
        with ThreadPoolExecutor() as pool:  # two worlds that share nothing, on two cores
            done = [pool.submit(in_order, ordered), pool.submit(at_random, mixed)]
        for one in done:
            one.result()
        expected = by_night(Lake(str(ordered / "lake")), NIGHTS)
        plans, current = published(ordered)
        assert set(plans) == set(NIGHTS)
        assert current == [NIGHTS[-1]]
        assert all(len(own) > 30 for own in expected.values())

        assert without_former(by_night(Lake(str(mixed / "lake")), NIGHTS)) == without_former(expected)
        assert published(mixed)[1] == [NIGHTS[-1]]

        in_order(mixed)
        assert by_night(Lake(str(mixed / "lake")), NIGHTS) == expected
        assert published(mixed) == (plans, current)
    finally:
        for folder in folders:
            EmbeddedPostgres.stop(folder / ".leadline")
