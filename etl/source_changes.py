"""Columns of the sources that are not what they were, as rows (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from etl.intake import Batch, Intake
from etl.shapes import ColumnChange, Shape, column_changes, is_news, remembered
from warehouse.tables.run import SOURCE_CHANGES

_NEXT_STEP = {
    "new": "nothing changes in the plan; map the column in the settings if it tells something that Leadline should know",
    "missing": "ask the owner of the source whether it was dropped on purpose; if so, take it out of the settings",
    "renamed": "name the column in the settings as it is called now",
    "retyped": "look at the rows put aside of this file; mend the export, or the mapping in the settings",
}
_UNUSED = "nothing changes in the plan: neither the settings nor the reader use the column"


def source_changes(night: date, intakes: Mapping[str, Intake]) -> pa.Table:
    """What changed in the form of the sources with what a night took in.

    Args:
        night: business date of the night.
        intakes: state of every source.

    Returns:
        Rows of SOURCE_CHANGES.

    Example:
        >>> source_changes(date(2026, 11, 12), {"crm": Intake()}).num_rows
        0
    """
    rows = []
    for source, intake in intakes.items():
        known: dict[str, Shape] = {}
        for batch in intake.batches:
            for shape in batch.shapes:
                before = known.get(shape.form)
                if before is not None and batch.night == night:
                    rows += [_row(source, night, before, shape, change) for change in column_changes(before, shape)]
                known[shape.form] = remembered(before, shape)
    return pa.Table.from_pylist(rows, schema=SOURCE_CHANGES.arrow_schema)


def news_of(batches: Sequence[Batch], shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """Those of the shapes just seen that say something the earlier batches did not."""
    known: dict[str, Shape] = {}
    for batch in batches:
        for shape in batch.shapes:
            known[shape.form] = remembered(known.get(shape.form), shape)
    news = []
    for shape in shapes:
        if is_news(known.get(shape.form), shape):
            news.append(shape)
            known[shape.form] = remembered(known.get(shape.form), shape)
    return tuple(news)


def _row(source: str, night: date, before: Shape, after: Shape, change: ColumnChange) -> dict[str, object]:
    mapped = change.column in {*before.used, *after.used}
    return {
        "source_system": source,
        "landing_file": after.landing_file,
        "form_name": after.form,
        "column_name": change.column,
        "change": change.change,
        "business_date": night,
        "before": change.before,
        "after": change.after,
        "mapped": mapped,
        "next_step": _NEXT_STEP[change.change] if mapped or change.change == "new" else _UNUSED,
    }
