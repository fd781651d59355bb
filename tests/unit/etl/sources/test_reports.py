"""Which sources a night waits for."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from enterprise.errors import NeedsPersonError, SourceUnreachableError
from enterprise.settings import Enterprise
from etl.job import conform_night
from etl.sources.reads import noted
from etl.sources.reports import give_up, report
from tests.support.small_enterprise import small_enterprise
from warehouse.lake import Lake

NIGHT = date(2026, 11, 12)
STARTED = datetime(2026, 11, 13, 0, 15, tzinfo=UTC)
CUTOFF = STARTED + timedelta(hours=4)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_a_source_in_time_is_not_given_up_and_others_nights_do_not_count(lake: Lake) -> None:
    assert report("acd", NIGHT, lake, STARTED)
    assert not give_up("acd", NIGHT, lake, CUTOFF)
    assert give_up("acd", NIGHT + timedelta(days=1), lake, CUTOFF)
    assert give_up("mail", NIGHT, lake, CUTOFF)


def test_a_source_that_comes_after_it_was_given_up_does_not_start_the_night_a_second_time(lake: Lake) -> None:
    assert give_up("acd", NIGHT, lake, CUTOFF)
    assert not give_up("acd", NIGHT, lake, CUTOFF), "a night is not started twice by its cut-off"
    assert not report("acd", NIGHT, lake, STARTED)


def test_a_night_run_again_waits_for_the_source_it_went_without(lake: Lake) -> None:
    give_up("acd", NIGHT, lake, CUTOFF)
    assert report("acd", NIGHT, lake, CUTOFF + timedelta(hours=3))
    assert report("acd", NIGHT, lake, CUTOFF + timedelta(hours=4))


def test_a_night_without_any_source_makes_no_plan_and_names_each_reason(tmp_path: Path, lake: Lake) -> None:
    @noted
    def extract(source: str, night: date, enterprise: Enterprise, lake: Lake) -> None:
        raise SourceUnreachableError("the share is not mounted")

    enterprise = small_enterprise(tmp_path)
    with pytest.raises(SourceUnreachableError):
        extract("acd", NIGHT, enterprise, lake)
    with pytest.raises(NeedsPersonError, match=r"acd: the share is not mounted.*leadline run --date 2026-11-12"):
        conform_night(NIGHT, enterprise, lake)
