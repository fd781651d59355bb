"""All declared tables, by name."""

from __future__ import annotations

from warehouse.tables.calendar import CALENDAR_TABLES
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.claims import CLAIMS_TABLES
from warehouse.tables.core import CORE_TABLES
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import DEFERRED_TABLES
from warehouse.tables.evidence import EVIDENCE_TABLES
from warehouse.tables.forecast import FORECAST_TABLES
from warehouse.tables.history import HISTORY_TABLES
from warehouse.tables.looking_back import LOOKING_BACK_TABLES
from warehouse.tables.overrides import OVERRIDE_TABLES
from warehouse.tables.run import RUN_TABLES
from warehouse.tables.shifts import SHIFT_TABLES
from warehouse.tables.staffing import STAFFING_TABLES
from warehouse.tables.today import TODAY_TABLES

ALL_TABLES: tuple[Table, ...] = (
    *CORE_TABLES,
    *HISTORY_TABLES,
    *FORECAST_TABLES,
    *OVERRIDE_TABLES,
    *STAFFING_TABLES,
    *CLAIMS_TABLES,
    *LOOKING_BACK_TABLES,
    *DEFERRED_TABLES,
    *SHIFT_TABLES,
    CAPACITY_PLAN,
    *EVIDENCE_TABLES,
    *TODAY_TABLES,
    *RUN_TABLES,
    *CALENDAR_TABLES,
)
PUBLISHED_TABLES: tuple[Table, ...] = tuple(t for t in ALL_TABLES if t.published and t.filled)
_BY_NAME = {table.name: table for table in ALL_TABLES}


def table_named(name: str) -> Table:
    """The declared table of that name.

    Raises:
        KeyError: naming the known tables.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise KeyError(f"no table {name!r}; declared are {', '.join(sorted(_BY_NAME))}") from None
