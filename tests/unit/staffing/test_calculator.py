"""The planners' calculator: right for every model, minimal, in the order of the rows, and a wrong cell is named."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.calculator import OPTIONAL, REQUIRED, RESULTS, staff_intervals
from staffing.chat import chat_measures
from staffing.erlang import queue_measures

ROW: dict[str, Any] = {
    "contacts": 100, "interval_seconds": 1800, "mean_handle_seconds": 180, "answered_fraction": 0.8, "answer_within_seconds": 20,
}  # fmt: skip


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**ROW, **row} for row in rows])


def level(row: dict[str, Any], positions: int) -> float:
    line = {
        "offered_contacts": row["contacts"], "interval_seconds": 1800, "mean_handle_seconds": row["mean_handle_seconds"],
        "positions": positions, "answer_within_seconds": 20, "mean_patience_seconds": row.get("mean_patience_seconds") or np.inf,
    }  # fmt: skip
    if row.get("concurrency"):
        line |= {"concurrency": row["concurrency"], "slowdown_per_extra_chat": row["slowdown_per_extra_chat"]}
        return float(chat_measures(**line).queue.service_level("of_offered"))
    return float(queue_measures(**line).service_level("of_offered"))


_rows = st.fixed_dictionaries(
    {
        "contacts": st.integers(0, 400),
        "mean_handle_seconds": st.sampled_from([30, 180, 900]),
        "mean_patience_seconds": st.sampled_from([None, 20.0, 300.0]),
        "concurrency": st.sampled_from([None, 2, 3]),
        "slowdown_per_extra_chat": st.just(0.3),
    }
)


@given(st.lists(_rows, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_one_position_fewer_misses_the_goal_in_every_row(rows: list[dict[str, Any]]) -> None:
    result = staff_intervals(table(*rows))
    for row, positions, predicted in zip(rows, result["positions_required"], result["predicted_answered_fraction"], strict=True):
        assert predicted == pytest.approx(level(row, positions))
        assert predicted >= 0.8 - 1e-9
        assert positions == 0 or level(row, positions - 1) < 0.8


def test_rows_keep_their_order_and_their_own_columns() -> None:
    given_rows = table(
        {"queue": "b", "model": "erlang_a", "mean_patience_seconds": 120},
        {"queue": "a", "model": "", "mean_patience_seconds": None},
        {"queue": "c", "model": "chat", "mean_patience_seconds": None},
    )
    result = staff_intervals(given_rows)
    assert result["queue"].tolist() == ["b", "a", "c"]
    assert result["staffing_model"].tolist() == ["erlang_a", "erlang_c", "chat"]
    assert list(result.columns) == [*given_rows.columns, *RESULTS]
    assert result["positions_erlang_a"].isna().tolist() == [False, True, True]
    assert result["positions_erlang_c"].isna().tolist() == [False, False, True]
    assert result["positions_erlang_a"][0] <= result["positions_erlang_c"][0]


def test_text_is_read_as_numbers_and_empty_cells_mean_what_is_documented() -> None:
    text = table({"occupancy_cap": " ", "shrinkage": "", "mean_patience_seconds": ""}).astype(str)
    assert staff_intervals(text)["scheduled_staff"].tolist() == staff_intervals(table({}))["scheduled_staff"].tolist() == [14]


def test_what_decides_is_said() -> None:
    rows = table(
        {"occupancy_cap": None, "minimum_positions": 0},
        {"occupancy_cap": 0.5, "minimum_positions": 0},
        {"occupancy_cap": None, "minimum_positions": 30},
    )
    result = staff_intervals(rows)
    assert result["decided_by"].tolist() == ["goal", "occupancy cap", "minimum"]
    assert result["positions_required"].tolist() == [14, 20, 30]


def test_people_hours_and_cost_follow_from_positions() -> None:
    one = staff_intervals(table({"shrinkage": 0.3, "hourly_cost": 40})).iloc[0]
    assert (one["scheduled_staff"], one["staff_hours"], one["cost"]) == (20, 10.0, 400.0)


def test_other_names_of_a_column_are_known() -> None:
    renamed = table({"shrinkage_fraction": 0.3}).rename(columns={"contacts": "offered_contacts"})
    assert staff_intervals(renamed)["scheduled_staff"].tolist() == [20]


@pytest.mark.parametrize("definition", ["of_offered", "of_answered", "excluding_short_abandons", "wait_within", "virtual_wait"])
def test_every_definition_is_asked_for_by_name(definition: str) -> None:
    line = {"mean_patience_seconds": 60, "service_level_definition": definition}
    found = staff_intervals(table(line)).iloc[0]
    queue = queue_measures(
        offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180, positions=found["positions_required"],
        answer_within_seconds=20, mean_patience_seconds=60,
    )  # fmt: skip
    assert found["predicted_answered_fraction"] == pytest.approx(float(queue.service_level(definition)))  # type: ignore[arg-type]


def test_a_table_without_rows_gives_one_without_rows() -> None:
    result = staff_intervals(table({}).iloc[:0])
    assert list(result.columns) == [*ROW, *RESULTS]
    assert len(result) == 0


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"contacts": -1}, "row 2, column contacts is -1; expected a number at least 0"),
        ({"contacts": None}, "row 2, column contacts is empty"),
        ({"contacts": "ten"}, "row 2, column contacts is ten"),
        ({"contacts": float("inf")}, "row 2, column contacts is inf"),
        ({"mean_handle_seconds": 0}, "row 2, column mean_handle_seconds is 0"),
        ({"interval_seconds": 0}, "row 2, column interval_seconds is 0"),
        ({"answered_fraction": 80}, "row 2, column answered_fraction is 80"),
        ({"answered_fraction": 1}, "row 2, column answered_fraction is 1"),
        ({"answer_within_seconds": -5}, "row 2, column answer_within_seconds is -5"),
        ({"shrinkage": 1}, "row 2, column shrinkage is 1"),
        ({"occupancy_cap": 1.2}, "row 2, column occupancy_cap is 1.2"),
        ({"concurrency": 1.5}, "row 2, column concurrency is 1.5"),
        ({"model": "erlang_z"}, "row 2, column model is erlang_z; expected erlang_c, erlang_a, chat"),
        ({"model": "erlang_a"}, "row 2, column model is erlang_a; expected mean_patience_seconds beside it"),
        ({"model": "erlang_c", "concurrency": 2}, "row 2, column model is erlang_c; expected chat"),
        ({"service_level_definition": "sl"}, "row 2, column service_level_definition is sl; expected of_offered"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(cell: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        staff_intervals(table({}, cell, {}))


def test_many_wrong_cells_are_counted() -> None:
    with pytest.raises(ValueError, match=r"row 5, column contacts is -1.*and 4 more$"):
        staff_intervals(table(*[{"contacts": -1}] * 9))


def test_a_missing_column_names_what_is_there_and_what_is_needed() -> None:
    with pytest.raises(ValueError, match=f"no column answered_fraction; it has contacts.*{REQUIRED[0]}.*{OPTIONAL[0]}"):
        staff_intervals(table({}).drop(columns="answered_fraction"))


def test_a_column_under_two_names_is_refused() -> None:
    with pytest.raises(ValueError, match="column contacts twice"):
        staff_intervals(table({"offered_contacts": 3}))


def test_a_column_named_like_a_result_is_refused() -> None:
    with pytest.raises(ValueError, match="positions_required is one of the result's"):
        staff_intervals(table({"positions_required": 3}))
