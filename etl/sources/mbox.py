"""Mail archives in mbox form (RFC 4155), as Dovecot, Postfix, Thunderbird and Google Takeout write them: headers only.

One archive file per mailbox and month, `<mailbox>-YYYY-MM.mbox`; a landed piece may be what was appended to one since last night.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from enterprise.sources import MboxArchive
from etl.mailbox import MailRefusedError, MailRows, Row, message_rows
from etl.mbox_pieces import LONGEST_HEAD_BYTES, MailPiece, mail_pieces
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from etl.screen import printable
from etl.sources.landed import blocks_of
from warehouse.tables.core import MESSAGES

_MONTH = re.compile(r"-\d{4}-\d{2}(?!\d)|\.mbox\b|\.mbx\b")


def read(settings: MboxArchive, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read the messages of some landed pieces.

    `handled_at` is left missing: the answer may lie in a later piece (see `etl.threads.answered`, which also leads `thread_id`
    back to the first mail of the thread). Counts are per piece: each message is kept, put aside by a rule, or an exact duplicate
    of an earlier one of the same piece.

    Raises:
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    mail = MailRows(settings, context.source_system)
    tables, counts = [], []
    for file in files:
        table, count = _read_piece(file, context, settings, mail, rejects)
        tables.append(table)
        counts.append(count)
    messages = pa.concat_tables(tables) if tables else MESSAGES.arrow_schema.empty_table()
    return Parsed({MESSAGES: messages}, rejects.table(), counts).checked()


def _read_piece(
    file: LandedFile, context: ReadContext, settings: MboxArchive, mail: MailRows, rejects: Rejects
) -> tuple[pa.Table, FileCount]:
    mailbox = _MONTH.split(PurePosixPath(file.source_name).name, maxsplit=1)[0]
    queue_id = {name.casefold(): queue for name, queue in settings.queues.items()}.get(mailbox.casefold())
    rows: list[Row] = []
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
            _require_header(piece, problems)
            rows.append(mail.row(piece.head))
            numbers.append(number)
        except MailRefusedError as refusal:
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
    return message_rows(rows, numbers, [queue_id or ""] * len(rows), file, context), count


def _require_header(piece: MailPiece, problems: Sequence[str]) -> None:
    """Refuse a mail whose header is not known to its end: what is missing could say anything else of it."""
    if piece.whole:
        return
    if len(piece.head) >= LONGEST_HEAD_BYTES:
        raise MailRefusedError(
            "header_too_long", f"the header is longer than {LONGEST_HEAD_BYTES} bytes; no mail program writes such"
        )
    if problems:
        raise MailRefusedError("truncated_file", f"the header was cut off: {problems[0]}")


def _require_queue(queue_id: str | None, mailbox: str, settings: MboxArchive) -> None:
    if queue_id is None:
        known = ", ".join(settings.queues)
        raise MailRefusedError("unknown_queue", f"mailbox {mailbox!r} is not in the settings, which know {known}; add it")
