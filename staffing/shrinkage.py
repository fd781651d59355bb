"""From positions to people: losses that multiply, minimum staff, full-time equivalents and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from staffing.doors import FloatArray, IntArray, column, columns
from staffing.kernels import SLACK


@dataclass(frozen=True)
class ScheduledStaff:
    """People to schedule so that the positions are filled; arrays of one shape."""

    staff: IntArray
    """Whole people, rounded up once, at least the minimum."""
    staff_fractional: FloatArray
    """The same before rounding and minimum: positions / productive fraction."""


def productive_fraction(losses: Mapping[str, npt.ArrayLike]) -> FloatArray:
    """Share of scheduled time that is worked: the product of (1 - loss) over all kinds of loss.

    Losses multiply because each takes its share of what the others leave: who is on leave cannot be in training too.

    Args:
        losses: fraction lost by kind, each in [0, 1); none at all is productive throughout.

    Raises:
        ValueError: naming the kind and the first offending index.

    Example:
        >>> round(float(productive_fraction({"leave": 0.1, "breaks": 0.1})), 12)
        0.81
    """
    share: FloatArray = np.ones(())
    for kind, lost in losses.items():
        try:
            share = share * (1.0 - column("lost_fraction", lost))
        except ValueError as error:
            raise ValueError(f"shrinkage '{kind}': {error}") from error
    return share


def lost_hours(staff_hours: float, losses: Mapping[str, float]) -> dict[str, float]:
    """Hours that each kind of loss takes of the hours to schedule: its share of what the kinds before it leave.

    Args:
        staff_hours: hours to schedule, >= 0.
        losses: fraction lost by kind, each in [0, 1), in their order.

    Returns:
        Hours by kind; with the hours at work (`staff_hours` x productive fraction) they make all hours.

    Example:
        >>> lost_hours(100.0, {"leave": 0.1, "breaks": 0.2})
        {'leave': 10.0, 'breaks': 18.0}
    """
    left, found = staff_hours, {}
    for kind, lost in losses.items():
        found[kind] = left * lost
        left -= found[kind]
    return found


def ceiling(values: npt.ArrayLike) -> IntArray:
    """The least whole numbers not below `values`, where a difference below 1e-12 relative is rounding of the computer.

    Example:
        >>> 17 / 0.85 > 20, 1.1 * 3 / 0.3 > 11, ceiling([17 / 0.85, 1.1 * 3 / 0.3, 3.0001])
        (False, True, array([20, 11,  4]))
    """
    array = np.asarray(values, dtype=np.float64)
    return np.ceil(array - np.abs(array) * SLACK).astype(np.int64)


def scheduled_staff(
    positions_required: npt.ArrayLike,
    losses: Mapping[str, npt.ArrayLike],
    *,
    minimum_positions: npt.ArrayLike = 0,
) -> ScheduledStaff:
    """People to schedule: positions, at least the minimum, divided by the productive fraction, rounded up once.

    Args:
        positions_required: >= 0, whole or fractional, before shrinkage.
        losses: fraction lost by kind (`productive_fraction`).
        minimum_positions: positions that are open whatever the demand; 0 for none. Pass 0 for closed intervals.

    Raises:
        ValueError: naming the input, the first offending index and the remedy.

    Example:
        >>> scheduled_staff([0, 14, 48], {"all": 0.3}).staff
        array([ 0, 20, 69])
    """
    productive = productive_fraction(losses)
    shape, flat = columns(positions_required=positions_required, minimum_positions=minimum_positions)
    positions = flat["positions_required"].reshape(shape)
    needed = np.maximum(positions, flat["minimum_positions"].reshape(shape)) / productive
    return ScheduledStaff(ceiling(needed), positions / productive)


def positions_at_occupancy(offered_load: npt.ArrayLike, maximum_occupancy: npt.ArrayLike) -> IntArray:
    """Least positions whose occupancy does not exceed the cap when nobody abandons: load / cap, rounded up.

    Raises:
        ValueError: naming the first offending index; the cap must lie in (0, 1].

    Example:
        >>> positions_at_occupancy([17.0, 2.4], [0.85, 0.8])
        array([20,  3])
    """
    shape, flat = columns(offered_load=offered_load, maximum_occupancy=maximum_occupancy)
    cap = np.where(np.isnan(flat["maximum_occupancy"]), 1.0, flat["maximum_occupancy"])
    return ceiling(flat["offered_load"] / cap).reshape(shape)


def staff_hours(staff: npt.ArrayLike, interval_seconds: npt.ArrayLike) -> FloatArray:
    """Paid hours in each interval: staff x interval length / 3600.

    Example:
        >>> float(staff_hours([20, 22], 1800).sum())
        21.0
    """
    shape, flat = columns(staff=staff, interval_seconds=interval_seconds)
    return (flat["staff"] * flat["interval_seconds"] / 3600.0).reshape(shape)


def full_time_equivalents(hours: npt.ArrayLike, full_time_hours: float) -> FloatArray:
    """Full-time equivalents of paid hours, for the hours that a full-timer is paid in the same period.

    Raises:
        ValueError: if `full_time_hours` is not positive.

    Example:
        >>> float(full_time_equivalents(380.0, full_time_hours=38))
        10.0
    """
    if not full_time_hours > 0:
        raise ValueError(f"full_time_hours is {full_time_hours}; expected a full-timer's paid hours in the period, e.g. 38")
    return np.asarray(hours, dtype=np.float64) / full_time_hours


def staff_cost(hours: npt.ArrayLike, hourly_cost: npt.ArrayLike) -> FloatArray:
    """Cost of paid hours, in the currency of `hourly_cost`.

    Example:
        >>> float(staff_cost(10.5, 30))
        315.0
    """
    return np.asarray(hours, dtype=np.float64) * column("hourly_cost", hourly_cost)
