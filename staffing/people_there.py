"""Who is there: the people of a staff group as the workforce source names them, and what they can do in later weeks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.shifts import StaffGroup
from staffing.doors import FloatArray
from staffing.headcount import Learning, attrition_from_leavers, staying_per_week

USUAL_ATTRITION_PER_YEAR = 0.15
_USUAL_PERSON_YEARS = 25.0
_YEAR = timedelta(days=365)
_LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class PeopleThere:
    """People known today; arrays by week.

    Attributes:
        working: what they do, in full-time equivalents; None where nobody knows who is there.
        paid: how many of them are paid; None likewise.
        staying: probability that a person stays for a week.
        words: what this rests on.
    """

    working: FloatArray | None
    paid: FloatArray | None
    staying: float
    words: str


def people_there(
    group: StaffGroup, agents: pd.DataFrame, mondays: Sequence[date], plan_date: date, full_time_hours: float
) -> PeopleThere:
    """What the people of a group known on a night do in the weeks after it.

    An agent belongs to the group that has the queue the agent serves best. Who begins or leaves after the night is known only
    if the settings say so: the source's dates of later days are not looked at, so that a past night sees what it saw.

    Args:
        group: its queues and how people come and go.
        agents: rows of core `agents`.
        mondays: the weeks.
        plan_date: the night.
        full_time_hours: of a week.
    """
    rules = group.hiring
    own = _of_group(agents, group, plan_date)
    attrition, words = _attrition(rules.attrition_per_year, own, plan_date)
    staying = staying_per_week(attrition)
    employed = own[own["left_on"].isna() | (own["left_on"] > plan_date)]
    if rules.full_time_equivalents is not None:
        amounts, begun = np.array([rules.full_time_equivalents]), [_LONG_AGO]
        words = f"{rules.full_time_equivalents:g} full-time equivalents by the settings; {words}"
    elif len(employed):
        amounts = employed["contract_hours_per_week"].to_numpy(dtype=np.float64) / full_time_hours
        begun = employed["hired_on"].tolist()
        words = f"{len(employed)} people of the workforce source, {amounts.sum():.1f} full-time equivalents; {words}"
    else:
        unknown = "nobody knows who is there: name a workforce source, or full_time_equivalents in the group's hiring"
        return PeopleThere(None, None, staying, unknown)
    agreed = {first: people for first, people in sorted(rules.agreed_starts.items()) if first > plan_date}
    if agreed:
        words += f"; {sum(agreed.values())} have signed and begin later"
    amounts, begun = np.append(amounts, list(agreed.values())), [*begun, *agreed]
    weeks_ahead = np.array([(monday - plan_date).days / 7 for monday in mondays])[:, np.newaxis]
    since = np.array([[(monday - first).days // 7 for first in begun] for monday in mondays])
    stayed = staying ** np.minimum(weeks_ahead, np.maximum(since, 0))
    paid = np.where(since >= 0, amounts * stayed, 0.0)
    learning = Learning(rules.training_weeks, rules.learning_weeks, rules.first_week_productivity)
    return PeopleThere((paid * learning.productivity(since)).sum(axis=1), paid.sum(axis=1), staying, words)


def _of_group(agents: pd.DataFrame, group: StaffGroup, plan_date: date) -> pd.DataFrame:
    """One row per agent of the group who had begun by the night: first and last day, hours of the contract then in force."""
    known = agents[agents["valid_from"] <= plan_date].sort_values(["agent_id", "valid_from"])
    known = known.drop_duplicates("agent_id", keep="last")
    known = known.assign(hired_on=known["hired_on"].fillna(_LONG_AGO))
    best = [_best_queue(str(skills)) for skills in known["skills"]]
    mine = np.isin(best, group.queues) & (known["hired_on"] <= plan_date).to_numpy(dtype=bool)
    return known.loc[mine, ["agent_id", "hired_on", "left_on", "contract_hours_per_week"]]


def _best_queue(skills: str) -> str:
    """The queue of the highest proficiency, the first of several.

    Example:
        >>> _best_queue("voice:0.70;mail:0.90;chat")
        'chat'
    """
    pairs = [part.partition(":") for part in skills.split(";")]
    return max(pairs, key=lambda pair: float(pair[2] or 1.0))[0]


def _attrition(stated: float | None, own: pd.DataFrame, plan_date: date) -> tuple[float, str]:
    """Share that leaves within a year, and where it is from."""
    if stated is not None:
        return stated, f"{100 * stated:.0f} % leave within a year, by the settings"
    first = plan_date - _YEAR
    left = own["left_on"].where(own["left_on"].notna() & (own["left_on"] <= plan_date), None)
    ends = [plan_date if pd.isna(day) else day for day in left]
    there = [max((end - max(begin, first)).days, 0) for begin, end in zip(own["hired_on"], ends, strict=True)]
    leavers = sum(1 for day in left if not pd.isna(day) and day > first)
    years = sum(there) / _YEAR.days
    found = attrition_from_leavers(leavers, years, USUAL_ATTRITION_PER_YEAR, _USUAL_PERSON_YEARS)
    return found, f"{100 * found:.0f} % leave within a year: {leavers} of {years:.0f} person-years did, drawn to the usual 15 %"
