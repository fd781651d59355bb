"""A night by the DAGs' own tasks, watched: they read and fill what is declared, and nothing they say names a person."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from demo.job import make_demo
from enterprise.night_steps import LAYERS, NIGHT_STEPS
from enterprise.settings import load_enterprise
from tests.support.dag_runs import REPOSITORY, environment
from tests.support.planted_person import ADDRESS, NAME, NUMBER, people_in
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.lake import Lake
from warehouse.tables.core import AGENTS, CASES, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.registry import ALL_TABLES
from warehouse.tables.run import QUARANTINE

pytestmark = [pytest.mark.backfill, pytest.mark.integration, pytest.mark.slow]

FIRST, NIGHT = date(2026, 11, 3), date(2026, 11, 12)
WITHOUT_SOURCE = {"conform": {"interval_reports", "surveys"}}
"""Tables of core that no source of this enterprise brings."""
NOT_ASKED_HERE = {
    "summarise_night": {"accuracy_ledger", "forecast_daily", "staffing_daily"},
    "forecast_queues": {"forecast_daily", "model_forecast_daily"},
    "staff_queues": {"staffing_interval"},
}
"""Tables that are asked about steps of which a scheduler tells, and of the night before: here is neither."""


@dataclass(frozen=True)
class Watched:
    """What the night left behind.

    Attributes:
        folder: where it worked.
        touched: per task the names of the tables that it "read", has "written" and "published".
        states: per DAG how the tasks of its last run ended.
    """

    folder: Path
    touched: dict[str, dict[str, set[str]]]
    states: dict[str, dict[str, str]]

    @property
    def lake(self) -> Lake:
        return Lake(str(self.folder / "lake"))


def plant(demo: Path) -> None:
    """Have a person's name, address and number stand in every source where a date, an event or a header should."""
    name, address, number, day = NAME, ADDRESS, NUMBER, NIGHT

    def add(path: str, text: str) -> None:
        with (demo / path).open("a") as file:
            file.write(text)

    add(
        f"acd/queue_log-{day}",
        f"{name}|1.1|claims-line|NONE|ENTERQUEUE||{number}|1\n1794520000|1.2|claims-line|{address}|{number}||1\n",
    )
    add(f"chat/contact-records-{day}.jsonl", f'{{"ContactId": "{name}", "InitiationTimestamp": "{address}"\n')
    add(
        f"crm/cases-{day}.csv",
        f"500{name},1,2,3,Complaint,late,Mail,New,High,false,4,{address},{number},false,{number},{name},5\n",
    )
    head = f"\nFrom {address} {day:%a %b %d} 10:00:00 2026\nMessage-ID: <x@{name}>\nDate: {name} {number}\n"
    head += f"From: {name} <{address}>\n"
    add("email/service-2026-11.mbox", head + f"To: <service@harbourmutual.example>\nSubject: {number}\n\n")
    add("marketing/mailings.csv", f"M9,{address},{name},{number}\n")
    add("workforce/agents.csv", f"A9,{name},{address},{number},x,y,z,{name},{number}\n")
    with sqlite3.connect(demo / "claims" / "claims.db") as connection:
        table, *_ = (row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'claim%'"))
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        changed = next(name for name in columns if "updated" in name or "modified" in name)
        latest = connection.execute(f"SELECT max({changed}) FROM {table}").fetchone()[0]
        values = [latest if column == changed else (NAME, ADDRESS, NUMBER)[place % 3] for place, column in enumerate(columns)]
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)
    (demo / "partner").mkdir()
    (demo / "partner" / "calls.csv").write_text(
        f"{name},{address},{number}\n{name},{address},{number}\n"
    )  # its header is missing


PARTNER = """
[sources.partner]
kind = "mapped_table"
url = "{demo}/partner/calls*.csv"
table = "contacts"
columns = {{ contact_id = "id", segment = "leg", channel = "kind", queue_id = "queue", arrived_at = "at", ended_at = "end" }}
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("watched")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, NIGHT, seed=7)
    plant(folder / "demo")
    text = (REPOSITORY / "config" / "enterprise.toml").read_text().replace("horizon_days = 28", "horizon_days = 7")
    text = text.replace(".leadline/demo/", f"{folder}/demo/").replace('".leadline/', f'"{folder}/')
    config = folder / "enterprise.toml"
    config.write_text(
        text.replace("[storage]", f'[storage]\nstate_folder = "{folder}/state"') + PARTNER.format(demo=folder / "demo")
    )
    answer, log = folder / "answer.json", folder / "night.log"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.watched_nights", str(answer), str(log), str(NIGHT)],
            env=environment(folder, config) | {"PYTHONPATH": str(REPOSITORY)},
            cwd=folder, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        said = json.loads(answer.read_text())
        (folder / "printed.txt").write_text(done.stdout + done.stderr)
        touched = {task: {what: set(names) for what, names in one.items()} for task, one in said["touched"].items()}
        yield Watched(folder, touched, said["states"])
    finally:
        EmbeddedPostgres.stop(folder / "state")


def test_the_night_went_well_but_for_the_source_without_a_header(watched: Watched) -> None:
    ended = {f"{dag}.{task}": state for dag, states in watched.states.items() for task, state in states.items()}
    assert {name: state for name, state in ended.items() if state != "success"} == {"extract_partner.extract": "failed"}
    assert len(ended) > 30


@pytest.mark.parametrize("step", NIGHT_STEPS)
def test_a_step_reads_and_fills_what_is_declared_and_nothing_else(watched: Watched, step: str) -> None:
    declared, seen = NIGHT_STEPS[step], watched.touched[step]
    assert set(declared.fills) - WITHOUT_SOURCE.get(step, set()) == seen["written"]
    # What it reads of its own tables is no input.
    assert set(declared.reads) - NOT_ASKED_HERE.get(step, set()) == seen["read"] - seen["written"]


def test_what_is_published_is_what_is_declared(watched: Watched) -> None:
    for step, declared in NIGHT_STEPS.items():
        published = watched.touched[step]["published"]
        assert published <= set(declared.publishes), step
        empty = {table.name for table in ALL_TABLES if table.name in declared.publishes and not len(watched.lake.read(table))}
        assert set(declared.publishes) - published <= empty, step


def test_every_task_of_the_night_is_declared_and_every_table_has_its_layer(watched: Watched) -> None:
    night = {task: seen for task, seen in watched.touched.items() if not task.startswith("extract_")}  # those write no tables
    silent = {task for task, seen in night.items() if not any(seen.values())}
    assert set(night) - set(NIGHT_STEPS) == silent
    assert silent == {"beside_ended", "verify_staffing"}
    layers = {table.name: table.layer for table in ALL_TABLES}
    assert {name: layers[name] for name in LAYERS} == dict(LAYERS)


def customers(lake: Lake) -> set[str]:
    named = {name for table in (CONTACTS, MESSAGES, CASES, CLAIMS) for name in lake.read(table)["customer_id"].dropna()}
    return {name for name in named if len(name) > 5}


def test_the_person_is_in_what_was_put_aside(watched: Watched) -> None:
    rows = watched.lake.read(QUARANTINE)
    aside = rows[rows["row_text"].fillna("").str.contains("|".join((NAME, ADDRESS, NUMBER)))]
    assert set(aside["source_system"]) >= {"acd", "chat", "crm", "marketing"}, sorted(set(aside["source_system"]))
    assert len(customers(watched.lake)) > 100
    assert not watched.lake.read(AGENTS).empty


def said(watched: Watched) -> dict[str, str]:
    """Everything that the night says outside of landing, staging, core and quarantine, by where it stands."""
    folder = watched.folder
    texts = {"log": (folder / "night.log").read_text(), "printed": (folder / "printed.txt").read_text()}
    for place in ("planbook", "data-docs", "lake/state/alerts", "lake/state/reads", "lake/state/reports"):
        for path in sorted((folder / place).rglob("*")):
            if path.is_file():
                texts[str(path.relative_to(folder))] = path.read_text()
    enterprise = load_enterprise(folder / "enterprise.toml", {}, folder)
    with connected(warehouse_url(enterprise.storage)) as connection:
        names = connection.execute(
            "SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN ('text', 'json', 'jsonb') GROUP BY table_name"
        ).fetchall()
        for table, columns in names:
            rows = connection.execute(f'SELECT DISTINCT {columns} FROM public."{table}"').fetchall()
            texts[f"warehouse {table}"] = "\n".join("\t".join(map(str, row)) for row in rows)
    return texts


def test_nothing_that_is_logged_told_shown_or_published_names_a_person(watched: Watched) -> None:
    texts, known = said(watched), customers(watched.lake)
    assert {"log", "planbook/latest.html", "data-docs/latest.html", "warehouse data_quality"} <= set(texts)
    found = {place: people[:5] for place, text in texts.items() if (people := people_in(text, known))}
    assert found == {}
