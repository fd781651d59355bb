"""Mail servers that show a bad certificate, refuse, hang, drop or babble: a clear word each time, and never the password."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from enterprise.errors import NeedsPersonError, SettingsError, SourceUnreachableError
from enterprise.sources import ImapMailbox
from etl.sources import imap
from tests.support.dovecot import HOST, PASSWORD, USER, Certificate, Dovecot, make_certificate, running_dovecot
from tests.support.mails import NIGHT, mail, mailbox, messages, put, run_night
from tests.support.tls_server import passed_on, tls_server
from warehouse.lake import Lake

pytestmark = pytest.mark.integration
GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"
PATIENCE = 1.0


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot() as running:
        running.empty("Sent", "Kunden/Änderung & Frage", "Archive")
        with running.as_user() as client:
            put(client, "INBOX", {number: mail(number) for number in range(30)})
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path, "scripted")


def settings_for(port: int, certificate: Certificate, **changes: object) -> ImapMailbox:
    return mailbox(Dovecot(port, certificate, Path()), **({"timeout_seconds": PATIENCE} | changes))


def fetched(settings: ImapMailbox) -> str:
    return imap.fetch(settings, "", lambda name, content: None)


def lines_of(connection: ssl.SSLSocket) -> Iterator[bytes]:
    return iter(connection.makefile("rb"))


@pytest.mark.parametrize(
    ("changes", "trusted", "said"),
    [
        ({"signed": False}, True, "signed by itself"),
        ({"days": -3}, True, "has expired"),
        ({"hosts": ["mail.elsewhere.example"]}, True, "made for another"),
        ({}, False, "signed by an authority that this machine does not trust"),
    ],
)
def test_a_bad_certificate_needs_a_person_who_is_told_which_fault(
    tmp_path: Path, changes: dict[str, object], trusted: bool, said: str
) -> None:
    shown = make_certificate(tmp_path, "bad", **changes)  # type: ignore[arg-type]
    got: list[bytes] = []
    with tls_server(shown, lambda connection, number: got.extend(lines_of(connection))) as port:
        settings = settings_for(port, shown, **({} if trusted else {"ca_file": ""}))
        with pytest.raises(NeedsPersonError, match=said) as raised:
            fetched(settings)
    assert got == []
    assert PASSWORD not in str(raised.value)


def test_a_wrong_password_needs_a_person_and_is_shown_nowhere(server: Dovecot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = 'my "other\\ secrét'
    with pytest.raises(NeedsPersonError, match="refuses this user and password") as raised:
        fetched(mailbox(server, password=wrong))
    shown = str(raised.value) + caplog.text + repr(mailbox(server, password=wrong))
    encoded = base64.b64encode(f"\0{USER}\0{wrong}".encode()).decode()
    assert not [secret for secret in (wrong, encoded, "other\\\\ secr") if secret in shown]


def test_the_right_password_is_logged_nowhere(server: Dovecot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    imap.health(mailbox(server))
    encoded = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert not [secret for secret in (PASSWORD, encoded, "heim") if secret in caplog.text]


def test_a_missing_folder_is_named_with_those_there_are(server: Dovecot) -> None:
    with pytest.raises(SettingsError, match=r"no folder 'Claims'; it has Archive, INBOX, Kunden/Änderung & Frage, Sent"):
        fetched(mailbox(server, folders={"Claims": "email_claims"}))


def test_a_file_of_certificates_that_is_none_is_named(server: Dovecot, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ca_file: there is no file"):
        fetched(mailbox(server, ca_file=str(tmp_path / "none.pem")))
    (tmp_path / "words.pem").write_text("words")
    with pytest.raises(SettingsError, match=r"ca_file: .* cannot be read as certificates"):
        fetched(mailbox(server, ca_file=str(tmp_path / "words.pem")))


def test_nobody_at_the_port_is_tried_again(certificate: Certificate) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # taken, and nobody listens
        with pytest.raises(SourceUnreachableError, match="cannot be reached"):
            fetched(settings_for(taken.getsockname()[1], certificate))


def test_a_server_without_tls_is_never_spoken_to(certificate: Certificate) -> None:
    got: list[bytes] = []
    with socket.create_server((HOST, 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"* OK plain text here, STARTTLS if you like\r\n")
                connection.settimeout(2)
                got.append(connection.recv(4096))

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(NeedsPersonError, match="does not speak TLS"):
            fetched(settings_for(listener.getsockname()[1], certificate))
        thread.join()
    assert USER.encode() not in b"".join(got)


def test_a_server_that_accepts_and_says_nothing_is_not_waited_for_long(certificate: Certificate) -> None:
    with (
        socket.create_server((HOST, 0)) as listener,
        pytest.raises(SourceUnreachableError, match="did not answer within 1 seconds"),
    ):
        fetched(settings_for(listener.getsockname()[1], certificate))


def hang(connection: ssl.SSLSocket) -> None:
    """Wait until the other side gives up."""
    connection.recv(1)


def scripted(answers: dict[bytes, bytes | None], refusal: bytes = b"") -> Callable[[ssl.SSLSocket, int], None]:
    """A server that lets anybody in and gives an answer by its command; None hangs."""

    def play(connection: ssl.SSLSocket, number: int) -> None:
        login = b""
        connection.sendall(GREETING)
        for line in lines_of(connection):
            tag, _, command = line.strip().partition(b" ")
            word = b" ".join(command.split(b" ")[: 2 if command.startswith(b"UID") else 1])
            answer = ({b"CAPABILITY": CAPABLE} | answers).get(word, b"")
            if word == b"AUTHENTICATE":
                login = tag
                connection.sendall(b"+ \r\n")
            elif not command:
                connection.sendall(login + (refusal or b" OK in\r\n"))
            elif answer is None:
                hang(connection)
                return
            else:
                connection.sendall(answer + tag + b" OK done\r\n")

    return play


CAPABLE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
FOLDERS = b'* LIST () "/" INBOX\r\n* LIST () "/" Sent\r\n* LIST () "/" "Kunden/&AMQ-nderung &- Frage"\r\n'
OPENED = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 3] ok\r\n"


@pytest.mark.parametrize(
    "answers",
    [
        {b"CAPABILITY": None},
        {b"LIST": None},
        {b"LIST": FOLDERS, b"EXAMINE": None},
        {b"LIST": FOLDERS, b"EXAMINE": OPENED, b"UID SEARCH": None},
    ],
)
def test_a_server_that_hangs_at_any_step_is_given_up(certificate: Certificate, answers: dict[bytes, bytes | None]) -> None:
    with tls_server(certificate, scripted(answers)) as port, pytest.raises(SourceUnreachableError, match="did not answer within"):
        fetched(settings_for(port, certificate))


def test_a_server_that_hangs_in_the_middle_of_a_mail_is_given_up(server: Dovecot) -> None:
    def play(connection: ssl.SSLSocket, number: int) -> None:
        passed_on(server.port, str(server.certificate.trusted), lambda _: 2_500, then=hang)(connection, number)

    with tls_server(server.certificate, play) as port, pytest.raises(SourceUnreachableError, match="did not answer within"):
        fetched(mailbox(server, port=port, timeout_seconds=PATIENCE))


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (lambda connection, number: None, "broke off"),
        (lambda connection, number: connection.sendall(GREETING), "broke off"),
        (lambda connection, number: connection.sendall(b"* BYE too many connections\r\n"), "too many connections"),
        (lambda connection, number: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "broke off"),
        (lambda connection, number: connection.sendall(b"\xff\x00" * 5000), "broke off"),
        (scripted({}, refusal=b"\r\n* BYE shutting down\r\n"), "broke off"),
        (scripted({}, refusal=b" what\r\n"), "broke off"),
        (scripted({b"LIST": b"* LIST ((((\r\n"}), "does not answer as an IMAP server should"),
        (scripted({b"LIST": b"* LIST () 7\r\n"}), "does not answer as an IMAP server should"),
        (scripted({b"LIST": FOLDERS, b"EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY x] ok\r\n"}), "should"),
        (scripted({b"LIST": FOLDERS, b"EXAMINE": OPENED, b"UID SEARCH": b"* SEARCH one two\r\n"}), "should"),
        (
            scripted({b"LIST": FOLDERS, b"EXAMINE": OPENED, b"UID SEARCH": b"* SEARCH 1 2\r\n"}),
            "did not give 2 mails that are there",
        ),
        (
            scripted(
                {b"LIST": FOLDERS, b"EXAMINE": OPENED, b"UID SEARCH": b"* SEARCH 1 2\r\n", b"UID FETCH": b"* 1 FETCH (((\r\n"}
            ),
            "should",
        ),
    ],
)
def test_a_server_that_drops_or_babbles_is_tried_again(
    certificate: Certificate, play: Callable[[ssl.SSLSocket, int], None], said: str
) -> None:
    with tls_server(certificate, play) as port, pytest.raises(SourceUnreachableError, match=said):
        fetched(settings_for(port, certificate))


def test_a_mail_without_any_header_is_read_and_holds_up_nothing(certificate: Certificate) -> None:
    given = b"".join(b'* %d FETCH (UID %d BODY[HEADER.FIELDS (DATE)]<0> "")\r\n' % (uid, uid) for uid in (1, 2))
    play = scripted({b"LIST": FOLDERS, b"EXAMINE": OPENED, b"UID SEARCH": b"* SEARCH 1 2\r\n", b"UID FETCH": given})
    pieces: dict[str, bytes] = {}
    with tls_server(certificate, play) as port:
        imap.fetch(settings_for(port, certificate), "", pieces.__setitem__)
    assert pieces["INBOX+7+1-2.jsonl"].count(b'"head":""') == 2


def test_a_folder_without_lasting_numbers_needs_a_person(certificate: Certificate) -> None:
    play = scripted({b"LIST": FOLDERS, b"EXAMINE": b"* 2 EXISTS\r\n"})
    with tls_server(certificate, play) as port, pytest.raises(NeedsPersonError, match="keeps no UIDs"):
        fetched(settings_for(port, certificate))


def test_a_refusal_that_passes_is_tried_again(certificate: Certificate) -> None:
    play = scripted({}, refusal=b" NO [UNAVAILABLE] directory is down\r\n")
    with tls_server(certificate, play) as port, pytest.raises(SourceUnreachableError, match="directory is down"):
        fetched(settings_for(port, certificate))


def test_a_server_that_keeps_dropping_loses_and_doubles_nothing(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_MAILS_PER_ANSWER", 5)
    lake = Lake(str(tmp_path / "lake"))
    play = passed_on(server.port, str(server.certificate.trusted), lambda number: 6_000)
    with tls_server(server.certificate, play) as port, pytest.raises(SourceUnreachableError):
        run_night(NIGHT, mailbox(server, port=port), lake)
    assert not lake.filesystem.exists(f"{lake.root}/state/intake/mail.json")
    run_night(NIGHT, mailbox(server), lake)
    assert sorted(messages(lake)) == list(range(30))
