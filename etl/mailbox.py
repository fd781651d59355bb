"""Mails as rows: what is alike for a mailbox that is asked and an archive that is sent (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import pyarrow as pa

from enterprise.sources import MailRules
from etl.automatic_mail import is_automatic, our_lists
from etl.business_dates import business_dates
from etl.mail_headers import (
    Headers,
    address_of,
    addresses_of,
    content_id,
    delivered_at,
    first_id,
    headers_of,
    ours,
    own_id,
    sent_at,
    subject_of,
)
from etl.parsed import LandedFile, ReadContext
from warehouse.tables.core import MESSAGES

COLUMNS = (
    "message_id", "thread_id", "direction", "customer_id", "claim_id", "received_at", "needs_reply", "automatic", "agent_id",
    "handle_seconds",
)  # fmt: skip
"""What a mail's headers say of its row."""
Row = tuple[object, ...]
_SECONDS = re.compile(rb"\d{1,6}(\.\d{1,6})?")
_LONGEST_WORK_SECONDS = 86_400.0


class MailRefusedError(ValueError):
    """This mail cannot be a row; the arguments are the rule and the reason."""


class MailRows:
    """Makes rows of header blocks, by one source's settings.

    Args:
        settings: who we are and where numbers stand.
        source_system: name of the source, which prefixes ids.
    """

    def __init__(self, settings: MailRules, source_system: str) -> None:
        self._prefix = f"{source_system}:"
        self._is_ours = ours(settings.our_addresses)
        self._is_our_list = our_lists(settings.our_addresses)
        self._claim = _finder(settings.claim_pattern)
        self._customer = _finder(settings.customer_pattern)

    def row(self, head: bytes, *, sent: bool = False, arrived: int | None = None) -> Row:
        """Values of `COLUMNS`.

        A mail came when our server took it in (topmost Received field: it stays when the mail is moved, copied or restored), else
        when its Date says, else when the mailbox got it. A mail of ours was sent when its Date says.

        Args:
            head: the header lines, after any first line.
            sent: whether it lies in a folder of what we sent, so that it is ours whoever it names as sender.
            arrived: epoch seconds at which the mailbox got it, where that is known.

        Raises:
            MailRefusedError: where the mail breaks a rule.
        """
        if not head:
            raise MailRefusedError(
                "no_message", "these bytes follow no 'From ' line: the end of a mail cut in two, or no mbox at all"
            )
        headers = headers_of(head)
        message_id = own_id(headers) or content_id(headers)
        sender = address_of(headers.get(b"from", b""))
        if sender is None:
            raise MailRefusedError("missing_sender", "the From field names no address; it cannot be said who wrote the mail")
        automatic = is_automatic(headers, self._is_our_list)
        if sent or self._is_ours(sender):
            direction, other = self._to_whom(headers)
        else:
            direction, other = "inbound", sender
        first = first_id(headers)
        return (
            self._prefix + message_id,
            self._prefix + (message_id if first is None else first),
            direction,
            self._number(other),
            self._claim(subject_of(headers)),
            _received(headers, direction, arrived),
            direction == "inbound" and not automatic,
            automatic,
            headers.get(b"x-agent-id", b"").decode("utf-8", "replace").replace("\x00", "")[:200] or None,
            _work_seconds(headers.get(b"x-handle-seconds", b"")),
        )

    def _to_whom(self, headers: Headers) -> tuple[str, str | None]:
        """Direction of a mail of ours, and the customer it went to."""
        receivers = addresses_of(headers.get(b"to", b"")) + addresses_of(headers.get(b"cc", b""))
        others = [address for address in receivers if not self._is_ours(address)]
        return ("internal" if receivers and not others else "outbound"), (others[0] if others else None)

    def _number(self, address: str | None) -> str | None:
        return address if address is None or self._customer is _nothing else self._customer(address)


def message_rows(
    rows: Sequence[Row], numbers: Sequence[int], queue_ids: Sequence[str], file: LandedFile, context: ReadContext
) -> pa.Table:
    """Rows of MESSAGES out of one piece.

    `handled_at` and `reopens_thread` wait for `etl.threads.answered`: the answer may lie in a later piece.

    Args:
        rows: values of `COLUMNS`.
        numbers: place of each in the piece, from 1.
        queue_ids: queue of each.
        file: the piece.
        context: source and grid.
    """
    schema = MESSAGES.arrow_schema
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    values = dict(zip(COLUMNS, columns, strict=True))
    seconds = pa.array(values["received_at"], pa.int64())
    received = seconds.cast(pa.timestamp("s", tz="UTC")).cast(schema.field("received_at").type)
    made = {
        **values,
        "received_at": received,
        "business_date": business_dates(context.grid, received),
        "handled_at": pa.nulls(len(rows), schema.field("handled_at").type),
        "reopens_thread": pa.repeat(False, len(rows)),
        "queue_id": queue_ids,
        "source_system": pa.repeat(context.source_system, len(rows)),
        "landing_file": pa.repeat(file.landing_file, len(rows)),
        "landing_row": numbers,
    }
    return pa.Table.from_arrays([pa.array(made[field.name], field.type) for field in schema], schema=schema)


def _received(headers: Headers, direction: str, arrived: int | None) -> int:
    received = delivered_at(headers) if direction == "inbound" else None
    if received is not None:
        return received
    date_field = headers.get(b"date", b"")
    sent = sent_at(date_field) if date_field else None
    if sent is not None:
        return sent
    if arrived is not None:
        return arrived
    if not date_field:
        raise MailRefusedError("missing_date", "the mail has no Date field; it cannot be said when it came")
    shown = date_field[:80].decode("utf-8", "surrogateescape")
    raise MailRefusedError(
        "unreadable_date", f"Date {shown!r} is no date of 1970 to 2150; expected 'Thu, 12 Nov 2026 08:15:30 +0100'"
    )


def _nothing(_: str) -> None:
    """What an empty pattern finds."""


def _finder(pattern: str) -> Callable[[str], str | None]:
    """What finds the pattern's one group in a text (the settings see to it that there is one)."""
    if not pattern:
        return _nothing
    compiled = re.compile(pattern)

    @lru_cache(maxsize=4096)
    def find(text: str) -> str | None:
        match = compiled.search(text)
        return match[1] if match is not None and match[1] else None

    return find


def _work_seconds(value: bytes) -> float | None:
    """Seconds of work as the mail system notes them; missing where the field is absent or absurd."""
    if not _SECONDS.fullmatch(value):
        return None
    seconds = float(value)
    return seconds if seconds <= _LONGEST_WORK_SECONDS else None
