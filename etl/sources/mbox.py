"""Mail archives in mbox form (RFC 4155), as Dovecot, Postfix, Thunderbird and Google Takeout write them: headers only.

One archive file per mailbox and month, `<mailbox>-YYYY-MM.mbox`; a landed piece may be what was appended to one since last night.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from enterprise.errors import SettingsError
from enterprise.sources import MboxArchive
from etl.business_dates import business_dates
from etl.mail_headers import (
    Headers,
    address_of,
    addresses_of,
    delivered_at,
    first_id,
    headers_of,
    is_automatic,
    ours,
    own_id,
    sent_at,
    subject_of,
)
from etl.mbox_pieces import mail_pieces
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from etl.screen import printable
from etl.sources.landed import blocks_of
from warehouse.tables.core import MESSAGES

_MONTH = re.compile(r"-\d{4}-\d{2}(?!\d)|\.mbox\b|\.mbx\b")
_SECONDS = re.compile(rb"\d{1,6}(\.\d{1,6})?")
_LONGEST_WORK_SECONDS = 86_400.0


class _RejectedError(ValueError):
    """This message cannot be a row; the arguments are the rule and the reason."""


def read(settings: MboxArchive, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read the messages of some landed pieces.

    `received_at` is when our server took the mail in (topmost Received field) where the archive says so, else the Date field.
    `handled_at` is left missing: the answer may lie in a later piece (see `etl.threads.answered`, which also leads `thread_id`
    back to the first mail of the thread). Counts are per piece: each message is kept, put aside by a rule, or an exact duplicate
    of an earlier one of the same piece.

    Raises:
        SettingsError: if `claim_pattern` or `customer_pattern` is no regular expression with one group.
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    mail = _Mail(settings, context.source_system)
    tables, counts = [], []
    for file in files:
        table, count = _read_piece(file, context, settings, mail, rejects)
        tables.append(table)
        counts.append(count)
    messages = pa.concat_tables(tables) if tables else MESSAGES.arrow_schema.empty_table()
    return Parsed({MESSAGES: messages}, rejects.table(), counts).checked()


def _read_piece(
    file: LandedFile, context: ReadContext, settings: MboxArchive, mail: _Mail, rejects: Rejects
) -> tuple[pa.Table, FileCount]:
    mailbox = _MONTH.split(PurePosixPath(file.source_name).name, maxsplit=1)[0]
    queue_id = {name.casefold(): queue for name, queue in settings.queues.items()}.get(mailbox.casefold())
    rows: list[tuple[object, ...]] = []
    numbers: list[int] = []
    seen: set[bytes] = set()
    problems: list[str] = []
    number = duplicates = rejected = 0
    for number, piece in enumerate(mail_pieces(blocks_of(file, context, problems)), start=1):
        if piece.digest in seen:
            duplicates += 1
            continue
        seen.add(piece.digest)
        try:
            _require_queue(queue_id, mailbox, settings)
            rows.append(mail.row(piece.head))
            numbers.append(number)
        except _RejectedError as refusal:
            rule, reason = refusal.args
            rejected += 1
            text = printable(piece.text.decode("utf-8", "surrogateescape"))
            rejects.add(
                file.landing_file, number, rule, printable(reason), table_name=MESSAGES.name, row_text=text, queue_id=queue_id
            )
    rule = "truncated_file"
    if number == 0 and not problems:
        rule = "empty_file"
        problems.append("the archive is empty; expected messages that begin with a 'From ' line: check the export")
    for problem in problems:
        rejects.add(file.landing_file, 0, rule, problem, table_name=MESSAGES.name, queue_id=queue_id)
    count = FileCount(file.landing_file, number + len(problems), len(rows), rejected + len(problems), duplicates)
    return _table(rows, numbers, file, queue_id or "", context), count


def _require_queue(queue_id: str | None, mailbox: str, settings: MboxArchive) -> None:
    if queue_id is None:
        known = ", ".join(settings.queues)
        raise _RejectedError("unknown_queue", f"mailbox {mailbox!r} is not in the settings, which know {known}; add it")


def _table(rows: list[tuple[object, ...]], numbers: list[int], file: LandedFile, queue_id: str, context: ReadContext) -> pa.Table:
    schema = MESSAGES.arrow_schema
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_Mail.COLUMNS)
    values = dict(zip(_Mail.COLUMNS, columns, strict=True))
    seconds = pa.array(values["received_at"], pa.int64())
    received = seconds.cast(pa.timestamp("s", tz="UTC")).cast(schema.field("received_at").type)
    made = {
        **values,
        "received_at": received,
        "business_date": business_dates(context.grid, received),
        "handled_at": pa.nulls(len(rows), schema.field("handled_at").type),
        "queue_id": pa.repeat(queue_id, len(rows)),
        "source_system": pa.repeat(context.source_system, len(rows)),
        "landing_file": pa.repeat(file.landing_file, len(rows)),
        "landing_row": numbers,
    }
    return pa.Table.from_arrays([pa.array(made[field.name], field.type) for field in schema], schema=schema)


class _Mail:
    """Makes rows of header blocks, by one source's settings."""

    COLUMNS = (
        "message_id", "thread_id", "direction", "customer_id", "claim_id", "received_at", "needs_reply", "automatic", "agent_id",
        "handle_seconds",
    )  # fmt: skip

    def __init__(self, settings: MboxArchive, source_system: str) -> None:
        self._prefix = f"{source_system}:"
        self._is_ours = ours(settings.our_addresses)
        self._claim = _finder(settings.claim_pattern, f"sources.{source_system}.claim_pattern")
        self._customer = _finder(settings.customer_pattern, f"sources.{source_system}.customer_pattern")

    def row(self, head: bytes) -> tuple[object, ...]:
        """Values of `COLUMNS`; raises _RejectedError where the message breaks a rule."""
        if not head:
            raise _RejectedError(
                "no_message", "these bytes follow no 'From ' line: the end of a mail cut in two, or no mbox at all"
            )
        headers = headers_of(head)
        message_id = own_id(headers)
        if message_id is None:
            raise _RejectedError(
                "missing_message_id", "the mail has no Message-ID that can be read; it cannot be told from others"
            )
        sent, sender = self._checked(headers)
        automatic = is_automatic(headers)
        if self._is_ours(sender):
            direction, other = self._to_whom(headers)
        else:
            direction, other = "inbound", sender
        first = first_id(headers)
        received = delivered_at(headers) if direction == "inbound" else None
        return (
            self._prefix + message_id,
            self._prefix + (message_id if first is None else first),
            direction,
            self._number(other),
            self._claim(subject_of(headers)) if self._claim is not None else None,
            sent if received is None else received,
            direction == "inbound" and not automatic,
            automatic,
            headers.get(b"x-agent-id", b"").decode("utf-8", "replace").replace("\x00", "")[:200] or None,
            _work_seconds(headers.get(b"x-handle-seconds", b"")),
        )

    def _checked(self, headers: Headers) -> tuple[int, str]:
        date_field = headers.get(b"date", b"")
        if not date_field:
            raise _RejectedError("missing_date", "the mail has no Date field; it cannot be said when it came")
        sent = sent_at(date_field)
        if sent is None:
            shown = date_field[:80].decode("utf-8", "surrogateescape")
            raise _RejectedError(
                "unreadable_date", f"Date {shown!r} is no date of 1970 to 2150; expected 'Thu, 12 Nov 2026 08:15:30 +0100'"
            )
        sender = address_of(headers.get(b"from", b""))
        if sender is None:
            raise _RejectedError("missing_sender", "the From field names no address; it cannot be said who wrote the mail")
        return sent, sender

    def _to_whom(self, headers: Headers) -> tuple[str, str | None]:
        """Direction of a mail of ours, and the customer it went to."""
        receivers = addresses_of(headers.get(b"to", b"")) + addresses_of(headers.get(b"cc", b""))
        others = [address for address in receivers if not self._is_ours(address)]
        return ("internal" if receivers and not others else "outbound"), (others[0] if others else None)

    def _number(self, address: str | None) -> str | None:
        return address if address is None or self._customer is None else self._customer(address)


def _finder(pattern: str, key: str) -> Callable[[str], str | None] | None:
    """What finds the pattern's group in a text; None for an empty pattern."""
    if not pattern:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SettingsError(f"{key}: {pattern!r} is no regular expression ({error}); mend it") from error
    if compiled.groups != 1:
        raise SettingsError(f"{key}: {pattern!r} has {compiled.groups} groups; put brackets around the number, once")

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
