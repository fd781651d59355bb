"""The corpus of bad input: its manifest, its files and the large ones that are made on the spot, and how they are taken in."""

from __future__ import annotations

import gzip
import os
import sqlite3
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from enterprise.settings import Enterprise
from etl.job import extract_source
from tests.support.fake_mailbox import FILE, mailboxes_of_files
from tests.support.small_enterprise import WITHOUT_SOURCES, small_enterprise
from warehouse.lake import Lake

CORPUS = Path(__file__).parents[1] / "golden" / "bad_input"
NIGHT = date(2026, 11, 12)
_NAMES = {
    "asterisk_queue_log": "queue_log-2026-11-12",
    "connect_contact_records": "records.jsonl",
    "mbox": "service-2026-11.mbox",
    "salesforce_cases": "cases-2026-11-12.csv",
    "claims_database": "claims.db",
    "mapped_table": "export.csv",
    "interval_report": "report-2026-11-12.csv",
    "zendesk_tickets": "tickets-2026-11-12.jsonl",
    "surveys": "export.csv",
    "imap": FILE,
}
_DEFERRED = """
[queues.{id}]
name = "{id}"
channel = "{id}"
line_of_business = "service"
site = "main"
opening_hours = "phone"
service_goal = {{ definition = "completed_within", fraction = 0.9, seconds = 86400 }}
mean_handle_seconds_prior = 600
"""
_CHAT = """
[queues.chat]
name = "Chat"
channel = "chat"
line_of_business = "service"
site = "main"
opening_hours = "phone"
service_goal = { definition = "of_offered", fraction = 0.8, seconds = 60 }
mean_handle_seconds_prior = 300
mean_patience_seconds_prior = 120
"""
ENTERPRISE = (
    WITHOUT_SOURCES
    + _CHAT
    + "".join(_DEFERRED.format(id=queue) for queue in ("email", "cases"))
    + _DEFERRED.format(id="claims")
    + 'work_of_claims = ["motor"]\n'
)
"""One queue of every channel and no source yet."""


@dataclass(frozen=True)
class Case:
    """One file that is not as it should be, and what has to come of it; see the head of the manifest."""

    name: str
    kind: str
    wrong: str
    file: str = ""
    generate: str = ""
    as_name: str = ""
    settings: str = "source"
    beside: Mapping[str, str] = field(default_factory=dict)
    looks: int = 1
    cut: float = 1.0
    kept: int = 0
    duplicates: int = 0
    quarantined: tuple[str, ...] = ()
    error: str = ""
    words: tuple[str, ...] = ()
    core: Mapping[str, int] = field(default_factory=dict)
    holds: Mapping[str, list[str]] = field(default_factory=dict)


def corpus() -> list[Case]:
    """All cases of the manifest."""
    manifest: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((CORPUS / "manifest.toml").read_text())
    return [_case(kind, name, entry) for kind, cases in manifest.items() for name, entry in cases.items()]


def _case(kind: str, name: str, entry: dict[str, Any]) -> Case:
    as_hex = entry.pop("as_hex", "")
    as_name = os.fsdecode(bytes.fromhex(as_hex)) if as_hex else entry.pop("as", _NAMES.get(kind, ""))
    lists = {key: tuple(entry.pop(key, ())) for key in ("quarantined", "words")}
    return Case(name=f"{kind}.{name}", kind=kind, as_name=as_name, **lists, **entry)


def source_text(case_kind: str, settings: str, name: str = "feed", exports: str = "exports") -> str:
    """Settings of a source of that kind, by its name, whose files lie in the folder `exports`."""
    text = (CORPUS / case_kind / f"{settings}.toml").read_text()
    return text.replace("[sources.feed]", f"[sources.{name}]").replace("exports/", f"{exports}/")


def enterprise_of(kind: str, folder: Path, settings: str = "source") -> Enterprise:
    """The enterprise with one source, `feed`, of that kind."""
    return small_enterprise(folder, ENTERPRISE + source_text(kind, settings).replace('user = "', f'user = "{folder}/'))


def enterprise_of_all(cases: Mapping[str, Case], folder: Path) -> Enterprise:
    """The enterprise with a source for each of the cases, by its name, whose exports lie in a folder of that name."""
    texts = [source_text(case.kind, case.settings, name, f"exports/{name}") for name, case in cases.items()]
    return small_enterprise(folder, ENTERPRISE + "".join(texts).replace('user = "', f'user = "{folder}/'))


def provide(case: Case, exports: Path) -> None:
    """Put the case's file where its source looks for it, and the good ones beside it, which are older."""
    for name, file in case.beside.items():
        (exports / name).write_bytes((CORPUS / case.kind / file).read_bytes())
        os.utime(exports / name, (1_794_000_000, 1_794_000_000))
    target = exports / case.as_name
    if case.generate:
        LARGE[case.generate](target)
    elif case.file.endswith(".sql"):
        connection = sqlite3.connect(target)
        connection.executescript((CORPUS / case.kind / case.file).read_text())
        connection.close()
        content = target.read_bytes()
        target.write_bytes(content[: int(len(content) * case.cut)])
    else:
        target.write_bytes((CORPUS / case.kind / case.file).read_bytes())


def look(name: str, times: int, enterprise: Enterprise, lake: Lake) -> None:
    """Extract a source, so many times."""
    with mailboxes_of_files():
        for _ in range(times):
            extract_source(name, NIGHT, enterprise, lake)


# ---- what is too large to keep -----------------------------------------------------------------------------------------------


def _line_of_50_mb(target: Path) -> None:
    lines = (CORPUS / "asterisk_queue_log" / "good.txt").read_bytes().splitlines(keepends=True)
    target.write_bytes(lines[0] + b"1794474005|" + b"x" * 50_000_000 + b"\n" + b"".join(lines[1:]))


def _gzip_bomb(target: Path, times: int = 100) -> None:
    """Members of 50 MB of zeros, a hundred times: gzip allows it, and it is quickly made."""
    target.write_bytes(gzip.compress(bytes(50_000_000), mtime=0) * times)


def _mails() -> list[bytes]:
    good = (CORPUS / "mbox" / "good.mbox").read_bytes()
    return [good.replace(b"m1@", b"m%d@" % number) for number in (1, 2, 3)]


def _mail_with_header_of_10_mb(target: Path) -> None:
    first, second, _ = _mails()
    folded = b"X-Long: begin\n" + b" and so on and on, folded for ever and ever\n" * 230_000
    target.write_bytes(first.replace(b"To: ", folded + b"To: ") + second)


def _mail_with_body_of_50_mb(target: Path) -> None:
    first, second, third = _mails()
    target.write_bytes(first + second.replace(b"Hello", b"h" * 50_000_000) + third)


def _field_of_200_kb(target: Path) -> None:
    header, row = (CORPUS / "salesforce_cases" / "good.csv").read_text().splitlines()
    long = row.replace("5001", "5002").replace("late", "l" * 200_000)
    target.write_text("\n".join([header, row, long, row.replace("5001", "5003")]) + "\n")


LARGE: Mapping[str, Callable[[Path], None]] = {
    "line_of_50_mb": _line_of_50_mb,
    "gzip_bomb": _gzip_bomb,
    "gzip_bomb_of_1_gb": partial(_gzip_bomb, times=20),
    "mail_with_header_of_10_mb": _mail_with_header_of_10_mb,
    "mail_with_body_of_50_mb": _mail_with_body_of_50_mb,
    "field_of_200_kb": _field_of_200_kb,
}
