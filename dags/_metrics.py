"""Leadline's own numbers, on the way that Airflow's take; nothing is sent where none is set (docs/operations.md)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airflow.sdk.observability.stats import gauge

if TYPE_CHECKING:
    from warehouse.operations.job import Measure


def send(measures: Iterable["Measure"]) -> None:
    """Send every measure as a gauge with its tags."""
    for measure in measures:
        gauge(measure.name, measure.value, tags=dict(measure.tags))
