"""Staffing when the volume is uncertain: the probability that the goal is met, and positions for a wanted probability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from staffing import kernels
from staffing.doors import FloatArray, columns
from staffing.goals import Goal
from staffing.spreading import spread

QUANTILE_LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The quantiles that a forecast publishes."""


def contacts_at_probability(
    offered_contacts_quantiles: npt.ArrayLike,
    probability: npt.ArrayLike,
    quantile_levels: npt.ArrayLike = QUANTILE_LEVELS,
) -> FloatArray:
    """Contacts that are not exceeded with a probability: the forecast's quantile function, also between its published points.

    Between two quantiles the function is straight in the normal score of the probability (exact for a normal distribution,
    monotone for any), beyond the outermost it goes on as steeply as in the last piece, never below 0. Staff to this volume, and
    the goal is met with that probability: a goal that positions meet at a volume they meet at every smaller one.

    Args:
        offered_contacts_quantiles: shape (..., levels), not decreasing along the last axis, >= 0.
        probability: in (0, 1); broadcast against the leading axes.
        quantile_levels: the levels of the last axis, rising, in (0, 1); at least two.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> contacts_at_probability([80, 85, 92, 100, 109, 118, 124], [0.5, 0.8])
        array([100.       , 111.477...])
    """
    quantiles, scores = _quantiles(offered_contacts_quantiles, quantile_levels)
    together = np.broadcast_shapes(np.shape(probability), quantiles.shape[:-1])
    shape, flat = columns(probability=np.broadcast_to(np.asarray(probability, dtype=np.float64), together))
    table = np.broadcast_to(quantiles, (*shape, scores.size)).reshape(-1, scores.size)
    score = ndtri(flat["probability"])
    piece = np.clip(np.searchsorted(scores, score, side="right") - 1, 0, scores.size - 2)
    rows = np.arange(score.size)
    low, high = table[rows, piece], table[rows, piece + 1]
    part = (score - scores[piece]) / (scores[piece + 1] - scores[piece])
    return np.maximum(low + part * (high - low), 0.0).reshape(shape)


def probability_of_at_most(
    contacts: npt.ArrayLike,
    offered_contacts_quantiles: npt.ArrayLike,
    quantile_levels: npt.ArrayLike = QUANTILE_LEVELS,
) -> FloatArray:
    """Probability that no more than `contacts` are offered: the inverse of `contacts_at_probability`; 0 below 0.

    Where quantiles coincide (a volume that is certain, or zero with some probability) the probability jumps to the highest level.

    Example:
        >>> probability_of_at_most([100, 1e9], [80, 85, 92, 100, 109, 118, 124])
        array([0.5, 1. ])
    """
    quantiles, scores = _quantiles(offered_contacts_quantiles, quantile_levels)
    volume = np.asarray(contacts, dtype=np.float64)
    if np.isnan(volume).any():
        raise ValueError(f"contacts[{int(np.flatnonzero(np.isnan(volume))[0])}] is nan; expected a number or infinity")
    shape = np.broadcast_shapes(volume.shape, quantiles.shape[:-1])
    table = np.broadcast_to(quantiles, (*shape, scores.size)).reshape(-1, scores.size)
    wanted = np.broadcast_to(volume, shape).reshape(-1)
    piece = np.clip((table <= wanted[:, None]).sum(axis=1) - 1, 0, scores.size - 2)
    rows = np.arange(wanted.size)
    low, high = table[rows, piece], table[rows, piece + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (wanted - low) / (high - low)
        # A flat piece: everything above lies beyond it, everything below before it, and the volume itself has been reached.
        part = np.where(high > low, part, np.where(wanted >= high, np.inf, -np.inf))
        score = scores[piece] + part * (scores[piece + 1] - scores[piece])
    return np.where(wanted < 0, 0.0, ndtr(score)).reshape(shape)


def largest_contacts(
    *,
    positions: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    goal: Goal,
    mean_patience_seconds: npt.ArrayLike = np.inf,
    concurrency: npt.ArrayLike | None = None,
    slowdown_per_extra_chat: npt.ArrayLike = 0.0,
) -> FloatArray:
    """The most contacts per interval with which so many positions still meet the goal, to 1e-10 relative.

    Voice by Erlang A or C as in `staffing.requirement.positions_required`; chat by the load-dependent chain if `concurrency` is
    given. 0 where there are no positions.

    Raises:
        ValueError: naming the first offending index and the remedy; also if the goal asks for nothing.

    Example:
        >>> goal = Goal(answered_fraction=0.8, answer_within_seconds=20)
        >>> largest_contacts(positions=[13, 14], interval_seconds=1800, mean_handle_seconds=180, goal=goal).round(2)
        array([ 99.67, 108.68])
    """
    shape, flat = columns(
        positions=positions,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        mean_patience_seconds=mean_patience_seconds,
        concurrency=1 if concurrency is None else concurrency,
        slowdown_per_extra_chat=slowdown_per_extra_chat,
        **goal.inputs,
    )
    limits = [flat[name] for name in goal.inputs if name != "answer_within_seconds"]
    empty = np.flatnonzero(np.all(np.isnan(limits), axis=0))
    if empty.size:
        raise ValueError(f"the goal at flat index {int(empty[0])} asks for nothing: give an answered_fraction or a limit")
    loads = np.empty(flat["positions"].size)
    model = kernels.VOICE if concurrency is None else kernels.LOAD_DEPENDENT

    def fill(first: int, behind: int) -> None:
        part = slice(first, behind)
        kernels.largest_loads_of_rows(
            model, flat["positions"][part], flat["mean_handle_seconds"][part], flat["mean_patience_seconds"][part],
            flat["answer_within_seconds"][part], flat["answered_fraction"][part], goal.code, flat["maximum_occupancy"][part],
            flat["maximum_mean_wait_seconds"][part], flat["maximum_abandoned_fraction"][part], flat["concurrency"][part],
            flat["slowdown_per_extra_chat"][part], loads[part],
        )  # fmt: skip

    spread(fill, loads.size)
    return (loads * flat["interval_seconds"] / flat["mean_handle_seconds"]).reshape(shape)


def _quantiles(quantiles: npt.ArrayLike, levels: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Checked quantiles and the normal scores of their levels."""
    level = np.asarray(levels, dtype=np.float64)
    if level.ndim != 1 or level.size < 2 or not (level > 0).all() or not (level < 1).all() or not (np.diff(level) > 0).all():
        raise ValueError(f"quantile_levels are {level.tolist()}; expected at least two rising levels between 0 and 1")
    shape, flat = columns(offered_contacts=quantiles)
    table = flat["offered_contacts"].reshape(shape)
    if not shape or shape[-1] != level.size:
        raise ValueError(f"the quantiles have shape {shape}; expected {level.size} along the last axis: {level.tolist()}")
    falls = np.argwhere(np.diff(table, axis=-1) < 0)
    if falls.size:
        first = [int(part) for part in falls[0]]
        raise ValueError(f"the quantiles fall behind index {first}; expected a rising row: sort them before staffing")
    return table, np.asarray(ndtri(level), dtype=np.float64)
