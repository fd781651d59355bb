import numpy as np
import pyarrow as pa
import pytest

from enterprise.errors import AccountingError
from etl.workstreams import earliest_items, members_of, require_every_item_once
from tests.support.workstream_world import FIRST_DAY, at
from warehouse.tables.workstreams import WORKSTREAM_LINKS


def test_the_earliest_item_of_a_joined_workstream_is_the_earliest_of_both() -> None:
    linked = earliest_items(7, np.array([3, 4, 5, 5]), np.array([1, 2, 3, 4]))
    assert linked.tolist() == [0, 1, 1, 1, 1, 1, 6]


def test_no_items_make_no_workstreams() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert earliest_items(0, none, none).tolist() == []


def test_a_chain_of_a_hundred_thousand_items_is_one_workstream() -> None:
    later = np.arange(1, 100_000)
    assert not earliest_items(100_000, later, later - 1).any()


@pytest.mark.parametrize(("core", "stitched"), [(3, 2), (2, 3), (0, 1), (1, 0)])
def test_an_item_lost_or_held_twice_stops_the_night_and_is_named(core: int, stitched: int) -> None:
    key = (FIRST_DAY, "contact")
    with pytest.raises(AccountingError, match=f"{core} of kind contact on 2026-11-02 came in and {stitched} are"):
        require_every_item_once({key: core}, {key: stitched}, FIRST_DAY)


def test_an_item_with_two_links_is_one_member() -> None:
    common = {
        "item_kind": "contact", "item_id": "k1", "segment": 1, "business_date": FIRST_DAY, "workstream_id": "contact:k0",
        "happened_at": at(0), "inferred": False,
    }  # fmt: skip
    rows = [{**common, "rule": "claim"}, {**common, "rule": "thread"}, {**common, "rule": "first", "item_id": "k0"}]
    schema = pa.schema([field.with_nullable(True) for field in WORKSTREAM_LINKS.arrow_schema])
    members = members_of(pa.Table.from_pylist(rows, schema=schema))
    assert members.column("item_id").to_pylist() == ["k0", "k1"]
    assert members.column("ws").to_pylist() == [0, 0]
    assert members.column("item").to_pylist() == [0, 1]
