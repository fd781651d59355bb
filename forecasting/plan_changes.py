"""Why tonight's forecast differs from the last plan's: contacts and hours of work per reason, adding up to the whole. Pure.

Both plans tell the parts of their means, so that most reasons are differences of parts. What another champion changes is what
tonight's champion says less what the former one would have said tonight. What is left is the level of what came since. Hours of
work change by the contacts of each reason at the former handle time, and by the new handle time of all of tonight's contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from enterprise.hierarchy import QueuePlace
from forecasting.calendar import FloatArray
from forecasting.candidates.candidate import Candidate
from forecasting.champion import MEAN_OF_MODELS, Choice, mean_forecast
from forecasting.hierarchy import members_of_levels
from warehouse.tables.forecast import FORECAST_CHANGE
from warehouse.tables.parts import CHAMPION_CHANGE

_PARTS = {
    "claims": ("claims_lead_contacts",),
    "drivers": ("driver_lead_contacts",),
    "calendar": ("weekday_contacts", "calendar_contacts", "holiday_contacts"),
    "events": ("event_contacts",),
    "planners": ("override_contacts",),
}
_WORDS = {
    "level": "what came since moved the level and its trend",
    "claims": "claims reported since, and what is expected of them",
    "drivers": "mailings and other drivers known since",
    "calendar": "weekdays, time of the month and holidays as they are known now",
    "champion": "another model is champion",
    "events": "known events",
    "planners": "planners' changes",
    "handle_time": "mean handle time as it is expected now",
}
_THROWN_OUT = "thrown out"
_DIGITS = 6


def champion_rows(
    former: pd.DataFrame,
    choices: Mapping[str, Choice],
    tonight: Mapping[str, FloatArray],
    column_of: Mapping[str, int],
    dates: Sequence[date],
    candidates: Sequence[Candidate],
) -> pd.DataFrame:
    """What other champions than the last plan's change, per queue and day: rows of CHAMPION_CHANGE.

    Args:
        former: rows of forecast_daily of the last plan.
        choices: tonight's champion by queue.
        tonight: forecasts of all candidates tonight, days x queues.
        column_of: column of each queue in them.
        dates: the days.
        candidates: the candidates.
    """
    rows = former[former["level"] == "queue"].drop_duplicates("member_id")
    before = dict(zip(rows["member_id"], rows["champion_model"], strict=True))
    parts = [pd.DataFrame(columns=CHAMPION_CHANGE.column_names)]
    for queue, choice in choices.items():
        contacts = champion_change(before.get(queue), choice, tonight, column_of[queue], candidates)
        if contacts is not None:
            words = f"champion is {choice.champion} instead of {before[queue]}"
            part = {"queue_id": queue, "business_date": list(dates), "contacts": contacts, "words": words}
            parts.append(pd.DataFrame(part))
    return pd.concat(parts[1:], ignore_index=True) if parts[1:] else parts[0]


def champion_change(
    former: str | None, choice: Choice, tonight: Mapping[str, FloatArray], column: int, candidates: Sequence[Candidate]
) -> FloatArray | None:
    """What another champion changes per future day; None where it is the same, or what the former would say is not known.

    Args:
        former: champion of the last plan.
        choice: tonight's.
        tonight: forecasts of all candidates tonight, days x queues.
        column: the queue.
        candidates: the candidates.
    """
    if former is None or former == choice.champion or not choice.members:
        return None
    members = [former]
    if former == MEAN_OF_MODELS:
        kept = [c.name for c in candidates if not c.is_simple and _THROWN_OUT not in choice.reasons.get(c.name, "")]
        members = [name for name in kept if np.isfinite(tonight[name][:, column]).all()]
    if not members or any(name not in tonight for name in members):
        return None
    own = {name: tonight[name][:, column] for name in {*members, *choice.members}}
    changed = mean_forecast(own, choice.members) - mean_forecast(own, members)
    return changed if np.isfinite(changed).all() else None


def change_rows(
    tonight: pd.DataFrame, former: pd.DataFrame, champions: pd.DataFrame, places: Mapping[str, QueuePlace], plan_date: date
) -> pd.DataFrame:
    """Rows of FORECAST_CHANGE for all days that both plans have.

    Args:
        tonight: rows of forecast_daily of the night.
        former: rows of forecast_daily of the last night before it; none gives no rows.
        champions: rows of CHAMPION_CHANGE.
        places: queue id -> channel, line of business.
        plan_date: the night.
    """
    key = ["member_id", "business_date"]
    now, then = (frame[frame["level"] == "queue"].set_index(key).sort_index() for frame in (tonight, former))
    both = now.index.intersection(then.index)
    if both.empty:
        return pd.DataFrame(columns=FORECAST_CHANGE.column_names)
    now, then = now.loc[both], then.loc[both]
    whole = now["mean_offered_contacts"] - then["mean_offered_contacts"]
    named = [name for names in _PARTS.values() for name in names]
    moved = now[named].astype("float64").fillna(0.0) - then[named].astype("float64").fillna(0.0)
    parts = {reason: moved[list(names)].sum(axis=1) for reason, names in _PARTS.items()}
    other = champions.set_index(["queue_id", "business_date"]).reindex(both)
    parts["champion"] = other["contacts"].astype("float64").fillna(0.0)
    parts = {reason: contacts.round(_DIGITS) for reason, contacts in parts.items()}
    parts["level"] = whole - sum(parts.values(), whole * 0)
    parts["handle_time"] = whole * 0
    seconds_then = then["mean_handle_seconds"].astype("float64").fillna(0.0)
    seconds_now = now["mean_handle_seconds"].astype("float64").fillna(seconds_then)
    frames = []
    for reason, contacts in parts.items():
        hours = contacts * seconds_then / 3600
        if reason == "handle_time":
            hours = now["mean_offered_contacts"] * (seconds_now - seconds_then) / 3600
        frames.append(
            pd.DataFrame(
                {
                    "reason": reason,
                    "former_mean_offered_contacts": then["mean_offered_contacts"],
                    "former_work_hours": then["mean_offered_contacts"] * seconds_then / 3600,
                    "change_contacts": contacts,
                    "change_work_hours": hours,
                    "words": _words(reason, other, seconds_then, seconds_now),
                }
            ).rename_axis(key)
        )
    queues = pd.concat(frames).reset_index().assign(level="queue")
    rows = pd.concat([queues, *_levels(queues, places)], ignore_index=True)
    former_date = former["plan_date"].iloc[0]
    return rows.assign(plan_date=plan_date, former_plan_date=former_date)[FORECAST_CHANGE.column_names]


def _words(reason: str, champions: pd.DataFrame, then: pd.Series, now: pd.Series) -> pd.Series:
    words = pd.Series(_WORDS[reason], index=then.index, dtype="object")
    if reason == "champion":
        words = champions["words"].fillna(_WORDS[reason]).astype("object")
    if reason == "handle_time":
        said = [f"{before:.0f} seconds of handle time became {after:.0f}" for before, after in zip(then, now, strict=True)]
        words = pd.Series(said, index=then.index, dtype="object")
    return words


def _levels(queues: pd.DataFrame, places: Mapping[str, QueuePlace]) -> list[pd.DataFrame]:
    """The same for the levels above, as sums of the queues that both plans have."""
    frames = []
    for level, member, own in members_of_levels(places):
        mine = queues[queues["member_id"].isin(own)]
        sums = mine.groupby(["business_date", "reason"], as_index=False, sort=False).sum(numeric_only=True)
        frames.append(sums.assign(level=level, member_id=member, words=sums["reason"].map(_WORDS)))
    return frames
