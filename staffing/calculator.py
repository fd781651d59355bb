"""Staff for intervals of a planner's own: a table of contacts, handle times and goals becomes one of positions and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd

from staffing.chat import chat_measures, chat_positions_required
from staffing.doors import RULES, BoolArray, FloatArray, expected, fitting
from staffing.erlang import QueueMeasures, queue_measures
from staffing.goals import Definition, Goal
from staffing.requirement import Requirement, positions_required
from staffing.shrinkage import scheduled_staff

MODELS = ("erlang_c", "erlang_a", "chat")
DEFINITIONS = get_args(Definition)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Input:
    """A column of numbers: the rule it obeys, what an empty cell means (None: it may not be empty), and other names for it."""

    rule: str
    empty: float | None = None
    also: tuple[str, ...] = ()


_NUMBERS: Mapping[str, _Input] = {
    "contacts": _Input("offered_contacts", also=("offered_contacts",)),
    "interval_seconds": _Input("interval_seconds"),
    "mean_handle_seconds": _Input("mean_handle_seconds"),
    "mean_patience_seconds": _Input("mean_patience_seconds", np.inf),
    "answered_fraction": _Input("answered_fraction"),
    "answer_within_seconds": _Input("answer_within_seconds"),
    "occupancy_cap": _Input("maximum_occupancy", np.nan, ("maximum_occupancy",)),
    "shrinkage": _Input("lost_fraction", 0.0, ("shrinkage_fraction",)),
    "minimum_positions": _Input("minimum_positions", 0.0),
    "concurrency": _Input("concurrency", 1.0),
    "slowdown_per_extra_chat": _Input("slowdown_per_extra_chat", 0.0),
    "hourly_cost": _Input("hourly_cost", 0.0),
}
_WORDS: Mapping[str, tuple[str, ...]] = {"model": MODELS, "service_level_definition": DEFINITIONS}
REQUIRED = tuple(name for name, one in _NUMBERS.items() if one.empty is None)
OPTIONAL = tuple(name for name in (*_NUMBERS, *_WORDS) if name not in REQUIRED)

RESULTS: Mapping[str, str] = {
    "staffing_model": "erlang_c, erlang_a or chat",
    "offered_load_erlangs": "contacts x mean handle time / interval",
    "positions_required": "whole positions before shrinkage; least number that meets the goal, at least the minimum",
    "positions_required_fractional": "where the goal is met exactly between two whole numbers; for totals and costs",
    "positions_erlang_c": "positions if nobody hung up; empty for chat",
    "positions_erlang_a": "positions with the patience given; empty for chat and without patience",
    "scheduled_staff": "people to schedule: positions / (1 - shrinkage), rounded up once",
    "staff_hours": "scheduled_staff x interval",
    "cost": "staff_hours x hourly_cost",
    "predicted_answered_fraction": "service level with positions_required, by service_level_definition",
    "mean_wait_seconds": "mean wait of all contacts; empty where it has no end",
    "abandoned_fraction": "share of contacts that hang up",
    "occupancy_fraction": "share of the positions' time that is work",
    "decided_by": "goal, occupancy cap or minimum",
}
"""Columns of the result with their meaning."""


def staff_intervals(intervals: pd.DataFrame) -> pd.DataFrame:
    """Positions, people and predictions for every row.

    Args:
        intervals: one row per interval, as numbers or as text. Needed: contacts, interval_seconds, mean_handle_seconds,
            answered_fraction and answer_within_seconds (the goal). Where there or filled: mean_patience_seconds (empty: nobody
            hangs up), occupancy_cap, shrinkage, minimum_positions, hourly_cost, concurrency and slowdown_per_extra_chat (chat),
            `model` (erlang_c, erlang_a, chat; empty: Erlang A where a patience is given, chat where the concurrency exceeds 1),
            service_level_definition (empty: of_offered). Other columns are handed through.

    Returns:
        The same rows in the same order with the columns of `RESULTS` behind their own.

    Raises:
        ValueError: naming row (from 1), column, what is there and what is expected, of up to five cells.

    Example:
        >>> rows = pd.DataFrame({"contacts": [100, 0], "interval_seconds": 1800, "mean_handle_seconds": 180,
        ...                      "answered_fraction": 0.8, "answer_within_seconds": 20, "shrinkage": 0.3})
        >>> staff_intervals(rows)[["positions_required", "scheduled_staff"]].to_numpy().tolist()
        [[14, 20], [0, 0]]
    """
    named = _named(intervals)
    problems: list[str] = []
    values = {name: _numbers(named, name, problems) for name in _NUMBERS}
    words = {name: _texts(named, name, problems) for name in _WORDS}
    model = _models(words["model"], values, problems)
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise ValueError("; ".join(problems[:_SHOWN]) + more)
    clash = [name for name in RESULTS if name in intervals.columns]
    if clash:
        raise ValueError(f"column {', '.join(clash)} is one of the result's; give the column of the input another name")
    definition = np.where(words["service_level_definition"] == "", "of_offered", words["service_level_definition"])
    parts = [_part(values, model, definition, one, by) for one in MODELS for by in DEFINITIONS]
    results = pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index()
    return pd.concat([intervals.reset_index(drop=True), results[list(RESULTS)]], axis=1)


def _named(intervals: pd.DataFrame) -> pd.DataFrame:
    """The table with our names for its columns.

    Raises:
        ValueError: if a needed column is missing or one is there twice.
    """
    ours = {other: name for name, one in _NUMBERS.items() for other in one.also}
    named = intervals.rename(columns={column: ours.get(column, column) for column in intervals.columns})
    missing = [name for name in REQUIRED if name not in named.columns]
    twice = [name for name in (*_NUMBERS, *_WORDS) if list(named.columns).count(name) > 1]
    if missing or twice:
        what = f"no column {', '.join(missing)}" if missing else f"column {', '.join(twice)} twice"
        raise ValueError(
            f"the table has {what}; it has {', '.join(map(str, intervals.columns)) or 'none'}. "
            f"Needed are {', '.join(REQUIRED)}; known besides are {', '.join(OPTIONAL)}"
        )
    return named.reset_index(drop=True)


def _numbers(named: pd.DataFrame, name: str, problems: list[str]) -> FloatArray:
    rule = _NUMBERS[name]
    if name not in named.columns:
        return np.full(len(named), np.nan if rule.empty is None else rule.empty)
    cells = named[name]
    text = cells.astype(str).str.strip()
    empty = (cells.isna() | (text == "") | (text.str.casefold() == "nan")).to_numpy(dtype=bool)
    array = pd.to_numeric(cells.where(~empty), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    unreadable = np.isnan(array) & ~empty
    fits = fitting(rule.rule, array) & ~unreadable
    if rule.empty is None:
        fits &= ~empty
    else:
        fits |= empty
        array = np.where(empty, rule.empty, array)
    _complain(problems, name, text, ~fits, f"expected a number {expected(rule.rule)}: {RULES[rule.rule].remedy}", empty)
    return array


def _texts(named: pd.DataFrame, name: str, problems: list[str]) -> Any:
    if name not in named.columns:
        return np.full(len(named), "", dtype=object)
    words = named[name].fillna("").astype(str).str.strip()
    known = words.isin(["", *_WORDS[name]])
    _complain(problems, name, words, (~known).to_numpy(dtype=bool), f"expected {', '.join(_WORDS[name])}, or nothing")
    return words.to_numpy(dtype=object)


def _models(words: Any, values: Mapping[str, FloatArray], problems: list[str]) -> Any:
    """The model of each row; one that contradicts its row is a problem."""
    patient, many = np.isfinite(values["mean_patience_seconds"]), values["concurrency"] > 1
    chosen = np.where(words != "", words, np.where(many, "chat", np.where(patient, "erlang_a", "erlang_c")))
    text = pd.Series(chosen, dtype=str)
    remedy = "expected mean_patience_seconds beside it; or use erlang_c, for which nobody hangs up"
    _complain(problems, "model", text, (chosen == "erlang_a") & ~patient, remedy)
    remedy = "expected chat where concurrency is above 1; or leave the concurrency out"
    _complain(problems, "model", text, (chosen != "chat") & many, remedy)
    return chosen


def _complain(
    problems: list[str], name: str, text: pd.Series, bad: BoolArray, expectation: str, empty: BoolArray | None = None
) -> None:
    for row in np.flatnonzero(bad).tolist():
        found = "empty" if empty is not None and empty[row] else text.iloc[row]
        problems.append(f"row {row + 1}, column {name} is {found}; {expectation}")


def _part(values: Mapping[str, FloatArray], model: Any, definition: Any, chosen: str, by: Any) -> pd.DataFrame:
    """Results of the rows of one model and definition, under their positions in the table."""
    rows = np.flatnonzero((model == chosen) & (definition == by))
    of = {name: array[rows] for name, array in values.items()}
    patience = np.full(rows.size, np.inf) if chosen == "erlang_c" else of["mean_patience_seconds"]
    line: dict[str, Any] = {
        "offered_contacts": of["contacts"],
        "interval_seconds": of["interval_seconds"],
        "mean_handle_seconds": of["mean_handle_seconds"],
    }
    if chosen == "chat":
        line |= {"concurrency": of["concurrency"], "slowdown_per_extra_chat": of["slowdown_per_extra_chat"]}

    def required(patience_seconds: FloatArray, cap: FloatArray) -> Requirement:
        goal = Goal(
            answered_fraction=of["answered_fraction"],
            answer_within_seconds=of["answer_within_seconds"],
            definition=by,
            maximum_occupancy=cap,
        )
        search = chat_positions_required if chosen == "chat" else positions_required
        return search(**line, goal=goal, mean_patience_seconds=patience_seconds)

    needed = required(patience, of["occupancy_cap"])
    uncapped = required(patience, np.full(rows.size, np.nan))
    positions = np.maximum(needed.positions, of["minimum_positions"]).astype(np.int64)
    met = _measures(chosen, line, of, patience, positions)
    staff = scheduled_staff(positions, {"shrinkage": of["shrinkage"]}).staff
    hours = staff * of["interval_seconds"] / 3600.0
    nobody = pd.array([pd.NA] * rows.size, dtype="Int64")
    erlang_c = nobody if chosen == "chat" else required(np.full(rows.size, np.inf), of["occupancy_cap"]).positions
    wait = np.asarray(met.mean_wait_seconds)
    return pd.DataFrame(
        {
            "staffing_model": chosen,
            "offered_load_erlangs": of["contacts"] * of["mean_handle_seconds"] / of["interval_seconds"],
            "positions_required": positions,
            "positions_required_fractional": np.maximum(needed.positions_fractional, of["minimum_positions"]),
            "positions_erlang_c": pd.array(erlang_c, dtype="Int64"),
            "positions_erlang_a": pd.array(needed.positions, dtype="Int64") if chosen == "erlang_a" else nobody,
            "scheduled_staff": staff,
            "staff_hours": hours,
            "cost": hours * of["hourly_cost"],
            "predicted_answered_fraction": np.clip(met.service_level(by), 0.0, 1.0),
            "mean_wait_seconds": np.where(np.isfinite(wait), wait, np.nan),
            "abandoned_fraction": np.clip(met.abandoned_fraction, 0.0, 1.0),
            "occupancy_fraction": np.clip(met.occupancy, 0.0, 1.0),
            "decided_by": _decisions(needed.positions, uncapped.positions, positions),
        },
        index=rows,
    )


def _measures(
    chosen: str, line: dict[str, Any], of: Mapping[str, FloatArray], patience: FloatArray, positions: Any
) -> QueueMeasures:
    more = {
        "positions": positions,
        "answer_within_seconds": of["answer_within_seconds"],
        "mean_patience_seconds": patience,
    }
    return chat_measures(**line, **more).queue if chosen == "chat" else queue_measures(**line, **more)


def _decisions(needed: Any, uncapped: Any, positions: Any) -> Sequence[str]:
    return np.select([positions > needed, needed > uncapped], ["minimum", "occupancy cap"], default="goal")  # type: ignore[return-value]
