"""What the header lines of one mail say: who, when and which thread. Bodies are never looked at."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Callable
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_tz
from functools import lru_cache

_FIELDS = re.compile(rb"\n([^\s:]+)[ \t]*:([^\n]*)")
_ID = re.compile(rb"<([^<>\s]{1,990})>")
_ANGLE_ADDRESS = re.compile(rb"<([^<>\s@]+@[^<>\s@]+)>")
_ADDRESS = re.compile(rb"[^\s<>,;:\"()@]+@[^\s<>,;:\"()@]+")
_DATE = re.compile(
    rb"(?:[A-Za-z]{3}, *)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? "
    rb"(?:([+-])(\d\d)([0-5]\d)|GMT|UTC?|Z)(?: *\([^()]*\))?"
)
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_EPOCH = date(1970, 1, 1).toordinal()
_EARLIEST, _LATEST = 86_400, 5_680_281_600
"""Seconds: 1970-01-02 to 2150-01-01; a mail outside has a broken clock."""
FIELDS_READ = (
    "message-id", "in-reply-to", "references", "date", "received", "from", "to", "cc", "subject", "return-path", "auto-submitted",
    "precedence", "content-type", "list-id", "list-unsubscribe", "list-post", "list-help", "x-autoreply", "x-autorespond",
    "x-mail-autoreply", "x-failed-recipients", "x-agent-id", "x-handle-seconds",
)  # fmt: skip
"""Every field that is looked at, in a fixed order: all that is asked of a mailbox."""
_OF_IDENTITY = (b"date", b"received", b"from", b"to", b"cc", b"subject")

Headers = dict[bytes, bytes]


def headers_of(head: bytes) -> Headers:
    r"""The header fields, unfolded, by lower-case name; of a field that stands twice the first.

    Example:
        >>> headers_of(b"From x@y Thu Nov 12 08:00:00 2026\nSubject: a\n  b\nsubject: d\n")
        {b'subject': b'a  b'}
    """
    head = head.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    # Backwards, so that the first of several fields of one name is the one that stays.
    return {name.lower(): value.strip() for name, value in reversed(_FIELDS.findall(head))}


def sent_at(value: bytes) -> int | None:
    """Epoch seconds of a Date field; None if it cannot be read or lies outside 1970 to 2150.

    Dates without a zone are read as UTC, as RFC 5322 says of `-0000`.

    Example:
        >>> sent_at(b"Thu, 12 Nov 2026 08:15:30 +0100"), sent_at(b"12 Nov 26 8:15 EST"), sent_at(b"yesterday")
        (1794467730, 1794489300, None)
    """
    match = _DATE.fullmatch(value)
    if match is None:
        return plausible(_slowly(value))
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    days = _day_number(int(year), month.lower(), int(day))
    if days is None or hour > b"23" or minute > b"59" or (second or b"0") > b"60":
        return None
    seconds = days * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    if sign is not None:
        offset = int(zone_hours) * 3600 + int(zone_minutes) * 60
        seconds += offset if sign == b"-" else -offset
    return plausible(seconds)


@lru_cache(maxsize=4096)
def _day_number(year: int, month: bytes, day: int) -> int | None:
    try:
        return date(year, _MONTHS[month], day).toordinal() - _EPOCH
    except (KeyError, ValueError):
        return None


def _slowly(value: bytes) -> int | None:
    """The forgiving reader of the standard library, for old and odd forms."""
    if not 8 <= len(value) <= 200:
        return None
    try:
        parts = parsedate_tz(value.decode("latin-1"))
        return None if parts is None else calendar.timegm((*parts[:6], 0, 1, 0)) - (parts[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError, UnboundLocalError):
        return None  # the library stumbles over some hostile strings instead of saying no


def plausible(seconds: int | None) -> int | None:
    """Epoch seconds between 1970 and 2150; None for others."""
    return seconds if seconds is not None and _EARLIEST <= seconds < _LATEST else None


def delivered_at(headers: Headers) -> int | None:
    """Epoch seconds at which our own server took the mail in (topmost Received field); None where it does not say."""
    stamp = headers.get(b"received", b"").rpartition(b";")[2].strip()
    return sent_at(stamp) if stamp else None


def own_id(headers: Headers) -> str | None:
    """The Message-ID without its angle brackets; None if there is none that can be one."""
    value = headers.get(b"message-id", b"")
    match = _ID.search(value)
    if match is not None:
        return _text(match[1])
    return _text(value) if 0 < len(value) <= 990 and not re.search(rb"[\s<>]", value) else None


def content_id(headers: Headers) -> str:
    """What tells a mail without Message-ID from others: a hash of who wrote what to whom, when, and when our server took it in.

    Spaces and folding do not count, so that an archive and a mailbox give the same mail the same name.

    Example:
        >>> content_id({b"date": b"a  b"}) == content_id({b"date": b"a b"}) != content_id({b"from": b"a b"})
        True
    """
    said = b"\n".join(b" ".join(headers.get(name, b"").split()) for name in _OF_IDENTITY)
    return f"{hashlib.sha256(said).hexdigest()[:32]}@no-message-id"


def first_id(headers: Headers) -> str | None:
    """The earliest mail that this one names as its forerunner: first of References, else of In-Reply-To."""
    for name in (b"references", b"in-reply-to"):
        match = _ID.search(headers.get(name, b""))
        if match is not None:
            return _text(match[1])
    return None


def address_of(value: bytes) -> str | None:
    """First address of a From or To field, lower case; the one in angle brackets where there is one.

    Example:
        >>> address_of(b'"Jansen, P. (claims@us.example)" <P.Jansen@mail.example>')
        'p.jansen@mail.example'
    """
    match = _ANGLE_ADDRESS.search(value)
    found = match[1] if match is not None else None
    if found is None:
        plain = _ADDRESS.search(value)
        found = plain[0] if plain is not None else None
    return None if found is None else _text(found).lower()


def addresses_of(value: bytes) -> list[str]:
    """All addresses of a To or Cc field, lower case."""
    return [_text(found).lower() for found in _ADDRESS.findall(value)]


def subject_of(headers: Headers) -> str:
    """The subject, decoded (RFC 2047) where it is encoded.

    Example:
        >>> subject_of({b"subject": b"=?utf-8?q?Schade_CL-12_caf=C3=A9?="})
        'Schade CL-12 café'
    """
    raw = headers.get(b"subject", b"")[:2000]
    if b"=?" not in raw:
        return _text(raw)
    try:
        parts = decode_header(raw.decode("latin-1"))
    except (HeaderParseError, ValueError, AssertionError):
        return _text(raw)
    text = "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in parts)
    return _text(text.encode("utf-8", "backslashreplace"))  # some character sets make NUL and halves of characters


def _decoded(part: bytes, charset: str | None) -> str:
    try:
        return part.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return part.decode("latin-1")


def ours(our_addresses: tuple[str, ...]) -> Callable[[str], bool]:
    """A test whether an address is the enterprise's: it, or its `@domain`, is listed.

    Example:
        >>> is_ours = ours(("@us.example", "Claims@broker.example"))
        >>> is_ours("a@us.example"), is_ours("claims@broker.example"), is_ours("a@notus.example")
        (True, True, False)
    """
    listed = frozenset(entry.lower() for entry in our_addresses)

    @lru_cache(maxsize=65_536)
    def is_ours(address: str) -> bool:
        return address in listed or address[address.rfind("@") :] in listed

    return is_ours


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
