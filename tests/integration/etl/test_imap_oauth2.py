"""Mailboxes of providers that take access tokens, not passwords: a real Dovecot that asks a token server whose a token is."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from enterprise.errors import NeedsPersonError, SourceUnreachableError
from enterprise.sources import ImapMailbox, OAuth2
from etl.sources import imap
from etl.sources.access_token import access_token
from tests.support.dovecot import HOST, USER, Certificate, Dovecot, make_certificate, running_dovecot
from tests.support.mails import mail, mailbox, put
from tests.support.token_server import Answer, TokenServer, running_token_server

pytestmark = pytest.mark.integration
CLIENT_SECRET, REFRESH_TOKEN, TOKEN = "app sécret+&=", "1//refresh", "ya29.access-token"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tokens"), "tokens")


@pytest.fixture(scope="module")
def both(certificate: Certificate) -> Iterator[tuple[Dovecot, TokenServer]]:
    with (
        running_token_server(certificate) as tokens,
        running_dovecot(token_info_url=f"http://{HOST}:{tokens.info_port}/info?access_token=") as server,
    ):
        server.empty("Sent", "Kunden/Änderung & Frage")
        with server.as_user() as client:
            put(client, "INBOX", {number: mail(number) for number in range(3)})
        yield server, tokens


@pytest.fixture
def tokens(both: tuple[Dovecot, TokenServer]) -> TokenServer:
    """The token server, which knows one application and one refresh token."""
    running = both[1]
    running.asked.clear()
    running.holders = {TOKEN: USER}
    running.answers = given
    return running


def given(form: dict[str, str]) -> Answer:
    right = {"client_credentials": form.get("scope") == "mail.read", "refresh_token": form.get("refresh_token") == REFRESH_TOKEN}
    if form.get("client_secret") != CLIENT_SECRET or not right.get(form["grant_type"]):
        said = f"{form.get('client_secret')} or {form.get('refresh_token')} is not known"
        return 400, json.dumps({"error": "invalid_grant", "error_description": said}).encode()
    return 200, json.dumps({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3599}).encode()


def access(tokens: TokenServer, certificate: Certificate, **changes: object) -> OAuth2:
    return OAuth2.model_validate(
        {
            "token_url": f"https://{HOST}:{tokens.port}/token",
            "client_id": "leadline",
            "client_secret": CLIENT_SECRET,
            "scope": "mail.read",
            "ca_file": str(certificate.trusted),
        }
        | changes
    )


def settings_for(server: Dovecot, oauth2: OAuth2, **changes: object) -> ImapMailbox:
    return mailbox(server, password=None, oauth2=oauth2, **changes)


def fetched(settings: ImapMailbox) -> int:
    lines: list[bytes] = []
    imap.fetch(settings, "", lambda name, content: lines.extend(content.splitlines()))
    return len(lines)


@pytest.mark.parametrize("changes", [{}, {"refresh_token": REFRESH_TOKEN, "scope": ""}])
def test_a_mailbox_is_read_with_a_token_of_the_application_or_of_a_person(
    both: tuple[Dovecot, TokenServer], tokens: TokenServer, certificate: Certificate, changes: dict[str, object]
) -> None:
    assert fetched(settings_for(both[0], access(tokens, certificate, **changes))) == 3
    kind = "refresh_token" if changes else "client_credentials"
    assert {form["grant_type"] for form in tokens.asked} == {kind}
    assert all("refresh_token" in form for form in tokens.asked) == bool(changes)


def test_a_token_for_another_mailbox_needs_a_person_and_is_shown_nowhere(
    both: tuple[Dovecot, TokenServer], tokens: TokenServer, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens.holders = {}
    with pytest.raises(NeedsPersonError, match="refuses this user with the access token") as raised:
        fetched(settings_for(both[0], access(tokens, certificate)))
    shown = f"{raised.value} {caplog.text}"
    assert all(secret not in shown for secret in (TOKEN, CLIENT_SECRET))


def test_a_secret_that_expired_needs_a_person_who_reads_the_providers_reason_without_the_secret(
    tokens: TokenServer, certificate: Certificate
) -> None:
    with pytest.raises(
        NeedsPersonError, match=r"gives no token \(HTTP 400 invalid_grant \*\*\* or \*\*\* is not known\)"
    ) as raised:
        access_token(access(tokens, certificate, client_secret="old one", refresh_token="old token"), 5.0)
    assert "old" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((503, b"down for maintenance"), SourceUnreachableError),
        ((429, b"{}"), SourceUnreachableError),
        ((200, b"<html>log in here</html>"), NeedsPersonError),
        ((200, b'["access_token"]'), NeedsPersonError),
        ((200, b'{"access_token": 7}'), NeedsPersonError),
        ((302, b""), NeedsPersonError),
        ((401, b'{"error": "invalid_client\\u001b[31m"}'), NeedsPersonError),
    ],
)
def test_what_a_token_server_says_instead_of_a_token_is_told_apart(
    tokens: TokenServer, certificate: Certificate, answer: Answer, error: type[Exception]
) -> None:
    tokens.answers = lambda form: answer
    with pytest.raises(error, match=r"the token server 127\.0\.0\.1") as raised:
        access_token(access(tokens, certificate), 5.0)
    assert "\x1b" not in str(raised.value)


def test_a_token_server_whose_certificate_is_not_trusted_gets_no_secret(tokens: TokenServer, certificate: Certificate) -> None:
    with pytest.raises(NeedsPersonError, match="certificate is signed by an authority that this machine does not trust"):
        access_token(access(tokens, certificate, ca_file=""), 5.0)
    assert tokens.asked == []


def test_a_token_server_that_is_not_there_is_tried_again_later(certificate: Certificate) -> None:
    gone = OAuth2(token_url=f"https://{HOST}:1/token", client_id="leadline", client_secret=SecretStr("x"))
    with pytest.raises(SourceUnreachableError, match="cannot be reached"):
        access_token(gone, 2.0)
    assert Path(certificate.trusted).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"oauth2": None, "password": None}, "give either password or oauth2"),
        ({"password": "x"}, "give either password or oauth2"),
    ],
)
def test_there_is_one_way_in(
    both: tuple[Dovecot, TokenServer], certificate: Certificate, changes: dict[str, object], said: str
) -> None:
    oauth2 = access(both[1], certificate)
    with pytest.raises(ValueError, match=said):
        mailbox(both[0], **({"oauth2": oauth2, "password": None} | changes))


def test_a_token_address_without_tls_is_refused(tokens: TokenServer, certificate: Certificate) -> None:
    with pytest.raises(ValueError, match="token_url"):
        access(tokens, certificate, token_url="http://login.example/token")
