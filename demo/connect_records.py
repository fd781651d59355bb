"""Chat contact records as Amazon Connect delivers them: chat/contact-records-YYYY-MM-DD.jsonl, one JSON object per line.

A record lies in the file of the local day of its LastUpdateTimestamp. A transfer makes a further record, linked by
PreviousContactId, NextContactId and InitialContactId. An abandoned chat has "Agent": null.

Source: Amazon Connect Administrator Guide, "Data model for contact records".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from demo import chatroom
from demo.clock import IntArray
from demo.dirt import Dirt
from demo.names import CONNECT_NAMES, agent_ids
from demo.text import Text, choose, cut, join, stamp, uuids, where
from demo.world import World, stream_order

_ISO = "YYYY-mm-ddTHH:MM:SSZ"
_INSTANCE = "arn:aws:connect:eu-central-1:111122223333:instance/6f0b4d2e-5a1c-4c69-9d3e-2b7f1a9c8e55"
_QUEUE_ARNS = tuple(f"{_INSTANCE}/queue/0c1d2e3f-0000-4000-8000-00000000000{number}" for number in (1, 2))


def _quoted(values: Text, present: np.ndarray) -> Text:
    return where(present, join('"', values, '"'), "null")


def record_lines(world: World, rng: np.random.Generator) -> tuple[Text, IntArray]:
    """Every record as a JSON line in order of its last update, and that time."""
    chats = world.chats
    count = len(chats.queue)
    stream = stream_order(world.arrivals, "chat")
    ids = uuids(count, rng)
    first = np.arange(count)
    first = np.where(chats.previous >= 0, chats.previous, first)
    first = np.where(chats.previous[first] >= 0, chats.previous[first], first)
    answered = chats.connected >= 0
    dequeued = np.where(answered, chats.connected, chats.ended)
    wrap_end = chats.ended + np.maximum(chats.wrap, 0)
    updated = np.where(answered, wrap_end, chats.ended) + 20 + np.arange(count) % 41
    transferred_in = chats.previous >= 0
    began = np.where(transferred_in, chats.entered, chats.entered - 4 - np.arange(count) % 9)
    reasons = ["", "CUSTOMER_DISCONNECT", "AGENT_DISCONNECT", "CUSTOMER_DISCONNECT", "AGENT_DISCONNECT"]
    agent = agent_ids(chats.agent)
    profile = choose(("Service Chat Agents", "Sales Chat Agents"), chats.queue)
    agent_part = join(
        f'{{"ARN":"{_INSTANCE}/agent/', agent, '","AfterContactWorkDuration":', np.maximum(chats.wrap, 0),
        ',"AfterContactWorkStartTimestamp":"', stamp(chats.ended, _ISO),
        '","AfterContactWorkEndTimestamp":"', stamp(wrap_end, _ISO),
        '","AgentInteractionDuration":', np.maximum(chats.ended - chats.connected, 0),
        ',"ConnectedToAgentTimestamp":"', stamp(np.maximum(chats.connected, 0), _ISO),
        '","CustomerHoldDuration":0,"HierarchyGroups":null,"LongestHoldDuration":0,"NumberOfHolds":0,'
        '"RoutingProfile":{"Name":"', profile, '"},"Username":"', agent, '"}',
    )  # fmt: skip
    lines = join(
        '{"AWSAccountId":"111122223333","AWSContactTraceRecordFormatVersion":"2017-03-10","Agent":',
        where(answered, agent_part, "null"),
        ',"AgentConnectionAttempts":', answered.astype(np.int64),
        ',"Attributes":{"customer_id":"', stream.customer[chats.origin],
        '"},"Channel":"CHAT","ConnectedToSystemTimestamp":"', stamp(began, _ISO),
        '","ContactId":"', ids, '","CustomerEndpoint":null,"DisconnectReason":"', choose(reasons, chats.outcome),
        '","DisconnectTimestamp":"', stamp(chats.ended, _ISO),
        '","InitialContactId":', _quoted(ids.take(pa.array(first)), transferred_in),
        ',"InitiationMethod":"', choose(("API", "TRANSFER"), transferred_in.astype(np.int64)),
        '","InitiationTimestamp":"', stamp(began, _ISO),
        f'","InstanceARN":"{_INSTANCE}","LastUpdateTimestamp":"', stamp(updated, _ISO),
        '","NextContactId":', _quoted(ids.take(pa.array(np.maximum(chats.following, 0))), chats.following >= 0),
        ',"PreviousContactId":', _quoted(ids.take(pa.array(np.maximum(chats.previous, 0))), transferred_in),
        ',"Queue":{"ARN":"', choose(_QUEUE_ARNS, chats.queue), '","DequeueTimestamp":"', stamp(dequeued, _ISO),
        '","Duration":', dequeued - chats.entered, ',"EnqueueTimestamp":"', stamp(chats.entered, _ISO),
        '","Name":"', choose(CONNECT_NAMES, chats.queue),
        '"},"ScheduledTimestamp":null,"TransferCompletedTimestamp":',
        _quoted(stamp(chats.ended, _ISO), chats.outcome == chatroom.TRANSFERRED), "}\n",
    )  # fmt: skip
    order = np.argsort(updated, kind="stable")
    return lines.take(pa.array(order)), updated[order]


def write_contact_records(world: World, folder: Path, dirt: Dirt, rng: np.random.Generator) -> int:
    """Write a file of records per local day and return the number of records before dirt."""
    clock = world.clock
    (folder / "chat").mkdir(parents=True)
    lines, updated = record_lines(world, rng)
    edges = np.searchsorted(updated, clock.midnight[clock.first : clock.last + 2], side="left")
    late = b""
    for day, content in zip(range(clock.first, clock.last + 1), cut(lines, edges), strict=True):
        name = f"chat/contact-records-{clock.days[day]:%Y-%m-%d}.jsonl"
        following = f"chat/contact-records-{clock.days[day + 1]:%Y-%m-%d}.jsonl"
        spoiled = dirt.spoil(content, name, day, clock, rng)
        spoiled, late = spoiled + late, b""
        if day == dirt.late_file:
            late = spoiled
            dirt.note(
                "late_file", following, clock.days[day], late.count(b"\n"), f"records of {clock.days[day]}; no file of that day"
            )
            continue
        if day == dirt.late_rows:
            rows = spoiled.splitlines(keepends=True)
            keep = len(rows) * 2 // 3
            spoiled, late = b"".join(rows[:keep]), b"".join(rows[keep:])
            dirt.note(
                "late_rows", following, clock.days[day], len(rows) - keep, f"last third of the records of {clock.days[day]}"
            )
        if spoiled:
            (folder / name).write_bytes(spoiled)
    return int(edges[-1] - edges[0])
