"""Log-ins and log-outs through whole nights: shifts over midnight, files that come late, again, and in another order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from enterprise.sources import WorkforceFiles
from etl import job
from tests.support.small_enterprise import small_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
NIGHTS = [date(2026, 11, day) for day in (10, 11, 12)]
HEADER = "agent_id,event,occurred_at,activity_code\n"
FILES = {
    "activities-10.csv": "A1,log_in,2026-11-10 22:00,\nA2,log_in,2026-11-10 08:00,\nA2,log_out,2026-11-10 16:00,\n",
    "activities-11.csv": "A1,log_out,2026-11-11 06:00,\nA3,log_out,2026-11-11 05:00,\nA1,log_in,2026-11-11 22:00,\n",
    "activities-12.csv": "A1,log_out,2026-11-12 06:00,\nA2,start,2026-11-12 09:00,voice\nA2,start,2026-11-12 10:00,lunch\n",
}
LATE = {"activities-late.csv": "A3,log_in,2026-11-10 21:00,\n"}
SPANS = {"activities-spans.csv": "agent_id,activity_code,started_at,ended_at\nA9,voice,2026-11-11 09:00,2026-11-11 10:00\n"}
COUNTED = ["rows_in", "rows_kept", "rows_quarantined", "rows_duplicate"]


class Nights:
    """An enterprise whose workforce files are put down one by one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._exports = folder / "exports"
        self._exports.mkdir()
        (self._exports / "agents.csv").write_text("agent_id,skills,contract_hours_per_week\nA1,voice:1,36\n")
        (self._exports / "schedules.csv").write_text("agent_id,activity,starts_at,ends_at\n")
        source = WorkforceFiles(
            kind="workforce", agents_url=f"{self._exports}/agents.csv", schedules_url=f"{self._exports}/schedules.csv",
            activities_url=f"{self._exports}/activities-*.csv",
        )  # fmt: skip
        self.enterprise = small_enterprise(folder).model_copy(update={"sources": {"wfm": source}})
        self.lake = Lake(str(folder / "lake"))

    def put(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self._exports / name).write_text(text if text.startswith("agent_id") else HEADER + text)

    def run(self, night: date) -> list[str]:
        """Run a night; the dates of agents' states that it wrote."""
        job.extract_source("wfm", night, self.enterprise, self.lake)
        written = job.conform_night(night, self.enterprise, self.lake)
        return [str(one.partition) for one in written if one.table == AGENT_STATES.name]

    def spans(self) -> list[str]:
        def clock(at):
            return "" if at is None else f"{at:%d %H:%M}"

        rows = self.lake.read_arrow(AGENT_STATES).to_pylist()
        return sorted(f"{row['agent_id']} {row['activity']} {clock(row['started_at'])}-{clock(row['ended_at'])}" for row in rows)

    def accounts(self) -> dict[str, list[int]]:
        rows = self.lake.read_arrow(LANDING_FILES).to_pylist()
        quarantine = self.lake.read_arrow(QUARANTINE).to_pylist()
        for row in rows:
            assert row["rows_in"] == row["rows_kept"] + row["rows_quarantined"] + row["rows_duplicate"]
            aside = [one for one in quarantine if one["landing_file"] == row["landing_file"]]
            assert len(aside) == row["rows_quarantined"], "every row put aside says why"
            assert {one["business_date"] for one in aside} <= {row["business_date"]}
        return {row["source_name"]: [row[name] for name in COUNTED] for row in rows if row["rows_in"]}

    def bytes_of(self, layer: str) -> dict[str, bytes]:
        root = Path(self.lake.root)
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / layer).rglob("*.parquet"))}


WHOLE = [
    "A1 logged_in 10 21:00-11 05:00", "A1 logged_in 11 21:00-12 05:00", "A2 logged_in 10 07:00-10 15:00", "A2 lunch 12 09:00-",
    "A2 voice 12 08:00-", "A3 logged_in 10 20:00-11 04:00", "A9 voice 11 08:00-11 09:00",
]  # fmt: skip


@pytest.fixture
def one_by_one(tmp_path: Path) -> Nights:
    nights = Nights(tmp_path / "one")
    for (name, text), night in zip(FILES.items(), NIGHTS, strict=True):
        nights.put({name: text})
        nights.run(night)
    nights.put(LATE | SPANS)
    nights.run(NIGHTS[-1])
    return nights


def test_a_shift_over_midnight_is_whole_when_the_next_file_is_there(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.put({"activities-10.csv": FILES["activities-10.csv"]})
    nights.run(NIGHTS[0])
    assert nights.spans() == ["A1 logged_in 10 21:00-", "A2 logged_in 10 07:00-10 15:00"], "as known at the cut-off"
    nights.put({"activities-11.csv": FILES["activities-11.csv"]})
    written = nights.run(NIGHTS[1])
    assert nights.spans() == ["A1 logged_in 10 21:00-11 05:00", "A1 logged_in 11 21:00-", "A2 logged_in 10 07:00-10 15:00"]
    assert {day[-10:] for day in written} == {"2026-11-10", "2026-11-11"}


def test_an_end_without_a_beginning_is_put_aside_until_the_beginning_comes(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.put({"activities-11.csv": FILES["activities-11.csv"]})
    nights.run(NIGHTS[1])
    aside = nights.lake.read_arrow(QUARANTINE).to_pylist()
    assert [(row["rule"], row["table_name"], row["row_text"]) for row in aside] == [
        ("end_without_beginning", "agent_states", "A1,log_out,2026-11-11 06:00,"),
        ("end_without_beginning", "agent_states", "A3,log_out,2026-11-11 05:00,"),
    ]
    assert nights.accounts()["activities-11.csv"] == [3, 1, 2, 0]
    nights.put(LATE)
    nights.run(NIGHTS[2])
    assert nights.accounts()["activities-11.csv"] == [3, 2, 1, 0], "the night that took it in counts it as kept now"
    assert "A3 logged_in 10 20:00-11 04:00" in nights.spans()


def test_all_at_once_and_one_by_one_give_the_same_states(tmp_path: Path, one_by_one: Nights) -> None:
    at_once = Nights(tmp_path / "once")
    at_once.put(FILES | LATE | SPANS)
    at_once.run(NIGHTS[-1])
    assert one_by_one.spans() == at_once.spans() == WHOLE
    assert one_by_one.accounts() == at_once.accounts()
    assert one_by_one.bytes_of("core") == at_once.bytes_of("core")


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_nights_run_again_in_any_order_change_no_byte(one_by_one: Nights, order: list[int]) -> None:
    before = one_by_one.bytes_of("core") | one_by_one.bytes_of("run")
    for place in order:
        one_by_one.run(NIGHTS[place])
    assert one_by_one.bytes_of("core") | one_by_one.bytes_of("run") == before


def test_a_corrected_file_replaces_what_it_said_and_re_makes_no_other_date(one_by_one: Nights) -> None:
    text = FILES["activities-12.csv"].replace("10:00,lunch", "11:00,lunch")
    one_by_one.put({"activities-12.csv": text + "A2,stop,2026-11-12 12:00,lunch\n"})
    written = one_by_one.run(NIGHTS[-1])
    changed = set(WHOLE) ^ set(one_by_one.spans())
    assert changed == {"A2 lunch 12 09:00-", "A2 lunch 12 10:00-12 11:00"}
    assert {day[-10:] for day in written} == {"2026-11-11", "2026-11-12"}, "the spans given as spans are of this night, too"
    one_by_one.accounts()


def test_a_span_given_as_a_span_stays_as_it_is(one_by_one: Nights) -> None:
    one_by_one.put({"activities-more.csv": "A9,start,2026-11-11 09:00,voice\nA9,stop,2026-11-11 09:30,voice\n"})
    one_by_one.run(NIGHTS[-1])
    assert "A9 voice 11 08:00-11 09:00" in one_by_one.spans()
    assert len([span for span in one_by_one.spans() if span.startswith("A9")]) == 1
    one_by_one.accounts()
