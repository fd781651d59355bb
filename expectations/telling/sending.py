"""Sending an alert by mail and to a webhook: the one place besides the job that touches the network (docs/decisions/0009)."""

from __future__ import annotations

import http.client
import json
import smtplib
import ssl
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from enterprise.alerts import Mail, Webhook
from enterprise.errors import RetryLaterError
from expectations.telling.alerts import Alert


class NobodyToldError(RetryLaterError):
    """A message could not be delivered; the plan is as good as it was."""


def send_mail(alert: Alert, mail: Mail, now: datetime) -> None:
    """Hand a message to the mail server.

    Raises:
        NobodyToldError: if the server does not answer, refuses, or its certificate is not trusted.
    """
    message = EmailMessage()
    message["Subject"] = alert.subject
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain="leadline.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(alert.message)
    try:
        with _connected(mail) as server:
            if mail.user:
                server.login(mail.user, mail.password.get_secret_value())
            refused = server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:  # a certificate that is not trusted is an OSError
        raise NobodyToldError(
            f"alerts.mail: {mail.host}:{mail.port} did not take the message: {_words(error)}; see that host, port, security, "
            "ca_file, user and password are right"
        ) from error
    if refused:
        raise NobodyToldError(f"alerts.mail: {mail.host} refused {', '.join(refused)}; mend alerts.mail.recipients")


def post_webhook(alert: Alert, webhook: Webhook, night: date) -> None:
    """Post a message as JSON: `text` for people, the rest for programs.

    Raises:
        NobodyToldError: if the address does not answer with a status below 300; what it is stays out of the message.
    """
    parts = urlsplit(webhook.url)
    body = {"text": f"{alert.subject}\n\n{alert.message}", "outcome": alert.outcome, "plan_date": night.isoformat()}
    content = json.dumps({**body, "findings": list(alert.findings), "logs": dict(alert.logs)}).encode()
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    host = str(parts.hostname)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=webhook.timeout_seconds, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=webhook.timeout_seconds)
    try:
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NobodyToldError(f"alerts.webhook: {host} did not take the message: {_words(error)}; see that it is up") from error
    finally:
        connection.close()
    if status >= http.client.MULTIPLE_CHOICES:
        raise NobodyToldError(f"alerts.webhook: {host} answered {status}; see that alerts.webhook.url is right")


def _connected(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=mail.ca_file or None)
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_seconds, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
    if mail.security == "starttls":
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())
