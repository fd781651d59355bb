"""The rules of the simulation audit: silent on a sound night, naming queue and numbers where one is changed."""

from __future__ import annotations

import pandas as pd

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites import audit
from tests.support.example_day import DAY
from warehouse.tables.declaration import Table
from warehouse.tables.evidence import SIMULATION_AUDIT

RULES = {rule.name: rule for rule in audit.RULES}


def failures(name: str, enterprise: Enterprise, clean: dict[Table, pd.DataFrame], **values: object) -> list[str]:
    rows = clean[SIMULATION_AUDIT].assign(**values)
    found = RULES[name].evidence(Night(enterprise, DAY, clean | {SIMULATION_AUDIT: rows}))
    return list(found.loc[~found["holds"], "seen"])


def test_a_sound_night_breaks_no_rule(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    assert [failures(name, enterprise, clean) for name in RULES] == [[], []]


def test_an_audit_of_another_plan_is_seen(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    found = failures("audit_is_of_this_plan", enterprise, clean, predicted_answered_fraction=0.123)
    assert "voice_claims" in "".join(found)
    assert "audited for 0.1230" in found[0]


def test_too_few_agreeing_intervals_are_told(enterprise: Enterprise, clean: dict[Table, pd.DataFrame]) -> None:
    found = failures("simulation_agrees_with_plan", enterprise, clean, within_one_point=False)
    assert found == ["0 of 4 simulated intervals within one point of their prediction"]
