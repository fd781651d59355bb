"""Days that are held, released and held again, and how they are shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from expectations.findings import with_actions
from expectations.job import night_findings, release_day, revoke_release
from tests.support.example_findings import BEFORE, NIGHT, found, keep
from warehouse.lake import Lake
from warehouse.tables.run import QUALITY_RELEASES


def test_a_released_day_is_recorded_with_who_and_why_and_held_no_more_until_it_is_revoked(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found())
    key = ("volume_doubled", "queue", "voice_sales", NIGHT)
    assert release_day(*key, "Ada", "a campaign nobody told us of", lake) == NIGHT
    (row,) = lake.read(QUALITY_RELEASES).to_dict("records")
    assert (row["released_by"], row["release_reason"]) == ("Ada", "a campaign nobody told us of")
    acted = with_actions(found(), lake.read(QUALITY_RELEASES))
    assert acted["action"].to_list() == ["released"]
    assert "released by Ada: a campaign" in acted["reason"].iloc[0]
    assert with_actions(found(day=BEFORE), lake.read(QUALITY_RELEASES))["action"].to_list() == ["held"]
    revoke_release(*key, lake)
    assert with_actions(found(), lake.read(QUALITY_RELEASES))["action"].to_list() == ["held"]


@pytest.mark.parametrize(
    ("rule", "by", "why", "words"),
    [
        ("volume_doubled", "", "right", "--by"),
        ("volume_doubled", "Ada", " ", "--reason"),
        ("no_such", "Ada", "right", "volume_doubled of queue voice_sales on 2026-11-12"),
    ],
)
def test_nobody_releases_without_name_and_reason_or_what_is_not_held(
    rule: str, by: str, why: str, words: str, lake: Lake
) -> None:
    keep(lake, found())
    with pytest.raises(NeedsPersonError, match=words):
        release_day(rule, "queue", "voice_sales", NIGHT, by, why, lake)
    assert lake.read(QUALITY_RELEASES).empty


def test_findings_in_words_name_queue_day_and_what_the_plan_did(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found(), found(day=NIGHT - timedelta(days=300)), found("wait", severity="warn"))
    night, (held, noted) = night_findings(None, plain, lake)
    assert night == NIGHT
    assert held.touches == "Sales line (2026-11-12)"
    assert "left out" in held.plan
    assert noted.action == "noted"
    with pytest.raises(NeedsPersonError, match="2026-11-11"):
        night_findings(BEFORE, plain, lake)
