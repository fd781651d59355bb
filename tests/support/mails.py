"""Mails by hand, and an enterprise whose only source is the mailbox they lie in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from enterprise.settings import Enterprise, load_enterprise
from enterprise.sources import ImapMailbox
from etl.job import conform_night, extract_source
from tests.support.dovecot import HOST, PASSWORD, USER, Dovecot
from warehouse.lake import Lake
from warehouse.tables.core import MESSAGES

CONFIG = Path(__file__).parents[2] / "config" / "enterprise.toml"
NIGHT = date(2026, 11, 12)
NEXT_NIGHT = NIGHT + timedelta(days=1)
BODY = "the body nobody may read"


def mail(
    number: int, *, sender: str = "p.jansen@mail.example", to: str = USER, answers: int | None = None, fields: str = ""
) -> bytes:
    """A mail with the bytes that our server would have stored; mail `n` came at `n` minutes after nine on 12 November."""
    at = moment(number)
    lines = [
        f"Message-ID: <m{number}@mail.example>",
        *([f"In-Reply-To: <m{answers}@mail.example>"] if answers is not None else []),
        f"Date: {format_datetime(at)}",
        f"From: Somebody <{sender}>",
        f"To: {to}",
        "Subject: [CL0001] about",
        "\tmy claim",
        "X-Private: of no use here",
    ]
    return ("\r\n".join(lines) + "\r\n" + fields + f"\r\n{BODY}\r\n").encode()


def reply(number: int, answers: int) -> bytes:
    """A mail of ours that answers another."""
    return mail(number, sender=USER, to="p.jansen@mail.example", answers=answers)


def moment(number: int) -> datetime:
    """When a mail was sent and came."""
    return datetime(2026, 11, 12, 8, tzinfo=UTC) + timedelta(minutes=number)


def put(client: IMAPClient, folder: str, numbers: dict[int, bytes]) -> None:
    """Put mails into a folder."""
    for number, content in numbers.items():
        client.append(folder, content, msg_time=moment(number))


def mailbox(server: Dovecot, **changes: Any) -> ImapMailbox:
    """Settings of the server's mailbox: claims in the inbox, service in a folder of another language, and what we sent."""
    values = {
        "kind": "imap", "host": HOST, "port": server.port, "user": USER, "password": PASSWORD,
        "folders": {"Inbox": "email_claims", "Kunden/Änderung & Frage": "email_service"},
        "sent_folders": {"Sent": "email_service"}, "our_addresses": ["@us.example"], "claim_pattern": r"\[(CL\d+)\]",
        "ca_file": str(server.certificate.trusted), "timeout_seconds": 20,
    }  # fmt: skip
    return ImapMailbox.model_validate(values | changes)


def enterprise_of(settings: ImapMailbox, folder: Path) -> Enterprise:
    """The example enterprise with the mailbox as its only source."""
    enterprise = load_enterprise(CONFIG, {}, folder)
    return enterprise.model_copy(update={"sources": {"mail": settings}})


def run_night(night: date, settings: ImapMailbox, lake: Lake) -> None:
    """Extract and conform."""
    enterprise = enterprise_of(settings, Path(lake.root))
    extract_source("mail", night, enterprise, lake)
    conform_night(night, enterprise, lake)


def messages(lake: Lake) -> dict[int, dict[str, Any]]:
    """Core's messages by their number."""
    rows = lake.read_arrow(MESSAGES).to_pylist()
    return {int(row["message_id"].removeprefix("mail:m").split("@")[0]): row for row in rows}
