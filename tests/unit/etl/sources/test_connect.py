"""Amazon Connect contact records of every channel and way of arrival, by the data model of its Administrator Guide."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from enterprise.sources import ConnectContactRecords
from etl.sources import connect
from warehouse.tables.core import CONTACTS

SETTINGS = ConnectContactRecords(kind="connect_contact_records", url="x", queues={"Service": "service"})


def record(contact: str, channel: str = "VOICE", method: str = "INBOUND", *, answered: bool = True, **more: Any) -> bytes:
    """A contact that came at ten, was answered after a minute if it was, and was over at five past ten."""
    fields: dict[str, Any] = {
        "ContactId": contact,
        "Channel": channel,
        "InitiationMethod": method,
        "Queue": {"Name": "Service", "EnqueueTimestamp": "2026-11-12T10:00:00Z", "DequeueTimestamp": "2026-11-12T10:01:00Z"},
        "DisconnectTimestamp": "2026-11-12T10:05:00Z",
    }
    if answered:
        fields["Agent"] = {
            "Username": "ann", "ConnectedToAgentTimestamp": "2026-11-12T10:01:00Z", "AgentInteractionDuration": 200,
            "CustomerHoldDuration": 40, "AfterContactWorkDuration": 60, "AfterContactWorkEndTimestamp": "2026-11-12T10:06:00Z",
        }  # fmt: skip
    return json.dumps({**fields, **more}).encode() + b"\n"


@pytest.fixture
def read(read_bytes: Any) -> Any:
    def contacts(*records: bytes) -> dict[str, dict[str, Any]]:
        parsed = read_bytes(connect, SETTINGS, {"records.jsonl": b"".join(records)})
        assert parsed.quarantine.num_rows == 0
        return {row["contact_id"]: row for row in parsed.tables[CONTACTS].to_pylist()}

    return contacts


def test_contacts_of_every_channel_have_wait_work_and_agent(read: Any) -> None:
    found = read(*(record(channel, channel) for channel in ("VOICE", "CHAT", "TASK", "EMAIL")))
    for channel in ("voice", "chat", "task", "email"):
        row = found[f"src:{channel.upper()}"]
        assert (row["channel"], row["queue_id"], row["agent_id"]) == (channel, "service", "ann")
        assert [row[f"{what}_seconds"] for what in ("wait", "talk", "hold", "wrap", "handle")] == [60, 200, 40, 60, 300]
        assert (row["direction"], row["arrived_by"], row["outcome"]) == ("inbound", "customer", "answered")
        assert f"{row['ended_at']:%H:%M}" == "10:06", "work after the contact is part of it"


@pytest.mark.parametrize(
    ("method", "direction", "arrived_by", "previous"),
    [
        ("INBOUND", "inbound", "customer", None),
        ("API", "inbound", "customer", None),
        ("WEBRTC_API", "inbound", "customer", None),
        ("TRANSFER", "inbound", "transfer", "src:before"),
        ("QUEUE_TRANSFER", "inbound", "transfer", "src:before"),
        ("CALLBACK", "inbound", "callback", "src:before"),
        ("CALLBACK_CUSTOMER_FIRST_QUEUED", "inbound", "callback", "src:before"),
        ("OUTBOUND", "outbound", "customer", None),
        ("EXTERNAL_OUTBOUND", "outbound", "customer", None),
        ("AGENT_REPLY", "outbound", "customer", None),
        ("MONITOR", "internal", "customer", None),
    ],
)
def test_how_a_contact_came_about(read: Any, method: str, direction: str, arrived_by: str, previous: str | None) -> None:
    (row,) = read(record("c", "VOICE", method, PreviousContactId="before")).values()
    assert (row["direction"], row["arrived_by"], row["previous_contact_id"]) == (direction, arrived_by, previous)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"DisconnectReason": "CUSTOMER_DISCONNECT"}, "abandoned"),
        ({}, "abandoned"),
        ({"DisconnectReason": "CONTACT_FLOW_DISCONNECT", "NextContactId": "the call back"}, "timed_out"),
        ({"TransferCompletedTimestamp": "2026-11-12T10:02:00Z", "DisconnectReason": "CUSTOMER_DISCONNECT"}, "timed_out"),
        ({"DisconnectTimestamp": None}, "other"),
    ],
)
def test_who_was_not_answered_gave_up_or_was_sent_on(read: Any, more: dict[str, Any], outcome: str) -> None:
    (row,) = read(record("c", answered=False, **more)).values()
    assert row["outcome"] == outcome


def test_when_a_record_was_last_updated_is_read_and_may_be_missing(read: Any) -> None:
    found = read(record("a", LastUpdateTimestamp="2026-11-12T10:07:30.25Z"), record("b"), record("c", LastUpdateTimestamp=None))
    assert [found[f"src:{name}"]["modified_at"] for name in "abc"] == [
        datetime(2026, 11, 12, 10, 7, 30, 250_000, tzinfo=UTC), None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(("updated", "rule"), [("yesterday", "not_a_time"), ("9999-12-31T00:00:00Z", "implausible_time")])
def test_a_record_of_which_nobody_can_say_whether_it_is_the_latest_is_put_aside(read_bytes: Any, updated: str, rule: str) -> None:
    parsed = read_bytes(connect, SETTINGS, {"r.jsonl": record("a", LastUpdateTimestamp=updated) + record("b")})
    assert parsed.tables[CONTACTS].column("contact_id").to_pylist() == ["src:b"]
    assert parsed.quarantine.column("rule").to_pylist() == [rule]
