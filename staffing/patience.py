"""Patience: how long customers are willing to wait, from the waits of all of them, answered and abandoned."""

from __future__ import annotations

import numpy as np
import pandas as pd

PRIOR_ABANDONMENTS = 20.0
"""Weight of the settings' prior, in abandoned contacts: with many more than these, the data speaks alone."""


def mean_patience(history: pd.DataFrame, prior_seconds: float | None) -> float:
    """Mean patience by maximum likelihood for exponential patience that answering cuts short, drawn to the prior.

    (total waiting of all offered contacts + prior x weight) / (abandoned contacts + weight). Days on which the source does not
    say how many abandoned or how long they waited are left out.

    Args:
        history: rows of DAILY_HISTORY of one queue; `wait_seconds` (of all offered contacts) and `abandoned_contacts`.
        prior_seconds: prior mean patience, > 0; None for none.

    Returns:
        Seconds; infinity (nobody ever abandons) where neither data nor prior know anything.

    Example:
        >>> days = pd.DataFrame({"wait_seconds": [9000.0, None], "abandoned_contacts": [80, None]})
        >>> mean_patience(days, 200.0)
        130.0

    Source: Mandelbaum, Zeltyn (2007), section 4; Brown et al. (2005), section 6.
    """
    known = history[["wait_seconds", "abandoned_contacts"]].dropna().to_numpy(dtype=np.float64)
    waited, abandoned = known.sum(axis=0) if len(known) else (0.0, 0.0)
    if prior_seconds is not None:
        waited, abandoned = waited + prior_seconds * PRIOR_ABANDONMENTS, abandoned + PRIOR_ABANDONMENTS
    return float(waited / abandoned) if abandoned > 0 and waited > 0 else float("inf")
