"""What a night knows of the sources that it could not read."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from enterprise.errors import SourceUnreachableError
from enterprise.settings import Enterprise
from etl.job import conform_night, extract_source
from etl.sources.reads import noted, source_reads
from tests.support.small_enterprise import SETTINGS, small_enterprise
from warehouse.lake import Lake
from warehouse.tables.run import SOURCE_READS

NIGHT = date(2026, 11, 12)
BEFORE = NIGHT - timedelta(days=1)
SECOND = """
[sources.claims]
kind = "claims_database"
url = "postgresql://reader:wrong@127.0.0.1:1/claims"
claims_table = "claims"
watermark_column = "updated_at"
events_table = "events"
claims_columns = { claim_id = "claim_id", line_of_business = "line", reported_at = "reported_at" }
events_columns = { claim_event_id = "id", claim_id = "claim_id", status = "status", changed_at = "changed_at" }
assessed_status = "assessed"
"""


def test_the_reason_of_a_failed_extraction_is_told_and_the_error_goes_on(tmp_path: Path) -> None:
    enterprise, lake = small_enterprise(tmp_path), Lake(str(tmp_path / "lake"))

    @noted
    def extract(source: str, night: date, enterprise: Enterprise, lake: Lake) -> int:
        if night == NIGHT:
            raise SourceUnreachableError("acd: no answer\nfrom 10.0.0.1; is it up?")
        return 1

    assert extract("acd", BEFORE, enterprise, lake) == 1
    with pytest.raises(SourceUnreachableError):
        extract("acd", NIGHT, enterprise, lake)
    told = source_reads(lake, ["acd", "never"], NIGHT).to_pylist()
    assert [row["was_read"] for row in told] == [False, False]
    assert told[0]["last_read_date"] == BEFORE
    assert told[0]["reason"] == "acd: no answer from 10.0.0.1; is it up?"
    assert told[1]["last_read_date"] is None
    assert "did not come to an end" in told[1]["reason"]


def test_an_unexpected_error_shows_none_of_its_words(tmp_path: Path) -> None:
    @noted
    def extract(source: str, night: date, enterprise: Enterprise, lake: Lake) -> int:
        raise KeyError("password=secret")

    lake = Lake(str(tmp_path / "lake"))
    with pytest.raises(KeyError):
        extract("acd", NIGHT, small_enterprise(tmp_path), lake)
    (told,) = source_reads(lake, ["acd"], NIGHT).to_pylist()
    assert "secret" not in told["reason"]


def test_a_night_with_a_dead_source_goes_ahead_with_the_others_and_says_which_is_missing(tmp_path: Path) -> None:
    enterprise, lake = small_enterprise(tmp_path, SETTINGS + SECOND), Lake(str(tmp_path / "lake"))
    good = Path(__file__).parents[3] / "golden" / "bad_input" / "asterisk_queue_log" / "good.txt"
    (tmp_path / "exports" / "queue_log").write_bytes(good.read_bytes())
    extract_source("acd", NIGHT, enterprise, lake)
    with pytest.raises(SourceUnreachableError):
        extract_source("claims", NIGHT, enterprise, lake)
    conform_night(NIGHT, enterprise, lake)
    told = lake.read(SOURCE_READS, first=NIGHT, last=NIGHT).set_index("source_system")
    assert told["was_read"].to_dict() == {"acd": True, "claims": False}
    assert "wrong" not in told.loc["claims", "reason"]
