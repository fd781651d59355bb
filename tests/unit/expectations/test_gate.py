"""No frame of the wrong shape ever lands."""

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from enterprise.errors import InvalidTableError
from expectations.gate import require_valid
from warehouse.tables.builder import example_rows
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.registry import ALL_TABLES
from warehouse.tables.run import DATA_QUALITY
from warehouse.tables.staffing import STAFFING_INTERVAL

DAY = date(2026, 11, 2)


def broken(**changes: Any) -> pd.DataFrame:
    """Five rows of STAFFING_INTERVAL with values put into the second one."""
    rows = example_rows(STAFFING_INTERVAL, 5)
    for name, value in changes.items():
        rows.loc[1, name] = value
    return rows


def refusal(table: Any, rows: pd.DataFrame | pa.Table) -> str:
    with pytest.raises(InvalidTableError) as caught:
        require_valid(table, rows)
    assert str(caught.value).startswith(table.name)
    return str(caught.value)


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_rows_that_obey_the_declaration_pass_as_exactly_its_columns(table: Any) -> None:
    checked = require_valid(table, example_rows(table, 4))
    assert checked.column_names == table.column_names
    assert checked.schema.types == table.arrow_schema.types
    assert checked.num_rows == 4


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_no_rows_are_valid_rows(table: Any) -> None:
    assert require_valid(table, table.arrow_schema.empty_table()).num_rows == 0


def test_the_order_of_columns_does_not_matter() -> None:
    rows = example_rows(INTERVAL_HISTORY, 3)
    assert require_valid(INTERVAL_HISTORY, rows[rows.columns[::-1]]).column_names == INTERVAL_HISTORY.column_names


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"positions_required": -1}, "positions_required below 0 positions in 1 of 5 rows"),
        ({"answered_fraction": 1.2}, "answered_fraction above 1 fraction in 1 of 5 rows"),
        ({"cost": np.inf}, "cost not a finite number in 1 of 5 rows"),
        ({"staffing_model": "guess"}, "staffing_model not one of erlang_a, erlang_c, chat_chain, deferred in 1 of 5 rows"),
        ({"lead_days": 0}, "lead_days below 1 days in 1 of 5 rows"),
    ],
)
def test_a_value_out_of_bounds_is_named_with_the_key_of_its_row(changes: dict[str, Any], words: str) -> None:
    said = refusal(STAFFING_INTERVAL, broken(**changes))
    assert words in said
    assert "(first: 2026-11-02/queue_id_1/2026-11-02 07:00:00+00:00)" in said
    assert "nothing was written" in said


def test_a_bound_itself_is_allowed() -> None:
    assert require_valid(STAFFING_INTERVAL, broken(answered_fraction=1.0, positions_required=0)).num_rows == 5


def test_a_missing_value_breaks_no_bound_where_it_may_be_missing() -> None:
    assert require_valid(STAFFING_INTERVAL, broken(mean_wait_seconds=np.nan)).num_rows == 5


def test_only_the_first_three_keys_are_named() -> None:
    rows = example_rows(STAFFING_INTERVAL, 5).assign(cost=-1.0)
    said = refusal(STAFFING_INTERVAL, rows)
    assert "in 5 of 5 rows" in said
    assert said.count("2026-11-02/queue_id_") == 3


def test_all_broken_rules_are_said_at_once() -> None:
    said = refusal(STAFFING_INTERVAL, broken(cost=-1.0, answered_fraction=2.0))
    assert "cost below 0" in said
    assert "answered_fraction above 1" in said


def test_a_key_that_occurs_twice_is_named() -> None:
    rows = example_rows(STAFFING_INTERVAL, 4)
    said = refusal(STAFFING_INTERVAL, pd.concat([rows, rows.iloc[[2]]], ignore_index=True))
    assert "1 keys (plan_date, queue_id, interval_start_utc) occur more than once" in said
    assert "(first: 2026-11-02/queue_id_2/2026-11-02 07:00:00+00:00)" in said


def test_rows_that_share_part_of_a_key_are_not_doubles() -> None:
    rows = example_rows(DAILY_HISTORY, 2, queue_id="voice", business_date=[DAY, date(2026, 11, 3)])
    assert require_valid(DAILY_HISTORY, rows).num_rows == 2


def test_a_missing_and_an_undeclared_column_are_named() -> None:
    rows = example_rows(STAFFING_INTERVAL, 2).rename(columns={"cost": "price"})
    said = refusal(STAFFING_INTERVAL, rows)
    assert "missing columns ['cost']" in said
    assert "columns not declared ['price']" in said


def test_a_column_of_another_type_is_refused() -> None:
    rows = example_rows(STAFFING_INTERVAL, 2)
    assert re.search(
        "a column cannot take its declared type.*scheduled_staff", refusal(STAFFING_INTERVAL, rows.assign(scheduled_staff="ten"))
    )


def test_half_a_person_is_no_whole_number() -> None:
    assert "scheduled_staff" in refusal(STAFFING_INTERVAL, example_rows(STAFFING_INTERVAL, 2).assign(scheduled_staff=1.5))


def test_a_required_value_that_is_missing_is_refused() -> None:
    rows = example_rows(DATA_QUALITY, 3)
    rows.loc[0, "expected"] = None
    assert "data_quality.expected: 1 of 3 values are missing" in refusal(DATA_QUALITY, rows)


def test_not_a_number_in_an_arrow_table_is_caught_too() -> None:
    rows = require_valid(STAFFING_INTERVAL, example_rows(STAFFING_INTERVAL, 2))
    place = rows.column_names.index("cost")
    strange = rows.set_column(place, rows.schema.field("cost"), pa.array([1.0, float("nan")]))
    assert "cost not a finite number in 1 of 2 rows" in refusal(STAFFING_INTERVAL, strange)
