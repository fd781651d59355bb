"""A backup is restored in an empty place on another server, and answers what the first one answered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import publish_night, tomorrow_at_a_glance
from warehouse.lake import Lake
from warehouse.operations.job import back_up_all, restore_all
from warehouse.publish import publish
from warehouse.reference import publish_calendar, publish_history
from warehouse.schema import disagreements
from warehouse.surface import VIEW_NAMES

pytestmark = pytest.mark.integration


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Enterprise]:
    """Another machine: an enterprise with a server of its own that was never started."""
    enterprise = example_enterprise(tmp_path / "elsewhere", "restored")
    yield enterprise
    EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))


def answers(enterprise: Enterprise, lake: Lake) -> dict[str, object]:
    """What people ask of an installation: every view, whole, tomorrow in short, and the lake's bytes."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        views: dict[str, object] = {
            view: sorted(map(repr, connection.execute(f"SELECT * FROM {view}").fetchall())) for view in VIEW_NAMES
        }
    files = {
        str(path.relative_to(lake.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(lake.root).rglob("*")
        if path.is_file()
    }
    return {**views, "tomorrow": tomorrow_at_a_glance(PLAN_DATE, enterprise), "files": files}


def test_a_backup_restored_elsewhere_answers_the_same(
    url: str, enterprise: Enterprise, own_lake: Lake, queues: pa.Table, elsewhere: Enterprise, tmp_path: Path
) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP)
        publish_calendar(connection, PLAN_DATE, enterprise)
        publish_history(connection, PLAN_DATE, own_lake, STAMP.made_at)
    before = answers(enterprise, own_lake)
    assert before["current_staffing_plan"]
    folder = tmp_path / "backup"
    made = back_up_all(enterprise, own_lake, folder)
    assert made.plan_in_force[:2] == [str(PLAN_DATE), "1"]
    with pytest.raises(NeedsPersonError, match="not empty"):
        back_up_all(enterprise, own_lake, folder)

    lake = Lake(elsewhere.storage.lake_url)
    assert restore_all(elsewhere, lake, folder) == made
    assert answers(elsewhere, lake) == before
    assert disagreements(warehouse_url(elsewhere.storage)) == []
    with connected(warehouse_url(elsewhere.storage)) as connection:
        may = "SELECT has_table_privilege('leadline_reader', 'current_staffing_plan', 'SELECT')"
        assert connection.execute(may).fetchone() == (True,)
        assert connection.execute(may.replace("current_staffing_plan", "staffing_interval")).fetchone() == (False,)
    assert not publish_night(PLAN_DATE, elsewhere, lake).changed, "the same night again is the same plan there"
    with pytest.raises(NeedsPersonError, match="not empty"):
        restore_all(elsewhere, lake, folder)
    with pytest.raises(NeedsPersonError, match="holds plans"):
        restore_all(elsewhere, Lake(str(tmp_path / "empty")), folder)


@pytest.mark.parametrize("harm", ["cut", "gone", "no manifest"])
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_changed(
    url: str, enterprise: Enterprise, own_lake: Lake, tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "backup"
    made = back_up_all(enterprise, own_lake, folder)
    assert made.plan_in_force == []
    victim = folder / "lake" / sorted(made.files)[0]
    if harm == "cut":
        victim.write_bytes(victim.read_bytes()[:-1])
    elif harm == "gone":
        victim.unlink()
    else:
        (folder / "manifest.json").unlink()
    empty = Lake(str(tmp_path / "empty"))
    with pytest.raises(NeedsPersonError, match=r"not what was backed up|is no backup"):
        restore_all(enterprise, empty, folder)
    assert not Path(empty.root).exists()
