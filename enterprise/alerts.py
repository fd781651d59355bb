"""Who is told when a night found something wrong, and how."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from enterprise.model import Settings

Severity = Literal["stop", "quarantine", "warn"]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_Line = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")]
_Seconds = Annotated[float, Field(gt=0, le=300)]


class Mail(Settings):
    """A mail server that takes messages for us; its certificate is always verified."""

    host: _Line
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only for a server of this machine or one that asks for no password."""
    ca_file: str = ""
    """Certificates to trust instead of the system's; empty for those."""
    user: str = ""
    """Empty where the server asks for no login."""
    password: SecretStr = SecretStr("")
    sender: _Line
    recipients: Annotated[tuple[_Line, ...], Field(min_length=1)]
    timeout_seconds: _Seconds = 20.0

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Self:
        if self.user and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError('security = "none" would send the password in the open; use "starttls" or "tls", or take user away')
        return self


class Webhook(Settings):
    """An address that takes a JSON document: chat rooms and incident tools take its `text`."""

    url: _Line
    timeout_seconds: _Seconds = 20.0

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
            raise ValueError("expected an address that starts with https:// (http:// for this machine only)")
        return value


class Alerts(Settings):
    """Whom to tell of what; without mail and webhook, the plan book, the warehouse and the log say it alone."""

    mail: Mail | None = None
    webhook: Webhook | None = None
    minimum_severity: Severity = "quarantine"
    """Least severe finding that is worth a message: `stop` keeps the plan back, `quarantine` holds days, `warn` only notes."""
    planbook_address: str = ""
    """Address at which people open the plan book, to stand in the message; empty for its place on this machine."""
