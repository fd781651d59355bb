"""The rules of the simulation audit: silent on a sound night, naming queue and numbers where one is changed."""

from __future__ import annotations

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites import audit
from tests.support.example_day import DAY
from warehouse.tables.declaration import Table
from warehouse.tables.evidence import CHAT_CONCURRENCY, GROUP_AUDIT, PATIENCE, SIMULATION_AUDIT
from warehouse.tables.shifts import STAFF_GROUP_INTERVAL

RULES = {rule.name: rule for rule in audit.RULES}


def failures(name: str, enterprise: Enterprise, clean: dict[Table, pd.DataFrame], **values: object) -> list[str]:
    rows = clean[SIMULATION_AUDIT].assign(**values)
    found = RULES[name].evidence(Night(enterprise, DAY, clean | {SIMULATION_AUDIT: rows}))
    return list(found.loc[~found["holds"], "seen"])


def test_a_sound_night_breaks_no_rule(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    assert [failures(name, enterprise, clean) for name in RULES] == [[]] * len(RULES)


def test_an_audit_of_another_plan_is_seen(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    found = failures("audit_is_of_this_plan", enterprise, clean, predicted_answered_fraction=0.123)
    assert "voice_claims" in "".join(found)
    assert "audited for 0.1230" in found[0]


def test_too_few_agreeing_intervals_are_told(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    found = failures("simulation_agrees_with_plan", enterprise, clean, within_one_point=False)
    assert found == ["0 of 4 simulated intervals within one point of their prediction"]


@pytest.mark.parametrize(
    ("name", "table", "values", "words"),
    [
        ("patience_in_its_interval", PATIENCE, {"mean_patience_seconds_low": 900.0}, "200.0 within 900.0 to 280.0"),
        ("teams_between_bounds", STAFF_GROUP_INTERVAL, {"positions": 1}, "1 positions, pooled"),
        ("group_days_keep_goals", GROUP_AUDIT, {"simulated_answered_fraction_high": 0.7}, "0.840 simulated, goal 0.800"),
        ("slowdown_in_its_interval", CHAT_CONCURRENCY, {"slowdown_per_extra_chat_high": 0.05}, "0.200 within 0.100 to 0.050"),
    ],
)
def test_a_broken_estimate_is_seen(
    name: str, table: Table, values: dict[str, object], words: str, enterprise: Enterprise, clean: dict[Table, pd.DataFrame]
) -> None:
    found = RULES[name].evidence(Night(enterprise, DAY, clean | {table: clean[table].assign(**values)}))
    assert words in "".join(found.loc[~found["holds"], "seen"])


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_night_without_any_row_breaks_no_rule_by_an_exception(
    name: str, enterprise: Enterprise, empty: dict[Table, pd.DataFrame]
) -> None:
    assert RULES[name].evidence(Night(enterprise, DAY, empty))["holds"].all()


def test_an_audit_that_failed_leaves_its_rules_nothing_to_find(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    frames = clean | {SIMULATION_AUDIT: SIMULATION_AUDIT.arrow_schema.empty_table().to_pandas()}
    assert RULES["audit_is_of_this_plan"].evidence(Night(enterprise, DAY, frames))["holds"].all()
