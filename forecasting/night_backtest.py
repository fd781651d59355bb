"""The comparison of models that a night chooses champions by: that of the last week's day, or its own. Pure.

Once a week is enough: what a week adds to hundreds of days hardly moves a choice, and the backtest is the dearest part of the
forecast. A night therefore takes the backtest as of the end of the last `backtest_weekday` before it. Which one that is follows
from the night's date alone, and nothing after that day is in it. It is kept under a text that names all that it was made of: what
late data, new settings or a new version change is worked out anew, so that a night gives the same whether it finds one or makes
it. A history too short for every origin of a backtest has each night's own: there every day counts, and it is cheap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from enterprise.errors import NoHistoryError
from enterprise.settings import Enterprise
from forecasting.as_of import Prepared, known_by, prepared
from forecasting.backtest import ORIGINS, Backtest, origin_dates, run_backtest
from forecasting.candidates.candidate import Candidate
from forecasting.night_history import History

_ACTUAL = "actual"
_KEYS = ["queue_id", "origin_date", "lead_days"]


class KeptBacktests(Protocol):
    """Where backtests are kept from night to night."""

    def find(self, day: date, key: str) -> pd.DataFrame | None:
        """Rows of a backtest as of a day, as `backtest_rows` gave them; None if there is none of that key."""

    def keep(self, day: date, key: str, rows: pd.DataFrame) -> None:
        """Keep the rows of a backtest."""


def night_backtest(
    tonight: Prepared,
    history: History,
    enterprise: Enterprise,
    plan_date: date,
    candidates: Sequence[Candidate],
    kept: KeptBacktests | None = None,
) -> Backtest:
    """The backtest of a night's queues.

    Args:
        tonight: what is known tonight.
        history: good days, up to the night.
        enterprise: the settings, with the queues of `tonight` and others, which are left out where the night leaves them out.
        plan_date: the night.
        candidates: competing models.
        kept: where backtests are kept; without it one is made.

    Returns:
        Past forecasts of the queues of `tonight`; a queue that had no history by the day of the backtest has none.
    """
    queues = tonight.known.panel.queues
    broken = [queue for queue in enterprise.queues if queue not in queues]
    weekly = week_backtest(history, enterprise, enterprise.schedule.last_backtest(plan_date), candidates, kept, broken)
    return _made(tonight, candidates) if weekly is None else weekly.of(queues)


def week_backtest(
    history: History,
    enterprise: Enterprise,
    day: date,
    candidates: Sequence[Candidate],
    kept: KeptBacktests | None = None,
    broken: Sequence[str] = (),
) -> Backtest | None:
    """The backtest as of the end of a day, found or made and kept; None where history is too short for all its origins.

    Args:
        history: good days; nothing after the day is looked at.
        enterprise: the settings, with the queues to look at.
        day: the day.
        candidates: competing models.
        kept: where it is kept.
        broken: queues to leave out.
    """
    try:
        known = known_by(history, enterprise, day, broken)
    except NoHistoryError:
        return None
    if len(origin_dates(known.panel)) < ORIGINS:
        return None
    key = known.fingerprint(_program(), *(candidate.name for candidate in candidates))
    rows = kept.find(day, key) if kept is not None else None
    if rows is not None:
        return backtest_of(rows, known.panel.queues)
    made = _made(prepared(known), candidates)
    if kept is not None:
        kept.keep(day, key, backtest_rows(made))
    return made


def backtest_rows(backtest: Backtest) -> pd.DataFrame:
    """A backtest as rows: queue_id, origin_date, lead_days, `actual` and one column per candidate."""
    origins, horizon, queues = backtest.actual.shape
    keys = pd.MultiIndex.from_product([backtest.queues, backtest.origins, range(1, horizon + 1)], names=_KEYS)
    values = {_ACTUAL: backtest.actual} | backtest.forecasts
    columns = {name: array.transpose(2, 0, 1).reshape(origins * horizon * queues) for name, array in values.items()}
    return pd.DataFrame(columns, index=keys).reset_index()


def backtest_of(rows: pd.DataFrame, queues: Sequence[str]) -> Backtest:
    """The backtest whose rows `backtest_rows` gave, of these queues in this order."""
    origins = tuple(dict.fromkeys(rows["origin_date"]))
    shape = (len(queues), len(origins), int(rows["lead_days"].max()))
    arrays = {
        str(name): np.ascontiguousarray(rows[name].to_numpy(dtype=np.float64).reshape(shape).transpose(1, 2, 0))
        for name in rows.columns
        if name not in _KEYS
    }
    return Backtest(tuple(queues), origins, {name: array for name, array in arrays.items() if name != _ACTUAL}, arrays[_ACTUAL])


def _made(seen: Prepared, candidates: Sequence[Candidate]) -> Backtest:
    panel, leads = seen.known.panel, seen.known.leads
    from_claims = leads.for_backtest(panel, origin_dates(panel)) if any(seen.lead.used.values()) else None
    return run_backtest(panel, seen.actual, candidates, from_claims=from_claims, events=seen.known.enterprise.events)


@cache
def _program() -> str:
    """Hash of the models' own source text: what another version made is not taken."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
