"""The dashboards' files fit the warehouse: every data set and every number of a chart can be read by the BI reader's role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE, STAMP
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.publish import publish
from warehouse.reference import publish_calendar, publish_history

pytestmark = pytest.mark.integration
FOLDER = Path(__file__).parents[3] / "warehouse" / "bi" / "superset"


def _files(kind: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / kind).rglob("*.yaml"))]


DATASETS = {one["uuid"]: one for one in _files("datasets")}
CHARTS = {one["uuid"]: one for one in _files("charts")}


def test_every_data_set_and_chart_is_readable_by_the_bi_reader(
    url: str, night_lake: Lake, queues: pa.Table, enterprise: Enterprise, administrator: Callable[[str], str]
) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, night_lake, queues, STAMP)
        publish_calendar(connection, PLAN_DATE, enterprise)
        publish_history(connection, PLAN_DATE, night_lake, STAMP.made_at)
    with connected(administrator(url)) as connection:
        connection.execute("SET SESSION AUTHORIZATION leadline_reader")
        for one in DATASETS.values():
            cursor = connection.execute(f"SELECT * FROM {_source(one)} AS data")
            assert cursor.fetchone() is not None, f"{one['table_name']} is empty"
            there = {column.name for column in cursor.description or ()}
            assert {column["column_name"] for column in one["columns"]} <= there, one["table_name"]
        for one in CHARTS.values():
            params, source = one["params"], _source(DATASETS[one["dataset_uuid"]])
            wanted = [metric["sqlExpression"] for metric in (*params.get("metrics", ()), *filter(None, [params.get("metric")]))]
            columns = [*params.get("all_columns", ()), *filter(None, [params.get("x_axis")])]
            groups = params.get("groupby", [])
            conditions = [part["sqlExpression"] for part in params["adhoc_filters"]] or ["TRUE"]
            chosen = ", ".join([*groups, *columns, *wanted])
            grouped = f" GROUP BY {', '.join([*groups, *columns])}" if wanted and (groups or columns) else ""
            query = f"SELECT {chosen} FROM {source} AS data WHERE {' AND '.join(conditions)}{grouped}"
            assert connection.execute(query).fetchone() is not None, f"{one['slice_name']} shows nothing"


def _source(dataset: dict[str, Any]) -> str:
    return f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"


def test_data_sets_rest_on_views_that_readers_may_see() -> None:
    for one in DATASETS.values():
        words = (one["sql"] or f"FROM {one['schema']}.{one['table_name']}").replace("\n", " ").split()
        tables = [words[at + 1] for at, word in enumerate(words) if word in ("FROM", "JOIN")]
        assert tables
        assert all(table.startswith(("mart.", "public.")) for table in tables)


def test_dashboards_show_known_charts_and_filter_known_columns() -> None:
    dashboards = _files("dashboards")
    assert {one["dashboard_title"] for one in dashboards} == {"Planner's day", "Enterprise outlook"}
    parts = [part for one in dashboards for part in one["position"].values() if isinstance(part, dict)]
    shown = {part["meta"]["uuid"] for part in parts if part.get("type") == "CHART"}
    assert shown == set(CHARTS)
    for one in dashboards:
        for condition in one["metadata"]["native_filter_configuration"]:
            for target in condition["targets"]:
                columns = {column["column_name"] for column in DATASETS[target["datasetUuid"]]["columns"]}
                assert target["column"]["name"] in columns


def test_the_files_hold_no_address_and_no_password() -> None:
    (database,) = _files("databases")
    assert database["sqlalchemy_uri"] == "postgresql+psycopg2:///?service=leadline_bi"
    assert database["allow_dml"] is False
    assert "password" not in database
