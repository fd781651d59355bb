"""What each task reads and fills, as the lineage tells it: files of the sources and of the lake, tables of the warehouse.

Nothing is told unless an address is set (docs/operations.md).
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from airflow.providers.common.compat.lineage.entities import File, Table

from enterprise.night_steps import EXTRACT_PREFIX, LAYERS, NIGHT_STEPS, NightStep
from enterprise.remote import shown
from enterprise.settings import EMBEDDED, Enterprise
from enterprise.sources import Source

_EXTRACT = "extract"
_FIRST = "conform"


def name_places(dag: Any, enterprise: Enterprise) -> None:
    """Give every task of a DAG that has places its inlets and outlets; without lineage, tasks stay as they are."""
    if not os.environ.get("AIRFLOW__OPENLINEAGE__TRANSPORT"):
        return
    for task in dag.tasks:
        task.inlets = [*task.inlets, *_reads(dag.dag_id, task.task_id, enterprise)]
        task.outlets = [*task.outlets, *_fills(dag.dag_id, task.task_id, enterprise)]


def _reads(dag_id: str, task: str, enterprise: Enterprise) -> list[File]:
    """A source's place, without user and password; tables of the lake; of the first task what was typed of the sources."""
    if dag_id.startswith(EXTRACT_PREFIX):
        return _places(enterprise.sources[dag_id.removeprefix(EXTRACT_PREFIX)]) if task == _EXTRACT else []
    typed = [_in_lake("staging", name, enterprise) for name in enterprise.sources] if task == _FIRST else []
    return [*typed, *(_in_lake(LAYERS[name], name, enterprise) for name in _step(task).reads)]


def _fills(dag_id: str, task: str, enterprise: Enterprise) -> list[File | Table]:
    """What lands of a source; tables of the lake and of the warehouse."""
    if dag_id.startswith(EXTRACT_PREFIX):
        name = dag_id.removeprefix(EXTRACT_PREFIX)
        return [_in_lake(part, name, enterprise) for part in ("landing", "staging")] if task == _EXTRACT else []
    in_lake = [_in_lake(LAYERS[name], name, enterprise) for name in _step(task).fills]
    return [*in_lake, *(_in_warehouse(name, enterprise) for name in _step(task).publishes)]


def _step(task: str) -> NightStep:
    return NIGHT_STEPS.get(task, NightStep())


def _places(source: Source) -> list[File]:
    said = {name: str(value) for name, value in source.model_dump().items() if value}
    urls = [value for name, value in said.items() if name == "url" or name.endswith("_url")]
    servers = [f"{source.kind}://{value}" for name, value in said.items() if name == "host"]
    return [File(url=_address(place)) for place in (*urls, *servers)]


def _in_lake(part: str, name: str, enterprise: Enterprise) -> File:
    return File(url=_address(f"{enterprise.storage.lake_url.rstrip('/')}/{part}/{name}"))


def _in_warehouse(name: str, enterprise: Enterprise) -> Table:
    if enterprise.storage.warehouse_url == EMBEDDED:
        return Table(cluster="postgres://localhost", database=f"{enterprise.storage.warehouse_database}.public", name=name)
    place = urlsplit(enterprise.storage.warehouse_url)
    server = f"postgres://{place.hostname}:{place.port or 5432}"
    return Table(cluster=server, database=f"{place.path.strip('/')}.public", name=name)


def _address(place: str) -> str:
    """A place as a URL, whether it is one or a path of this machine."""
    return shown(place) if "://" in place else f"file://{Path(place).absolute()}"
