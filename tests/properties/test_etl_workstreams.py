"""Workstreams of any items: every item once, the links of a slow second look, and night by night what one stitch leaves."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprise.workstreams import WorkstreamRules
from etl.job import stitch_night
from etl.links import CONTENT, in_order, links_between
from tests.support.workstream_world import FIRST_DAY, at, call, enterprise_at, row, rows_of, write_core
from warehouse.lake import Lake
from warehouse.tables.workstreams import LINK_RULES, WORKSTREAM_LINKS, WORKSTREAMS

DAYS = 6
RULES = {
    "same_topic_within_days": 1, "shared_customer_items": 4, "resolved_after_quiet_days": 1, "first_contact_resolution_days": 1,
}  # fmt: skip
customers = st.sampled_from(["c1", "c2", None])
maybe = {name: st.sampled_from([None, None, f"{name}1", f"{name}2"]) for name in ("case", "claim", "thread")}
moments = st.tuples(st.integers(0, DAYS - 1), st.integers(0, 20).map(lambda number: number * 30))


@st.composite
def item(draw: st.DrawFn, number: int) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["contacts", "contacts", "messages", "cases", "claims"]))
    day, minute = draw(moments)
    customer = draw(customers)
    if kind == "contacts":
        queue = draw(st.sampled_from(["voice_claims", "voice_service", "unknown"]))
        before = draw(st.sampled_from([None, None, "k0", "k1", f"k{number}"]))
        by = draw(st.sampled_from(["customer", "customer", "transfer", "overflow", "callback"]))
        names = {f"{name}_id": draw(values) for name, values in maybe.items()}
        minutes = draw(st.sampled_from([None, 3.0, 600.0]))
        return kind, call(
            f"k{draw(st.integers(0, number))}", day, minute, minutes=minutes, segment=number + 1, customer_id=customer,
            queue_id=queue, previous_contact_id=before, arrived_by=by, agent_id=draw(st.sampled_from(["A1", "A2"])), **names,
        )  # fmt: skip
    if kind == "messages":
        direction = draw(st.sampled_from(["inbound", "outbound", "internal"]))
        automatic = draw(st.booleans())
        waits = direction == "inbound" and not automatic
        handled = at(day, minute + draw(st.integers(1, 3000))) if waits and draw(st.booleans()) else None
        thread = draw(st.sampled_from(["thread1", "thread2", f"m{number}"]))
        return kind, row(
            kind, message_id=f"m{number}", thread_id=thread, customer_id=customer, received_at=at(day, minute),
            direction=direction, automatic=automatic, needs_reply=waits, handled_at=handled, claim_id=draw(maybe["claim"]),
        )  # fmt: skip
    if kind == "cases":
        done = at(day, minute + draw(st.integers(0, 4000))) if draw(st.booleans()) else None
        known = {"resolved_at": done, "closed_at": done}
        return kind, row(kind, case_id=f"case{number}", customer_id=customer, opened_at=at(day, minute), **known)
    done = at(day, minute + draw(st.integers(0, 4000))) if draw(st.booleans()) else None
    return kind, row(kind, claim_id=f"claim{number}", customer_id=customer, reported_at=at(day, minute), closed_at=done)


@st.composite
def worlds(draw: st.DrawFn, most: int = 20) -> list[tuple[str, dict[str, Any], int, int]]:
    """Items with the night on which each is first there (late ones after their date) and the one from which it is gone."""
    found = []
    for number in range(draw(st.integers(1, most))):
        kind, made = draw(item(number))
        night = (made["business_date"] - FIRST_DAY).days
        comes = draw(st.sampled_from([night, night, night, min(night + 2, DAYS - 1)]))
        goes = draw(st.sampled_from([DAYS, DAYS, DAYS, DAYS - 1]))
        found.append((kind, made, comes, goes))
    return found


def status_events(items: list[tuple[str, dict[str, Any]]], night: int) -> dict[str, list[dict[str, Any]]]:
    """A case is put on hold a day after its opening and taken up again a day later; a claim is assessed."""
    events: dict[str, list[dict[str, Any]]] = {"case_events": [], "claim_events": []}
    for kind, made in items:
        if kind == "cases":
            for step, status in enumerate(("Working", "On Hold", "Working")):
                when = made["opened_at"] + timedelta(days=step, minutes=1)
                if (when.date() - FIRST_DAY).days <= night:
                    events["case_events"].append(
                        row(
                            "case_events",
                            case_event_id=f"{made['case_id']}:{step}",
                            case_id=made["case_id"],
                            field_name="Status",
                            old_value="New",
                            new_value=status,
                            changed_at=when,
                            changed_by=f"B{step}",
                        )
                    )
    return events


def core_of(world: list[tuple[str, dict[str, Any], int, int]], night: int) -> dict[str, list[dict[str, Any]]]:
    there = [(kind, made) for kind, made, comes, goes in world if comes <= night < goes]
    rows: dict[str, list[dict[str, Any]]] = {**status_events(there, night)}
    for kind, made in there:
        rows.setdefault(kind, []).append(made)
    return rows


@given(worlds())
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_stitching_night_by_night_leaves_what_one_stitch_of_everything_leaves(
    world: list[tuple[str, dict[str, Any], int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        enterprise = enterprise_at(Path(folder), **RULES)
        nightly, at_once = Lake(f"{folder}/nightly"), Lake(f"{folder}/at_once")
        for night in range(DAYS):
            write_core(nightly, core_of(world, night))
            stitch_night(FIRST_DAY + timedelta(days=night), enterprise, nightly)
        write_core(at_once, core_of(world, DAYS - 1))
        stitch_night(FIRST_DAY + timedelta(days=DAYS - 1), enterprise, at_once)
        for table in (WORKSTREAM_LINKS, WORKSTREAMS):
            assert rows_of(nightly, table) == rows_of(at_once, table)
        _every_item_once(nightly, world)
        _time_adds_up(nightly)


def _every_item_once(lake: Lake, world: list[tuple[str, dict[str, Any], int, int]]) -> None:
    links = rows_of(lake, WORKSTREAM_LINKS)
    held = {(one["item_kind"], one["item_id"], one["segment"]): one["workstream_id"] for one in links}
    assert len({(*key, workstream) for key, workstream in held.items()}) == len(held)
    assert len(held) == sum(1 for _, _, comes, goes in world if comes <= DAYS - 1 < goes)
    assert sum(one["items"] for one in rows_of(lake, WORKSTREAMS)) == len(held)


def _time_adds_up(lake: Lake) -> None:
    cut_off = at(DAYS - 1).replace(hour=23)  # midnight in Amsterdam
    for one in rows_of(lake, WORKSTREAMS):
        parts = one["waiting_on_us_seconds"] + one["waiting_on_customer_seconds"] + one["in_contact_seconds"]
        until = one["resolved_at"] or cut_off
        assert abs(parts - (until - one["opened_at"]).total_seconds()) < 1e-6


contents = st.builds(
    dict,
    item_kind=st.just("contact"),
    happened=st.integers(0, 12),
    customer_id=st.sampled_from(["c1", "c2", None]),
    topic=st.sampled_from(["claims", "service", None]),
    case_id=maybe["case"],
    claim_id=maybe["claim"],
    thread_id=maybe["thread"],
    previous_contact_id=st.sampled_from([None, "k0", "k1"]),
    arrived_by=st.sampled_from(["customer", "transfer", "overflow"]),
)


@given(st.lists(contents, max_size=12), st.integers(2, 5))
@settings(max_examples=150, deadline=None)
def test_links_are_those_of_a_slow_second_look(made: list[dict[str, Any]], most: int) -> None:
    rows = [
        {
            **{name: one.get(name) for name in CONTENT},
            "item_id": f"k{number}",
            "segment": 1,
            "happened_at": at(one["happened"] / 2),
            "business_date": at(one["happened"] / 2).date(),
        }
        for number, one in enumerate(made)
    ]
    schema = pa.schema([WORKSTREAM_LINKS.arrow_schema.field(name) for name in CONTENT])
    items = in_order(pa.Table.from_pylist(rows, schema=schema))
    links = links_between(items, WorkstreamRules(same_topic_within_days=1, shared_customer_items=most))
    got = {(int(i), int(k), LINK_RULES[r]) for i, k, r in zip(links.item, links.linked, links.rule, strict=True)}
    assert got == slow_links(items.to_pylist(), most)
    assert all(linked < item for item, linked, _ in got)


def slow_links(items: list[dict[str, Any]], most: int) -> set[tuple[int, int, str]]:
    """The rules read aloud: for every item look back through all earlier ones."""
    found: set[tuple[int, int, str]] = set()
    for place, one in enumerate(items):
        explicit = set()
        contacts = {one["item_id"], one["previous_contact_id"]} - {None}
        for hub in contacts:
            for back in range(place - 1, -1, -1):
                if hub in {items[back]["item_id"], items[back]["previous_contact_id"]}:
                    own = hub == one["item_id"]
                    further = one["previous_contact_id"] not in (None, one["item_id"])
                    by = one["arrived_by"] if one["arrived_by"] != "customer" else None
                    rule = ("same_contact" if further or by is None else by) if own else (by or "transfer")
                    explicit.add((place, back, rule))
                    break
        for name in ("case", "claim", "thread"):
            for back in range(place - 1, -1, -1):
                if one[f"{name}_id"] is not None and items[back][f"{name}_id"] == one[f"{name}_id"]:
                    explicit.add((place, back, name))
                    break
        found |= explicit
        found |= slow_inference(items, place, most, explicit=bool(explicit))
    return found


def slow_inference(items: list[dict[str, Any]], place: int, most: int, *, explicit: bool) -> set[tuple[int, int, str]]:
    one = items[place]
    if one["customer_id"] is None or one["topic"] is None:
        return set()
    same = [
        back
        for back in range(len(items))
        if (items[back]["customer_id"], items[back]["topic"]) == (one["customer_id"], one["topic"])
    ]
    back = same.index(place) - 1
    within = timedelta(days=1)
    if back < 0 or one["happened_at"] - items[same[back]]["happened_at"] > within:
        return set()
    last = items[same[back]]
    if _has_matter(one):  # is there another matter in the unbroken conversation before it?
        here = back
        while True:
            if _has_matter(items[same[here]]):
                return set()
            if here == 0 or items[same[here]]["happened_at"] - items[same[here - 1]]["happened_at"] > within:
                break
            here -= 1
    if any(one[name] is not None and one[name] == last[name] for name in ("case_id", "claim_id", "thread_id")):
        return set()
    ours, theirs = ({each["item_id"], each["previous_contact_id"]} - {None} for each in (one, last))
    if ours & theirs:
        return set()
    days = [items[other]["business_date"] for other in same]
    if sum(one["business_date"] - within <= day <= one["business_date"] for day in days) > most:
        return set() if explicit else {(place, -1, "shared_customer")}
    return {(place, same[back], "same_customer_and_topic")}


def _has_matter(one: dict[str, Any]) -> bool:
    return one["case_id"] is not None or one["claim_id"] is not None
