"""Workstreams of a handful of customers whose stories are known, stitched through the lake."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from enterprise.errors import AccountingError
from enterprise.settings import Enterprise
from etl import job
from tests.support.workstream_world import FIRST_DAY, at, call, enterprise_at, row, rows_of, write_core
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

pytestmark = pytest.mark.integration
LATER = FIRST_DAY + timedelta(days=20)
HOUR, DAY = 3600.0, 86_400.0
Rows = dict[str, list[dict[str, Any]]]


def mail(name: str, thread: str, day: float, minute: float = 0, *, ours: bool = False, **more: Any) -> dict[str, Any]:
    given = {"direction": "outbound" if ours else "inbound", "needs_reply": not ours, "thread_id": thread, **more}
    return row("messages", message_id=name, received_at=at(day, minute), **given)


def status(table: str, item_id: str, name: str, day: float, minute: float = 0, by: str = "B1") -> dict[str, Any]:
    given: dict[str, Any] = {"changed_at": at(day, minute), "changed_by": by, f"{table}_event_id": f"{item_id}:{day}:{minute}"}
    if table == "case":
        given |= {"case_id": item_id, "field_name": "Status", "old_value": "New", "new_value": name}
    else:
        given |= {"claim_id": item_id, "status": name}
    return row(f"{table}_events", **given)


def stories() -> Rows:
    return {
        "contacts": [
            call("once", 0, customer_id="once"),
            call("gave_up", 0, minutes=None, wait=2, customer_id="twice"),
            call("again", 0, 60, customer_id="twice", agent_id="A2"),
            call("about_claim", 1, 120, customer_id="claimant"),
            call("garage", 1, 600, customer_id="garage", claim_id="CL1"),
            call("moved", 0, 0, customer_id="moved", queue_id="voice_service"),
            call(
                "moved", 0, 6, customer_id="moved", segment=2, arrived_by="transfer", previous_contact_id="moved", agent_id="A2"
            ),
            call("after_long", 0, customer_id="returns"),
            call("returned", 6, customer_id="returns"),
            *(call(f"shared{number:02}", 0, number, customer_id="switchboard") for number in range(30)),
        ],
        "messages": [
            mail("question", "question", 0, customer_id="writer"),
            mail("reply", "question", 0, 120, ours=True, customer_id="writer", agent_id="A3", handle_seconds=240.0),
            mail("more", "question", 1, customer_id="writer"),
            mail("reply2", "question", 1, 60, ours=True, customer_id="writer", agent_id="A4"),
            mail("alone", "alone", 0, customer_id="joined"),
            mail("names_claim", "alone", 3, customer_id="joined", claim_id="CL9"),
            mail("news", "news", 0, customer_id=None, automatic=True, needs_reply=False),
        ],
        "cases": [
            row("cases", case_id="K2", customer_id="back", opened_at=at(0), resolved_at=at(3), closed_at=at(3), reopened_count=1),
            row("cases", case_id="K1", customer_id="held", opened_at=at(0), resolved_at=at(1, 30), closed_at=at(1, 30)),
        ],
        "case_events": [
            status("case", "K1", "Working", 0, 60),
            status("case", "K1", "On Hold", 0, 120),
            status("case", "K1", "Working", 1, 0, by="B2"),
            status("case", "K1", "Closed", 1, 30, by="B2"),
            status("case", "K2", "Closed", 1),
            status("case", "K2", "Working", 2),
            status("case", "K2", "Closed", 3),
        ],
        "claims": [
            row("claims", claim_id="CL1", customer_id="claimant", reported_at=at(0), assessed_at=at(1), closed_at=at(4)),
            row("claims", claim_id="CL9", customer_id="other", reported_at=at(2)),
        ],
        "claim_events": [
            status("claim", "CL1", "registered", 0, by="intake"),
            status("claim", "CL1", "assessed", 1, by="B5"),
            status("claim", "CL1", "closed", 4, by="B6"),
        ],
    }


def answered(rows: Rows) -> Rows:
    """The customers' mails with the time of their reply, as conform writes it."""
    handled = {"question": at(0, 120), "more": at(1, 60)}
    messages = [{**one, "handled_at": handled.get(one["message_id"])} for one in rows["messages"]]
    return {**rows, "messages": messages}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Enterprise, Lake]:
    folder = tmp_path_factory.mktemp("told")
    enterprise, lake = enterprise_at(folder), Lake(str(folder / "lake"))
    write_core(lake, answered(stories()))
    job.stitch_night(LATER, enterprise, lake)
    return enterprise, lake


def workstream(told: tuple[Enterprise, Lake], workstream_id: str) -> dict[str, Any]:
    return {one["workstream_id"]: one for one in rows_of(told[1], WORKSTREAMS)}[workstream_id]


def links_of(lake: Lake, item_ids: Iterable[str]) -> dict[str, tuple[str, str, str | None]]:
    wanted = set(item_ids)
    return {
        f"{one['item_id']}#{one['segment']}": (one["workstream_id"], one["rule"], one["linked_id"])
        for one in rows_of(lake, WORKSTREAM_LINKS)
        if one["item_id"] in wanted
    }


def test_a_call_answered_once_and_for_all_is_first_contact_resolution(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "contact:once")
    assert made["first_contact_resolution"] is True
    assert (made["waiting_on_us_seconds"], made["in_contact_seconds"], made["waiting_on_customer_seconds"]) == (60, 300, 0)
    assert made["resolved_at"] == at(0, 6)
    assert made["resolution_seconds"] == 360
    assert (made["handovers"], made["agents_involved"], made["handle_seconds"]) == (0, 1, 300)
    assert (made["longest_stage"], made["link_certainty"], made["topic"]) == ("in_contact", None, "claims")
    assert made["contacts_by_channel"] == '{"voice": 1}'


def test_who_gave_up_and_called_again_waited_until_the_second_call_was_answered(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "contact:gave_up")
    assert made["first_contact_resolution"] is False
    assert made["waiting_on_us_seconds"] == HOUR + 60
    assert made["contacts_by_channel"] == '{"voice": 2}'
    assert made["link_certainty"] == 0
    assert made["longest_stage"] == "waiting_for_answer"


def test_a_claim_waits_on_us_until_it_is_closed_and_its_calls_belong_to_it(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "claim:CL1")
    assert made["items"] == 3
    assert made["waiting_on_us_seconds"] == 4 * DAY - 600
    assert made["in_contact_seconds"] == 600
    assert made["resolution_seconds"] == 4 * DAY
    assert made["longest_stage"] == "claim_settlement"
    assert made["other_party_contacts"] == 1
    assert made["agents_involved"] == 3  # who registered it is not in charge
    assert made["handovers"] == 2  # B5, A1, A1, B6
    assert made["link_certainty"] == 0.5
    assert made["customer_id"] == "claimant"


def test_a_case_on_hold_waits_on_the_customer(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "case:K1")
    assert made["waiting_on_customer_seconds"] == 22 * HOUR
    assert made["waiting_on_us_seconds"] == 2.5 * HOUR
    assert made["back_office_seconds"] == 1.5 * HOUR
    assert (made["handovers"], made["reopened"]) == (1, False)
    assert made["first_contact_resolution"] is None


def test_a_case_opened_again_is_said_so_and_nobody_waited_for_us_in_between(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "case:K2")
    assert made["reopened"] is True
    assert (made["waiting_on_us_seconds"], made["waiting_on_customer_seconds"]) == (2 * DAY, DAY)


def test_a_mail_waits_for_its_reply_and_then_the_customer_is_waited_for(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "message:question")
    assert made["waiting_on_us_seconds"] == 3 * HOUR
    assert made["waiting_on_customer_seconds"] == 22 * HOUR
    assert made["contacts_by_channel"] == '{"email": 2}'
    assert (made["handle_seconds"], made["agents_involved"], made["handovers"]) == (240, 2, 1)
    assert made["link_certainty"] == 1


def test_a_transferred_call_is_one_contact_with_one_handover(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "contact:moved")
    assert (made["items"], made["contacts_by_channel"], made["handovers"]) == (2, '{"voice": 1}', 1)
    assert made["first_contact_resolution"] is True
    assert links_of(told[1], ["moved"])["moved#2"] == ("contact:moved", "transfer", "moved")


def test_a_mail_that_names_a_claim_joins_both_and_the_earlier_id_holds(told: tuple[Enterprise, Lake]) -> None:
    links = [one for one in rows_of(told[1], WORKSTREAM_LINKS) if one["item_id"] in ("alone", "names_claim", "CL9")]
    assert {one["workstream_id"] for one in links} == {"message:alone"}
    assert {(one["rule"], one["linked_id"]) for one in links if one["item_id"] == "names_claim"} == {
        ("thread", "alone"),
        ("claim", "CL9"),
    }
    made = workstream(told, "message:alone")
    assert made["resolved_at"] is None  # neither claim nor mails are done
    assert made["customer_id"] == "other"


def test_a_shared_number_is_not_one_customer(told: tuple[Enterprise, Lake]) -> None:
    links = links_of(told[1], [f"shared{number:02}" for number in range(30)])
    assert len({workstream for workstream, _, _ in links.values()}) == 30
    assert {rule for _, rule, _ in links.values()} == {"first", "shared_customer"}


def test_a_mail_that_nobody_wrote_stands_alone_and_is_no_contact(told: tuple[Enterprise, Lake]) -> None:
    made = workstream(told, "message:news")
    assert (made["contacts_by_channel"], made["first_contact_at"], made["first_contact_resolution"]) == ("{}", None, None)


def test_a_night_sees_only_what_had_happened_by_its_cut_off(told: tuple[Enterprise, Lake], tmp_path: Path) -> None:
    enterprise, _ = told
    lake = Lake(str(tmp_path / "lake"))
    write_core(lake, answered(stories()))
    night = FIRST_DAY + timedelta(days=1)
    job.stitch_night(night, enterprise, lake)
    made = {one["workstream_id"]: one for one in rows_of(lake, WORKSTREAMS)}
    claim, mails = made["claim:CL1"], made["message:question"]
    assert claim["resolved_at"] is None
    assert (claim["agents_involved"], claim["longest_stage"]) == (2, "claim_assessment")
    assert made["contact:once"]["first_contact_resolution"] is None
    assert made["contact:gave_up"]["first_contact_resolution"] is False
    assert mails["resolved_at"] is None  # all is done, and it is not quiet for long enough
    assert "claim:CL9" not in made
    write_core(lake, {**answered(stories()), "claims": [one for one in stories()["claims"] if one["claim_id"] == "CL1"]})
    job.stitch_night(LATER, enterprise, lake)
    assert [one for one in rows_of(lake, WORKSTREAMS) if one["workstream_id"] == "claim:CL1"] == [workstream(told, "claim:CL1")]


def test_an_earlier_night_after_a_later_one_leaves_what_it_would_have_left_alone(
    told: tuple[Enterprise, Lake], tmp_path: Path
) -> None:
    enterprise, _ = told
    lake, alone = Lake(str(tmp_path / "both")), Lake(str(tmp_path / "alone"))
    for each in (lake, alone):
        write_core(each, answered(stories()))
    job.stitch_night(LATER, enterprise, lake)
    for each in (lake, alone):
        job.stitch_night(FIRST_DAY, enterprise, each)
    for table in (WORKSTREAM_LINKS, WORKSTREAMS):
        assert rows_of(lake, table) == rows_of(alone, table)


def test_a_repeated_night_writes_nothing_and_a_cut_off_one_ends_as_it_would_have(
    told: tuple[Enterprise, Lake], tmp_path: Path
) -> None:
    enterprise, whole = told
    assert job.stitch_night(LATER, enterprise, whole) == []
    lake = Lake(str(tmp_path / "lake"))
    write_core(lake, answered(stories()))
    write, left = lake.write_bytes, [3]

    def write_or_die(path: str, content: bytes) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        write(path, content)

    lake.write_bytes = write_or_die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        job.stitch_night(LATER, enterprise, lake)
    lake.write_bytes = write  # type: ignore[method-assign]
    job.stitch_night(LATER, enterprise, lake)
    for table in (WORKSTREAM_LINKS, WORKSTREAMS):
        assert hashes(lake, table) == hashes(whole, table)


def hashes(lake: Lake, table: Any) -> dict[date, str]:
    return {day: lake.content_hash(table, day) for day in lake.partitions(table)}


def test_a_night_writes_only_what_it_touches(told: tuple[Enterprise, Lake], tmp_path: Path) -> None:
    enterprise, _ = told
    lake = Lake(str(tmp_path / "lake"))
    rows: Rows = {"contacts": [call(f"k{day}", day, customer_id=f"c{day}") for day in range(30)]}
    write_core(lake, rows)
    job.stitch_night(FIRST_DAY + timedelta(days=29), enterprise, lake)
    rows["contacts"].append(call("new", 30, customer_id="c29"))
    write_core(lake, rows)
    written = job.stitch_night(FIRST_DAY + timedelta(days=30), enterprise, lake)
    links = [one.partition for one in written if one.table == WORKSTREAM_LINKS.name]
    assert links == [str(FIRST_DAY + timedelta(days=30))]
    assert min(one.partition for one in written) >= str(FIRST_DAY + timedelta(days=22))  # those that were open or undecided


def test_an_event_that_opens_an_old_case_again_is_noticed(told: tuple[Enterprise, Lake], tmp_path: Path) -> None:
    enterprise, _ = told
    lake = Lake(str(tmp_path / "lake"))
    closed = {"resolved_at": at(0, 60), "closed_at": at(0, 60)}
    rows: Rows = {"cases": [row("cases", case_id="K1", customer_id="c", opened_at=at(0), **closed)], "case_events": []}
    write_core(lake, rows)
    job.stitch_night(LATER, enterprise, lake)
    assert rows_of(lake, WORKSTREAMS)[0]["resolved_at"] == at(0, 60)
    rows["case_events"].append(status("case", "K1", "Working", 21))
    write_core(lake, rows)
    job.stitch_night(LATER + timedelta(days=1), enterprise, lake)
    made = rows_of(lake, WORKSTREAMS)[0]
    assert (made["resolved_at"], made["reopened"]) == (None, True)


def test_a_contact_that_stands_twice_in_core_stops_the_night(told: tuple[Enterprise, Lake], tmp_path: Path) -> None:
    enterprise, _ = told
    lake = Lake(str(tmp_path / "lake"))
    lake.replace(CONTACTS, _twice(call("k1", 0)), FIRST_DAY)
    with pytest.raises(AccountingError, match="1 are in one workstream"):
        job.stitch_night(FIRST_DAY, enterprise, lake)
    assert not lake.partitions(WORKSTREAM_LINKS)


def _twice(one: dict[str, Any]) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist([one, one], schema=CONTACTS.arrow_schema)
