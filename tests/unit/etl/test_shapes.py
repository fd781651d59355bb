"""Shapes of sources: a change is named for what it is, and what cannot be told is no change."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.shapes import (
    UNKNOWN,
    Shape,
    column_changes,
    is_news,
    nearest,
    remembered,
    shape_of_columns,
    shape_of_records,
    shape_of_types,
)


def csv(**columns: list[str | None]) -> Shape:
    return shape_of_columns("t", "f", {name: pa.array(values, pa.string()) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["7", "8.5"] * 20, "number"),
        (["2026-11-12T08:00:00Z", "2026-11-12 08:00"] * 20, "time"),
        (["2026-11-12"] * 20, "time"),
        (["true", "no"] * 20, "flag"),
        (["CL-1", "x"] * 20, "text"),
        (["7", "x"] * 20, UNKNOWN),
        (["7"] * 19, UNKNOWN),
        ([None] * 100, UNKNOWN),
        ([*["7"] * 99, "n/a"], "number"),
    ],
)
def test_the_kind_of_a_column_is_that_of_nearly_all_its_values(values: list[str | None], kind: str) -> None:
    assert csv(a=values).kinds == {"a": kind}


def test_an_export_in_milliseconds_is_a_retyped_time() -> None:
    was, now = csv(at=["2026-11-12T08:00:00Z"] * 30), csv(at=["1794470400000"] * 30)
    assert [(c.column, c.change, c.before, c.after) for c in column_changes(was, now)] == [("at", "retyped", "time", "number")]


def test_a_quiet_day_changes_nothing_and_forgets_nothing() -> None:
    was, quiet, later = csv(at=["7"] * 30), csv(at=["x"]), csv(at=["x"] * 30)
    assert column_changes(was, quiet) == []
    assert not is_news(was, quiet)
    assert [c.change for c in column_changes(remembered(was, quiet), later)] == ["retyped"]


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ("CreatedDate", "Created_Date", True),
        ("opened_at", "open_at", True),
        ("opened", "colour", False),
    ],
)
def test_a_column_is_renamed_where_the_names_are_alike(old: str, new: str, renamed: bool) -> None:
    was = shape_of_types("t", "a", {"id": "text", old: "time"})
    now = shape_of_types("t", "b", {"id": "text", new: "time", "more": "text"})
    assert [c.change for c in column_changes(was, now)] == (["renamed", "new"] if renamed else ["missing", "new", "new"])


def test_a_column_of_another_kind_is_no_renamed_one() -> None:
    was, now = shape_of_types("t", "a", {"opened_at": "time"}), shape_of_types("t", "b", {"opened_on": "number"})
    assert [c.change for c in column_changes(was, now)] == ["missing", "new"]


def test_a_field_that_only_some_records_have_may_stay_away() -> None:
    often = [{"Id": "a", "Queue": {"Name": "q"}, **({"Transfer": "t"} if n % 3 else {})} for n in range(90)]
    was = shape_of_records("contacts", "a", often)
    now = shape_of_records("contacts", "b", [{"Id": "a", "Queue": {"Name": "q"}}] * 60)
    bare = shape_of_records("contacts", "c", [{"Id": "a", "Queue": None}] * 60)
    assert was is not None
    assert now is not None
    assert bare is not None
    assert column_changes(was, now) == []
    after = remembered(was, now)
    assert "Transfer" in after.kinds
    assert [(c.column, c.change) for c in column_changes(after, bare)] == [("Queue.Name", "missing")]


def test_few_records_say_nothing_of_the_form() -> None:
    assert shape_of_records("contacts", "a", [{"Id": "a"}] * 49) is None


def test_a_column_that_came_back_is_new_again() -> None:
    one, two = shape_of_types("t", "a", {"id": "text", "zip": "text"}), shape_of_types("t", "b", {"id": "text"})
    assert [c.change for c in column_changes(one, two)] == ["missing"]
    assert [c.change for c in column_changes(remembered(one, two), one)] == ["new"]


def test_nothing_is_like_a_name_of_signs_only() -> None:
    assert nearest("__", ["--"]) == ""


_types = st.dictionaries(st.sampled_from(["id", "opened_at", "closed_at", "Opened At", "score", "x"]), st.sampled_from("abc"))


@given(_types, _types)
def test_every_difference_is_named_once(before: dict[str, str], after: dict[str, str]) -> None:
    changes = column_changes(shape_of_types("t", "a", before), shape_of_types("t", "b", after))
    renamed = {c.before: c.after for c in changes if c.change == "renamed"}
    assert {c.column for c in changes if c.change == "missing"} | set(renamed) == set(before) - set(after)
    assert {c.column for c in changes if c.change == "new"} | set(renamed.values()) == set(after) - set(before)
    assert len(set(renamed.values())) == len(renamed)
    assert {c.column for c in changes if c.change == "retyped"} == {n for n in before if n in after and before[n] != after[n]}


@given(_types)
def test_the_same_form_is_no_news(types: dict[str, str]) -> None:
    shape = shape_of_types("t", "a", types)
    assert column_changes(shape, shape) == []
    assert not is_news(shape, shape)
    assert is_news(None, shape)
