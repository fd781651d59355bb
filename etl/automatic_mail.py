"""Mails that nobody wrote: auto-replies, delivery reports, mailing lists and bulk mail, told by their headers."""

from __future__ import annotations

from collections.abc import Callable

from etl.mail_headers import Headers

_REPORTS = (b"multipart/report", b"message/delivery-status", b"message/disposition-notification")
_OF_PROGRAMS = frozenset({b"x-autoreply", b"x-autorespond", b"x-mail-autoreply", b"x-failed-recipients"})
_OF_LISTS = frozenset({b"list-id", b"list-unsubscribe", b"list-post", b"list-help"})
_PRECEDENCE_OF_REPLIES = frozenset({b"auto_reply", b"auto-reply"})
_PRECEDENCE_OF_BULK = frozenset({b"bulk", b"list", b"junk"})


def is_automatic(headers: Headers, is_our_list: Callable[[bytes], bool] | None = None) -> bool:
    """Whether a program wrote it.

    - Auto-replies: `Auto-Submitted` other than "no" (RFC 3834, section 5; "auto-notified" of RFC 5436 too), `Precedence:
      auto_reply`, `X-Autoreply`, `X-Autorespond`, `X-Mail-Autoreply`.
    - Delivery and read reports: an empty return path (RFC 5321, section 4.5.5), `multipart/report` (RFC 6522) with delivery
      status (RFC 3464) or disposition notification (RFC 8098), Exim's `X-Failed-Recipients`, a sender named mailer-daemon.
    - Lists and bulk: `List-Id` (RFC 2919), `List-Unsubscribe`, `List-Post`, `List-Help` (RFC 2369), `Precedence` bulk, list or
      junk (RFC 2076). A shared address that is a distribution list of our own puts these into every customer's mail, so there
      they say nothing.

    What is not looked at: subjects ("Out of office" is said in many languages, and quoted by people), and
    `X-Auto-Response-Suppress`, which asks programs not to answer and stands in mails that web forms send for customers.

    Args:
        headers: the header fields.
        is_our_list: whether a List-Id is one of the enterprise's own; None if it has none.

    Example:
        >>> is_automatic({b"auto-submitted": b"auto-replied"}), is_automatic({b"auto-submitted": b"no (by hand)"})
        (True, False)
        >>> is_automatic({b"list-id": b"Claims <claims.us.example>"}, lambda name: name.endswith(b".us.example"))
        False
    """
    submitted = headers.get(b"auto-submitted", b"no").partition(b";")[0].partition(b"(")[0].strip().lower()
    if submitted not in {b"no", b""} or not _OF_PROGRAMS.isdisjoint(headers):
        return True
    if headers.get(b"return-path", b"").replace(b" ", b"") == b"<>":
        return True
    if headers.get(b"content-type", b"").lstrip().lower().startswith(_REPORTS):
        return True
    if b"mailer-daemon@" in headers.get(b"from", b"").lower():
        return True
    precedence = headers.get(b"precedence", b"").lower()
    if precedence in _PRECEDENCE_OF_REPLIES:
        return True
    if precedence not in _PRECEDENCE_OF_BULK and _OF_LISTS.isdisjoint(headers):
        return False
    return is_our_list is None or not is_our_list(_list_name(headers.get(b"list-id", b"")))


def our_lists(our_addresses: tuple[str, ...]) -> Callable[[bytes], bool]:
    """A test whether a List-Id is the enterprise's: below one of its `@domain`s, or one of its addresses with a dot for the `@`.

    Example:
        >>> is_our_list = our_lists(("@us.example", "claims@broker.example"))
        >>> is_our_list(b"claims.us.example"), is_our_list(b"claims.broker.example"), is_our_list(b"news.press.example")
        (True, True, False)
    """
    entries = [entry.lower().encode() for entry in our_addresses]
    domains = tuple(b"." + entry[1:] for entry in entries if entry.startswith(b"@"))
    names = frozenset(entry.replace(b"@", b".") for entry in entries)
    return lambda name: name in names or name.endswith(domains)


def _list_name(value: bytes) -> bytes:
    """The list's name out of `List-Id: words <name>`."""
    return value.rpartition(b"<")[2].rstrip(b"> ").lower()
