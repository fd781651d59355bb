from typing import Any

import pyarrow as pa

from enterprise.workstreams import WorkstreamRules
from etl.links import CONTENT, in_order, links_between
from tests.support.workstream_world import at
from warehouse.tables.workstreams import LINK_RULES, WORKSTREAM_LINKS

RULES = WorkstreamRules(same_topic_within_days=7, shared_customer_items=5)
SCHEMA = pa.schema([WORKSTREAM_LINKS.arrow_schema.field(name) for name in CONTENT])


def item(name: str, day: float, kind: str = "contact", **more: Any) -> dict[str, Any]:
    plain = {"item_kind": kind, "item_id": name, "segment": 1, "business_date": at(day).date(), "happened_at": at(day)}
    if kind in ("case", "claim"):
        plain[f"{kind}_id"] = name
    return {**dict.fromkeys(CONTENT), "customer_id": "c", "topic": "claims", **plain, **more}


def links(*items: dict[str, Any], rules: WorkstreamRules = RULES) -> set[tuple[str, str | None, str]]:
    ordered = in_order(pa.Table.from_pylist(list(items), schema=SCHEMA))
    names = ordered.column("item_id").to_pylist()
    found = links_between(ordered, rules)
    return {
        (names[i], names[k] if k >= 0 else None, LINK_RULES[r])
        for i, k, r in zip(found.item, found.linked, found.rule, strict=True)
    }


def test_a_call_joins_the_same_customers_claim_of_last_week_and_not_one_of_last_month() -> None:
    claim = item("CL1", 0, "claim")
    assert links(claim, item("k1", 6.9)) == {("k1", "CL1", "same_customer_and_topic")}
    assert links(claim, item("k1", 7.1)) == set()


def test_another_customer_or_topic_or_none_joins_nothing() -> None:
    claim = item("CL1", 0, "claim")
    for other in ({"customer_id": "d"}, {"topic": "sales"}, {"customer_id": None}, {"topic": None}):
        assert links(claim, item("k1", 1, **other)) == set()


def test_two_claims_of_one_customer_stay_two() -> None:
    claims = item("CL1", 0, "claim"), item("CL2", 2, "claim")
    assert links(*claims) == set()
    assert links(*claims, item("k1", 3)) == {("k1", "CL2", "same_customer_and_topic")}


def test_two_claims_stay_two_with_a_call_between_them() -> None:
    assert links(item("CL1", 0, "claim"), item("k1", 1), item("CL2", 2, "claim")) == {("k1", "CL1", "same_customer_and_topic")}


def test_a_claim_joins_the_call_that_reported_it() -> None:
    assert links(item("k1", 0), item("CL1", 0.01, "claim")) == {("CL1", "k1", "same_customer_and_topic")}


def test_what_a_source_states_is_explicit_whatever_the_time_between() -> None:
    found = links(item("CL1", 0, "claim"), item("k1", 90, claim_id="CL1", customer_id=None))
    assert found == {("k1", "CL1", "claim")}


def test_an_explicit_link_is_not_inferred_again() -> None:
    assert links(item("CL1", 0, "claim"), item("k1", 1, claim_id="CL1")) == {("k1", "CL1", "claim")}
    thread = {"thread_id": "t", "kind": "message"}
    assert links(item("m1", 0, **thread), item("m2", 1, **thread)) == {("m2", "m1", "thread")}


def test_an_item_that_names_two_things_has_a_link_for_each() -> None:
    found = links(
        item("CL1", 0, "claim", customer_id=None),
        item("m1", 1, "message", thread_id="t", customer_id=None),
        item("k1", 2, claim_id="CL1", thread_id="t", customer_id=None),
    )
    assert found == {("k1", "CL1", "claim"), ("k1", "m1", "thread")}


def test_a_transfer_chain_and_the_segments_of_a_contact_hang_together() -> None:
    other = {"customer_id": None}
    found = links(
        item("k1", 0, arrived_by="customer", **other),
        item("k2", 0.01, arrived_by="transfer", previous_contact_id="k1", **other),
        item("k3", 0.02, arrived_by="transfer", previous_contact_id="k2", **other),
        item("k3", 0.03, segment=2, arrived_by="overflow", **other),
    )
    assert found == {("k2", "k1", "transfer"), ("k3", "k2", "transfer"), ("k3", "k3", "overflow")}


def test_a_shared_customer_id_links_nothing_and_says_so() -> None:
    calls = [item(f"k{number}", 0.01 * number) for number in range(6)]
    assert links(*calls) == {(f"k{number}", None, "shared_customer") for number in range(1, 6)}
    assert links(*calls[:5]) == {(f"k{number}", f"k{number - 1}", "same_customer_and_topic") for number in range(1, 5)}


def test_a_shared_customer_id_makes_no_giant_in_a_year_of_calls() -> None:
    calls = [item(f"k{number:04}", number / 2) for number in range(730)]
    joined = {one for one in links(*calls) if one[2] == "same_customer_and_topic"}
    assert len(joined) <= RULES.shared_customer_items


def test_items_of_one_instant_stand_in_one_order_however_they_come() -> None:
    rows = [item("b", 0), item("a", 0), item("a", 0, segment=2), item("a", 0, "case"), item("z", -1)]
    orders = [in_order(pa.Table.from_pylist(each, schema=SCHEMA)).to_pylist() for each in (rows, rows[::-1])]
    assert orders[0] == orders[1]
    assert [(one["item_kind"], one["item_id"], one["segment"]) for one in orders[0]] == [
        ("contact", "z", 1), ("case", "a", 1), ("contact", "a", 1), ("contact", "a", 2), ("contact", "b", 1),
    ]  # fmt: skip
