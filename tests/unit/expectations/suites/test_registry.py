"""No table that a job fills is left without a suite."""

import pytest

from expectations.suites.registry import STAGES, rules_of, tables_of
from warehouse.tables.declaration import Table
from warehouse.tables.registry import ALL_TABLES

CHECKED = [table for stage in STAGES for table in tables_of(stage)]


@pytest.mark.parametrize("table", [t for t in ALL_TABLES if t.filled and t.layer != "run"], ids=lambda table: table.name)
def test_every_filled_table_of_core_history_forecast_and_plan_belongs_to_one_stage(table: Table) -> None:
    assert CHECKED.count(table) == 1


def test_every_rule_speaks_of_a_table_of_its_stage_and_rules_of_a_table_differ_in_name() -> None:
    rules = [rule for stage in STAGES for rule in rules_of(stage)]
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.table in tables_of(rule.stage), rule.name


def test_every_table_has_a_rule_beyond_its_form() -> None:
    assert {table.name for table in CHECKED} - {rule.table.name for stage in STAGES for rule in rules_of(stage)} == set()
