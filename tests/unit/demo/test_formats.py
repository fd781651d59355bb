"""Every written file is read back with a small parser that shares nothing with the writers."""

import csv
import gzip
import io
import json
import mailbox
import re
import sqlite3
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq

from demo.acd_log import queue_log_lines
from demo.connect_records import record_lines
from demo.dirt import Dirt

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST_DAY, LAST_DAY = date(2025, 3, 24), date(2025, 4, 2)
PBX = {
    "claims-line": "voice_claims", "service-line": "voice_service", "sales-line": "voice_sales",
    "billing-line": "voice_billing", "roadside": "voice_roadside",
}  # fmt: skip
EVENTS = {
    "ENTERQUEUE": r"\|\d{8}\|\d+", "CONNECT": r"\d+\|sw[12]-\d+\.\d+\|\d+", "COMPLETEAGENT": r"\d+\|\d+\|\d+",
    "COMPLETECALLER": r"\d+\|\d+\|\d+", "ABANDON": r"\d+\|\d+\|\d+", "EXITWITHTIMEOUT": r"\d+\|\d+\|\d+",
    "RINGNOANSWER": r"15000", "BLINDTRANSFER": r"800\d\|from-queue\|\d+\|\d+\|\d+",
    "ATTENDEDTRANSFER": r"BRIDGE\|[0-9a-f-]{36}\|\d+\|\d+\|\d+", "PAUSE": r"wrap|break", "UNPAUSE": r"wrap|break",
    "ADDMEMBER": "", "REMOVEMEMBER": "", "QUEUESTART": "",
}  # fmt: skip
LINE = re.compile(r"(\d{10})\|([^|]+)\|([^|]+)\|([^|]+)\|([A-Z]+)\|(.*)")
ENDINGS = {"COMPLETEAGENT", "COMPLETECALLER", "ABANDON", "EXITWITHTIMEOUT", "BLINDTRANSFER", "ATTENDEDTRANSFER"}


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _log_text(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def _truth(small, measure: str) -> dict[str, int]:
    table = pq.read_table(small.truth / "contacts_interval.parquet").to_pandas()
    return table.groupby("queue_id")[measure].sum().to_dict()


def test_every_clean_log_line_is_a_documented_event_and_every_entry_has_one_ending(small) -> None:
    lines, _ = queue_log_lines(small.world, Dirt(), np.random.default_rng(1))
    waiting: dict[tuple[str, str], int] = {}
    seen: Counter[str] = Counter()
    for line in lines.to_pylist():
        match = LINE.fullmatch(line.rstrip("\n"))
        assert match, line
        epoch, call, queue, agent, event, data = match.groups()
        assert re.fullmatch(EVENTS[event], data), line
        assert queue in PBX or event == "QUEUESTART", line
        assert agent == "NONE" or re.fullmatch(r"Agent/A\d{4}", agent), line
        seen[event] += 1
        if event == "ENTERQUEUE":
            assert (call, queue) not in waiting, line
            waiting[call, queue] = int(epoch)
        elif event == "CONNECT":
            assert int(epoch) - waiting[call, queue] == int(data.split("|")[0]), line
        elif event in ENDINGS:
            entered = waiting.pop((call, queue))
            fields = data.split("|")
            spent = int(fields[2]) if event in ("ABANDON", "EXITWITHTIMEOUT") else int(fields[-3]) + int(fields[-2])
            assert int(epoch) - entered == spent, line
    assert not waiting
    assert set(EVENTS) - {"EXITWITHTIMEOUT"} <= set(seen)
    assert seen["ENTERQUEUE"] == sum(seen[event] for event in ENDINGS)


def test_log_files_lie_by_local_day_and_hold_the_truth_except_for_the_planted_dirt(small) -> None:
    files = sorted((small.folder / "acd").iterdir())
    assert [path.name.endswith(".gz") for path in files] == [True] * 3 + [False] * 7
    entered: Counter[str] = Counter()
    broken = 0
    for path in files:
        day = date.fromisoformat(re.findall(r"\d{4}-\d{2}-\d{2}", path.name)[0])
        unique = dict.fromkeys(_log_text(path).splitlines())
        for line in unique:
            match = LINE.fullmatch(line)
            if match is None:
                broken += 1
                continue
            assert _day(datetime.fromtimestamp(int(match[1]), UTC)) == day
            if match[5] == "ENTERQUEUE":
                entered[PBX[match[3]]] += 1
    dirt = pq.read_table(small.truth / "dirt.parquet").to_pandas()
    planted = dirt[(dirt["kind"] == "broken_line") & dirt["file"].str.startswith("acd")]
    assert broken == len(planted)
    lost = planted["note"].str.contains("ENTERQUEUE").sum()
    truth = {queue: count for queue, count in _truth(small, "offered").items() if queue.startswith("voice")}
    assert sum(truth.values()) - sum(entered.values()) == lost


def test_contact_records_are_json_linked_in_order_and_match_the_truth(small) -> None:
    lines, _ = record_lines(small.world, np.random.default_rng(1))
    records = [json.loads(line) for line in lines.to_pylist()]
    by_id = {record["ContactId"]: record for record in records}
    assert len(by_id) == len(records)
    offered: Counter[str] = Counter()
    for record in records:
        queue, agent = record["Queue"], record["Agent"]
        entered, left = (datetime.fromisoformat(queue[name]) for name in ("EnqueueTimestamp", "DequeueTimestamp"))
        assert (left - entered).total_seconds() == queue["Duration"]
        assert record["Channel"] == "CHAT"
        assert re.fullmatch(r"\d{8}", record["Attributes"]["customer_id"])
        if agent is not None:
            connected = datetime.fromisoformat(agent["ConnectedToAgentTimestamp"])
            ended = datetime.fromisoformat(record["DisconnectTimestamp"])
            assert connected == left
            assert (ended - connected).total_seconds() == agent["AgentInteractionDuration"]
        if record["PreviousContactId"]:
            assert record["InitiationMethod"] == "TRANSFER"
            assert by_id[record["PreviousContactId"]]["NextContactId"] == record["ContactId"]
            assert record["InitialContactId"] in by_id
        if FIRST_DAY <= _day(entered) <= LAST_DAY:
            offered[{"Service Chat": "chat_service", "Sales Chat": "chat_sales"}[queue["Name"]]] += 1
    assert dict(offered) == {queue: count for queue, count in _truth(small, "offered").items() if queue.startswith("chat")}
    for path in sorted((small.folder / "chat").iterdir()):
        good = [line for line in path.read_text().splitlines() if line.endswith("}")]
        days = {_day(datetime.fromisoformat(json.loads(line)["LastUpdateTimestamp"])) for line in good}
        assert days == {date.fromisoformat(path.stem[-10:])}


def test_mail_archives_parse_thread_and_hold_as_many_customer_mails_as_the_truth(small) -> None:
    assert sorted(path.name for path in (small.folder / "email").iterdir()) == [
        "claims-2025-03.mbox", "claims-2025-04.mbox", "service-2025-03.mbox", "service-2025-04.mbox",
    ]  # fmt: skip
    for box in ("claims", "service"):
        known: dict[str, str] = {}
        work = replies = re_opened = automatic = 0
        for month in ("2025-03", "2025-04"):
            latest = datetime(2025, 1, 1, tzinfo=UTC)
            for mail in mailbox.mbox(small.folder / "email" / f"{box}-{month}.mbox"):
                envelope = datetime.strptime(mail.get_from().split(" ", 1)[1], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
                assert envelope == parsedate_to_datetime(mail["Date"])
                sent = parsedate_to_datetime(mail["Date"])
                assert sent >= latest
                latest = sent
                assert f"{_day(sent):%Y-%m}" == month
                assert sent.utcoffset() == sent.astimezone(ZONE).utcoffset(), mail["Date"]
                kind = (
                    "auto"
                    if mail["Auto-Submitted"] or mail["Precedence"]
                    else "company"
                    if "harbourmutual" in mail["From"]
                    else "customer"
                )
                known[mail["Message-ID"]] = kind
                if kind == "auto":
                    automatic += 1
                elif kind == "company":
                    replies += 1
                    assert known.get(mail["In-Reply-To"], "customer") == "customer"
                    assert int(mail["X-Handle-Seconds"]) > 0
                else:
                    work += 1
                    re_opened += mail["In-Reply-To"] is not None
                    assert known.get(mail["In-Reply-To"], "company") == "company"
                    assert re.fullmatch(r"<customer\.\d{8}@mail\.example>", mail["From"])
        doubled = pq.read_table(small.truth / "dirt.parquet").to_pandas()["kind"].eq("duplicate_mail").sum()
        assert 0 <= work - _truth(small, "offered")[f"email_{box}"] <= doubled
        assert replies > 0.8 * work
        assert 0.03 * work < re_opened < 0.25 * work
        assert automatic > 20


def test_case_exports_end_each_day_as_the_history_says(small) -> None:
    status: dict[str, str] = {}
    closed: Counter[str] = Counter()
    for number in range((LAST_DAY - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=number)
        for row in csv.DictReader(io.StringIO((small.folder / f"crm/case-history-{day}.csv").read_text())):
            if row["NewValue"] is None or not row["CreatedDate"]:
                continue  # a planted broken line
            assert _day(datetime.strptime(row["CreatedDate"], "%Y-%m-%dT%H:%M:%S.%f%z")) == day
            if row["Field"] != "Owner":
                status[row["CaseId"]] = row["NewValue"] or "New"
        rows = list(csv.DictReader(io.StringIO((small.folder / f"crm/cases-{day}.csv").read_text())))
        whole = [row for row in rows if row["Customer_Number__c"]]
        assert len(whole) >= len(rows) - 3
        wrong = [row["Id"] for row in whole if status.get(row["Id"], "lost") != row["Status"]]
        assert len(wrong) <= 2, "only where a history line was broken"
        for row in {row["Id"]: row for row in whole}.values():
            assert (row["Status"] == "Closed") == (row["IsClosed"] == "true") == bool(row["ClosedDate"])
            assert row["AccountId"][5:13] == row["Customer_Number__c"]
            assert row["Type"] in ("Complaint", "Policy Change")
            closed[row["Type"]] += row["Status"] == "Closed"
    assert closed["Policy Change"] > 200
    assert closed["Complaint"] > 60


def test_the_claims_database_agrees_with_its_own_history_and_with_the_truth(small) -> None:
    connection = sqlite3.connect(small.folder / "claims" / "claims.db")
    claims = connection.execute("SELECT * FROM claims ORDER BY claim_id").fetchall()
    history = connection.execute("SELECT claim_id, status, changed_at FROM claim_status_history ORDER BY id").fetchall()
    connection.close()
    by_claim: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for claim, status, changed_at in history:
        by_claim[claim].append((status, changed_at))
    order = ["registered", "assessed", "settled", "closed", "reopened", "closed"]
    for claim in claims:
        steps = by_claim[claim[0]]
        assert [status for status, _ in steps] == order[: len(steps)]
        assert claim[8] == steps[0][1]
        assert claim[10] == steps[-1][1] == max(moment for _, moment in steps)
        assert claim[9] == (steps[-1][1] if steps[-1][0] == "closed" else None)
        assert date.fromisoformat(claim[7]) <= _day(datetime.fromisoformat(claim[8]).replace(tzinfo=UTC))
    offered = Counter(
        f"claims_{claim[3]}" for claim in claims if _day(datetime.fromisoformat(claim[8]).replace(tzinfo=UTC)) >= FIRST_DAY
    )  # fmt: skip
    assert dict(offered) == {queue: count for queue, count in _truth(small, "offered").items() if queue.startswith("claims")}
    assert any(claim[6] for claim in claims), "the storm two days before the end"


def test_workforce_files_name_known_agents_and_reach_four_weeks_ahead(small) -> None:
    folder = small.folder / "workforce"
    with (folder / "agents.csv").open() as file:
        agents = {row["agent_id"] for row in csv.DictReader(file)}
    latest = FIRST_DAY
    for path in sorted(folder.glob("*-20*.csv")):
        with path.open() as file:
            for row in csv.DictReader(file):
                begin, until = (datetime.fromisoformat(value) for key, value in row.items() if key.endswith("_at"))
                assert row["agent_id"] in agents
                assert begin < until
                assert begin.utcoffset() == begin.astimezone(ZONE).utcoffset()
                assert f"{begin:%Y-%m}" == path.stem[-7:]
                latest = max(latest, begin.date()) if path.name.startswith("schedules") else latest
    assert LAST_DAY + timedelta(days=27) <= latest <= LAST_DAY + timedelta(days=28)
