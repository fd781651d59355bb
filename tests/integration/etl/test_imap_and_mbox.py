"""The contract of mail sources: the same mails give the same rows, whether they lie in a mailbox or in an archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from enterprise.grid import IntervalGrid
from enterprise.sources import MboxArchive
from etl.parsed import LandedFile, ReadContext
from etl.sources import imap, mbox
from tests.support.dovecot import USER, running_dovecot
from tests.support.mails import mail, mailbox, moment, reply
from warehouse.tables.core import MESSAGES

pytestmark = pytest.mark.integration
GOLDEN = Path(__file__).parents[2] / "golden" / "sources" / "mbox" / "claims-2026-11.mbox"
RECEIVED = "Received: from out.example by mx.us.example;\r\n\tThu, 12 Nov 2026 10:00:05 +0100\r\n"
MAILS = {
    0: mail(0),
    1: mail(1, fields=RECEIVED + "Received: by older.example; Thu, 12 Nov 2026 09:59:00 +0100\r\n"),
    2: mail(2, fields="Auto-Submitted: auto-replied\r\n"),
    3: mail(3, fields="List-Id: News <news.press.example>\r\nPrecedence: bulk\r\n"),
    4: mail(4, fields="List-Id: Desk <desk.us.example>\r\nPrecedence: list\r\n"),
    5: reply(5, answers=0),
    6: mail(6, answers=5, fields="References: <m0@mail.example> <m5@mail.example>\r\n"),
    7: mail(7, sender="MAILER-DAEMON@us.example"),
    8: mail(8).replace(b"Message-ID: <m8@mail.example>\r\n", b""),
    9: mail(9, fields="Subject: =?utf-8?q?[CL0002]_Sch=C3=A4den?=\r\n").replace(
        b"Subject: [CL0001] about\r\n\tmy claim\r\n", b""
    ),
    10: mail(10, fields="X-Agent-Id: A0001\r\nX-Handle-Seconds: 420\r\n", sender=USER, to="ä@mail.example"),
    11: mail(11).replace(b"From: Somebody <p.jansen@mail.example>\r\n", b""),
    12: mail(12, fields="Return-Path: <>\r\nContent-Type: multipart/report; report-type=delivery-status\r\n"),
}


def context() -> ReadContext:
    return ReadContext(fsspec.filesystem("memory"), "mail", IntervalGrid("Europe/Amsterdam", 30), {})


def landed(contents: dict[str, bytes]) -> list[LandedFile]:
    filesystem = fsspec.filesystem("memory")
    for name, content in contents.items():
        filesystem.pipe_file(f"/contract/{name}", content)
    return [LandedFile("mail", name, f"/contract/{name}", name, len(content)) for name, content in contents.items()]


def archive(mails: dict[int, bytes], line_end: bytes) -> bytes:
    """An mbox as a mail server writes it: a From line before each mail, and its own line ends."""
    return b"".join(
        f"From somebody {moment(number):%a %b %d %H:%M:%S %Y}\n".encode() + content.replace(b"\r\n", line_end) + line_end
        for number, content in mails.items()
    )


def rows(table: pa.Table) -> list[dict[str, object]]:
    return table.select([name for name in MESSAGES.column_names if name not in {"landing_file", "landing_row"}]).to_pylist()


@pytest.fixture(params=["CRLF", "LF"])
def as_archive(request: pytest.FixtureRequest) -> Callable[[dict[int, bytes]], bytes]:
    return lambda mails: archive(mails, b"\r\n" if request.param == "CRLF" else b"\n")


def test_a_mailbox_and_an_archive_of_the_same_mails_give_the_same_rows(
    as_archive: Callable[[dict[int, bytes]], bytes],
) -> None:
    with running_dovecot() as server:
        server.empty("Sent", "Kunden/Änderung & Frage")
        with server.as_user() as client:
            for number, content in MAILS.items():
                client.append("INBOX", content, msg_time=moment(number))
        settings = mailbox(server)
        pieces: dict[str, bytes] = {}
        imap.fetch(settings, "", pieces.__setitem__)
    from_mailbox = imap.read(settings, landed(pieces), context())
    shared = {"our_addresses": settings.our_addresses, "claim_pattern": settings.claim_pattern}
    of_archive = MboxArchive.model_validate({"kind": "mbox", "url": "x", "queues": {"in": "email_claims"}, **shared})
    from_archive = mbox.read(of_archive, landed({"in-2026-11.mbox": as_archive(MAILS)}), context())
    assert rows(from_mailbox.tables[MESSAGES]) == rows(from_archive.tables[MESSAGES])
    assert from_mailbox.tables[MESSAGES].num_rows == len(MAILS) - 1
    put_aside = [parsed.quarantine.select(["rule", "reason"]).to_pylist() for parsed in (from_mailbox, from_archive)]
    assert put_aside[0] == put_aside[1]
