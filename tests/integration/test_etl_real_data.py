"""The intake of real data: the figures of the bank's call log and of the insurer's three sources are those of their files."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from enterprise.settings import Enterprise, load_enterprise
from etl import job
from warehouse.lake import Lake
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = [pytest.mark.integration, pytest.mark.needs_data]
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LEADLINE_SHARED", ROOT.parent / "shared")) / "data"


def made(name: str, variable: str, folder: str, night: date, tmp_path: Path) -> tuple[Enterprise, Lake, Path]:
    data = SHARED / folder
    if not data.is_dir():
        pytest.skip(f"no data at {data}: set LEADLINE_SHARED to the folder of shared data")
    enterprise = load_enterprise(ROOT / "config" / "examples" / name, {variable: str(data)}, tmp_path)
    lake = Lake(str(tmp_path / "lake"))
    for source in enterprise.sources:
        job.extract_source(source, night, enterprise, lake)
    job.conform_night(night, enterprise, lake)
    job.build_history_night(night, enterprise, lake)
    return enterprise, lake, data


def test_the_banks_log_gives_its_offered_abandoned_and_waiting_figures(tmp_path: Path) -> None:
    """Source: Technion SEE Lab, anonymous bank, January 1999; figures computed from the file itself."""
    enterprise, lake, data = made(
        "anonymous_bank.toml", "LEADLINE_ANONYMOUS_BANK", "anonymous_bank_january", date(1999, 1, 31), tmp_path
    )
    log = pd.read_csv(data / "calls.csv.gz")
    rejected = lake.read(QUARANTINE)
    contradictory = rejected[rejected["rule"] == "end_before_start"]["landing_row"] - 2  # the header is row 1
    log = log[(log["offered"] == 1) & ~log["call_row"].isin(contradictory)]
    assert len(contradictory) < 10
    log["queue_id"] = log["type"].map(enterprise.sources["acd"].values["queue_id"])  # type: ignore[union-attr]
    log["abandoned"] = log["outcome"] != "AGENT"
    expected = log.groupby("queue_id").agg(offered=("type", "size"), abandoned=("abandoned", "sum"), wait=("q_time_s", "sum"))
    got = lake.read(DAILY_HISTORY).groupby("queue_id")[["offered_contacts", "abandoned_contacts", "wait_seconds"]].sum()
    assert got.to_numpy().tolist() == expected.astype(float).loc[got.index].to_numpy().tolist()
    missing = lake.read(DAILY_HISTORY).query("queue_id == 'regular' and not source_complete")["business_date"].tolist()
    assert missing == [date(1999, 1, 11), date(1999, 1, 12)]


def test_the_real_insurers_sources_are_taken_in_whole(tmp_path: Path) -> None:
    _, lake, data = made("real_insurer.toml", "LEADLINE_REAL_INSURER", "real_insurer", date(2003, 10, 24), tmp_path)
    daily = lake.read(DAILY_HISTORY)
    calls, cases = pd.read_csv(data / "acd_intervals.csv"), pd.read_csv(data / "cases.csv.gz")
    offered = daily.groupby("queue_id")["offered_contacts"].sum()
    assert offered.to_dict() == {"service": calls["offered"].sum(), "cases": len(cases)}
    assert lake.read(CLAIMS_DAILY)["reported_claims"].sum() == len(pd.read_csv(data / "claims.csv"))
    still_open = cases["resolved_at"].fillna(cases["closed_at"]).isna().sum()
    assert lake.read(BACKLOG_OPENING)["open_items"].sum() == still_open
    missing = daily.query("queue_id == 'service' and not source_complete")["business_date"].tolist()
    assert {date(2003, 4, 4), date(2003, 4, 7), date(2003, 10, 14)} <= set(missing)
    files = lake.read(LANDING_FILES)
    assert (files["rows_in"] == files["rows_kept"] + files["rows_quarantined"] + files["rows_duplicate"]).all()
