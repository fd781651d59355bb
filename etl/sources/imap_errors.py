"""What goes wrong with a mail server, in words that say what to do and never show the password or a mail."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from enterprise.errors import LeadlineError, NeedsPersonError, SourceUnreachableError
from enterprise.sources import ImapMailbox
from etl.screen import printable
from etl.sources.tls import certificate_fault

_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)
_BYTES = re.compile(r"(?<!\w):? ?b?['\"].*", re.DOTALL)
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
_OLD_TLS = frozenset({"UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "DH_KEY_TOO_SMALL"})


@contextmanager
def in_words(settings: ImapMailbox) -> Iterator[None]:
    """Failures of the connection as Leadline's own errors, and what the client stumbles over when a server babbles."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError) as error:
        # The client's own errors quote what the server sent, customers' mails among it: they are not passed on to any log.
        raise _explained(error, settings) from (error if isinstance(error, OSError) else None)


def place_of(settings: ImapMailbox) -> str:
    """The mailbox, as messages name it."""
    return f"the mailbox of {settings.user} at {settings.host}:{settings.port}"


def passes(words: str) -> bool:
    """Whether a refusal passes by itself, by its response code (RFC 5530)."""
    return _PASSING.search(words) is not None


def _explained(error: Exception, settings: ImapMailbox) -> LeadlineError:
    """What a failure of the connection means, and what to do about it."""
    place = place_of(settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        return NeedsPersonError(
            f"{place}: the server's certificate {certificate_fault(error)}; nothing was sent to it. Have its operator renew it, "
            "set `host` to the name it was made for, or set `ca_file` to the certificate of the authority that signed it"
        )
    reason = str(getattr(error, "reason", ""))
    if isinstance(error, ssl.SSLError) and reason in _NOT_TLS:
        return NeedsPersonError(
            f"{place} does not speak TLS there ({reason}); expected IMAP over TLS from the first byte, mostly on port 993: "
            "mend `port` (STARTTLS and plain text are never used)"
        )
    if isinstance(error, ssl.SSLError) and ("ALERT" in reason or reason in _OLD_TLS):
        return NeedsPersonError(
            f"{place} and this machine agree on no form of TLS ({reason}); expected TLS 1.2 or newer: have its operator allow it"
        )
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return SourceUnreachableError(
            f"{place} did not answer within {settings.timeout_seconds:g} seconds; it is tried again next time: check that the "
            "server is up, or set a longer `timeout_seconds`"
        )
    words = without_secrets(settings, words_of(error))
    if isinstance(error, OSError | imaplib.IMAP4.abort):
        return SourceUnreachableError(
            f"{place} cannot be reached or broke off ({words}); it is tried again next time: check `host`, `port` and the network"
        )
    return SourceUnreachableError(
        f"{place} does not answer as an IMAP server should ({words}); it is tried again next time: check `host` and `port`, and "
        "the server's own log"
    )


def words_of(error: BaseException) -> str:
    """What an error says, on one line, without any bytes of an answer: these may be of a customer's mail."""
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else _BYTES.sub("", said.removeprefix("b'"))
    return " ".join(printable(text).split())[:300] or type(error).__name__


def without_secrets(settings: ImapMailbox, text: str) -> str:
    """A text of the server's with the password taken out, should it repeat what it was sent."""
    if settings.password is None:
        return text
    password = settings.password.get_secret_value()
    for secret in (password, base64.b64encode(f"\0{settings.user}\0{password}".encode()).decode()):
        text = text.replace(secret, "***")
    return text
