"""Great Expectations, started once a process and as light as it gets: it judges the counts of a table's rules."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from expectations.load_when_used import load_when_used

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition

_RULE, _FAILED = "rule", "rows_failed"
_SELDOM_USED = ("scipy.stats", "altair", "boto3")
"""What Great Expectations loads for tests of distributions, charts and files in S3, a third of its start; not asked for here."""


def broken_rules(suite_name: str, rows_failed: Mapping[str, int], about: Sequence[Mapping[str, object]]) -> set[str]:
    """Which rules are broken, as Great Expectations sees it: one suite and one batch per table, with one row per rule.

    Args:
        suite_name: stage and table.
        rows_failed: rows that break a rule, by rule.
        about: what the rules are, for the suite's meta: rule, expected, severity, next_step and rows_checked.
    """
    definition = _started()
    import great_expectations as gx
    import great_expectations.expectations as gxe

    none_fails = gxe.ExpectColumnValuesToBeBetween(column=_FAILED, min_value=0, max_value=0)
    suite = gx.ExpectationSuite(name=suite_name, expectations=[none_fails], meta={"rules": [dict(one) for one in about]})
    counts = pd.DataFrame({_RULE: list(rows_failed), _FAILED: list(rows_failed.values())}).astype({_FAILED: "int64"})
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": [_RULE]}
    found = definition.get_batch({"dataframe": counts}).validate(suite, result_format=wanted)
    if found.success:
        return set()
    return {str(row[_RULE]) for result in found.results for row in result.result["unexpected_index_list"]}


@lru_cache(maxsize=1)
def _started() -> BatchDefinition:
    for name in _SELDOM_USED:
        load_when_used(name)
    collects = gc.isenabled()
    gc.disable()  # what is loaded is no garbage, and looking for some in it again and again takes a fifth of the start
    try:
        import great_expectations as gx  # takes seconds: only where a check really runs
    finally:
        if collects:
            gc.enable()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("night").add_dataframe_asset("rules").add_batch_definition_whole_dataframe("night")
