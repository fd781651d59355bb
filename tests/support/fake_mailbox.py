"""A mailbox without a server: the heads of its mails lie in a file, and the settings' user is the folder of that file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

from enterprise.sources import ImapMailbox
from etl.sources import imap
from etl.sources.imap_session import MailHead, OpenFolder
from etl.sources.readers import READERS, by_number

FILE = "inbox.heads"
BETWEEN = b"%%\n"
"""Between two mails."""
ARRIVED = datetime(2026, 11, 12, 9, tzinfo=UTC)
"""When the mailbox got each of them."""


class FileMailbox:
    """The inbox holds the file's mails, numbered from 1; every other folder is empty."""

    def __init__(self, folder: Path) -> None:
        self._heads = (folder / FILE).read_bytes().split(BETWEEN)
        self._open: Sequence[bytes] = ()

    def open(self, folder: str) -> OpenFolder:
        """Open a folder."""
        self._open = self._heads if folder == "INBOX" else ()
        return OpenFolder(1, len(self._open) + 1, len(self._open))

    def uids(self, first: int, last: int) -> list[int]:
        """UIDs there are between two."""
        return [uid for uid in range(1, len(self._open) + 1) if first <= uid <= last]

    def heads(self, uids: Sequence[int]) -> list[MailHead]:
        """The mails with these UIDs."""
        return [MailHead(uid, ARRIVED, self._open[uid - 1]) for uid in uids]


def mailboxes_of_files() -> AbstractContextManager[object]:
    """While it holds, mailboxes are read from files."""

    @contextmanager
    def opened(settings: ImapMailbox) -> Iterator[FileMailbox]:
        yield FileMailbox(Path(settings.user))

    reader = READERS[ImapMailbox]
    return patch.dict(READERS, {ImapMailbox: replace(reader, fetch=by_number(partial(imap.fetch, open_mailbox=opened)))})  # type: ignore[arg-type]
