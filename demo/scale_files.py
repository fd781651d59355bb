"""The files of a large enterprise: the switch's log, chat records, cases, and the settings that name them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from demo.scale import CASES, CHAT, OPENING, VOICE, Contacts, Scale
from demo.text import Text, choose, cut, in_order, join, stamp, where

_ISO = "YYYY-mm-ddTHH:MM:SSZ"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
LINES, SITES = 10, 4
"""Of business, and places of work."""

_HEAD = """\
# A large enterprise, made by: leadline demo-large. For measuring what a night costs.
name = "Large Mutual"
time_zone = "Europe/Amsterdam"
interval_minutes = 30
country = "NL"

[storage]
lake_url = "lake"
warehouse_url = "embedded"
planbook_folder = "planbook"
state_folder = "state"

[planning]
horizon_days = 28
full_time_hours_per_week = 36

[sites]
{sites}

[lines_of_business]
{lines}

{opening}
{groups}
[sources.acd]
kind = "asterisk_queue_log"
url = "sources/acd/queue_log-*"
queues = {{ {voice} }}

[sources.chat]
kind = "connect_contact_records"
url = "sources/chat/contact-records-*.jsonl"
queues = {{ {chat} }}

[sources.crm]
kind = "mapped_table"
url = "sources/crm/cases-*.csv"
table = "cases"
time_zone = "UTC"
[sources.crm.columns]
case_id = "id"
queue_id = "type"
opened_at = "created"
resolved_at = "resolved"
closed_at = "resolved"
customer_id = "customer"
"""
_CONTRACTS = """\
[contracts.five_days]
name = "Five days of 8 hours"
days_per_week = 5
shift_hours = 8.5
break_minutes = 30
break_earliest_hours = 3
break_latest_hours = 5.5
starts = ["07:00-12:00"]

[contracts.half_days]
name = "Five days of 4 hours"
days_per_week = 5
shift_hours = 4
starts = ["07:00-16:00"]
"""
_SHRINKAGE = "shrinkage = { holiday = 0.10, illness = 0.06, training = 0.04, breaks = 0.10 }"
_LIVE = """\
service_goal = {{ definition = "of_offered", fraction = 0.80, seconds = {seconds} }}
mean_patience_seconds_prior = 180
occupancy_cap = 0.88
mean_handle_seconds_prior = {handle}"""
_CASES = """\
service_goal = { definition = "completed_within", fraction = 0.90, seconds = 72000 }
mean_handle_seconds_prior = 900
occupancy_cap = 0.95"""
_OF_CHANNEL = {
    VOICE: _LIVE.format(seconds=20, handle=300),
    CHAT: _LIVE.format(seconds=60, handle=480) + "\nchat = { concurrency = 3, slowdown_per_extra_chat = 0.25 }",
    CASES: _CASES,
}


@dataclass(frozen=True)
class LargeDemo:
    """What was written.

    Attributes:
        settings: the settings file.
        contacts: contacts in the files.
        total_bytes: size of the files.
    """

    settings: Path
    contacts: int
    total_bytes: int


def make_large_demo(folder: Path, scale: Scale, days: int, last_day: date, tell: Callable[[str], None]) -> LargeDemo:
    """Write settings and source files of so many days.

    Args:
        folder: where `enterprise.toml` and `sources/` go; files of the same days are replaced.
        scale: how large.
        days: days of source files, the last of which is `last_day`.
        last_day: last local day.
        tell: told what is being done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "enterprise.toml"
    settings.write_text(settings_of(scale), encoding="utf-8")
    contacts = 0
    for back in range(days - 1, -1, -1):
        day = last_day - timedelta(days=back)
        tell(f"writing {day}")
        of_day = scale.day(day)
        contacts += len(of_day.number)
        write_day(folder / "sources", scale, of_day, day)
    size = sum(path.stat().st_size for path in (folder / "sources").rglob("*") if path.is_file())
    return LargeDemo(settings, contacts, size)


def settings_of(scale: Scale) -> str:
    """The settings file of the enterprise."""

    def named(channel: str, of_source: Callable[[str], str]) -> str:
        mine = [queue for queue, own in zip(scale.ids, scale.channels, strict=True) if own == channel]
        return ", ".join(f'"{of_source(queue)}" = "{queue}"' for queue in mine)

    text = _HEAD.format(
        sites="\n".join(f'site_{number} = "Site {number}"' for number in range(SITES)),
        lines="\n".join(f'line_{number} = "Line {number}"' for number in range(LINES)),
        opening="".join(_opening(channel) for channel in OPENING),
        groups=_groups(scale),
        voice=named(VOICE, _of_switch),
        chat=named(CHAT, _of_connect),
    )
    parts = [text]
    for number, (queue, channel) in enumerate(zip(scale.ids, scale.channels, strict=True)):
        parts.append(
            f'\n[queues.{queue}]\nname = "{queue}"\nchannel = "{channel}"\nline_of_business = "line_{number % LINES}"\n'
            f'site = "site_{number % SITES}"\nopening_hours = "{channel}"\n{_OF_CHANNEL[channel]}\n'
            f"{_SHRINKAGE}\nhourly_cost = 31.0\n"
        )
    return "".join(parts)


def _groups(scale: Scale) -> str:
    """Contracts, and the people who share the queues of a channel at a site."""
    queues: dict[tuple[str, int], list[str]] = {}
    for number, (queue, channel) in enumerate(zip(scale.ids, scale.channels, strict=True)):
        queues.setdefault((channel, number % SITES), []).append(queue)
    groups = (
        f'[staff_groups.{channel}_{site}]\nname = "{channel.title()} at site {site}"\nqueues = {json.dumps(of_group)}\n'
        'contracts = ["five_days", "half_days"]\nhourly_cost = 31.0\n'
        for (channel, site), of_group in queues.items()
    )
    return "\n".join((_CONTRACTS, *groups))


def _opening(channel: str) -> str:
    first, last = (480, 1080) if channel == CASES else OPENING[channel]
    hours = f'["{first // 60:02d}:{first % 60:02d}-{last // 60:02d}:{last % 60:02d}"]'
    # The large enterprise works on holidays: nothing in it is closed for one.
    return f"[opening_hours.{channel}]\n" + "".join(f"{day} = {hours}\n" for day in _DAYS) + "open_on_holidays = true\n\n"


def _of_switch(queue: str) -> str:
    return queue.replace("_", "-")


def _of_connect(queue: str) -> str:
    return queue.replace("_", " ").title()


def write_day(folder: Path, scale: Scale, contacts: Contacts, day: date) -> None:
    """Write a day's files of every source."""
    channel = np.array(scale.channels)[contacts.queue]
    for name, content in (
        (f"acd/queue_log-{day}", _switch_log(scale, contacts.of(channel == VOICE))),
        (f"chat/contact-records-{day}.jsonl", _chat_records(scale, contacts.of(channel == CHAT))),
        (f"crm/cases-{day}.csv", _cases(scale, contacts.of(channel == CASES))),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def agent_names(scale: Scale, contacts: Contacts) -> Text:
    """Name of the agent of each contact."""
    return join(choose(scale.ids, contacts.queue), ".", contacts.agent)


def _switch_log(scale: Scale, calls: Contacts) -> bytes:
    began, connected = calls.arrived, calls.arrived + calls.waited
    ended = connected + calls.lasted
    callid = join("sw1-", began, ".", calls.number)
    queue = choose([_of_switch(name) for name in scale.ids], calls.queue)
    agent = join("Agent/", agent_names(scale, calls))
    talked, gone = np.flatnonzero(calls.answered), np.flatnonzero(~calls.answered)

    def lines(rows: np.ndarray, moment: np.ndarray, who: Text | str, event: str, *data: object) -> Text:
        picked = pa.array(rows)
        cells = [part[rows] if isinstance(part, np.ndarray) else part for part in data]
        name = who if isinstance(who, str) else who.take(picked)
        return join(moment[rows], "|", callid.take(picked), "|", queue.take(picked), "|", name, f"|{event}|", *cells, "\n")

    everybody = np.arange(len(began))
    pieces = [
        lines(everybody, began, "NONE", "ENTERQUEUE", "|", calls.customer, "|1"),
        lines(talked, connected, agent, "CONNECT", calls.waited, "|sw1-0.0|2"),
        lines(talked, ended, agent, "COMPLETECALLER", calls.waited, "|", calls.lasted, "|1"),
        lines(gone, connected, "NONE", "ABANDON", "1|1|", calls.waited),
    ]
    ordered, moments = in_order(pieces, [began, connected[talked], ended[talked], connected[gone]], [0, 2, 3, 1])
    return b"".join(cut(ordered, np.array([0, len(moments)])))


def _chat_records(scale: Scale, chats: Contacts) -> bytes:
    connected = chats.arrived + chats.waited
    ended = connected + chats.lasted
    agent = agent_names(scale, chats)
    by_agent = join(
        '{"AfterContactWorkDuration":0,"AgentInteractionDuration":', chats.lasted, ',"ConnectedToAgentTimestamp":"',
        stamp(connected, _ISO), '","CustomerHoldDuration":0,"Username":"', agent, '"}',
    )  # fmt: skip
    lines = join(
        '{"AWSContactTraceRecordFormatVersion":"2017-03-10","Agent":', where(chats.answered, by_agent, "null"),
        ',"Attributes":{"customer_id":"', chats.customer, '"},"Channel":"CHAT","ContactId":"chat-', chats.number,
        '","DisconnectReason":"CUSTOMER_DISCONNECT","DisconnectTimestamp":"', stamp(ended, _ISO),
        '","InitiationMethod":"API","InitiationTimestamp":"', stamp(chats.arrived, _ISO), '","LastUpdateTimestamp":"',
        stamp(ended + 20, _ISO), '","NextContactId":null,"PreviousContactId":null,"Queue":{"DequeueTimestamp":"',
        stamp(connected, _ISO), '","Duration":', chats.waited, ',"EnqueueTimestamp":"', stamp(chats.arrived, _ISO), '","Name":"',
        choose([_of_connect(name) for name in scale.ids], chats.queue), '"}}\n',
    )  # fmt: skip
    return b"".join(cut(lines, np.array([0, len(chats.number)])))


def _cases(scale: Scale, cases: Contacts) -> bytes:
    resolved = cases.arrived + 6 * 3600 + cases.waited * 60
    lines = join(
        "case-", cases.number, ",", choose(scale.ids, cases.queue), ",", stamp(cases.arrived, _ISO), ",",
        stamp(resolved, _ISO), ",", cases.customer, "\n",
    )  # fmt: skip
    return b"id,type,created,resolved,customer\n" + b"".join(cut(lines, np.array([0, len(cases.number)])))
