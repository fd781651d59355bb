"""Positions required: the least whole number that meets a service goal, per interval, with the Erlang A / Erlang C bracket."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from staffing import kernels
from staffing.doors import FloatArray, IntArray, views
from staffing.erlang import load_of
from staffing.goals import Goal
from staffing.spreading import spread

_ONE_AT_A_TIME = {"concurrency": 1.0, "slowdown_per_extra_chat": 0.0}


@dataclass(frozen=True)
class Requirement:
    """Positions per interval, before shrinkage."""

    positions: IntArray
    """Least whole number of positions that meets every part of the goal; 0 where nothing is offered."""
    positions_fractional: FloatArray
    """In (positions - 1, positions]: where the straight line from the measures at `positions - 1` to those at `positions` meets
    the goal.

    Of several limits the most demanding counts. A mean wait is taken by its reciprocal, and Erlang C at the load itself has level
    0 and no end of waiting. Use it for totals and costs; staff are the whole number, rounded once.
    """
    trials: IntArray
    """How many numbers of positions were evaluated in the search."""


@dataclass(frozen=True)
class RequirementBracket:
    """The same requirement with and without abandonment: people who give up make it smaller."""

    erlang_a: Requirement
    erlang_c: Requirement


def positions_required(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    goal: Goal,
    mean_patience_seconds: npt.ArrayLike = np.inf,
) -> Requirement:
    """Least positions that meet a goal, by Erlang A, and by Erlang C where patience is infinite.

    Minimal: one position fewer misses the goal (differences below 1e-12 relative count as met, so that an occupancy limit that is
    met exactly is met). Erlang C additionally needs more positions than erlangs. All inputs, those of the goal too, are broadcast
    against each other; ranges as in `staffing.erlang.queue_measures` and `staffing.goals.Goal`.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> goal = Goal(answered_fraction=0.8, answer_within_seconds=20)
        >>> found = positions_required(offered_contacts=[0, 100, 600], interval_seconds=1800, mean_handle_seconds=[180, 180, 300],
        ...                            mean_patience_seconds=[300, 300, 120], goal=goal)
        >>> found.positions, found.positions_fractional.round(2)
        (array([ 0, 13, 98]), array([ 0.  , 12.32, 97.34]))
    """
    shape, flat = views(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        mean_patience_seconds=mean_patience_seconds,
        **goal.inputs,
    )
    flat |= {name: np.broadcast_to(value, math.prod(shape)) for name, value in _ONE_AT_A_TIME.items()}
    return search(kernels.VOICE, shape, flat, goal.code)


def requirement_bracket(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    goal: Goal,
    mean_patience_seconds: npt.ArrayLike,
) -> RequirementBracket:
    """The requirement with the patience given and with endless patience; arguments as in `positions_required`.

    A limit on abandonment cannot be missed where nobody abandons, so with one the bracket can turn round.

    Example:
        >>> found = requirement_bracket(offered_contacts=250, interval_seconds=1800, mean_handle_seconds=300,
        ...                             mean_patience_seconds=120, goal=Goal(answered_fraction=0.8, answer_within_seconds=20))
        >>> int(found.erlang_a.positions), int(found.erlang_c.positions)
        (43, 48)
    """

    def required(patience: npt.ArrayLike) -> Requirement:
        return positions_required(
            offered_contacts=offered_contacts,
            interval_seconds=interval_seconds,
            mean_handle_seconds=mean_handle_seconds,
            goal=goal,
            mean_patience_seconds=patience,
        )

    return RequirementBracket(
        erlang_a=required(mean_patience_seconds), erlang_c=required(np.full(np.shape(mean_patience_seconds), np.inf))
    )


def search(model: int, shape: tuple[int, ...], flat: dict[str, FloatArray], definition: int) -> Requirement:
    """Requirement of checked inputs, those of chat among them, under a model of `staffing.kernels`."""
    out = np.empty((math.prod(shape), 3))

    def fill(first: int, behind: int) -> None:
        part = {name: np.array(values[first:behind]) for name, values in flat.items()}  # a slice stays in the processor's cache
        kernels.positions_of_rows(
            model, load_of(part), part["mean_handle_seconds"], part["mean_patience_seconds"], part["answer_within_seconds"],
            part["answered_fraction"], definition, part["maximum_occupancy"], part["maximum_mean_wait_seconds"],
            part["maximum_abandoned_fraction"], part["concurrency"], part["slowdown_per_extra_chat"], out[first:behind],
        )  # fmt: skip

    spread(fill, len(out))
    whole, fractional, trials = out.T
    return Requirement(
        positions=whole.astype(np.int64).reshape(shape),
        positions_fractional=np.minimum(fractional, whole).reshape(shape),
        trials=trials.astype(np.int64).reshape(shape),
    )
