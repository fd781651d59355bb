"""Every table is declared once, and declared well: units, sentences, and everything derived from them agrees."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warehouse.lake import conformed
from warehouse.tables.builder import example_rows
from warehouse.tables.ddl import database_columns, database_key, database_schema, is_versioned, statements
from warehouse.tables.declaration import COUNT, NUMBER, Column, Table
from warehouse.tables.dictionary import dictionary
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.registry import ALL_TABLES, PUBLISHED_TABLES, table_named
from warehouse.tables.run import PLAN_VERSION, QUEUE
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL

every_table = pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
ROOT = Path(__file__).parents[3]
_UNIT_SUFFIXES = {"_seconds": "seconds", "_fraction": "fraction", "_items": "items", "_hours": "hours"}


def test_table_names_are_unique() -> None:
    assert len({table.name for table in ALL_TABLES}) == len(ALL_TABLES)


@every_table
def test_every_column_has_a_unit_and_a_sentence(table: Table) -> None:
    for column in table.all_columns:
        assert column.unit.strip(), f"{table.name}.{column.name} has no unit"
        assert re.fullmatch(r"[A-Z0-9].*[^.]\.", column.meaning), f"{table.name}.{column.name}: {column.meaning!r} is no sentence"
    assert table.grain
    assert table.meaning.endswith(".")


@every_table
def test_a_name_that_carries_a_unit_means_it(table: Table) -> None:
    for column in table.all_columns:
        for suffix, unit in _UNIT_SUFFIXES.items():
            if column.name.endswith(suffix):
                assert column.unit == unit, f"{table.name}.{column.name} counts {column.unit}"


@every_table
def test_example_rows_are_valid(table: Table) -> None:
    rows = example_rows(table, 40, seed=5)
    assert conformed(table, rows).num_rows == 40
    assert not rows.duplicated(subset=table.key_names).any()
    for column in table.all_columns:
        values = rows[column.name].dropna()
        if column.allowed:
            assert set(values) <= set(column.allowed)
        if column.minimum is not None:
            assert (values >= column.minimum).all()
        if column.maximum is not None:
            assert (values <= column.maximum).all()


def test_example_rows_follow_their_seed_and_what_is_fixed() -> None:
    assert example_rows(FORECAST_DAILY, 9, seed=1).equals(example_rows(FORECAST_DAILY, 9, seed=1))
    assert not example_rows(FORECAST_DAILY, 9, seed=1).equals(example_rows(FORECAST_DAILY, 9, seed=2))
    assert example_rows(FORECAST_DAILY, 2, member_id=["a", "b"], level="queue")["member_id"].tolist() == ["a", "b"]
    with pytest.raises(KeyError, match="no column 'surprise'"):
        example_rows(FORECAST_DAILY, 2, surprise=1)
    with pytest.raises(ValueError, match="different keys"):
        example_rows(QUEUE, 2, queue_id="one")
    with pytest.raises(ValueError, match="expected one value or 3"):
        example_rows(QUEUE, 3, channel=["voice", "chat"])


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    column = Column("offered_contacts", COUNT, unit="contacts", meaning="Offered.")
    with pytest.raises(ValueError, match="declared twice"):
        Table("twice", "run", "row", "Twice.", key=(column,), columns=(column,))
    with pytest.raises(ValueError, match="may not be nullable"):
        Table("gap", "run", "row", "Gap.", key=(column.optional(),), columns=())
    with pytest.raises(ValueError, match="partition column"):
        Table("lost", "run", "row", "Lost.", key=(column,), columns=(), partitioned_by=column.named("other", "Other."))
    with pytest.raises(KeyError, match="declared are"):
        table_named("no_such_table")


def test_only_filled_published_tables_become_database_tables() -> None:
    made = set(database_schema().tables)
    assert made == {table.name for table in ALL_TABLES if table.published and table.filled}
    assert "scenario_result" not in made
    assert {"plan_version", "queue", "staffing_interval", "forecast_interval"} <= made


@pytest.mark.parametrize("table", PUBLISHED_TABLES, ids=lambda table: table.name)
def test_rows_of_a_plan_are_kept_per_version(table: Table) -> None:
    key = database_key(table)
    assert ("version" in key) == is_versioned(table)
    added = {"version", "stated_at"}
    assert ("stated_at" in key) == table.restated
    assert [name for name in key if name not in added] == [name for name in table.key_names if name != "version"]
    assert [c.name for c in database_columns(table) if c.name not in added] == [n for n in table.column_names if n != "version"]


def test_bounds_and_comments_reach_the_database() -> None:
    made = "\n".join(statements([PLAN_VERSION, STAFFING_INTERVAL]))
    assert "CHECK (answered_fraction >= 0 AND answered_fraction <= 1)" in made
    assert "CHECK (cost >= 0 AND cost < 'Infinity')" in made, "not a number must not pass as a number"
    assert "staffing_model IN ('erlang_a', 'erlang_c', 'chat_chain', 'deferred')" in made
    assert (
        "COMMENT ON COLUMN staffing_interval.cost IS 'Cost of scheduled_staff for the open part of the interval. Unit: currency.'"
        in made
    )
    assert "EXECUTE FUNCTION public.leadline_rows_of_a_plan()" in made, "looked at per statement: rows per interval are many"
    assert "REFERENCES plan_version (plan_date, version)" in "\n".join(statements([PLAN_VERSION, STAFFING_DAILY]))
    numbers = [c for c in STAFFING_INTERVAL.all_columns if c.type == NUMBER]
    assert all(f"CONSTRAINT ck_staffing_interval_{c.name} " in made for c in numbers)


def test_the_data_dictionary_is_the_generated_one() -> None:
    page = ROOT / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8") == dictionary(), "docs/tables.md is not what the declarations say: run `make docs`"


def test_the_data_dictionary_says_what_is_not_filled_yet() -> None:
    text = dictionary()
    for table in ALL_TABLES:
        contents = next(line for line in text.splitlines() if line.startswith(f"| [{table.name}]("))
        assert ("declared, not filled yet" in contents) == (not table.filled)
