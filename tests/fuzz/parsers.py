"""What every parser must stand: any bytes give rows that add up, the same every time, or an error of Leadline's own in words."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

import fsspec

from enterprise.errors import LeadlineError
from enterprise.settings import Enterprise
from enterprise.sources import AsteriskQueueLog
from enterprise.timing import grid_of
from etl.delimited import read_delimited
from etl.lines import read_lines
from etl.mail_headers import (
    address_of,
    addresses_of,
    content_id,
    delivered_at,
    first_id,
    headers_of,
    own_id,
    sent_at,
    subject_of,
)
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.records import read_records
from etl.sources import asterisk
from etl.sources.line_files import joined, read_line_files
from etl.sources.readers import reader_of
from tests.support.bad_input import CORPUS, enterprise_of


@lru_cache(maxsize=32)
def _enterprise(kind: str, settings: str) -> Enterprise:
    with tempfile.TemporaryDirectory() as folder:
        return enterprise_of(kind, Path(folder), settings)


def _source(content: bytes, *, kind: str, name: str, settings: str = "source") -> None:
    """Read the bytes as a landed file of that kind of source, twice."""
    enterprise = _enterprise(kind, settings)
    source, filesystem = enterprise.sources["feed"], fsspec.filesystem("memory")
    file = LandedFile("feed", f"0123456789abcdef-{name}", f"/fuzz/{name}", name, len(content))
    filesystem.pipe_file(file.path, content)
    context = ReadContext(filesystem, "feed", grid_of(enterprise), enterprise.queues)

    def read() -> Parsed | str:
        try:
            return reader_of(source).read(source, [file], context).checked()
        except LeadlineError as error:
            if len(str(error)) < 40:
                raise AssertionError("an error says what, where, expected and next") from error
            return str(error)

    first, second = read(), read()
    if isinstance(first, str) or isinstance(second, str):
        _require(first == second, "the same bytes give the same error")
        return
    _require(first.counts == second.counts and first.quarantine.equals(second.quarantine), "the same bytes give the same rows")
    _require(all(rows.equals(second.tables[table]) for table, rows in first.tables.items()), "the same bytes give the same rows")
    (count,) = first.counts
    aside = Counter(zip(*(first.quarantine.column(name).to_pylist() for name in ("landing_row", "rule")), strict=True))
    _require(sum(aside.values()) == count.rows_quarantined, "every row that is put aside is there with its rule")
    _require(all(times == 1 for times in aside.values()), "a row is put aside once by a rule")
    stored = sum(rows.num_rows for rows in first.tables.values())
    corrected = kind == "salesforce_cases"  # of a case that stands there in two states one is stored
    _require(stored == count.rows_kept or (corrected and stored < count.rows_kept), "every row that is kept is a row of core")
    if name.endswith((".jsonl", "queue_log")) and kind != "imap" and (told := _lines_told_apart(content)) is not None:
        lines_in = count.rows_in - sum(times for (row, _), times in aside.items() if row == 0)
        several = kind == "zendesk_tickets"  # a line may hold several facts, which count as rows
        _require(told[0] <= lines_in and (several or lines_in <= told[1]), "every line that is not blank is counted")
    for table, rows in first.tables.items():
        rows.validate(full=True)
        packed = table.name == "queue_events"  # staged as the switch's reader packs them
        same = rows.column_names == table.column_names if packed else rows.schema.equals(table.arrow_schema)
        _require(same, f"{table.name} has its declared columns")
        for column in table.all_columns:
            _require(column.nullable or rows.column(column.name).null_count == 0, f"{table.name}.{column.name} is there")


def _lines_told_apart(content: bytes) -> tuple[int, int] | None:
    """Lines that are not blank, counted in the simplest way there is; None for packed or otherwise encoded files.

    The first number is of lines that nobody calls blank, the second one of those that are more than ASCII's white space.
    """
    if content.startswith((b"\x1f\x8b", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\r" in content:
        return None
    lines = content.split(b"\n")
    return sum(bool(line.decode("utf-8", "replace").strip()) for line in lines), sum(bool(line.strip()) for line in lines)


def _lines(content: bytes) -> None:
    lines = read_lines(content)
    numbers = [*lines.numbers.to_pylist(), *(broken.line for broken in lines.broken if broken.line)]
    _require(len(numbers) == len(set(numbers)), "a line is a row or broken, never both")
    _require(len(lines.texts) == len(lines.numbers), "every line has its number")
    again = read_lines(content)
    _require(lines.texts.equals(again.texts) and list(lines.broken) == list(again.broken), "the same bytes give the same lines")


def _queue_log_scan(content: bytes) -> None:
    """The compiled look at plain lines says what SQL says of all lines."""
    enterprise = _enterprise("asterisk_queue_log", "source")
    source, filesystem = enterprise.sources["feed"], fsspec.filesystem("memory")
    if not isinstance(source, AsteriskQueueLog):
        raise TypeError("the corpus has settings of another kind of source")
    form = asterisk.line_format(source)
    file = LandedFile("feed", "0123456789abcdef-queue_log", "/fuzz/scan", "queue_log", len(content))
    filesystem.pipe_file(file.path, content)
    context = ReadContext(filesystem, "feed", grid_of(enterprise), enterprise.queues)
    quick, slow = (joined(one, read_line_files(one, [file], context)) for one in (form, form.without_scan()))
    _require(quick.counts == slow.counts, "both count the same")
    _require(quick.quarantine.to_pylist() == slow.quarantine.to_pylist(), "both put the same aside")
    for table, rows in quick.tables.items():
        _require(rows.to_pylist() == slow.tables[table].to_pylist(), "both type lines the same")


def _delimited(content: bytes) -> None:
    sheet = read_delimited(content, ["Id", "Type", "CreatedDate"])
    _require(len(sheet.records) == len(sheet.first_lines) == len(sheet.last_lines), "every row has its lines")
    _require(all(len(record) == len(sheet.header) for record in sheet.records), "every row has as many fields as the header")
    starts = [*sheet.first_lines, *(broken.line for broken in sheet.broken if broken.line)]
    _require(len(starts) == len(set(starts)), "a line begins one row or is broken")
    ends = sorted(zip(sheet.first_lines, sheet.last_lines, strict=True))
    _require(all(last < first for (_, last), (first, _) in itertools.pairwise(ends)), "no two rows share a line")
    for name in sheet.header[:3]:
        sheet.values(name)
    for position in range(min(len(sheet.records), 5)):
        sheet.text_of(position)


def _records(content: bytes) -> None:
    records = read_records(content)
    numbers = [*records.numbers, *(broken.line for broken in records.broken if broken.line)]
    _require(len(numbers) == len(set(numbers)) and len(records.rows) == len(records.numbers), "a line is a record or broken")
    filled = sum(bool(line.strip()) for line in records.lines)
    _require(len(numbers) + records.duplicates == filled, "every line that is not blank is counted")
    for name in sorted(records.names)[:8]:
        _require(len(records.column(name)) == len(records.rows), "a column has a value for every record")
    for position in range(min(len(records.rows), 5)):
        records.text_of(0, position)


def _mail_headers(content: bytes) -> None:
    headers = headers_of(content)
    texts = [own_id(headers), content_id(headers), first_id(headers), subject_of(headers)]
    for name in (b"from", b"to", b"cc"):
        value = headers.get(name, b"")
        texts += [address_of(value), *addresses_of(value)]
    for text in texts:
        if text is not None:
            text.encode("utf-8")
            _require("\x00" not in text, "text that is stored holds no NUL")
    for seconds in (delivered_at(headers), sent_at(headers.get(b"date", b"")), sent_at(content[:200])):
        _require(seconds is None or 0 < seconds < 5_680_281_600, "a time lies between 1970 and 2150")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(what)


PARSERS: Mapping[str, Callable[[bytes], None]] = {
    "lines": _lines,
    "delimited": _delimited,
    "records": _records,
    "mail_headers": _mail_headers,
    "queue_log": partial(_source, kind="asterisk_queue_log", name="queue_log"),
    "queue_log_scan": _queue_log_scan,
    "contact_records": partial(_source, kind="connect_contact_records", name="records.jsonl"),
    "mbox": partial(_source, kind="mbox", name="service-2026-11.mbox"),
    "salesforce": partial(_source, kind="salesforce_cases", name="cases-2026-11-12.csv"),
    "case_history": partial(_source, kind="salesforce_cases", name="history-2026-11-12.csv"),
    "workforce": partial(_source, kind="workforce", name="agents.csv"),
    "schedules": partial(_source, kind="workforce", name="schedules.csv"),
    "activities": partial(_source, kind="workforce", name="activities.csv"),
    "interval_report": partial(_source, kind="interval_report", name="report-2026-11-12.csv"),
    "interval_report_decimal": partial(_source, kind="interval_report", name="report.csv", settings="decimal_comma"),
    "zendesk": partial(_source, kind="zendesk_tickets", name="tickets-2026-11-12.jsonl"),
    "zendesk_events": partial(_source, kind="zendesk_tickets", name="events-2026-11-12.jsonl"),
    "zendesk_ratings": partial(_source, kind="zendesk_tickets", name="ratings-2026-11-12.jsonl"),
    "surveys": partial(_source, kind="surveys", name="export.csv"),
    "surveys_pulse": partial(_source, kind="surveys", name="export.csv", settings="pulse"),
    "claims": partial(_source, kind="claims_database", name="claims-0000.jsonl"),
    "claim_events": partial(_source, kind="claims_database", name="claim_events-0000.jsonl"),
    "imap": partial(_source, kind="imap", name="INBOX+1+1-9.jsonl"),
    "mapped": partial(_source, kind="mapped_table", name="export.csv"),
    "mapped_written": partial(_source, kind="mapped_table", name="export.csv", settings="german"),
    "mapped_parquet": partial(_source, kind="mapped_table", name="export.parquet", settings="parquet"),
    "mapped_sql": partial(_source, kind="mapped_table", name="contacts-0000.jsonl", settings="sql"),
}
"""Parser -> what is done with some bytes; an exception is a find."""

_SOURCES = "../sources"
_SEEDS = {
    "lines": ("asterisk_queue_log/*", "connect_contact_records/*"),
    "delimited": ("salesforce_cases/*", "workforce/*", "mapped_table/*.csv"),
    "records": ("connect_contact_records/*",),
    "mail_headers": ("mbox/*",),
    "queue_log": ("asterisk_queue_log/*",),
    "queue_log_scan": ("asterisk_queue_log/*",),
    "contact_records": ("connect_contact_records/*",),
    "mbox": ("mbox/*", f"{_SOURCES}/mbox/*"),
    "salesforce": ("salesforce_cases/*", f"{_SOURCES}/salesforce/cases*"),
    "case_history": ("salesforce_cases/history*", f"{_SOURCES}/salesforce/case-history*"),
    "workforce": ("workforce/agents*", f"{_SOURCES}/workforce/agents*"),
    "schedules": ("workforce/schedules*", f"{_SOURCES}/workforce/schedules*"),
    "activities": ("workforce/activit*", f"{_SOURCES}/workforce/activit*"),
    "interval_report": ("interval_report/*.csv",),
    "interval_report_decimal": ("interval_report/*.csv",),
    "zendesk": ("zendesk_tickets/*.jsonl", f"{_SOURCES}/zendesk/tickets*"),
    "zendesk_events": ("zendesk_tickets/event*", f"{_SOURCES}/zendesk/ticket-events*"),
    "zendesk_ratings": ("zendesk_tickets/rating*", f"{_SOURCES}/zendesk/satisfaction*"),
    "surveys": ("surveys/*.csv",),
    "surveys_pulse": ("surveys/*.csv",),
    "claims": (),
    "claim_events": (),
    "imap": (),
    "mapped": ("mapped_table/*.csv",),
    "mapped_written": ("mapped_table/german*.csv", "mapped_table/excel*.csv"),
    "mapped_parquet": ("mapped_table/*.parquet",),
    "mapped_sql": (),
}


def seeds_of(parser: str, longest: int = 100_000) -> list[bytes]:
    """Files of the corpus that the parser is for, landed pieces that no corpus holds, and what fuzzing found before."""
    here = [path for folder in ("seeds", "finds") for path in sorted((Path(__file__).parent / folder / parser).glob("*"))]
    files = [*(path for pattern in _SEEDS[parser] for path in sorted(CORPUS.glob(pattern))), *here]
    contents = [path.read_bytes() for path in files if path.suffix != ".toml"]
    return [content for content in contents if len(content) <= longest]
