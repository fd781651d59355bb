"""Deferred work as rows of a linear programme: what is due, what is there, and what people can do in each open period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from staffing.doors import FloatArray, IntArray


@dataclass(frozen=True)
class Programme:
    """Rows and bounds of a linear programme whose first columns are the people per block and whose last may be shortfalls."""

    rows: sparse.csr_array
    low: FloatArray
    high: FloatArray
    most: FloatArray
    """Upper bounds of the columns behind the people."""
    shortfalls: int = 0
    """How many of the last columns are items overdue in a period."""


def cumulative(
    amount: FloatArray,
    first: IntArray,
    last: IntArray,
    free: FloatArray,
    block_of_open: IntArray,
    blocks: int,
    *,
    may_be_late: bool = False,
) -> Programme:
    """Columns: people per block, work done by the end of each open period, and perhaps what is overdue by then.

    Due by then <= done by then (+ overdue) <= released by then; done in a period <= people and what is done for free. Exact where
    what is released earlier is due earlier, and only three rows per open period whatever the goal.
    """
    periods = block_of_open.size
    released = np.cumsum(np.bincount(first[first < periods], weights=amount[first < periods], minlength=periods))
    due = np.cumsum(np.bincount(np.maximum(last, 0), weights=amount, minlength=periods))
    one = sparse.eye_array(periods, format="csr")
    step = one - sparse.eye_array(periods, k=-1, format="csr")
    people = sparse.csr_array((np.ones(periods), (np.arange(periods), block_of_open)), shape=(periods, blocks))
    late = periods if may_be_late else 0
    rows = sparse.block_array([[None, one], [None, step], [people, -step]], format="csr")
    if may_be_late:
        overdue = sparse.vstack([one, sparse.csr_array((2 * periods, periods))], format="csr")
        rows = sparse.hstack([rows, overdue], format="csr")
    return Programme(
        rows=rows,
        low=np.concatenate([due, np.zeros(periods), -free]),
        high=np.full(3 * periods, np.inf),
        most=np.concatenate([released, np.full(late, np.inf)]),
        shortfalls=late,
    )


def by_cohort(
    amount: FloatArray, first: IntArray, last: IntArray, free: FloatArray, block_of_open: IntArray, blocks: int
) -> Programme:
    """Columns: people per block, work on each cohort in each open period it can be done in. Exact for any order of due times."""
    periods = block_of_open.size
    spans = np.maximum(last - first + 1, 0)
    cohort = np.repeat(np.arange(amount.size), spans)
    period = first[cohort] + np.arange(cohort.size) - np.repeat(np.cumsum(spans) - spans, spans)
    work, columns = np.ones(cohort.size), np.arange(cohort.size)
    done = sparse.csr_array((work, (cohort, columns)), shape=(amount.size, cohort.size))
    used = sparse.csr_array((-work, (period, columns)), shape=(periods, cohort.size))
    people = sparse.csr_array((np.ones(periods), (np.arange(periods), block_of_open)), shape=(periods, blocks))
    return Programme(
        rows=sparse.block_array([[None, done], [people, used]], format="csr"),
        low=np.concatenate([amount, -free]),
        high=np.full(amount.size + periods, np.inf),
        most=np.full(cohort.size, np.inf),
    )
