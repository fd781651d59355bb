"""A real IMAP server of a test's own: Dovecot in a folder and on a port of its own, with TLS certificates made for the test."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

USER, PASSWORD = "desk@us.example", 'ges"heim\\ wörd'
HOST = "127.0.0.1"
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate, its key, and the certificate to trust for it."""

    chain: Path
    key: Path
    trusted: Path

    def server_context(self) -> ssl.SSLContext:
        """A server's side of TLS with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def make_certificate(
    folder: Path, name: str, *, hosts: Sequence[str] = (HOST,), days: int = 30, signed: bool = True
) -> Certificate:
    """A certificate for some hosts, valid from yesterday for so many days, signed by an authority of its own or by itself.

    With a negative number of days it ended yesterday.
    """
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1 if days > 0 else 2 - days)
    span = (start, start + datetime.timedelta(days=abs(days) + 1))
    own_key, authority_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed(f"{name} authority", authority_key, f"{name} authority", authority_key, span, authority=True)
    issuer, issuer_key = (f"{name} authority", authority_key) if signed else (name, own_key)
    own = _signed(name, own_key, issuer, issuer_key, span, hosts=hosts)
    paths = [folder / f"{name}.{part}.pem" for part in ("chain", "key", "trusted")]
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(own.public_bytes(pem))
    paths[1].write_bytes(own_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    paths[2].write_bytes(authority.public_bytes(pem))
    return Certificate(*paths)


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    span: tuple[datetime.datetime, datetime.datetime],
    *,
    authority: bool = False,
    hosts: Sequence[str] = (),
) -> x509.Certificate:
    def called(common_name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if hosts:
        names = [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server with one user."""

    port: int
    certificate: Certificate
    folder: Path

    @contextmanager
    def as_user(self) -> Iterator[IMAPClient]:
        """The mailbox as its user has it: to put mails in, move and delete them."""
        context = ssl.create_default_context(cafile=str(self.certificate.trusted))
        with IMAPClient(HOST, self.port, ssl=True, ssl_context=context, timeout=20) as client:
            client.plain_login(USER, PASSWORD)
            yield client

    def empty(self, *folders: str) -> None:
        """Take the whole mailbox away, and make these folders beside a new inbox."""
        shutil.rmtree(self.folder / "mail" / "box", ignore_errors=True)
        with self.as_user() as client:
            for name in folders:
                client.create_folder(name)


def dovecot_path() -> str | None:
    """Where Dovecot is on this machine."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


def require_dovecot() -> str:
    """Where Dovecot 2.3 is; the test is skipped without it."""
    path = dovecot_path()
    if path is None:
        pytest.skip("no Dovecot on this machine (Debian package dovecot-imapd): mailboxes over IMAP are not tested")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3."):
        pytest.skip(f"Dovecot {version.split()[0]} takes another form of configuration than 2.3: IMAP is not tested")
    return path


@contextmanager
def running_dovecot(certificate: Certificate | None = None, token_info_url: str = "") -> Iterator[Dovecot]:
    """Start a server, and stop it at the end; as root its mails belong to `nobody`, else to the caller.

    Args:
        certificate: its certificate; one of its own if not given.
        token_info_url: where it asks whose an access token is (the token follows the address); "" takes passwords only.
    """
    path = require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="leadline-dovecot-"))
    try:
        folder.chmod(0o755)
        certificate = certificate or make_certificate(folder, "imap")
        port = _free_port()
        configuration = _configuration(folder, port, certificate, token_info_url)
        server = subprocess.Popen([path, "-F", "-c", str(configuration)], start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            _wait_until_it_answers(port, server, folder)
            yield Dovecot(port, certificate, folder)
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            if server.poll() is None:
                server.kill()
                server.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configuration(folder: Path, port: int, certificate: Certificate, token_info_url: str) -> Path:
    me = pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    group = subprocess.run(["id", "-gn", owner.pw_name], capture_output=True, text=True, check=True).stdout.strip()
    mail = folder / "mail"
    mail.mkdir()
    if me.pw_uid == 0:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text(f"{USER}:{{PLAIN.b64}}{base64.b64encode(PASSWORD.encode()).decode()}::::::\n")
    tokens = ""
    if token_info_url:
        (folder / "oauth2").write_text(f"tokeninfo_url = {token_info_url}\nusername_attribute = email\n")
        tokens = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {folder}/oauth2\n}}"
    path = folder / "dovecot.conf"
    path.write_text(f"""
protocols = imap
listen = {HOST}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = {folder.name}
default_internal_user = {owner.pw_name}
default_internal_group = {group}
default_login_user = {owner.pw_name}
ssl = required
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
auth_mechanisms = plain login {"xoauth2 oauthbearer" if tokens else ""}
auth_failure_delay = 0
mail_location = maildir:{mail}/box:LAYOUT=fs
mailbox_list_index = no
first_valid_uid = 1
first_valid_gid = 1
{tokens}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
""")
    return path


def _wait_until_it_answers(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    log = folder / "dovecot.log"
    pytest.fail(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else 'no log'}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
