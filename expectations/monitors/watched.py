"""What the monitors look at: the history up to the night, and a summary of every queue-day's single rows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

HISTORY_DAYS = 3 * 366
"""How far back DAILY_HISTORY and CLAIMS_DAILY are to be read, the night included."""
PROFILE_DAYS = 7 * 16
"""How far back INTERVAL_HISTORY and the core tables behind the profiles are to be read, the night included."""


@dataclass(frozen=True, eq=False)
class Watched:
    """The frames of a night, each up to and with the night and none beyond.

    Attributes:
        daily: rows of DAILY_HISTORY of the last `HISTORY_DAYS`.
        intervals: rows of INTERVAL_HISTORY of the last `PROFILE_DAYS`.
        claims: rows of CLAIMS_DAILY of the last `HISTORY_DAYS`.
        profiles: what `expectations.monitors.profiles` sums up of the core tables' rows of the last `PROFILE_DAYS`: one row per
            queue and date (PROFILES_SQL, RETURNED_SQL).
        feeds: the same by source and date (LINKS_SQL, NUMBERS_SQL).
    """

    daily: pd.DataFrame
    intervals: pd.DataFrame
    claims: pd.DataFrame
    profiles: pd.DataFrame
    feeds: pd.DataFrame
