"""A tiny enterprise with a source of every kind of the corpus, two days of a few rows: what intake is killed and repeated on."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from enterprise.settings import Enterprise, load_enterprise
from etl import job
from tests.support.bad_input import CORPUS, ENTERPRISE, source_text
from tests.support.fake_mailbox import BETWEEN, FILE, mailboxes_of_files
from warehouse.lake import Lake

FIRST, SECOND, THIRD = date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12)
DAYS = (FIRST, SECOND, THIRD)
KINDS = {
    "acd": "asterisk_queue_log",
    "chat": "connect_contact_records",
    "mail": "mbox",
    "crm": "salesforce_cases",
    "people": "workforce",
    "claims": "claims_database",
    "partner": "mapped_table",
    "cms": "interval_report",
    "tickets": "zendesk_tickets",
    "csat": "surveys",
    "mailbox": "imap",
}
PARTS = ("landing", "staging", "core", "run", "history", "state")


def intake_enterprise(folder: Path, sources: Path) -> Enterprise:
    """Every source of the corpus' settings, each with a folder of its own below `sources`."""
    text = ENTERPRISE
    for name, kind in KINDS.items():
        text += source_text(kind, "source", name, f"{sources}/{name}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "enterprise.toml").write_text(text)
    return load_enterprise(folder / "enterprise.toml", {}, folder)


def write_day(sources: Path, day: date, *, over_midnight: bool = False) -> None:
    """What the source systems hold after that local day, beside what they held before; file times are the day's noon.

    Args:
        sources: folder of the source systems.
        day: the day.
        over_midnight: whether a caller waits over midnight.
    """
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
    at, hour = int(noon.timestamp()), f"{day}T11:00:00"
    _append(sources / "acd" / "queue_log", _queue_log(at, day, over_midnight), noon)
    _append(sources / "chat" / "records.jsonl", _contact_records(day), noon)
    _append(sources / "mail" / "service-2026-11.mbox", _mails(noon), noon)
    header = "Id,Type,CreatedDate,ClosedDate,IsClosed,Reason,SystemModstamp\n"
    cases = f"case-{day},Complaint,{hour}Z,,false,late,{hour}Z\n"
    if day > FIRST:
        before = day - timedelta(days=1)
        cases += f"case-{before},Complaint,{before}T11:00:00Z,{hour}Z,true,late,{hour}Z\n"
    _append(sources / "crm" / f"cases-{day}.csv", header + cases, noon)
    people = "agent_id,site,skills,contract_hours_per_week\na1,main,voice:1,36\n" + "".join(
        f"n{number},main,voice:1,20\n" for number in range((day - FIRST).days)
    )
    _append(sources / "people" / "agents.csv", people, noon, whole=True)
    _append(
        sources / "people" / f"schedules-{day}.csv",
        f"agent_id,activity,starts_at,ends_at\na1,voice,{day} 08:00,{day} 16:00\n",
        noon,
    )
    mapped = (
        "id,queue,arrived,answered,ended,talk,leg,outcome\n"
        + f"p-{day},Support,{day} 10:00,{day} 10:01,{day} 10:05,240,1,answered\n"
    )
    _append(sources / "partner" / f"contacts-{day}.csv", mapped + "p-bad,Sales,yesterday,,,,1,answered\n", noon)
    _claims(sources / "claims" / "claims.db", day, noon)
    for name, content in _reports(day).items():
        _append(sources / name, content, noon)
    box = sources / "mailbox" / FILE
    _append(box, (BETWEEN.decode() if box.exists() else "") + _head(noon), noon)


def run_night(night: date, enterprise: Enterprise, lake: Lake) -> None:
    """Extract all sources, conform, make history."""
    with mailboxes_of_files():
        for source in enterprise.sources:
            job.extract_source(source, night, enterprise, lake)
    job.conform_night(night, enterprise, lake)
    job.build_history_night(night, enterprise, lake)


def fingerprint(lake: Lake, parts: tuple[str, ...] = PARTS) -> dict[str, str]:
    """Hash of every file; of what the next night of history depends on only the dates, as it holds times of files."""
    root = Path(lake.root)
    found = {}
    for part in parts:
        for path in sorted((root / part).rglob("*")):
            if path.is_file() and not path.name.endswith(".tmp"):
                name = str(path.relative_to(root))
                found[name] = "" if name == "state/history.json" else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def copied(sources: Path, target: Path) -> Path:
    """A copy with the files' times, as the look for new files goes by them."""
    shutil.copytree(sources, target)
    return target


def _append(path: Path, text: str, written: datetime, *, whole: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w" if whole else "a", newline="") as file:
        file.write(text)
    os.utime(path, (written.timestamp(), written.timestamp()))


def _queue_log(at: int, day: date, over_midnight: bool) -> str:
    lines = [f"{at - 20000}|NONE|support|PJSIP/101|ADDMEMBER|"]
    for number in range(4):
        begin, call = at + 600 * number, f"{day}.{number}"
        lines.append(f"{begin}|{call}|support|NONE|ENTERQUEUE||020123{number}|1")
        if number == 3:
            lines.append(f"{begin + 90}|{call}|support|NONE|ABANDON|1|1|90")
            continue
        lines += [
            f"{begin + 12}|{call}|support|PJSIP/101|CONNECT|12|{call}|5",
            f"{begin + 192}|{call}|support|PJSIP/101|COMPLETECALLER|12|180|1",
        ]
    lines += [lines[-1], f"{at}|x|nowhere|NONE|ENTERQUEUE||1|1", f"{at + 10000}|NONE|support|PJSIP/101|REMOVEMEMBER|"]
    if not over_midnight:
        return "\n".join(lines) + "\n"
    midnight = at + 43_000
    lines.append(f"{midnight}|late-{day}|support|NONE|ENTERQUEUE||0201|1")
    before = midnight - 86_400
    ends = [f"{before + 400}|late-{day - timedelta(days=1)}|support|PJSIP/101|CONNECT|400|x|5"]
    return "\n".join([*ends, *lines]) + "\n"


def _contact_records(day: date) -> str:
    good = (CORPUS / "connect_contact_records" / "good.jsonl").read_text()
    return (
        "".join(good.replace("c1", f"{day}-{number}").replace("2026-11-12", str(day)) for number in range(3)) + '{"ContactId"\n'
    )


def _mails(noon: datetime) -> str:
    good, day = (CORPUS / "mbox" / "good.mbox").read_text(), noon.date()
    question = good.replace("m1@", f"{day}@").replace("Thu, 12 Nov 2026 10:00:00 +0100", f"{noon:%d %b %Y} 10:00:00 +0100")
    if day == FIRST:
        return question
    answered = f"{day - timedelta(days=1)}@mail.example"
    reply = question.replace(f"{day}@mail", f"re-{day}@harbour").replace("customer@mail.example>", "desk@harbour.example>", 1)
    reply = reply.replace("To: service@harbour.example", "To: customer@mail.example").replace("10:00:00 +0100", "11:30:00 +0100")
    return question + reply.replace("Message-ID:", f"In-Reply-To: <{answered}>\nMessage-ID:")


def _reports(day: date) -> dict[str, str]:
    """Interval report, tickets and answers by file; of each kind a row that stands, one that does not, one sent again."""
    begin = "Queue,Start,Offered,Answered,Abandoned,In Time,Talk,Wrap,Waited\n"
    rows = [f"Support,{day} {clock},10,8,2,7,0:40:00,0:08:00,0:03:20\n" for clock in ("09:00", "09:30", "noon")]
    before, at, score = day - timedelta(days=1), int(datetime(day.year, day.month, day.day, 11, tzinfo=UTC).timestamp()), 4
    sent_again = [f"Support,{before} 09:00,10,8,2,7,0:40:00,0:08:00,0:03:20\n"]
    ticket = '{{"id": "{id}", "group_id": 7, "status": "{status}", "created_at": "{id}T08:00Z", "generated_timestamp": {at}}}\n'
    solved = ticket.format(id=before, status="solved", at=at)[:-2] + f', "updated_at": "{day}T09:00:00Z"}}\n'
    answers = f"{day},{day} 09:15,c,a,{score},11,fine\n{before},{before} 09:15,c,a,{score + 1},,corrected\n"
    return {
        f"cms/report-{day}.csv": begin + "".join(rows + sent_again),
        "tickets/tickets.jsonl": ticket.format(id=day, status="open", at=at) + solved + "{\n",
        f"tickets/events-{day}.jsonl": f'{{"id": {at}, "ticket_id": "{day}", "timestamp": {at}, "child_events": []}}\n',
        f"csat/answers-{day}.csv": "Response,Submitted,Call,Agent,CSAT,NPS,Comment\n" + answers,
    }


def _head(noon: datetime) -> str:
    fields = {
        "From": "Customer <customer@mail.example>",
        "To": "service@harbour.example",
        "Subject": "question",
        "Date": f"{noon:%d %b %Y} 10:00:00 +0100",
        "Message-ID": f"<{noon:%d}@imap.example>",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"


def _claims(path: Path, day: date, noon: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    if day == FIRST:
        connection.execute("CREATE TABLE claims (id, customer, line, lost_on, reported, closed, updated_at)")
        connection.execute("CREATE TABLE claim_status_history (id, claim, status, changed, updated_at)")
    morning, later = f"{day} 09:00:00", f"{day} 15:00:00"
    connection.execute("INSERT INTO claims VALUES (?, 7, 'motor', ?, ?, NULL, ?)", (f"C-{day}", str(day), morning, morning))
    connection.execute("INSERT INTO claims VALUES (NULL, 7, 'motor', NULL, ?, NULL, ?)", (morning, morning))
    if day > FIRST:
        before = day - timedelta(days=1)
        connection.execute("UPDATE claims SET updated_at = ? WHERE id = ?", (later, f"C-{before}"))
        connection.execute(
            "INSERT INTO claim_status_history VALUES (?, ?, 'assessed', ?, ?)", (f"E-{day}", f"C-{before}", later, later)
        )
    connection.commit()
    connection.close()
