"""Rows in order are recognised as such, and keys that occur twice are found whatever the order."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from warehouse import ordering
from warehouse.ordering import ascends, by_day, in_order, repeated_keys
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CONTACTS
from warehouse.tables.declaration import Table
from warehouse.tables.history import INTERVAL_HISTORY, WAIT_HISTORY

DAY = date(2026, 11, 2)
KEYS = ["contact_id", "segment"]


def contacts(*rows: tuple[int, str, int]) -> pa.Table:
    """Contacts by day, id and segment."""
    days, ids, segments = zip(*rows, strict=True)
    frame = example_rows(CONTACTS, len(rows)).assign(
        business_date=[DAY + timedelta(days=day) for day in days], contact_id=ids, segment=segments
    )
    return pa.Table.from_pandas(frame[CONTACTS.column_names], schema=CONTACTS.arrow_schema, preserve_index=False)


def found(table: Table, rows: pa.Table) -> set[tuple[object, ...]]:
    return {tuple(key.values()) for key in repeated_keys(table, rows).to_pylist()}


def compared_with_all(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows of several days had to be compared with all others."""
    counts: list[int] = []
    original = ordering._in_several_days

    def counting(*given: object) -> pa.Table:
        suspects = original(*given)  # type: ignore[arg-type]
        counts.append(suspects.num_rows)
        return suspects

    monkeypatch.setattr(ordering, "_in_several_days", counting)
    return counts


@pytest.mark.parametrize(
    ("ids", "segments", "loosely", "strictly"),
    [
        (["a", "a", "b"], [1, 2, 1], True, True),
        (["a", "a", "b"], [1, 1, 1], True, False),
        (["a", "a", "b"], [2, 1, 1], False, False),
        (["b", "a"], [1, 2], False, False),
        (["a"], [1], True, True),
        ([], [], True, True),
        (["a", None, "b"], [1, 1, 1], False, False),
    ],
)
def test_rows_stand_in_order_when_each_stands_behind_the_one_before(
    ids: list[str | None], segments: list[int], loosely: bool, strictly: bool
) -> None:
    rows = pa.table({"contact_id": pa.array(ids, pa.string()), "segment": pa.array(segments, pa.int64())})
    assert ascends(rows, KEYS) is loosely
    assert ascends(rows, KEYS, strictly=True) is strictly


def test_what_is_no_number_stands_in_no_order() -> None:
    rows = pa.table({"waited_from_seconds": [0.0, float("nan"), 5.0]})
    assert not ascends(rows, ["waited_from_seconds"])
    assert in_order(rows, ["waited_from_seconds"]).column(0).to_pylist()[:2] == [0.0, 5.0]


def test_order_is_seen_across_the_pieces_of_a_table() -> None:
    one, two = pa.table({"segment": [1, 2]}), pa.table({"segment": [2, 3]})
    assert ascends(pa.concat_tables([one, two]), ["segment"])
    assert not ascends(pa.concat_tables([two, one]), ["segment"])
    assert not ascends(pa.concat_tables([one, two]), ["segment"], strictly=True)


def test_rows_in_order_are_left_where_they_lie() -> None:
    rows = pa.table({"contact_id": ["a", "b"], "segment": [1, 1]})
    assert in_order(rows, KEYS) is rows
    assert in_order(rows.take([1, 0]), KEYS).equals(rows)


def test_days_come_one_by_one_with_all_their_rows() -> None:
    rows = contacts((0, "a", 1), (0, "b", 1), (2, "c", 1))
    assert [(day, piece.num_rows) for day, piece in by_day(rows, "business_date")] == [(DAY, 2), (DAY + timedelta(days=2), 1)]
    assert list(by_day(rows.slice(0, 0), "business_date")) == []


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_contact_of_two_days_is_found_even_if_each_day_is_in_order(shuffled: bool) -> None:
    rows = contacts((0, "a", 1), (0, "b", 1), (1, "b", 1), (1, "c", 1), (2, "a", 2), (2, "d", 1))
    if shuffled:
        rows = rows.take([3, 0, 5, 2, 4, 1])
    assert found(CONTACTS, rows) == {("b", 1)}


def test_a_contact_is_not_its_own_double_because_days_overlap() -> None:
    assert found(CONTACTS, contacts((0, "b", 1), (1, "a", 1), (1, "c", 1), (2, "b", 2))) == set()


def test_only_keys_that_lie_in_the_span_of_another_day_are_compared_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = compared_with_all(monkeypatch)
    rows = contacts(*((day, f"{day}{number:03d}", 1) for day in range(3) for number in range(100)), (3, "2099", 1), (3, "4", 1))
    assert found(CONTACTS, rows) == {("2099", 1)}
    assert counts == [2]


def test_a_double_on_a_day_in_order_is_found() -> None:
    assert found(CONTACTS, contacts((0, "a", 1), (0, "a", 1), (1, "c", 1))) == {("a", 1)}


@pytest.mark.parametrize("table", [CONTACTS, INTERVAL_HISTORY, WAIT_HISTORY], ids=lambda table: table.name)
def test_doubles_are_those_that_counting_all_finds(table: Table) -> None:
    chance = np.random.default_rng(5)
    some = 0
    for _ in range(60):
        count = int(chance.integers(1, 12))
        frame = example_rows(table, count)
        days = sorted(DAY + timedelta(days=int(step)) for step in chance.integers(0, 3, count))
        frame["business_date"] = days
        for name in table.key_names:
            if name in ("contact_id", "queue_id"):
                frame[name] = chance.choice(list("abcdefgh"), count)
            elif name in ("segment", "waited_from_seconds"):
                frame[name] = pd.Series(chance.integers(1, 3, count)).astype(frame[name].dtype)
            elif name != "business_date":
                frame[name] = frame[name].iloc[0]
        if chance.random() < 0.7:
            frame = frame.sort_values(["business_date", *table.key_names])
        rows = pa.Table.from_pandas(frame[table.column_names], schema=table.arrow_schema, preserve_index=False)
        keys = [tuple(key.values()) for key in rows.select(table.key_names).to_pylist()]
        expected = {key for key in keys if keys.count(key) > 1}
        some += bool(expected)
        assert found(table, rows) == expected
    assert 10 < some < 60
