"""An alert goes out by every way of the settings once: the same again is not sent again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from enterprise.errors import LeadlineError, RetryLaterError
from enterprise.settings import Enterprise
from expectations.telling.alerts import Alert
from expectations.telling.sending import post_webhook, send_mail
from warehouse.lake import Lake
from warehouse.reach import reaching

logger = logging.getLogger(__name__)


def send_once(alert: Alert, business_date: date, enterprise: Enterprise, lake: Lake, path: str, now: datetime) -> None:
    """Send an alert by every way of the settings that has not sent the same before.

    A lake that is away or full stops no message: where it cannot be noted what was sent, the same may be sent again.

    Args:
        alert: the message.
        business_date: the night.
        enterprise: the settings: whom to tell.
        lake: where it is noted what was sent.
        path: the note.
        now: date of the mail.

    Raises:
        RetryLaterError: if it could not be delivered by some way; the others are noted.
    """
    logger.warning("%s\n%s", alert.subject, alert.message)
    sent = _noted(lake, path)
    mail, webhook = enterprise.alerts.mail, enterprise.alerts.webhook
    ways: dict[str, Callable[[], None]] = {}
    if mail is not None:
        ways["mail"] = partial(send_mail, alert, mail, now)
    if webhook is not None:
        ways["webhook"] = partial(post_webhook, alert, webhook, business_date)
    problems = []
    for way, send in ways.items():
        if sent.get(way) == alert.fingerprint:
            continue
        try:
            send()
        except RetryLaterError as error:
            problems.append(str(error))
            continue
        sent[way] = alert.fingerprint
        _note(lake, path, sent)
    if problems:
        raise RetryLaterError("; ".join(problems))


def _noted(lake: Lake, path: str) -> dict[str, str]:
    """What was sent before, by way; nothing where the lake does not say."""
    try:
        with reaching(lake.url):
            noted: dict[str, str] = json.loads(lake.filesystem.cat_file(path)) if lake.filesystem.exists(path) else {}
    except LeadlineError as error:
        logger.warning("whether this was told before is not known: %s", error)
        return {}
    return noted


def _note(lake: Lake, path: str, sent: dict[str, str]) -> None:
    try:
        lake.write_bytes(path, json.dumps(sent, sort_keys=True).encode())
    except LeadlineError as error:
        logger.warning("that this was told could not be noted: %s", error)
