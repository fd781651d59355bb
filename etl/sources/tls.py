"""TLS towards a source: chain and host name are always verified."""

from __future__ import annotations

import ssl
from pathlib import Path

from enterprise.errors import SettingsError

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


def tls_context(ca_file: str) -> ssl.SSLContext:
    """A client's side of TLS that trusts the machine's authorities, or those of a file alone.

    Raises:
        SettingsError: if the file cannot be read.
    """
    if ca_file and not Path(ca_file).is_file():
        raise SettingsError(f"ca_file: there is no file {ca_file}; name a file of certificates (PEM), or leave it empty")
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"ca_file: {ca_file} cannot be read as certificates ({error}); expected one or more in PEM form"
        ) from error


def certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a server's certificate, in words that follow "the server's certificate"."""
    return _CERTIFICATE.get(error.verify_code, f"is not good ({error.verify_message})")
