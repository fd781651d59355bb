"""Which module reads which kind of source, where its files lie and how they grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enterprise.case_sources import ZendeskTickets
from enterprise.model import Settings
from enterprise.report_sources import IntervalReport, Surveys
from enterprise.sources import (
    AsteriskQueueLog,
    ClaimsDatabase,
    ConnectContactRecords,
    ImapMailbox,
    MappedTable,
    MboxArchive,
    SalesforceCases,
    WorkforceFiles,
)
from etl.landing_parts import Growth
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.sources import (
    asterisk,
    claims_database,
    connect,
    imap,
    interval_report,
    mapped_table,
    mbox,
    salesforce,
    surveys,
    workforce,
    zendesk,
)
from etl.sources.sql_reading import Fetched
from etl.sources.watermarks import Watermarks, from_text, to_text

Read = Callable[[Any, Sequence[LandedFile], ReadContext], Parsed]
Stream = Callable[[Any, Sequence[LandedFile], ReadContext], Iterator[Parsed]]
Land = Callable[[str, bytes], None]
"""Takes a piece, by name, as it is received: nobody has to hold all of them."""
Fetch = Callable[[Any, str, Land, datetime], str]
"""(settings, mark reached before or "", where pieces go, now) -> mark reached. Only the source knows what its mark says."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a kind of source is read.

    Args:
        read: landed pieces -> typed rows.
        url_fields: settings that say where its files lie; the first is the one that must have files.
        growth: how its files grow.
        fetch: for systems that are asked instead of files that are listed.
        resumes: whether the mark is exact, so that a fetch repeated in the same night goes on where the last one stopped. One
            with an overlap asks again for what it asked before, and is given the same pieces.
        stream: like `read`, but part by part, for sources with large files.
    """

    read: Read
    url_fields: tuple[str, ...] = ("url",)
    growth: Growth = "whole"
    fetch: Fetch | None = None
    resumes: bool = False
    stream: Stream | None = None

    def parts(self, settings: Settings, files: Sequence[LandedFile], context: ReadContext) -> Iterator[Parsed]:
        """What the pieces hold, part by part; the last one with the counts of all."""
        if self.stream is not None:
            yield from self.stream(settings, files, context)
        else:
            yield self.read(settings, files, context)

    def urls(self, settings: Settings) -> list[str]:
        """Where its files lie."""
        return [url for field in self.url_fields if (url := getattr(settings, field))]


def by_number(fetch: Callable[[Any, str, Land], str]) -> Fetch:
    """A fetch whose mark is a number that the system gave: what time it is tells it nothing."""

    def fetched(settings: Any, since: str, land: Land, _present: datetime) -> str:
        return fetch(settings, since, land)

    return fetched


def _by_watermark(fetch: Callable[[Any, Watermarks, datetime], Fetched]) -> Fetch:
    """A fetch whose mark is an instant for each table."""

    def fetched(settings: Any, since: str, land: Land, present: datetime) -> str:
        found = fetch(settings, from_text(since), present)
        for name, content in found.pieces:
            land(name, content)
        return to_text(found.watermarks)

    return fetched


READERS: Mapping[type[Settings], Reader] = {
    AsteriskQueueLog: Reader(asterisk.read, growth="lines", stream=asterisk.read_parts),
    ConnectContactRecords: Reader(connect.read, growth="lines", stream=connect.read_parts),
    MboxArchive: Reader(mbox.read, growth="messages"),
    ImapMailbox: Reader(imap.read, (), fetch=by_number(imap.fetch), resumes=True),
    SalesforceCases: Reader(salesforce.read, ("url", "history_url")),
    ClaimsDatabase: Reader(claims_database.read, (), fetch=_by_watermark(claims_database.fetch)),
    WorkforceFiles: Reader(workforce.read, ("agents_url", "schedules_url", "activities_url")),
    MappedTable: Reader(mapped_table.read),
    IntervalReport: Reader(interval_report.read),
    Surveys: Reader(surveys.read),
    ZendeskTickets: Reader(zendesk.read, ("url", "events_url", "ratings_url"), growth="lines"),
}
_MAPPED_DATABASE = Reader(mapped_table.read, (), fetch=_by_watermark(mapped_table.fetch))


def reader_of(settings: Settings) -> Reader:
    """The reader of a source.

    Raises:
        KeyError: if there is none for its kind.
    """
    if isinstance(settings, MappedTable) and settings.format == "sql":
        return _MAPPED_DATABASE
    return READERS[type(settings)]
