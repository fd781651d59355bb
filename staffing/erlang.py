"""Erlang B, C and A (M/M/n+M): what callers meet when so many positions answer, all intervals at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from staffing import kernels
from staffing.doors import BoolArray, FloatArray, columns
from staffing.goals import Definition, definition_code
from staffing.spreading import spread


@dataclass(frozen=True)
class QueueMeasures:
    """What callers and agents meet in each interval; arrays of one shape, fractions in [0, 1] of offered contacts."""

    offered_load: FloatArray
    """Arrivals times mean handle time, erlangs."""
    is_stable: BoolArray
    """Whether the queue settles; always with finite patience, otherwise only if positions exceed the load."""
    wait_probability: FloatArray
    """Fraction that does not find a free position."""
    abandoned_fraction: FloatArray
    answered_within_fraction: FloatArray
    """Answered within the threshold."""
    abandoned_within_fraction: FloatArray
    """Abandoned within the threshold."""
    late_fraction: FloatArray
    """Whose wait, answered or abandoned, exceeds the threshold."""
    late_virtual_fraction: FloatArray
    """Who would wait longer than the threshold if nothing could make them abandon."""
    virtual_within_fraction: FloatArray
    """Who would not; exact also where hardly anybody."""
    mean_wait_seconds: FloatArray
    """Mean wait of all offered contacts; infinite where the queue does not settle."""
    mean_wait_answered_seconds: FloatArray
    """Mean wait of the answered contacts; NaN where none is answered, infinite where the queue does not settle."""
    occupancy: FloatArray
    """Share of the positions' time in use; 1 where the queue does not settle or nobody answers."""
    mean_queue_contacts: FloatArray
    """Mean number of waiting contacts."""

    def service_level(self, definition: Definition) -> FloatArray:
        """The service level by a definition (`staffing.goals.Goal`); 1 where nothing is offered, 0 where nobody could answer.

        Raises:
            ValueError: if the definition is not known.
        """
        code = definition_code(definition)
        served, late = self.answered_within_fraction, self.late_fraction
        if code == kernels.OF_OFFERED:
            return served
        if code == kernels.OF_ANSWERED:
            return share(served, 1.0 - self.abandoned_fraction)
        if code == kernels.EXCLUDING_SHORT_ABANDONS:
            return share(served, served + late)
        return served + self.abandoned_within_fraction if code == kernels.WAIT_WITHIN else self.virtual_within_fraction


def offered_load(
    *, offered_contacts: npt.ArrayLike, interval_seconds: npt.ArrayLike, mean_handle_seconds: npt.ArrayLike
) -> FloatArray:
    """Offered load in erlangs: contacts x mean handle time / interval.

    A load within rounding of a whole number is that number, so that 10 positions under a load of exactly 10 are seen as such.

    Raises:
        ValueError: naming the first offending index, if an input is negative, not finite, or zero where it divides.

    Example:
        >>> float(offered_load(offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180))
        10.0
    """
    shape, flat = columns(
        offered_contacts=offered_contacts, interval_seconds=interval_seconds, mean_handle_seconds=mean_handle_seconds
    )
    return load_of(flat).reshape(shape)


def load_of(flat: dict[str, FloatArray]) -> FloatArray:
    """Offered load of inputs that the door has checked."""
    load: FloatArray = flat["offered_contacts"] * flat["mean_handle_seconds"] / flat["interval_seconds"]
    whole = np.round(load)
    return np.where(np.abs(load - whole) <= kernels.SLACK * whole, whole, load)


def blocking_probability(offered_load: npt.ArrayLike, positions: npt.ArrayLike) -> FloatArray:
    """Probability that an arriving contact finds all positions busy when none may wait, M/M/n/n (Erlang B).

    Args:
        offered_load: erlangs, >= 0; any shape.
        positions: whole, >= 0; broadcast against `offered_load`.

    Returns:
        Fractions in [0, 1]; 1 with no position, 0 where nothing is offered.

    Raises:
        ValueError: naming the first offending index.

    Example:
        >>> blocking_probability(10.0, [0, 14]).round(6)
        array([1.      , 0.056819])
    """
    shape, flat = columns(offered_load=offered_load, positions=positions)
    below = _below(flat)
    return np.where(flat["offered_load"] > 0, 1.0 / (1.0 + below), 0.0).reshape(shape)


def wait_probability(offered_load: npt.ArrayLike, positions: npt.ArrayLike) -> FloatArray:
    """Probability that an arriving contact waits when nobody abandons, M/M/n (Erlang C).

    Args:
        offered_load: arrival rate times mean handle time, erlangs, >= 0; any shape.
        positions: people answering at once, >= 0, before shrinkage is added; broadcast against `offered_load`.

    Returns:
        Fractions in [0, 1]; exactly 1 where `positions <= offered_load` (nobody is ever caught up), exactly 0 where nothing is
        offered.

    Raises:
        ValueError: naming the first offending index, if a load is negative or not finite, or a count negative or not whole.

    Example:
        >>> wait_probability([10.0], [14]).round(4)
        array([0.1741])

    Source: Gans, Koole, Mandelbaum (2003), section 4.1.
    """
    shape, flat = columns(offered_load=offered_load, positions=positions)
    load, count = flat["offered_load"], flat["positions"]
    free = np.maximum(count - load, 0.0) / np.maximum(count, 1.0)
    with np.errstate(invalid="ignore"):
        waits = np.where(free > 0, 1.0 / (1.0 + free * _below(flat)), 1.0)
    return np.where(load > 0, waits, 0.0).reshape(shape)


def queue_measures(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    positions: npt.ArrayLike,
    answer_within_seconds: npt.ArrayLike,
    mean_patience_seconds: npt.ArrayLike = np.inf,
) -> QueueMeasures:
    """What callers meet: Erlang A (M/M/n+M), and Erlang C (M/M/n) where patience is infinite.

    All inputs are broadcast against each other: one value per interval, or one for all. Exact (about 1e-10 relative) from 0 to
    100,000 contacts per half hour and 5,000 positions, in overload, and for any patience.

    Args:
        offered_contacts: contacts per interval, >= 0, finite.
        interval_seconds: length of the interval, > 0.
        mean_handle_seconds: mean handle time (AHT), > 0.
        positions: whole people answering, >= 0. With none everybody abandons (or, with endless patience, waits for ever).
        answer_within_seconds: the threshold T, >= 0.
        mean_patience_seconds: mean time until a waiting contact abandons, > 0; infinity (the default) for no abandonment.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> found = queue_measures(offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180, positions=14,
        ...                        answer_within_seconds=20, mean_patience_seconds=[300, np.inf])
        >>> found.service_level("of_offered").round(6), found.abandoned_fraction.round(6)
        (array([0.916792, 0.88835 ]), array([0.013984, 0.      ]))

    Source: Garnett, Mandelbaum, Reiman (2002); Mandelbaum, Zeltyn (2007).
    """
    shape, flat = columns(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        positions=positions,
        answer_within_seconds=answer_within_seconds,
        mean_patience_seconds=mean_patience_seconds,
    )
    alone = np.ones_like(flat["positions"])
    return measure(kernels.VOICE, shape, flat, alone, np.zeros_like(alone), flat["positions"])


def measure(
    model: int,
    shape: tuple[int, ...],
    flat: dict[str, FloatArray],
    concurrency: FloatArray,
    slowdown: FloatArray,
    capacity: FloatArray,
) -> QueueMeasures:
    """Measures of checked inputs under a model of `staffing.kernels`; `capacity` is the load that the positions can carry."""
    load, patience, handle = load_of(flat), flat["mean_patience_seconds"], flat["mean_handle_seconds"]
    within = flat["answer_within_seconds"]
    out = np.empty((load.size, 7))

    def fill(first: int, behind: int) -> None:
        part = slice(first, behind)
        kernels.measures_of_rows(
            model, load[part], flat["positions"][part], handle[part], patience[part], within[part],
            concurrency[part], slowdown[part], out[part],
        )  # fmt: skip

    spread(fill, load.size)
    waits, abandons, served, late_virtual, gone, virtual, wait = (np.ascontiguousarray(part) for part in out.T)
    stable = np.isfinite(patience) | (capacity > load) | (load == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_wait = np.where(np.isfinite(patience), abandons * patience, wait)
        busy = np.where(capacity > 0, np.minimum(load * (1.0 - abandons) / capacity, 1.0), 1.0)
        queue = mean_wait * flat["offered_contacts"] / flat["interval_seconds"]
    fields = (
        load, stable, waits, abandons, served, gone, late_virtual * np.exp(-within / patience), late_virtual, virtual,
        mean_wait, wait,
        np.where(load > 0, np.where(stable, busy, 1.0), 0.0), queue,
    )  # fmt: skip
    return QueueMeasures(*(field.reshape(shape) for field in fields))  # type: ignore[arg-type]


def _below(flat: dict[str, FloatArray]) -> FloatArray:
    below = np.empty_like(flat["offered_load"])
    for row, (load, count) in enumerate(zip(flat["offered_load"], flat["positions"], strict=True)):
        below[row] = kernels.weight_below(load, count) if load > 0 else 0.0
    return below


def share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """`part / whole`, at most 1, and 0 where the whole is 0."""
    return np.minimum(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0), 1.0)
