"""The bytes of a lake's plans, night by night."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from warehouse.lake import Lake

LAYERS = ("forecast", "staffing", "history")
"""Layers whose bytes depend on nothing but what happened: run logs also say which night landed a file."""


ABOUT_THE_PLAN_BEFORE = ("forecast/forecast_change",)


def by_night(lake: Lake, nights: Sequence[date]) -> dict[date, dict[str, str]]:
    """Per night the hash of every file that it wrote about itself, by the file's table."""
    return {night: {table: digest for table, digest in _of_night(lake, night)} for night in nights}


def without_former(marks: Mapping[date, Mapping[str, str]]) -> dict[date, dict[str, str]]:
    """The same without what a night says about the plan before it: that is the last plan that there was when it was made."""
    return {
        night: {table: mark for table, mark in own.items() if table not in ABOUT_THE_PLAN_BEFORE} for night, own in marks.items()
    }


def _of_night(lake: Lake, night: date) -> list[tuple[str, str]]:
    found = []
    for layer in LAYERS:
        for folder in lake.filesystem.ls(f"{lake.root}/{layer}", detail=False):
            for path in lake.filesystem.glob(f"{folder}/*={night}/*.parquet"):
                table = str(path).removeprefix(f"{lake.root}/").rsplit("/", 2)[0]
                found.append((table, hashlib.sha256(lake.filesystem.cat_file(path)).hexdigest()))
    return found
