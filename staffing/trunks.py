"""Finite trunks (M/M/n/K, with and without patience): what callers meet where only so many can be in the system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from staffing import kernels
from staffing.doors import FloatArray, columns
from staffing.erlang import load_of, share


@dataclass(frozen=True)
class TrunkMeasures:
    """What callers meet where only so many can be in the system; arrays of one shape."""

    offered_load: FloatArray
    blocked_fraction: FloatArray
    """Of offered: those that find all trunks taken."""
    wait_probability: FloatArray
    """Of offered: those accepted that do not find a free position."""
    answered_within_fraction: FloatArray
    """Of offered: answered within the threshold; blocked contacts count against it."""
    abandoned_fraction: FloatArray
    """Of offered."""
    mean_wait_seconds: FloatArray
    """Mean wait of accepted contacts."""
    mean_wait_answered_seconds: FloatArray
    occupancy: FloatArray
    mean_queue_contacts: FloatArray

    @property
    def wait_probability_accepted(self) -> FloatArray:
        """Of accepted contacts: those that do not find a free position."""
        return share(self.wait_probability, 1.0 - self.blocked_fraction)

    @property
    def answered_within_accepted_fraction(self) -> FloatArray:
        """Of accepted contacts: answered within the threshold."""
        return share(self.answered_within_fraction, 1.0 - self.blocked_fraction)


def trunk_measures(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    positions: npt.ArrayLike,
    trunks: npt.ArrayLike,
    answer_within_seconds: npt.ArrayLike,
    mean_patience_seconds: npt.ArrayLike = np.inf,
) -> TrunkMeasures:
    """What callers meet when at most `trunks` of them fit in, those in service included: M/M/n/K, with or without patience.

    Arguments as in `staffing.erlang.queue_measures`; `positions` at least 1, `trunks` at least `positions`.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> found = trunk_measures(offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180, positions=10, trunks=15,
        ...                        answer_within_seconds=20)
        >>> round(float(found.blocked_fraction), 6)
        0.103517

    Source: birth-death balance; a waiting place's virtual wait is a sum of exponentials whose exp is beta distributed.
    """
    shape, flat = columns(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        positions=positions,
        trunks=trunks,
        answer_within_seconds=answer_within_seconds,
        mean_patience_seconds=mean_patience_seconds,
    )
    count, places = flat["positions"], flat["trunks"]
    wrong = np.flatnonzero((count < 1) | (places < count))
    if wrong.size:
        first = int(wrong[0])
        raise ValueError(
            f"trunks at flat index {first}: {places[first]:g} trunks for {count[first]:g} positions; expected at least one "
            "position and no fewer trunks than positions: trunks count the contacts in service too"
        )
    load = load_of(flat)
    out = np.empty((load.size, 7))
    kernels.limited_of_rows(
        load, count, places, flat["mean_handle_seconds"], flat["mean_patience_seconds"], flat["answer_within_seconds"], out
    )
    blocked, waits, served, abandons, answered, queue, wait = out.T
    accepted = (1.0 - blocked) * flat["offered_contacts"] / flat["interval_seconds"]
    mean_wait = np.divide(queue, accepted, out=np.zeros_like(queue), where=accepted > 0)
    fields = (load, blocked, waits, served, abandons, mean_wait, wait, np.minimum(load * answered / count, 1.0), queue)
    return TrunkMeasures(*(field.reshape(shape) for field in fields))
