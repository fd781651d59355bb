"""Whether a source can be read just now, and how new what it offers is: for the doctor, which changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from enterprise.errors import NeedsPersonError
from enterprise.model import Settings
from enterprise.remote import shown
from enterprise.sources import ClaimsDatabase, ImapMailbox, MappedTable
from etl.landing import Offered
from etl.sources import claims_database, imap, mapped_table
from etl.sources.listing import offered_files
from etl.sources.readers import reader_of

_SHOWN = 60


def health_of(source_name: str, settings: Settings) -> str:
    """What a source offers just now, in words: how many files, how large, the newest and its date.

    Args:
        source_name: name of the source in the settings.
        settings: its settings.

    Raises:
        SourceUnreachableError: if it does not answer, or a file cannot be read.
        NeedsPersonError: if it offers nothing, all it offers is empty, or its form is not what the settings say.
    """
    if isinstance(settings, ClaimsDatabase):
        return claims_database.health(settings)
    if isinstance(settings, MappedTable) and settings.format == "sql":
        return mapped_table.health(settings)
    if isinstance(settings, ImapMailbox):
        return imap.health(settings)
    needed, *others = reader_of(settings).urls(settings)
    files = offered_files(source_name, [needed])
    if not files:
        raise NeedsPersonError(
            f"sources.{source_name}: no file at {shown(needed)}; check the url and that the source system exports there"
        )
    words = [_words(source_name, files)]
    for url in others:
        found = offered_files(source_name, [url])
        words.append(_words(source_name, found) if found else f"no file yet at {shown(url)}")
    return "; ".join(words)


def _words(source_name: str, files: list[Offered]) -> str:
    total = sum(file.size_bytes for file in files)
    if total == 0:
        raise NeedsPersonError(
            f"sources.{source_name}: all {len(files)} files are empty, as {files[-1].place}; have the source system export again"
        )
    newest = max((file for file in files if file.size_bytes), key=lambda file: (file.modified, file.name))
    next(newest.read(0), None)  # that it is listed does not say that it may be read
    return (
        f"{len(files)} {'file' if len(files) == 1 else 'files'}, {_size(total)}; newest {newest.name[:_SHOWN]}{_written(newest)}"
    )


def _written(file: Offered) -> str:
    """When a file was written, where its filesystem says so by a number of seconds or a date."""
    try:
        written = datetime.fromtimestamp(float(file.modified), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return f", written {file.modified[:19]}" if file.modified[:4].isdigit() and file.modified[4:5] == "-" else ""
    return f", written {written:%Y-%m-%d %H:%M} UTC"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"
