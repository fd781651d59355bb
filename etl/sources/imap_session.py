"""A mailbox over IMAP4 with TLS, looked at and never changed; what goes wrong is said in words that never show the password."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from enterprise.errors import NeedsPersonError, SettingsError, SourceUnreachableError
from enterprise.sources import ImapMailbox, folder_key
from etl.mail_headers import FIELDS_READ
from etl.sources.access_token import access_token
from etl.sources.imap_errors import in_words, passes, place_of, without_secrets, words_of
from etl.sources.tls import tls_context

_LARGEST_HEAD = 1 << 20
_HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS_READ)})]<0.{_LARGEST_HEAD}>"


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
        self._place = place_of(settings)
        self._names: dict[str, str] = {}

    def folders(self) -> dict[str, str]:
        """Folders that hold mails: name as it is compared -> name as the server spells it."""
        if not self._names:
            with in_words(self._settings):
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
        with in_words(self._settings):
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
            words = words_of(error)
            if passes(words):
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
        with in_words(self._settings):
            found = self._client.search(["UID", f"{first}:{last}"])
        return sorted({uid for uid in found if first <= uid <= last})

    def heads(self, uids: Sequence[int]) -> list[MailHead]:
        """Header fields of mails of the open folder, in the order of their UIDs; of one deleted meanwhile nothing.

        Raises:
            SourceUnreachableError: if the server withholds a mail that is there.
        """
        with in_words(self._settings):
            found = self._answers(uids)
            doubtful = [uid for uid in uids if uid not in found or not found[uid].head]
            if doubtful:  # of a mail that another session deletes, Dovecot gives an empty head until it looks again
                self._client.noop()
                there = self._client.search(["UID", ",".join(map(str, doubtful))])
                again = self._answers(there)
                found = {uid: head for uid, head in found.items() if uid not in doubtful} | again
                doubtful = [uid for uid in there if uid not in again]
        if doubtful:
            raise SourceUnreachableError(
                f"{self._place} did not give {len(doubtful)} mails that are there (UID {doubtful[0]} first); "
                "nothing of this reading was kept, the next one reads it again"
            )
        return [found[uid] for uid in uids if uid in found]

    def _answers(self, uids: Sequence[int]) -> dict[int, MailHead]:
        answers = self._client.fetch(uids, ["INTERNALDATE", _HEAD])
        return {uid: head for uid in uids if (head := _head_in(uid, answers.get(uid, {}))) is not None}


@contextmanager
def opened_mailbox(settings: ImapMailbox) -> Iterator[MailboxView]:
    """Connect, verify the server's certificate and host name, and log in.

    Raises:
        SourceUnreachableError: if the server (or the one that gives tokens) cannot be reached, hangs, breaks off or babbles.
        NeedsPersonError: if its certificate is not good, saying why, or it refuses user and password or token.
        SettingsError: if `ca_file` cannot be read.
    """
    context = tls_context(settings.ca_file)
    patience = SocketTimeout(settings.timeout_seconds, settings.timeout_seconds)
    token = access_token(settings.oauth2, settings.timeout_seconds) if settings.oauth2 else ""
    with in_words(settings):
        client = IMAPClient(settings.host, settings.port, ssl=True, ssl_context=context, timeout=patience)
    client.normalise_times = False
    try:
        with in_words(settings):
            _log_in(client, settings, token)
        yield MailboxView(client, settings)
    except BaseException:
        with suppress(OSError):
            client.shutdown()  # no farewell: the server may not be listening
        raise
    with suppress(OSError, imaplib.IMAP4.error):
        client.logout()


def _log_in(client: IMAPClient, settings: ImapMailbox, token: str) -> None:
    """Log in with the token, or with the password where there is none."""
    place = place_of(settings)
    try:
        if token and client.has_capability("AUTH=OAUTHBEARER"):
            client.oauthbearer_login(settings.user, token)
        elif token:
            client.oauth2_login(settings.user, token)
        else:
            _give_password(client, settings)
    except LoginError as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):  # the connection's end, which the client takes for a refusal
            raise error.__context__ from None
        words = without_secrets(settings, words_of(error))
    except UnicodeEncodeError:
        words = "it offers no AUTH=PLAIN, and LOGIN takes plain ASCII only"
    else:
        return
    if passes(words):
        raise SourceUnreachableError(f"{place} cannot log anybody in just now ({words}); it is tried again next time")
    if token:
        raise NeedsPersonError(
            f"{place} refuses this user with the access token it was given; check `user` and `scope`, and that the application "
            "(client_id) may read this mailbox by IMAP"  # the answer may repeat the token: it is not shown
        )
    raise NeedsPersonError(
        f"{place} refuses this user and password ({words}); check `user` and the variable behind `password`, and that the "
        "account may log in by IMAP (many providers want an app password, or access tokens: see `oauth2`)"
    )


def _give_password(client: IMAPClient, settings: ImapMailbox) -> None:
    password = settings.password.get_secret_value() if settings.password else ""
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(settings.user, password)
    else:
        client.login(_quoted(settings.user), password)


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
