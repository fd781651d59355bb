"""Which mails a program wrote: every mark that standards and common servers leave, and what looks like one and is none."""

from __future__ import annotations

import pytest

from etl.automatic_mail import is_automatic, our_lists
from etl.mail_headers import FIELDS_READ, headers_of

PERSON = b"\nMessage-ID: <1@mail.example>\nFrom: P. Jansen <p.jansen@mail.example>\nSubject: Out of office all week\n"


def judged(fields: bytes, our_addresses: tuple[str, ...] = ("@us.example",)) -> bool:
    return is_automatic(headers_of(PERSON + fields), our_lists(our_addresses))


@pytest.mark.parametrize(
    "fields",
    [
        b"Auto-Submitted: auto-replied\n",  # RFC 3834
        b"Auto-Submitted: Auto-Generated; owner-email=x\n",
        b"AUTO-SUBMITTED: auto-notified (sieve)\n",  # RFC 5436
        b"Precedence: auto_reply\n",
        b"Precedence: bulk\n",
        b"Precedence: Junk\n",
        b"X-Autoreply: yes\n",
        b"X-Autorespond: on holiday\n",
        b"Return-Path: <>\n",  # RFC 5321, section 4.5.5
        b"Return-Path: < >\n",
        b'Content-Type: multipart/report; report-type="delivery-status"\n',  # RFC 6522, RFC 3464
        b"Content-Type:\n multipart/report; report-type=disposition-notification\n",  # RFC 8098
        b"X-Failed-Recipients: nobody@mail.example\n",
        b"List-Id: News <news.press.example>\n",  # RFC 2919
        b"List-Unsubscribe: <mailto:off@press.example>\n",  # RFC 2369
        b"List-Id: <news.notus.example>\nPrecedence: list\n",
    ],
)
def test_what_a_program_wrote_is_no_demand(fields: bytes) -> None:
    assert judged(fields)


def test_a_delivery_report_is_known_by_its_sender_alone() -> None:
    assert is_automatic(headers_of(b"\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\n"))


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"Auto-Submitted: no\n",
        b"Auto-Submitted: NO (a person typed this)\n",
        b"Auto-Submitted:\n",
        b"Precedence: first-class\n",
        b"Return-Path: <p.jansen@mail.example>\n",
        b"Content-Type: multipart/mixed; boundary=multipart/report\n",
        b"X-Auto-Response-Suppress: All\n",
        b"Subject: Re: Automatic reply\n",
    ],
)
def test_what_a_person_wrote_is_demand(fields: bytes) -> None:
    assert not judged(fields)


def test_a_customers_mail_through_our_own_distribution_list_is_demand() -> None:
    through = b"List-Id: Claims <claims.us.example>\nList-Post: <mailto:claims@us.example>\nPrecedence: list\n"
    assert not judged(through)
    assert not judged(through, ("claims@us.example",))
    assert judged(through, ("@other.example",))
    assert judged(through + b"Auto-Submitted: auto-replied\n")


def test_every_field_that_decides_is_asked_of_a_mailbox() -> None:
    asked = set(FIELDS_READ)
    looked_at: set[str] = set()

    class Watched(dict[bytes, bytes]):
        def get(self, key: bytes, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
            looked_at.add(key.decode())
            return super().get(key, default)

    is_automatic(Watched())
    assert looked_at
    assert looked_at <= asked
    assert {"list-id", "list-unsubscribe", "list-post", "list-help", "x-autoreply", "x-autorespond"} <= asked
