"""One embedded PostgreSQL per test process, a fresh database per test, and one example night in a lake."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE, example_enterprise, write_history, write_night
from tests.support.migrated import administrators, migrated_url
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.lake import Lake
from warehouse.queue_names import queue_rows

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Working folder whose `.leadline` holds a running server."""
    folder = tmp_path_factory.mktemp("server")
    address = EmbeddedPostgres.ensure_running(folder / ".leadline")
    with connected(administrators(folder, address.url("leadline"))) as connection:
        # Only a machine that loses its power would notice, and a hundred databases are waited for at the end.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield folder
    EmbeddedPostgres.stop(folder / ".leadline")


@pytest.fixture(scope="session")
def night_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The example night, written once; copy it before changing it."""
    folder = tmp_path_factory.mktemp("night")
    enterprise = example_enterprise(folder)
    lake = Lake(enterprise.storage.lake_url)
    write_night(lake, enterprise, PLAN_DATE, horizon=3)
    write_history(lake, enterprise, PLAN_DATE)
    return lake


@pytest.fixture
def own_lake(night_lake: Lake, tmp_path: Path) -> Lake:
    """A copy of the example night that a test may change."""
    shutil.copytree(night_lake.root, tmp_path / "lake")
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def enterprise(server: Path) -> Enterprise:
    """The example enterprise with a database of its own."""
    return example_enterprise(server, f"night_{next(_NUMBERS)}")


@pytest.fixture
def empty_url(server: Path) -> str:
    """Address of a fresh database without tables."""
    return warehouse_url(example_enterprise(server, f"empty_{next(_NUMBERS)}").storage)


@pytest.fixture
def url(server: Path, enterprise: Enterprise) -> str:
    """Address of a fresh, migrated database."""
    return migrated_url(server, enterprise.storage.warehouse_database)


@pytest.fixture(scope="session")
def queues(night_lake: Lake) -> pa.Table:
    """Rows of the table `queue`."""
    return queue_rows(example_enterprise(Path(night_lake.root).parent.parent))


@pytest.fixture
def administrator(server: Path) -> Callable[[str], str]:
    """Address of the same database for the server's superuser."""
    return lambda url: administrators(server, url)
