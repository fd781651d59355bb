"""Leadline's own numbers arrive where Airflow's go: a real listener for each protocol, a process set up as a task's is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.runtime.airflow_settings import airflow_environment
from cli.runtime.folders import Folders
from cli.runtime.observability import observed
from enterprise.errors import SettingsError
from tests.support.metric_listeners import otlp_listener, statsd_listener

REPOSITORY = Path(__file__).resolve().parents[2]
TASK = """
import sys
sys.path.insert(0, sys.argv[1])
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils
stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=True)  # as the task runner does
from _metrics import send
from warehouse.operations.measures import Measure
send([
    Measure("leadline.rows_quarantined", 17.0, {"step": "extract_acd"}),
    Measure("leadline.yesterday_error_fraction", 0.073, {"step": "measure_accuracy"}),
])
"""


def send_from_a_task(folder: Path, metrics_url: str) -> None:
    folders = Folders(folder, folder / ".leadline", REPOSITORY / "dags")
    inherited = {**os.environ, "LEADLINE_METRICS_URL": metrics_url}
    environment = airflow_environment(folders, f"sqlite:///{folder / 'airflow.db'}", 1, 1, inherited)
    subprocess.run(
        [sys.executable, "-c", TASK, str(REPOSITORY / "dags")], env=environment, cwd=REPOSITORY, check=True, timeout=120
    )


def test_numbers_arrive_by_statsd(tmp_path: Path) -> None:
    with statsd_listener() as (url, lines):
        send_from_a_task(tmp_path, url)
    assert "airflow.leadline.rows_quarantined,step=extract_acd:17.0|g" in lines
    assert "airflow.leadline.yesterday_error_fraction,step=measure_accuracy:0.073|g" in lines


def test_numbers_arrive_by_opentelemetry(tmp_path: Path) -> None:
    with otlp_listener() as (url, gauges):
        send_from_a_task(tmp_path, url)
    assert (17.0, {"step": "extract_acd"}) in gauges["airflow.leadline.rows_quarantined"]
    assert (0.073, {"step": "measure_accuracy"}) in gauges["airflow.leadline.yesterday_error_fraction"]


def test_without_an_address_nothing_is_sent_and_no_lineage_told() -> None:
    assert observed({}) == {"openlineage": {"disabled": "True"}}


@pytest.mark.parametrize(
    "said",
    [
        {"LEADLINE_METRICS_URL": "http://collector:4318"},
        {"LEADLINE_METRICS_URL": "statsd://collector"},
        {"LEADLINE_LINEAGE_URL": "events.ndjson"},
        {"LEADLINE_LINEAGE_URL": "ftp://lineage.example"},
    ],
)
def test_an_address_of_another_kind_is_refused_by_name(said: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(said))):
        observed(said)


def test_lineage_goes_to_a_service_or_a_file() -> None:
    service = observed({"LEADLINE_LINEAGE_URL": "https://lineage.example/api/v1/lineage"})["openlineage"]
    assert service["transport"] == '{"type": "http", "url": "https://lineage.example", "endpoint": "api/v1/lineage"}'
    file = observed({"LEADLINE_LINEAGE_URL": "file:///var/log/lineage.ndjson"})["openlineage"]
    assert file["transport"] == '{"type": "file", "log_file_path": "/var/log/lineage.ndjson", "append": true}'
    assert json.loads(file["emission_policy"])[0]["controls"] == {"include_source_code": False}
