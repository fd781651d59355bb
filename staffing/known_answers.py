"""Known answers: cases with reference values of staffing, computed and compared number by number."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from enterprise.errors import NeedsPersonError
from staffing.known_cases import Values, computed

RELATIVE_TOLERANCE = 1e-6
"""Largest relative difference from a reference value; whole numbers must be equal."""

_ZERO = 1e-12
"""Where the reference is 0 there is no relative difference; this much, times the largest number beside it, is still 0."""

_NO_VALUE = ("infeasible", "infinite", "infinity", "none", "")
"""Words that stand for "no finite value"."""

_LEAST = sys.float_info.min
"""Below this a float has no 6 digits left: two numbers that small are equal."""

_NOT_UNIQUE = "example_"
"""Outputs that are one of several right answers: their objective is among the other outputs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One number of a case beside its reference.

    Args:
        case: the case's name.
        kind: its model or kind.
        output: which of its outputs, with the place in a list or the chat model where there are several.
        expected: the reference; None stands for "no finite value".
        found: what Leadline computes.
        relative_error: of two finite numbers; 0 for equal ones, infinite where one is finite or a whole number differs.
        is_whole: whether the reference must be met exactly.
    """

    case: str
    kind: str
    output: str
    expected: float | None
    found: float | None
    relative_error: float
    is_whole: bool

    @property
    def matches(self) -> bool:
        """Whether the reference is met."""
        return self.relative_error <= (0.0 if self.is_whole else RELATIVE_TOLERANCE)


def known_answers(document: Values) -> list[Answer]:
    """Compute every case of a document and compare every output.

    Args:
        document: `{"cases": [...]}` where a case has `id`, `inputs`, `outputs` and `model` (Erlang B, C, A, trunks, required
            positions) or `kind` (deferred work), or outputs per chat model M1, M2, M3.

    Raises:
        ValueError: if the document or a case is not of that form, naming the case and what is expected.

    Example:
        >>> case = {"id": "b", "model": "erlang_b", "inputs": {"calls": 60, "interval_s": 3600, "aht_s": 180, "agents": 5},
        ...         "outputs": {"block": 0.11005435, "offered_erlangs": 3.0}}
        >>> [(answer.output, answer.matches) for answer in known_answers({"cases": [case]})]
        [('block', True), ('offered_erlangs', True)]
    """
    cases = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(cases, Sequence) or isinstance(cases, str) or not cases:
        raise ValueError('expected an object with a list "cases" of at least one case, as in the built-in reference files')
    return [answer for number, case in enumerate(cases, start=1) for answer in _answers(case, number)]


def require_known_answers(answers: Sequence[Answer]) -> None:
    """Let nothing be staffed by mathematics that no longer gives its known answers.

    Raises:
        NeedsPersonError: naming the first three that are wrong.

    Example:
        >>> require_known_answers([Answer("b", "erlang_b", "block", 0.11, 0.13, 0.18, is_whole=False)])
        Traceback (most recent call last):
        enterprise.errors.NeedsPersonError: staffing mathematics: 1 of 1 known answers wrong (b block: 0.13 for 0.11): ...
    """
    wrong = [answer for answer in answers if not answer.matches]
    if wrong:
        first = "; ".join(f"{one.case} {one.output}: {_said(one.found)} for {_said(one.expected)}" for one in wrong[:3])
        raise NeedsPersonError(
            f"staffing mathematics: {len(wrong)} of {len(answers)} known answers wrong ({first}): nobody is staffed with it, and "
            "the last plan stays in force. Install the packages of requirements.lock anew (another numpy or numba?), remove "
            "numba's cache, then run: leadline verify-staffing"
        )


def _said(value: float | None) -> str:
    return "no finite value" if value is None else f"{value:.9g}"


def _answers(case: Any, number: int) -> list[Answer]:
    name = str(case.get("id", f"case {number}")) if isinstance(case, Mapping) else f"case {number}"
    try:
        kind, found = computed(case)
        return [
            answer for output, expected in case["outputs"].items() for answer in _compared(name, kind, output, expected, found)
        ]
    except KeyError as error:
        raise ValueError(f"case {name}: {error} is missing or not known; compare it with the built-in reference files") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"case {name} is not of the form of the built-in reference files: {error}") from error
    except ValueError as error:
        raise ValueError(f"case {name}: {error}") from error


def _compared(case: str, kind: str, output: str, expected: Any, found: Values) -> Iterator[Answer]:
    """One answer per number of an output."""
    if output.startswith(_NOT_UNIQUE):
        return
    value = found[output]
    if isinstance(expected, Mapping):
        for inner, one in expected.items():
            yield from _compared(case, kind, inner, one, _Named(value, f"{output}."))
        return
    label = f"{getattr(found, 'prefix', '')}{output}"
    if expected is None and np.ndim(value):
        expected = [None] * len(value)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        values = [None] * len(expected) if value is None else list(value)
        if len(values) != len(expected):
            yield Answer(case, kind, f"{label} (length)", len(expected), len(values), math.inf, is_whole=True)
            return
        largest = max((abs(one) for one in map(_finite, expected) if one is not None), default=0.0)
        for place, (wanted, got) in enumerate(zip(expected, values, strict=True)):
            yield _answer(case, kind, f"{label}[{place}]", wanted, got, exact=_is_whole(output, wanted), largest=largest)
        return
    yield _answer(case, kind, label, expected, value, exact=_is_whole(output, expected))


class _Named(dict[str, Any]):
    """Values of one chat model, which label their outputs with it."""

    def __init__(self, values: Values, prefix: str) -> None:
        super().__init__(values)
        self.prefix = prefix


_WHOLE: frozenset[str] = frozenset(
    {
        "required_agents", "scheduled_agents", "stable", "due", "critical_window", "min_peak_staff_integer",
        "min_total_staff_periods_integer_by_block",
    }
)  # fmt: skip


def _is_whole(output: str, expected: Any) -> bool:
    return output in _WHOLE and expected is not None


def _finite(value: Any) -> float | None:
    """A number; None for what says that there is none."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _NO_VALUE):
        return None
    return float(value) if np.isfinite(float(value)) else None


def _answer(case: str, kind: str, output: str, expected: Any, value: Any, *, exact: bool, largest: float = 0.0) -> Answer:
    wanted, got = _finite(expected), _finite(value)
    if wanted is None or got is None:
        error = 0.0 if wanted is got else math.inf
    elif wanted == got:
        error = 0.0
    elif exact:
        error = math.inf
    elif max(abs(wanted), abs(got)) < _LEAST:
        error = 0.0
    elif wanted == 0:
        error = 0.0 if abs(got) <= _ZERO * max(largest, 1.0) else math.inf
    else:
        error = abs(got - wanted) / abs(wanted)
    return Answer(case, kind, output, wanted, got, error, is_whole=exact)
