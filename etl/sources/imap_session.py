"""A mailbox over IMAP4 with TLS, looked at and never changed; what goes wrong is said in words that never show the password."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from enterprise.errors import LeadlineError, NeedsPersonError, SettingsError, SourceUnreachableError
from enterprise.sources import ImapMailbox, folder_key
from etl.mail_headers import FIELDS_READ
from etl.screen import printable

_LARGEST_HEAD = 1 << 20
_HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS_READ)})]<0.{_LARGEST_HEAD}>"
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)
"""Response codes (RFC 5530) of a refusal that passes by itself."""
_BYTES = re.compile(r"(?<!\w):? ?b?['\"].*", re.DOTALL)
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
_OLD_TLS = frozenset({"UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "DH_KEY_TOO_SMALL"})
_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself",
    19: "is signed by an authority that this machine does not trust",
    20: "is signed by an authority that this machine does not trust",
    21: "is signed by an authority that this machine does not trust",
    23: "was revoked",
    62: "was made for another host name",
    64: "was made for another address",
}
"""OpenSSL's verification results (X509_V_ERR_...)."""


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder as it is when it is opened.

    Args:
        uid_validity: number under which its UIDs hold; another one means that all of them were given anew.
        uid_next: UID that the next mail will get.
        mails: mails in it.
    """

    uid_validity: int
    uid_next: int
    mails: int


@dataclass(frozen=True, slots=True)
class MailHead:
    """One mail of a folder.

    Args:
        uid: its UID.
        arrived: INTERNALDATE, when the mailbox got it; None if the server does not say.
        head: header fields as they stand in the mail, at most a megabyte of them.
    """

    uid: int
    arrived: datetime | None
    head: bytes


class MailboxView:
    """A mailbox that is open for looking.

    Args:
        client: a connection that is logged in.
        settings: the mailbox.
    """

    def __init__(self, client: IMAPClient, settings: ImapMailbox) -> None:
        self._client = client
        self._settings = settings
        self._place = _place(settings)
        self._names: dict[str, str] = {}

    def folders(self) -> dict[str, str]:
        """Folders that hold mails: name as it is compared -> name as the server spells it."""
        if not self._names:
            with _in_words(self._settings):
                listed = self._client.list_folders()
            self._names = {folder_key(name): name for flags, _, name in listed if not _unselectable(flags)}
        return self._names

    def open(self, folder: str) -> OpenFolder:
        """Open a folder for reading only (EXAMINE).

        Raises:
            NeedsPersonError: if there is no such folder, naming those there are, or it cannot be read by UID.
        """
        names = self.folders()
        if folder not in names:
            there = ", ".join(sorted(names.values()))[:1000] or "none"
            raise SettingsError(
                f"{self._place} has no folder {folder!r}; it has {there}. Name one of these in the source's settings (one that "
                "was taken away goes under former_folders)"
            )
        with _in_words(self._settings):
            state = self._examined(names[folder])
            if b"UIDVALIDITY" not in state:
                raise NeedsPersonError(
                    f"folder {folder!r} of {self._place} keeps no UIDs (no UIDVALIDITY), so new mails cannot be told from old "
                    "ones; have the server store the folder in a form with lasting UIDs"
                )
            uid_next = state.get(b"UIDNEXT") or max(self._client.search(["UID", "*"]), default=0) + 1
        return OpenFolder(state[b"UIDVALIDITY"], uid_next, state.get(b"EXISTS", 0))

    def _examined(self, name: str) -> dict[bytes, Any]:
        try:
            state: dict[bytes, Any] = self._client.select_folder(name, readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            words = _words(error)
            if _PASSING.search(words):
                raise SourceUnreachableError(
                    f"{self._place} cannot open folder {name!r} just now ({words}); try again later"
                ) from error
            raise NeedsPersonError(
                f"{self._place} does not let folder {name!r} be read ({words}); give its user the rights to look it up and to "
                "read it (l and r of RFC 4314)"
            ) from error
        return state

    def uids(self, first: int, last: int) -> list[int]:
        """UIDs between two, both included, that mails in the open folder have."""
        with _in_words(self._settings):
            found = self._client.search(["UID", f"{first}:{last}"])
        return sorted({uid for uid in found if first <= uid <= last})

    def heads(self, uids: Sequence[int]) -> list[MailHead]:
        """Header fields of mails of the open folder, in the order of their UIDs; of one deleted meanwhile nothing.

        Raises:
            SourceUnreachableError: if the server withholds a mail that is there.
        """
        with _in_words(self._settings):
            answers = self._client.fetch(uids, ["INTERNALDATE", _HEAD])
            found = {uid: head for uid in uids if (head := _head_in(uid, answers.get(uid, {}))) is not None}
            withheld = [uid for uid in uids if uid not in found]
            still_there = self._client.search(["UID", withheld]) if withheld else []
        if still_there:
            raise SourceUnreachableError(
                f"{self._place} did not give {len(still_there)} mails that are there (UID {still_there[0]} first); "
                "nothing of this reading was kept, the next one reads it again"
            )
        return [found[uid] for uid in uids if uid in found]


@contextmanager
def opened_mailbox(settings: ImapMailbox) -> Iterator[MailboxView]:
    """Connect, verify the server's certificate and host name, and log in.

    Raises:
        SourceUnreachableError: if the server cannot be reached, hangs, breaks off or does not speak IMAP just now.
        NeedsPersonError: if its certificate is not good, saying why, or it refuses user and password.
        SettingsError: if `ca_file` cannot be read.
    """
    context = _tls(settings)
    patience = SocketTimeout(settings.timeout_seconds, settings.timeout_seconds)
    with _in_words(settings):
        client = IMAPClient(settings.host, settings.port, ssl=True, ssl_context=context, timeout=patience)
    client.normalise_times = False
    try:
        with _in_words(settings):
            _log_in(client, settings)
        yield MailboxView(client, settings)
    except BaseException:
        with suppress(OSError):
            client.shutdown()  # no farewell: the server may not be listening
        raise
    with suppress(OSError, imaplib.IMAP4.error):
        client.logout()


@contextmanager
def _in_words(settings: ImapMailbox) -> Iterator[None]:
    """Failures of the connection as Leadline's own errors, and what the client stumbles over when a server babbles."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _explained(error, settings) from error


def _place(settings: ImapMailbox) -> str:
    return f"the mailbox of {settings.user} at {settings.host}:{settings.port}"


def _tls(settings: ImapMailbox) -> ssl.SSLContext:
    """Chain and host name are always verified; the machine's trusted authorities, or those of `ca_file` alone."""
    if settings.ca_file and not Path(settings.ca_file).is_file():
        raise SettingsError(f"ca_file: there is no file {settings.ca_file}; name a file of certificates (PEM), or leave it empty")
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"ca_file: {settings.ca_file} cannot be read as certificates ({error}); expected one or more in PEM form"
        ) from error


def _log_in(client: IMAPClient, settings: ImapMailbox) -> None:
    place, password = _place(settings), settings.password.get_secret_value()
    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(settings.user, password)
        else:
            client.login(_quoted(settings.user), password)
    except LoginError as error:
        words = _without_secrets(settings, _words(error))
    except UnicodeEncodeError:
        words = "it offers no AUTH=PLAIN, and LOGIN takes plain ASCII only"
    else:
        return
    if "socket error" in words or "EOF" in words:
        raise imaplib.IMAP4.abort("the connection broke off at the login")
    if _PASSING.search(words):
        raise SourceUnreachableError(f"{place} cannot log anybody in just now ({words}); it is tried again next time")
    raise NeedsPersonError(
        f"{place} refuses this user and password ({words}); check `user` and the variable behind `password`, and that the "
        "account may log in by IMAP (many providers want an app password)"
    )


def _explained(error: Exception, settings: ImapMailbox) -> LeadlineError:
    """What a failure of the connection means, and what to do about it."""
    place = _place(settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = _CERTIFICATE.get(error.verify_code, f"is not good ({error.verify_message})")
        return NeedsPersonError(
            f"{place}: the server's certificate {why}; nothing was sent to it. Have its operator renew it, set `host` to the "
            "name it was made for, or set `ca_file` to the certificate of the authority that signed it"
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
    words = _without_secrets(settings, _words(error))
    if isinstance(error, OSError | imaplib.IMAP4.abort):
        return SourceUnreachableError(
            f"{place} cannot be reached or broke off ({words}); it is tried again next time: check `host`, `port` and the network"
        )
    return SourceUnreachableError(
        f"{place} does not answer as an IMAP server should ({words}); it is tried again next time: check `host` and `port`, and "
        "the server's own log"
    )


def _head_in(uid: int, answer: dict[bytes, object]) -> MailHead | None:
    """The mail in an answer to FETCH; None where the answer does not hold its header fields."""
    for key, value in answer.items():
        if key.startswith(b"BODY["):
            arrived = answer.get(b"INTERNALDATE")
            return MailHead(uid, arrived if isinstance(arrived, datetime) else None, value if isinstance(value, bytes) else b"")
    return None


def _unselectable(flags: Sequence[bytes]) -> bool:
    return any(flag.lower() in {b"\\noselect", b"\\nonexistent"} for flag in flags)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(error: BaseException) -> str:
    """What an error says, on one line, without any bytes of an answer: these may be of a customer's mail."""
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else _BYTES.sub("", said.removeprefix("b'"))
    return " ".join(printable(text).split())[:300] or type(error).__name__


def _without_secrets(settings: ImapMailbox, text: str) -> str:
    """A text of the server's with the password taken out, should it repeat what it was sent."""
    password = settings.password.get_secret_value()
    for secret in (password, base64.b64encode(f"\0{settings.user}\0{password}".encode()).decode()):
        text = text.replace(secret, "***")
    return text
