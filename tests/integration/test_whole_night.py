"""A whole night on a small demo, from source systems to the published plan: repeated, and killed in the midst of every step."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from demo.job import make_demo
from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source
from expectations.job import validate_night
from forecasting.job import forecast_night
from staffing.job import staff_night
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse, publish_night, tomorrow_at_a_glance, write_planbook_night
from warehouse.lake import Lake
from warehouse.tables.staffing import STAFFING_DAILY

pytestmark = [pytest.mark.integration, pytest.mark.slow]
FIRST, NIGHT = date(2026, 9, 14), date(2026, 11, 12)
CONFIG = Path(__file__).parents[2] / "config" / "enterprise.toml"
NOT_OF_THE_PLAN = ("state", "run")  # run logs and intake state say when, not what

Step = Callable[[date, Enterprise, Lake], object]


def extract(night: date, enterprise: Enterprise, lake: Lake) -> None:
    for source in enterprise.sources:
        extract_source(source, night, enterprise, lake)


STEPS: dict[str, Step] = {
    "extract": extract,
    "conform": conform_night,
    "history": build_history_night,
    "forecast": forecast_night,
    "staff": staff_night,
}


class KilledError(BaseException):
    """Stands for the process being killed: nothing may catch it."""


class DyingLake(Lake):
    """A lake whose process dies at its n-th write."""

    def __init__(self, url: str, writes: int) -> None:
        super().__init__(url)
        self.writes_left = writes

    def write_bytes(self, path: str, content: bytes) -> None:
        self.writes_left -= 1
        if self.writes_left < 0:
            raise KilledError
        super().write_bytes(path, content)


def enterprise_on(folder: Path, sources: Path) -> Enterprise:
    text = CONFIG.read_text().replace(".leadline/demo/", f"{sources}/demo/").replace('".leadline/', f'"{folder}/')
    (folder / "enterprise.toml").write_text(text.replace("[storage]", f'[storage]\nstate_folder = "{folder}/state"'))
    return load_enterprise(folder / "enterprise.toml", {}, folder)


def fingerprint(lake: Lake) -> dict[str, str]:
    root = Path(lake.root)
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.parquet"))
        if path.relative_to(root).parts[0] not in NOT_OF_THE_PLAN
    }


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, NIGHT, seed=11)
    return folder


@pytest.fixture(scope="module")
def clean(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Enterprise, Lake, dict[str, str]]:
    folder = tmp_path_factory.mktemp("clean")
    enterprise = enterprise_on(folder, sources)
    lake = Lake(enterprise.storage.lake_url)
    for step in STEPS.values():
        step(NIGHT, enterprise, lake)
    return enterprise, lake, fingerprint(lake)


def test_a_night_killed_in_the_midst_of_every_step_ends_as_one_that_was_not(
    clean: tuple[Enterprise, Lake, dict[str, str]], sources: Path, tmp_path: Path
) -> None:
    _, _, expected = clean
    enterprise = enterprise_on(tmp_path, sources)
    url = enterprise.storage.lake_url
    for step in STEPS.values():
        with pytest.raises(KilledError):
            step(NIGHT, enterprise, DyingLake(url, writes=2))
        step(NIGHT, enterprise, Lake(url))  # what Airflow does with a task whose worker died
    assert fingerprint(Lake(url)) == expected


@pytest.fixture
def published(clean: tuple[Enterprise, Lake, dict[str, str]]) -> Iterator[tuple[Enterprise, Lake]]:
    enterprise, lake, _ = clean
    for stage in ("core", "history", "forecast", "staffing"):
        validate_night(stage, NIGHT, enterprise, lake)
    migrate_warehouse(enterprise)
    publish_night(NIGHT, enterprise, lake)
    yield enterprise, lake
    EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))


def test_the_same_night_twice_leaves_the_same_bytes_and_one_current_plan(
    published: tuple[Enterprise, Lake], clean: tuple[Enterprise, Lake, dict[str, str]]
) -> None:
    enterprise, lake = published
    for step in STEPS.values():
        step(NIGHT, enterprise, lake)
    assert fingerprint(lake) == clean[2]
    assert not publish_night(NIGHT, enterprise, lake).changed
    with connected(warehouse_url(enterprise.storage)) as connection:
        query = "select count(*), count(*) filter (where status = 'current') from plan_version"
        assert connection.execute(query).fetchone() == (1, 1)
    glance = tomorrow_at_a_glance(NIGHT, enterprise)
    daily = lake.read(STAFFING_DAILY, first=NIGHT, last=NIGHT)
    tomorrow = daily[(daily["lead_days"] == 1) & (daily["level"] == "enterprise")].iloc[0]
    book = Path(write_planbook_night(NIGHT, enterprise, lake)).read_text(encoding="utf-8")
    assert {row.name for row in glance} >= {queue.name for queue in enterprise.queues.values()}
    assert f"{tomorrow['mean_offered_contacts']:,.0f}" in book
