"""Mailboxes without a server: whatever happens to the mails between nights, each is read once; landed lines give rows alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.errors import SourceUnreachableError
from enterprise.sources import ImapMailbox
from etl.sources import imap
from etl.sources.imap_session import MailHead, OpenFolder
from warehouse.tables.core import MESSAGES

SETTINGS = ImapMailbox.model_validate(
    {
        "kind": "imap", "host": "mail.us.example", "user": "desk", "password": "secret", "our_addresses": ["@us.example"],
        "folders": {"inbox": "claims", "Service": "service"}, "sent_folders": {"Sent": "service"},
        "former_folders": {"Old": "claims"},
    }
)  # fmt: skip
FOLDERS = ("INBOX", "Service", "Sent")


class FakeMailbox:
    """A mailbox in memory that gives UIDs as RFC 3501 wants it."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[int, int]] = {name: {} for name in FOLDERS}
        self.validity = dict.fromkeys(FOLDERS, 1)
        self.next_uid = dict.fromkeys(FOLDERS, 1)
        self.drops_after: list[int] = []
        self._open = ""
        self._left = 0

    def deliver(self, folder: str, number: int) -> None:
        self.folders[folder][self.next_uid[folder]] = number
        self.next_uid[folder] += 1

    def renumber(self, folder: str) -> None:
        mails = list(self.folders[folder].values())
        self.folders[folder], self.next_uid[folder] = {}, 1
        self.validity[folder] += 1
        for number in mails:
            self.deliver(folder, number)

    @contextmanager
    def opened(self, _: ImapMailbox) -> Iterator[FakeMailbox]:
        self._left = self.drops_after.pop(0) if self.drops_after else 10**9
        yield self

    def open(self, folder: str) -> OpenFolder:
        self._open = folder
        return OpenFolder(self.validity[folder], self.next_uid[folder], len(self.folders[folder]))

    def uids(self, first: int, last: int) -> list[int]:
        return [uid for uid in self.folders[self._open] if first <= uid <= last]

    def heads(self, uids: Sequence[int]) -> list[MailHead]:
        if self._left == 0:
            raise SourceUnreachableError("dropped")
        self._left -= 1
        here = self.folders[self._open]
        return [MailHead(uid, datetime(2026, 11, 12, tzinfo=UTC), head(here[uid])) for uid in uids if uid in here]


def head(number: int) -> bytes:
    lines = f"Message-ID: <m{number}@x>\r\nDate: Thu, 12 Nov 2026 08:15:30 +0100\r\nFrom: a@b.example\r\n\r\n"
    return lines.encode()


def fetched(mailbox: FakeMailbox, since: str) -> tuple[dict[str, bytes], str]:
    pieces: dict[str, bytes] = {}
    mark = imap.fetch(SETTINGS, since, pieces.__setitem__, mailbox.opened)
    return pieces, mark


def numbers(pieces: dict[str, bytes]) -> list[int]:
    lines = [json.loads(line) for content in pieces.values() for line in content.splitlines()]
    return [int(line["head"].partition("<m")[2].partition("@")[0]) for line in lines]


deeds = st.sampled_from(["deliver", "deliver", "deliver", "delete", "move", "night"])
steps = st.lists(st.tuples(deeds, st.sampled_from(FOLDERS), st.integers(0, 50)), max_size=40)


@pytest.fixture
def small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_MAILS_PER_ANSWER": 2, "_MAILS_PER_PIECE": 3, "_UIDS_PER_SEARCH": 5}.items():
        monkeypatch.setattr(imap, name, value)


@pytest.mark.usefixtures("small_answers")
def test_every_mail_is_read_once_for_each_folder_it_came_to_and_none_is_missed() -> None:
    @settings(max_examples=150, deadline=None)
    @given(steps)
    def check(drawn: list[tuple[str, str, int]]) -> None:
        mailbox, mark, number = FakeMailbox(), "", 0
        read: Counter[int] = Counter()
        expected: Counter[int] = Counter()
        unread: set[tuple[str, int]] = set()

        def night() -> None:
            nonlocal mark
            pieces, mark = fetched(mailbox, mark)
            read.update(numbers(pieces))
            expected.update(mailbox.folders[folder][uid] for folder, uid in unread)
            unread.clear()

        for step, folder, pick in drawn:
            there = list(mailbox.folders[folder])
            if step == "night":
                night()
            elif step == "deliver":
                unread.add((folder, mailbox.next_uid[folder]))
                mailbox.deliver(folder, number)
                number += 1
            elif there:
                uid = there[pick % len(there)]
                unread.discard((folder, uid))
                moved = mailbox.folders[folder].pop(uid)
                if step == "move":
                    target = FOLDERS[pick % 3]
                    unread.add((target, mailbox.next_uid[target]))
                    mailbox.deliver(target, moved)
        night()
        assert read == expected
        assert fetched(mailbox, mark) == ({}, mark)

    check()


@pytest.mark.usefixtures("small_answers")
@pytest.mark.parametrize("drops", [[1], [2], [3, 1], [1, 1, 1, 1], [5, 2]])
def test_a_dropped_connection_changes_no_byte(drops: list[int]) -> None:
    mailbox = FakeMailbox()
    for number in range(17):
        mailbox.deliver(FOLDERS[number % 5 == 0], number)
    whole = fetched(mailbox, "")
    mailbox.drops_after = list(drops)
    assert fetched(mailbox, "") == whole
    assert mailbox.drops_after == []


@pytest.mark.usefixtures("small_answers")
@pytest.mark.parametrize("drops", [[0], [1, 0], [1] * 5])
def test_a_connection_that_brings_nothing_or_keeps_dropping_is_given_up(drops: list[int]) -> None:
    mailbox = FakeMailbox()
    for number in range(17):
        mailbox.deliver("INBOX", number)
    mailbox.drops_after = list(drops)
    with pytest.raises(SourceUnreachableError):
        fetched(mailbox, "")


def test_a_folder_numbered_anew_or_put_back_is_read_whole() -> None:
    mailbox = FakeMailbox()
    for number in range(3):
        mailbox.deliver("INBOX", number)
        mailbox.deliver("Service", 10 + number)
    _, mark = fetched(mailbox, "")
    mailbox.renumber("INBOX")
    again, mark = fetched(mailbox, mark)
    assert numbers(again) == [0, 1, 2]
    del mailbox.folders["Service"][3]
    mailbox.next_uid["Service"] = 3  # a backup from before the third mail
    again, mark = fetched(mailbox, mark)
    assert numbers(again) == [10, 11]
    mailbox.deliver("Service", 99)
    assert numbers(fetched(mailbox, mark)[0]) == [99]


def test_a_mail_that_comes_while_the_folder_is_read_waits_for_the_next_fetch() -> None:
    mailbox = FakeMailbox()
    mailbox.deliver("INBOX", 0)
    real = mailbox.heads

    def heads(uids: Sequence[int]) -> list[MailHead]:
        mailbox.deliver("INBOX", 1)
        return real(uids)

    mailbox.heads = heads  # type: ignore[method-assign]
    first, mark = fetched(mailbox, "")
    mailbox.heads = real  # type: ignore[method-assign]
    assert (numbers(first), numbers(fetched(mailbox, mark)[0])) == ([0], [1])


def line(folder: str, content: bytes, arrived: str | None = "2026-11-12T09:00:00+01:00") -> bytes:
    said = {"folder": folder, "uidvalidity": 1, "uid": 1, "internaldate": arrived, "head": content.decode("latin-1")}
    return json.dumps(said).encode() + b"\n"


def test_landed_lines_give_rows_without_the_server(read_bytes: Any) -> None:
    undated = b"Message-ID: <u@x>\r\nFrom: \xe4@b.example\r\n\r\n"
    content = (
        line("INBOX", head(1)) + line("Old", head(2)) + line("Gone", head(3)) + line("Service", undated)
        + line("Service", undated.replace(b"<u@x>", b"<v@x>"), None) + b"no JSON\n" + b'{"folder":7}\n' + line("Sent", head(4))
    )  # fmt: skip
    parsed = read_bytes(imap, SETTINGS, {"piece.jsonl": content})
    rows = {row["message_id"]: row for row in parsed.tables[MESSAGES].to_pylist()}
    assert {name: row["queue_id"] for name, row in rows.items()} == {
        "src:m1@x": "claims", "src:m2@x": "claims", "src:u@x": "service", "src:m4@x": "service",
    }  # fmt: skip
    assert rows["src:u@x"]["received_at"] == datetime(2026, 11, 12, 8, tzinfo=UTC)
    assert (rows["src:m4@x"]["direction"], rows["src:m4@x"]["landing_row"]) == ("outbound", 8)
    put_aside = parsed.quarantine.to_pylist()
    assert [(row["landing_row"], row["rule"]) for row in put_aside] == [
        (3, "unknown_queue"), (5, "missing_date"), (6, "unreadable_line"), (7, "unreadable_line"),
    ]  # fmt: skip
    assert "Old" in put_aside[0]["reason"]


def test_hostile_lines_are_kept_or_put_aside_and_never_a_stack_trace(read_bytes: Any) -> None:
    hostile = st.binary(max_size=200) | st.builds(
        line, st.sampled_from(["INBOX", "Sent", "x"]), st.binary(max_size=200), st.none() | st.text(max_size=30)
    )

    @settings(max_examples=150, deadline=None)
    @given(st.lists(hostile, max_size=5))
    def check(lines: list[bytes]) -> None:
        read_bytes(imap, SETTINGS, {"piece.jsonl": b"\n".join(lines)}).checked()

    check()
