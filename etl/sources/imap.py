"""Mailboxes over IMAP4 with TLS: header fields only, read by UIDVALIDITY and UID.

`fetch` asks the server for the mails that came since the last mark and gives landing pieces (JSON Lines, one object per mail);
`read` makes core rows of landed pieces, without the server.

What a piece holds never changes at the source while its UIDVALIDITY lasts: folder, UIDVALIDITY, UID, INTERNALDATE and the header
fields as they stand in the mail (a latin-1 text, byte for byte). Flags are not asked for: "answered" changes later, so the same
mail would land as other bytes, and it says that somebody answered but not when. The reply itself says both, which is why the
folders of what we sent are read too.

- A mail moved to another folder is seen there as a new UID and its row, keyed by Message-ID, goes to that folder's queue: each
  mail is demand of one queue, the last it was seen in. A mail that lies in two folders belongs to the one read last (the order of
  the settings).
- A deleted mail stays as it was landed; one deleted before it was read was never demand that we knew of.
- When UIDVALIDITY changes, the folder is read again whole. Its mails keep their Message-ID (or the hash of their header fields),
  so they come out as exact duplicates of what is known.
- Mails that come while the folder is read have a UID beyond the one that was next when it was opened: they are the next fetch's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from enterprise.errors import SourceUnreachableError
from enterprise.sources import ImapMailbox, folder_key
from etl.mail_headers import plausible
from etl.mailbox import MailRefusedError, MailRows, Row, message_rows
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from etl.screen import printable
from etl.sources.imap_session import MailHead, OpenFolder, opened_mailbox
from etl.sources.landed import content_of
from warehouse.tables.core import MESSAGES

_MAILS_PER_ANSWER = 250
_MAILS_PER_PIECE = 5_000
_BYTES_PER_PIECE = 16 << 20
_UIDS_PER_SEARCH = 80_000
"""So that an answer stays below the million characters that Python's imaplib takes for one line."""
_MOST_CONNECTIONS = 5


class View(Protocol):
    """An open mailbox, real or made for a test."""

    def open(self, folder: str) -> OpenFolder:
        """Open a folder for reading only."""

    def uids(self, first: int, last: int) -> list[int]:
        """UIDs between two, both included, that mails in the open folder have."""

    def heads(self, uids: Sequence[int]) -> list[MailHead]:
        """Mails of the open folder, in the order of their UIDs; of one deleted meanwhile nothing."""


Mark = dict[str, tuple[int, int]]
"""Folder -> its UIDVALIDITY and the last UID that was read."""
OpenMailbox = Callable[[ImapMailbox], AbstractContextManager[View]]


def fetch(
    settings: ImapMailbox, since: str, land: Callable[[str, bytes], None], open_mailbox: OpenMailbox = opened_mailbox
) -> str:
    """Read what came since the last mark.

    A connection that breaks off in mid-read is made anew as long as it brought something, and the reading goes on where it was.

    Args:
        settings: the mailbox.
        since: mark that the last fetch returned; "" reads everything.
        land: takes each piece, named `<folder>+<UIDVALIDITY>+<first UID>-<last UID>.jsonl`; the same mails give the same bytes.
        open_mailbox: what opens the mailbox.

    Returns:
        The mark reached: JSON of folder -> [UIDVALIDITY, last UID].

    Raises:
        SourceUnreachableError: if the server cannot be reached, hangs or keeps breaking off; the mark then stays where it was.
        NeedsPersonError: if its certificate is not good, it refuses the password, or a folder is not there.
    """
    reading = _Reading(settings, mark_of(since), land)
    for connection in range(1, _MOST_CONNECTIONS + 1):
        before = reading.answers
        try:
            with open_mailbox(settings) as view:
                reading.go_on(view)
            break
        except SourceUnreachableError:
            if reading.answers == before or connection == _MOST_CONNECTIONS:
                raise
    return json.dumps(reading.mark, sort_keys=True)


def health(settings: ImapMailbox) -> str:
    """What the mailbox offers just now, in words.

    Raises:
        SourceUnreachableError, NeedsPersonError: as `fetch`.
    """
    with opened_mailbox(settings) as view:
        mails = {folder: view.open(folder_key(folder)).mails for folder in (*settings.folders, *settings.sent_folders)}
    return f"{sum(mails.values())} mails: " + ", ".join(f"{count} in {folder}" for folder, count in mails.items())


def mark_of(text: str) -> Mark:
    """The mark out of its text.

    Example:
        >>> mark_of('{"INBOX": [7, 120]}')
        {'INBOX': (7, 120)}
    """
    return {folder: (validity, last) for folder, (validity, last) in json.loads(text or "{}").items()}


@dataclass(slots=True)
class _Folder:
    """How far a folder was read in this fetch, over all its connections."""

    name: str
    uid_validity: int
    next_uid: int
    last_uid: int
    lines: list[bytes] = field(default_factory=list)
    first_of_piece: int = 0
    last_of_piece: int = 0
    size: int = 0


class _Reading:
    """One fetch: goes on after a broken connection where it was, and gives the same pieces as without one."""

    def __init__(self, settings: ImapMailbox, mark: Mark, land: Callable[[str, bytes], None]) -> None:
        self.mark = mark
        self.answers = 0
        self._waiting = list(dict.fromkeys(map(folder_key, (*settings.folders, *settings.sent_folders))))
        self._land = land
        self._open: _Folder | None = None

    def go_on(self, view: View) -> None:
        """Read what is left of every folder."""
        for name in tuple(self._waiting):
            folder = self._opened(view, name)
            while folder.next_uid <= folder.last_uid:
                end = min(folder.next_uid + _UIDS_PER_SEARCH - 1, folder.last_uid)
                uids = view.uids(folder.next_uid, end)
                for begin in range(0, len(uids), _MAILS_PER_ANSWER):
                    asked = uids[begin : begin + _MAILS_PER_ANSWER]
                    for mail in view.heads(asked):
                        self._take(folder, mail)
                    folder.next_uid = asked[-1] + 1
                    self.answers += 1
                folder.next_uid = end + 1
            self._give(folder)
            self.mark[name] = (folder.uid_validity, folder.last_uid)
            self._open = None
            self._waiting.remove(name)

    def _opened(self, view: View, name: str) -> _Folder:
        state = view.open(name)
        if self._open is None:
            validity, last = self.mark.get(name, (0, 0))
            # A UID that was given and is to be given again: the folder was put back to an earlier state.
            known = validity == state.uid_validity and last < state.uid_next
            self._open = _Folder(name, state.uid_validity, last + 1 if known else 1, state.uid_next - 1)
        elif self._open.uid_validity != state.uid_validity:
            raise SourceUnreachableError(
                f"folder {name!r} was numbered anew while it was read; nothing of this reading was kept: the next begins again"
            )
        return self._open

    def _take(self, folder: _Folder, mail: MailHead) -> None:
        line = _line(folder, mail)
        if folder.lines and (len(folder.lines) >= _MAILS_PER_PIECE or folder.size + len(line) > _BYTES_PER_PIECE):
            self._give(folder)
        if not folder.lines:
            folder.first_of_piece = mail.uid
        folder.last_of_piece = mail.uid
        folder.lines.append(line)
        folder.size += len(line)

    def _give(self, folder: _Folder) -> None:
        if folder.lines:
            name = f"{folder.name}+{folder.uid_validity}+{folder.first_of_piece}-{folder.last_of_piece}.jsonl"
            self._land(name, b"".join(folder.lines))
            folder.lines, folder.size = [], 0


def _line(folder: _Folder, mail: MailHead) -> bytes:
    content = {
        "folder": folder.name,
        "uidvalidity": folder.uid_validity,
        "uid": mail.uid,
        "internaldate": None if mail.arrived is None else mail.arrived.isoformat(),
        "head": mail.head.decode("latin-1"),
    }
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def read(settings: ImapMailbox, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read landed pieces of `fetch`.

    Raises:
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    reader = _Reader(settings, context.source_system)
    tables, counts = [MESSAGES.arrow_schema.empty_table()], []
    for file in files:
        content, _ = content_of(file, context)
        rows: list[Row] = []
        numbers: list[int] = []
        queue_ids: list[str] = []
        number = 0
        for number, line in enumerate(content.splitlines(), start=1):
            try:
                row, queue_id = reader.row(line)
            except MailRefusedError as refusal:
                rule, reason = refusal.args
                text = printable(line[:600].decode("ascii", "backslashreplace"))
                rejects.add(file.landing_file, number, rule, printable(reason), table_name=MESSAGES.name, row_text=text)
                continue
            rows.append(row)
            numbers.append(number)
            queue_ids.append(queue_id)
        tables.append(message_rows(rows, numbers, queue_ids, file, context))
        counts.append(FileCount(file.landing_file, number, len(rows), rejects.count(file.landing_file)))
    return Parsed({MESSAGES: pa.concat_tables(tables)}, rejects.table(), counts).checked()


class _Reader:
    """Makes rows of landed lines."""

    def __init__(self, settings: ImapMailbox, source_system: str) -> None:
        self._mail = MailRows(settings, source_system)
        self._queue_ids = {folder_key(folder): queue_id for folder, queue_id in settings.queues.items()}
        self._sent = frozenset(map(folder_key, settings.sent_folders))

    def row(self, line: bytes) -> tuple[Row, str]:
        """The row and its queue; raises MailRefusedError where the mail breaks a rule."""
        try:
            content = json.loads(line)
            folder, arrived, head = content["folder"], _seconds(content["internaldate"]), content["head"].encode("latin-1")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MailRefusedError("unreadable_line", "the line is none that was landed from a mailbox; land it again") from error
        queue_id = self._queue_ids.get(folder) if isinstance(folder, str) else None
        if queue_id is None:
            known = ", ".join(self._queue_ids)
            raise MailRefusedError(
                "unknown_queue",
                f"folder {folder!r} is not in the settings, which know {known}; add it, as a former one if it is gone",
            )
        return self._mail.row(b"\n" + head, sent=folder in self._sent, arrived=arrived), queue_id


def _seconds(arrived: str | None) -> int | None:
    return None if arrived is None else plausible(int(datetime.fromisoformat(arrived).timestamp()))
