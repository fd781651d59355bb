"""Where metrics and lineage go, from two addresses in the environment; nothing goes anywhere without them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from enterprise.errors import SettingsError

METRICS_URL = "LEADLINE_METRICS_URL"
LINEAGE_URL = "LEADLINE_LINEAGE_URL"
NAMESPACE = "leadline"
_EXPORT_MILLISECONDS = "10000"


def observed(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Airflow's settings for metrics and lineage, by section.

    Args:
        environment: `LEADLINE_METRICS_URL`, statsd://host:8125 or otlp://host:4318 (otlps:// under TLS), and
            `LEADLINE_LINEAGE_URL`, file:///path for one file of events or http(s)://host/path of an OpenLineage service.

    Raises:
        SettingsError: if an address is of another kind.

    Example:
        >>> observed({"LEADLINE_METRICS_URL": "statsd://127.0.0.1:8125"})["metrics"]["statsd_port"]
        '8125'
    """
    metrics, lineage = environment.get(METRICS_URL, ""), environment.get(LINEAGE_URL, "")
    settings: dict[str, dict[str, str]] = {"openlineage": _lineage(lineage) if lineage else {"disabled": "True"}}
    if metrics:
        settings["metrics"] = _metrics(metrics)
    return settings


def exporters(environment: Mapping[str, str]) -> dict[str, str]:
    """What the OpenTelemetry libraries read themselves; nothing where metrics go elsewhere or nowhere.

    Example:
        >>> exporters({"LEADLINE_METRICS_URL": "otlp://collector:4318"})["OTEL_EXPORTER_OTLP_ENDPOINT"]
        'http://collector:4318'
    """
    parts = urlsplit(environment.get(METRICS_URL, ""))
    if parts.scheme not in ("otlp", "otlps"):
        return {}
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{'https' if parts.scheme == 'otlps' else 'http'}://{parts.netloc}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRIC_EXPORT_INTERVAL": _EXPORT_MILLISECONDS,
        "OTEL_SERVICE_NAME": NAMESPACE,
    }


def _metrics(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if parts.scheme == "statsd" and parts.hostname and parts.port:
        return {
            "statsd_on": "True",
            "statsd_host": parts.hostname,
            "statsd_port": str(parts.port),
            "statsd_prefix": "airflow",
            "statsd_datadog_enabled": "False",
            "statsd_influxdb_enabled": "True",  # tags stand behind the name: step and source are told apart
        }
    if parts.scheme in ("otlp", "otlps") and parts.hostname:
        return {"otel_on": "True", "otel_prefix": "airflow"}
    raise SettingsError(f"{METRICS_URL}: {url!r} is none of statsd://host:8125, otlp://host:4318 and otlps://host:4318")


def _lineage(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/"):
        transport = {"type": "file", "log_file_path": str(Path(parts.path)), "append": True}
    elif parts.scheme in ("http", "https") and parts.hostname:
        place = f"{parts.scheme}://{parts.netloc}"
        transport = {"type": "http", "url": place, "endpoint": parts.path.lstrip("/") or "api/v1/lineage"}
    else:
        raise SettingsError(f"{LINEAGE_URL}: {url!r} is none of file:///path/events.ndjson and http(s)://host/path")
    # Source code and the whole of a task's settings are nobody's business outside.
    policy = [{"scope": {}, "controls": {"include_source_code": False}}]
    return {
        "transport": json.dumps(transport),
        "namespace": NAMESPACE,
        "disabled": "False",
        "emission_policy": json.dumps(policy),
    }
