"""What a declaration promises, counted in the database."""

from datetime import timedelta

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites import derived
from expectations.suites.derived import Counted, counted_promises
from tests.support.example_day import DAY
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CONTACTS

Counts = dict[str, Counted]


def counted(enterprise: Enterprise, frame: pd.DataFrame) -> Counts:
    return {one.promise.rule: one for one in counted_promises(Night(enterprise, DAY, {CONTACTS: frame}), CONTACTS)}


@pytest.mark.parametrize("at_once", [10_000_000, 7])
def test_keys_repeated_within_and_across_days_are_counted_however_many_are_compared_at_once(
    at_once: int, enterprise: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "_ROWS_AT_ONCE", at_once)
    frame = example_rows(CONTACTS, 40)
    twice = pd.concat([frame, frame.iloc[[3, 3, 20]].assign(business_date=DAY + timedelta(days=1))], ignore_index=True)
    assert counted(enterprise, frame)["key_unique"].rows_failed == 0
    found = counted(enterprise, twice)["key_unique"]
    assert (found.rows_checked, found.rows_failed) == (43, 5)
    assert found.first == "/".join(str(frame.loc[20, name]) for name in CONTACTS.key_names) + ", " + "/".join(
        str(frame.loc[3, name]) for name in CONTACTS.key_names
    )


def test_a_column_of_another_type_and_one_that_is_not_there_are_named(enterprise: Enterprise) -> None:
    found = counted(enterprise, example_rows(CONTACTS, 5).assign(wait_seconds="long").drop(columns="outcome"))
    assert found["types_as_declared"].first == "wait_seconds VARCHAR, declared DOUBLE"
    assert found["wait_seconds_in_bounds"].rows_failed == 5
    assert found["columns_as_declared"].first == "not declared [], missing ['outcome']"
    assert (found["outcome_known"].rows_failed, found["outcome_known"].first) == (5, "no column outcome of the declared type")


def test_a_number_that_is_none_is_out_of_bounds(enterprise: Enterprise) -> None:
    frame = example_rows(CONTACTS, 5)
    frame.loc[2, "wait_seconds"] = float("inf")
    assert counted(enterprise, frame)["wait_seconds_in_bounds"].rows_failed == 1
