"""A person who stands in every source where a date, a code, an event or a header should; and the look for people in texts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from datetime import date
from email import message_from_string
from email.policy import default
from pathlib import Path

from tests.support.fake_mailbox import BETWEEN, FILE

NAME, ADDRESS, NUMBER = "Planterton", "w.planterton@private.example", "0612345678"
SUBJECT = "my hip operation"
CUSTOMER = "PLT-4711-K"
PLANTED = (NAME, ADDRESS, NUMBER, SUBJECT, CUSTOMER)
_ADDRESS_OR_NUMBER = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}|(?<![\d.])\+?\d{10,12}(?![\d.])")
_DIGEST = re.compile(r"\b(?:[0-9a-f]{16}){1,4}\b")
"""Of files, rows and plans: many of its places in a row may be digits."""


def plant(sources: Path, day: date) -> None:
    """Write the person into the sources of `tests.support.whole_intake`, mostly where they go wrong."""
    at = 1_794_477_600

    def add(path: str, text: str) -> None:
        with (sources / path).open("a") as file:
            file.write(text)

    add("acd/queue_log", f"{NAME}|1.1|support|NONE|ENTERQUEUE||{NUMBER}|1\n{at}|1.2|{ADDRESS}|{CUSTOMER}|{SUBJECT}||1\n")
    add("acd/queue_log", f"{at}|7.1|support|NONE|ENTERQUEUE||{NUMBER}|1\n{at + 90}|7.1|support|NONE|ABANDON|1|1|90\n")
    add("chat/records.jsonl", f'{{"ContactId": "{NAME}", "InitiationTimestamp": "{ADDRESS}"\n')
    add(f"crm/cases-{day}.csv", f"{CUSTOMER},{SUBJECT},{NUMBER},{ADDRESS},{NAME},{SUBJECT},{NUMBER}\n")
    head = f"From: {NAME} <{ADDRESS}>\nTo: service@harbour.example\nSubject: {SUBJECT}\nMessage-ID: <{CUSTOMER}@{NAME}>\n"
    add("mail/service-2026-11.mbox", f"\nFrom {ADDRESS} Wed Nov 11 10:00:00 2026\n{head}Date: {NAME} {NUMBER}\n\n")
    right = head.replace(CUSTOMER, "right")
    add("mail/service-2026-11.mbox", f"\nFrom {ADDRESS} Wed Nov 11 10:00:00 2026\n{right}Date: {day:%d %b %Y} 12:00:00 +0100\n\n")
    add("people/agents.csv", f"{NAME},{ADDRESS},{SUBJECT},{NUMBER}\n")
    add(f"partner/contacts-{day}.csv", f"{CUSTOMER},{NAME},{NUMBER},{ADDRESS},,{SUBJECT},1,{SUBJECT}\n")
    add("mailbox/" + FILE, f"{BETWEEN.decode()}{head}Date: {NAME} {NUMBER}\n\n".replace("\n", "\r\n"))
    with sqlite3.connect(sources / "claims" / "claims.db") as connection:
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 1").fetchone()
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        changed = next(name for name in columns if "updated" in name or "modified" in name or "changed" in name)
        latest = connection.execute(f"SELECT max({changed}) FROM {table}").fetchone()[0]
        values = [latest if column == changed else PLANTED[place % 5] for place, column in enumerate(columns)]
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)
    connection.close()
    # An export whose header is missing: its first row stands where column names should.
    (sources / "csat" / f"export-{day}.csv").write_text(f"{CUSTOMER},{NAME},{ADDRESS}\n{NUMBER},{SUBJECT},{NAME}\n")


def people_in(text: str, known: Collection[str] = (), own: Collection[str] = ()) -> list[str]:
    """Who is named: the planted person in any way, customers that are known, and whatever looks like an address or a number.

    Args:
        text: any text.
        known: ids of customers.
        own: addresses that are ours.
    """
    planted = {word for word in PLANTED if word.lower() in text.lower()}
    words = set(re.findall(r"[\w@.+-]+", text)) & set(known)
    return sorted((planted | words | set(_ADDRESS_OR_NUMBER.findall(_DIGEST.sub("", text)))) - set(own))


def mail_text(message: str) -> str:
    """What a mail says, subject and body, whatever way it was packed for the journey."""
    mail = message_from_string(message, policy=default)
    body = mail.get_body()
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"
