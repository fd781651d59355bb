"""The settings as planners changed them for a night, as the lake knows."""

from __future__ import annotations

from datetime import date

from enterprise.settings import Enterprise
from warehouse.lake import Lake
from warehouse.overrides.opening import with_planners_hours
from warehouse.tables.overrides import OVERRIDE_STATUS


def as_planned(enterprise: Enterprise, lake: Lake, plan_date: date) -> Enterprise:
    """The settings with the hours that planners closed or opened; the settings themselves where nobody did."""
    return with_planners_hours(enterprise, lake.read(OVERRIDE_STATUS, first=plan_date, last=plan_date))
