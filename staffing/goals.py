"""Service goals of live work: which fraction is answered within which time, by which definition, under which limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from staffing import kernels

Definition = Literal["of_offered", "of_answered", "excluding_short_abandons", "wait_within", "virtual_wait"]

_CODES: dict[str, int] = {
    "of_offered": kernels.OF_OFFERED,
    "of_answered": kernels.OF_ANSWERED,
    "excluding_short_abandons": kernels.EXCLUDING_SHORT_ABANDONS,
    "wait_within": kernels.WAIT_WITHIN,
    "virtual_wait": kernels.VIRTUAL_WAIT,
}


def definition_code(definition: str) -> int:
    """The number by which the compiled functions know a definition.

    Raises:
        ValueError: if there is no such definition, naming those that there are.
    """
    if definition not in _CODES:
        raise ValueError(f"no service level is defined as '{definition}'; known: {', '.join(get_args(Definition))}")
    return _CODES[definition]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What positions must achieve; each number may be one per interval.

    `definition`, with T = `answer_within_seconds`:

    - `of_offered`: answered within T / offered;
    - `of_answered`: answered within T / answered;
    - `excluding_short_abandons`: answered within T / (offered - abandoned within T);
    - `wait_within`: waits no longer than T, answered or abandoned / offered;
    - `virtual_wait`: chance that a caller of endless patience waits no longer than T.

    `answered_fraction` lies in (0, 1). NaN, in it and in the limits, means that it is not asked for. `maximum_occupancy` lies in
    (0, 1], `maximum_mean_wait_seconds` counts the answered, `maximum_abandoned_fraction` the offered contacts.

    Example:
        >>> Goal(answered_fraction=0.8, answer_within_seconds=20).definition
        'of_offered'
    """

    answered_fraction: npt.ArrayLike = np.nan
    answer_within_seconds: npt.ArrayLike = 0.0
    definition: Definition = "of_offered"
    maximum_occupancy: npt.ArrayLike = np.nan
    maximum_mean_wait_seconds: npt.ArrayLike = np.nan
    maximum_abandoned_fraction: npt.ArrayLike = np.nan

    def __post_init__(self) -> None:
        definition_code(self.definition)

    @property
    def code(self) -> int:
        """The definition as the compiled functions know it."""
        return definition_code(self.definition)

    @property
    def inputs(self) -> dict[str, npt.ArrayLike]:
        """The goal's numbers by name, for the door checks."""
        return {
            "answered_fraction": self.answered_fraction,
            "answer_within_seconds": self.answer_within_seconds,
            "maximum_occupancy": self.maximum_occupancy,
            "maximum_mean_wait_seconds": self.maximum_mean_wait_seconds,
            "maximum_abandoned_fraction": self.maximum_abandoned_fraction,
        }
