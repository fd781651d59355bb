"""Settings of a mailbox: an error names the key, and the password is shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from enterprise.errors import SettingsError
from enterprise.settings import Enterprise, load_enterprise
from enterprise.sources import ImapMailbox

CONFIG = Path(__file__).parents[3] / "config" / "enterprise.toml"
MAILBOX = """
[sources.desk]
kind = "imap"
host = "mail.us.example"
user = "desk@us.example"
password = "${MAIL_PASSWORD}"
folders = { INBOX = "email_claims" }
our_addresses = ["@us.example"]
"""
SECRET = "s3cret with spaces"


def loaded(tmp_path: Path, extra: str = "", *, replace: tuple[str, str] = ("", ""), password: str = SECRET) -> Enterprise:
    path = tmp_path / "enterprise.toml"
    path.write_text(CONFIG.read_text() + MAILBOX.replace(*replace) + extra)
    return load_enterprise(path, {"MAIL_PASSWORD": password}, tmp_path)


def test_the_password_comes_from_its_variable_and_is_shown_nowhere(tmp_path: Path) -> None:
    enterprise = loaded(tmp_path, 'ca_file = "ca.pem"\n')
    desk = enterprise.sources["desk"]
    assert isinstance(desk, ImapMailbox)
    assert desk.password.get_secret_value() == SECRET
    assert (desk.port, desk.ca_file) == (993, str(tmp_path / "ca.pem"))
    assert SECRET not in repr(enterprise) + str(desk.model_dump()) + desk.model_dump_json()


@pytest.mark.parametrize(
    ("replace", "extra", "said"),
    [
        (('host = "mail.us.example"', ""), "", r"sources\.desk\.host: missing"),
        (("INBOX =", "INBOX.Old ="), "", r"sources\.desk\.folders"),
        (('"email_claims"', '"nowhere"'), "", r"sources\.desk\.queues: 'nowhere' is no queue"),
        (("", ""), 'sent_folders = { inbox = "email_claims" }\n', "folder INBOX is named twice"),
        (("", ""), "port = 99999\n", r"sources\.desk\.port"),
        (("", ""), "timeout_seconds = 0\n", r"sources\.desk\.timeout_seconds"),
        (("", ""), "starttls = true\n", r"sources\.desk\.starttls: unknown key"),
        (("", ""), 'claim_pattern = "CL"\n', r"sources\.desk\.claim_pattern"),
        (('"desk@us.example"', '"desk\\nx"'), "", r"sources\.desk\.user: it is empty or holds a line end"),
        (("{ INBOX", "{} # { INBOX"), "", r"sources\.desk\.folders"),
    ],
)
def test_an_error_names_the_key(tmp_path: Path, replace: tuple[str, str], extra: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        loaded(tmp_path, extra, replace=replace)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("password", ["", "two\nlines", "nul\0"])
def test_a_password_that_cannot_be_sent_is_refused_without_showing_it(tmp_path: Path, password: str) -> None:
    with pytest.raises(SettingsError, match=r"sources\.desk\.password: it is empty or holds") as raised:
        loaded(tmp_path, password=password)
    assert not password or repr(password) not in str(raised.value)


def test_the_runbooks_example_is_one_that_loads(tmp_path: Path) -> None:
    runbook = (CONFIG.parents[1] / "docs" / "operations.md").read_text()
    example = runbook.partition("## A mailbox as a source")[2].partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "enterprise.toml"
    path.write_text(CONFIG.read_text() + example)
    desk = load_enterprise(path, {"DESK_PASSWORD": SECRET}, tmp_path).sources["desk"]
    assert isinstance(desk, ImapMailbox)
    assert desk.claim_pattern == r"\b(CL\d+)\b"
