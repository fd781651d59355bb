"""Rules about single rows of long tables: all rules of a table counted in one pass in the database, queue by queue."""

# ruff: noqa: S608 - SQL is put together from the rules' own conditions and constants, never from data.

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.rule import Night, Rule, Severity, Stage, tallied
from warehouse.tables.declaration import Table

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition that no row may meet.

    Attributes:
        name: stable name of the rule.
        severity: what a failure does.
        broken: SQL condition of a row that breaks it; a condition that is missing breaks nothing.
        words: SQL text that says of such a row what was seen.
        expected: what must be true, in words.
        next_step: what to do when it is not.
    """

    name: str
    severity: Severity
    broken: str
    words: str
    expected: str
    next_step: str


def row_rules(
    stage: Stage, table: Table, rules: Sequence[RowRule], prepare: Callable[[Night], str] | None = None
) -> tuple[Rule, ...]:
    """The rules of a table, counted together when the first of them is asked.

    Args:
        stage: stage of the rules.
        table: table whose rows are looked at.
        rules: the conditions; those of a table with queues are counted queue by queue.
        prepare: makes what the conditions need in the night's database and gives the relation to read instead of the table.
    """

    def looked_at(night: Night) -> dict[str, pd.DataFrame]:
        found: dict[str, pd.DataFrame] = night.once((stage, table.name), lambda: _counted(night, table, rules, prepare))
        return found

    def rule_of(row: RowRule) -> Rule:
        return Rule(row.name, stage, table, row.severity, row.expected, row.next_step, lambda night: looked_at(night)[row.name])

    return tuple(rule_of(row) for row in rules)


def _counted(
    night: Night, table: Table, rules: Sequence[RowRule], prepare: Callable[[Night], str] | None
) -> dict[str, pd.DataFrame]:
    relation = table.name if prepare is None else prepare(night)
    queue = "queue_id" if "queue_id" in table.column_names else "NULL::VARCHAR"
    order = ", ".join(f'"{name}"' for name in table.key_names)
    asked = ", ".join(
        f"count(*) FILTER (WHERE {rule.broken}), "
        f"arg_min({rule.words}, ({order}), {_SHOWN}) FILTER (WHERE ({rule.broken}) AND ({rule.words}) IS NOT NULL)"
        for rule in rules
    )
    groups = night.rows(f"SELECT {queue} AS queue_id, count(*), {asked} FROM {relation} AS r GROUP BY ALL ORDER BY 1")
    return {
        rule.name: tallied([(group[0], group[1], group[2 + 2 * place], _joined(group[3 + 2 * place])) for group in groups])
        for place, rule in enumerate(rules)
    }


def _joined(examples: Sequence[str] | None) -> str:
    return "; ".join(examples or ())


def with_time_zone(night: Night, relation: str) -> str:
    """Tell the database the enterprise's time zone; gives the relation back."""
    night.database.execute("SET VARIABLE time_zone = $zone", {"zone": night.enterprise.time_zone})
    return relation


def on_its_day(table: Table, instant: str) -> RowRule:
    """Rows lie in the partition of the local day on which they happened; needs `with_time_zone`."""
    local = f"timezone(getvariable('time_zone'), {instant})"
    return RowRule(
        f"{table.name}_on_their_day",
        "stop",
        f"{local}::DATE <> business_date",
        f"'{instant} ' || strftime({local}, '%Y-%m-%d %H:%M') || ' filed under ' || business_date::VARCHAR",
        f"business_date is the local day of {instant}",
        "tell whoever looks after Leadline, with these values: the step that files rows by day is wrong",
    )
