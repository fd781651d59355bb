"""Ten days of the simulated insurer over the spring clock change of 2025, made once per test process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from demo.case_exports import CaseTable, make_cases
from demo.job import DemoSummary, make_demo
from demo.world import World, simulate

FIRST_DAY, LAST_DAY, SEED = date(2025, 3, 24), date(2025, 4, 2), 7


@dataclass(frozen=True)
class Small:
    """A small written demo and the world it was written from."""

    world: World
    cases: CaseTable
    folder: Path
    truth: Path
    summary: DemoSummary


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The demo as `make_demo` writes it, and the same world simulated again."""
    import numpy as np

    base = tmp_path_factory.mktemp("demo")
    summary = make_demo(base / "demo", base / "truth", FIRST_DAY, LAST_DAY, SEED)
    world = simulate(FIRST_DAY, LAST_DAY, SEED, lambda _: None)
    cases = make_cases(world, np.random.default_rng([SEED, 1]).spawn(6)[4])
    return Small(world, cases, base / "demo", base / "truth", summary)
