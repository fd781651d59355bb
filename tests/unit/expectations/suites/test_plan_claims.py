"""What claims bring: a word about the plan that is wrong is found and named, and keeps no plan back."""

from __future__ import annotations

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites.plan_claims import RULES
from tests.support.example_day import DAY
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.declaration import Table

Frames = dict[Table, pd.DataFrame]
BY_NAME = {rule.name: rule for rule in RULES}


def raised(frame: pd.DataFrame, queue_id: str, column: str, by: float) -> pd.DataFrame:
    """The frame with a number of one queue raised."""
    return frame.assign(**{column: frame[column].where(frame["queue_id"] != queue_id, frame[column] + by)})


@pytest.mark.parametrize(
    ("name", "table", "column", "by"),
    [
        ("claims_add_up", CLAIMS_CONTACTS, "contacts", 0.2),
        ("claims_within_the_plan", CLAIMS_POSITIONS, "position_hours", 10_000.0),
    ],
)
def test_a_wrong_word_is_found_its_queue_named_and_the_plan_goes_ahead(
    name: str, table: Table, column: str, by: float, enterprise: Enterprise, clean: Frames
) -> None:
    rule = BY_NAME[name]
    assert rule.evidence(Night(enterprise, DAY, clean))["holds"].all()
    seen = rule.evidence(Night(enterprise, DAY, clean | {table: raised(clean[table], "voice_claims", column, by)}))
    assert set(seen.loc[~seen["holds"], "queue_id"]) == {"voice_claims"}
    assert rule.severity == "warn"


def test_what_can_wait_may_take_more_hours_than_its_day_has(enterprise: Enterprise, clean: Frames) -> None:
    more = raised(clean[CLAIMS_POSITIONS], "email_claims", "position_hours", 10_000.0)
    seen = BY_NAME["claims_within_the_plan"].evidence(Night(enterprise, DAY, clean | {CLAIMS_POSITIONS: more}))
    assert seen["holds"].all()
