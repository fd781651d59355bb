"""Kinds of faults as they happen to feeds: each changes the rows of a day as the broken feed would have delivered them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

SIZES = (0.1, 0.2, 0.3, 0.5, 1.0)
_LOSSES = (0.1, 0.2, 0.3, 0.5, 0.9)
_ONCE = (1.0,)
_LIVE = ("voice", "chat")
_HOUR = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Target:
    """What is hit: the rows of one queue or of one feed, and a queue of the same feed to mix up with.

    `other_days`: the same rows of another day (moved to this one), to be merged in or delivered instead.
    """

    rows: pd.Series
    other_queue: str | None
    other_day: pd.DataFrame


Plant = Callable[[pd.DataFrame, Target, float, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: what happens.
        scope: "queue" or "feed": what it hits.
        sizes: shares of the rows (or factors) that it is tried with.
        plant: gives the day's rows as the broken feed delivers them.
        channels: of which queues it can be.
        other: what else it needs: "queue" or "day".
    """

    name: str
    scope: str
    sizes: tuple[float, ...]
    plant: Plant
    channels: tuple[str, ...] = ("voice", "chat", "email", "cases", "claims")
    other: str = ""


def _some(rows: pd.Series, size: float, rng: np.random.Generator) -> pd.Series:
    return rows & (rng.random(len(rows)) < size)


def _rank(items: pd.DataFrame, rows: pd.Series, column: str = "came_at") -> pd.Series:
    """Place of each row among the hit ones by a column, from 0 to 1; NaN elsewhere."""
    return items.loc[rows, column].rank(method="first", pct=True).reindex(items.index)


def lost_at_random(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Rows are lost here and there."""
    return items[~_some(hit.rows, size, rng)]


def lost_at_end(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The feed stops: the day's last rows are lost."""
    return items[~(_rank(items, hit.rows) > 1 - size)]


def lost_at_begin(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The feed starts late: the day's first rows are lost."""
    return items[~(_rank(items, hit.rows) <= size)]


def lost_between(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """A stretch of the day is lost."""
    begin = rng.uniform(0, 1 - size)
    rank = _rank(items, hit.rows)
    return items[~((rank > begin) & (rank <= begin + size))]


def lost_pieces(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Single quarter hours are lost: some of the day's files did not arrive."""
    quarter = items["came_at"].dt.floor("15min")
    gone = {one for one in sorted(set(quarter[hit.rows])) if rng.random() < size}
    return items[~(hit.rows & quarter.isin(gone))]


def lost_agents(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Everything that some of the agents answered is lost: a site or team is missing."""
    names = sorted(set(items.loc[hit.rows, "agent_id"].dropna()))
    gone = {name for name in names if rng.random() < size}
    return items[~(hit.rows & items["agent_id"].isin(gone))]


def lost_customers(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Some customers' rows are lost: a filter on the customer's number."""
    digit = items["customer_id"].fillna("").astype("str").str.replace(r"\D", "", regex=True).str[-2:]
    kept = pd.to_numeric(digit, errors="coerce").fillna(0) >= 100 * size
    return items[~hit.rows | kept]


def lost_abandoned(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Only answered contacts are exported."""
    return items[~(hit.rows & (items["outcome"] != "answered"))]


def lost_answered(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Only contacts that nobody answered are exported."""
    return items[~(hit.rows & (items["outcome"] == "answered"))]


def lost_short(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The shortest contacts are filtered out."""
    return items[~(_rank(items, hit.rows & items["handle_seconds"].gt(0), "handle_seconds") <= size)]


def lost_long(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The longest contacts are missing."""
    return items[~(_rank(items, hit.rows & items["handle_seconds"].gt(0), "handle_seconds") > 1 - size)]


def renamed(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The queue has another name from today on, which nobody mapped."""
    return items[~hit.rows]


def _again(items: pd.DataFrame, rows: pd.Series, **changed: object) -> pd.DataFrame:
    letters = str.maketrans("0123456789", "abcdefghij")  # an id that is no running number of the source
    more = items[rows].assign(item_id="again-" + items["item_id"].astype("str").str.translate(letters), **changed)
    return pd.concat([items, more], ignore_index=True)


def twice(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Rows stand there twice under other ids."""
    return _again(items, _some(hit.rows, size, rng))


def twice_later(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """A second system exports the same contacts with a clock that runs a few seconds late."""
    rows, late = _some(hit.rows, size, rng), pd.Timedelta(seconds=3)
    times = {name: items[name] + late for name in ("came_at", "answered_at", "ended_at") if name in items}
    return _again(items, rows, **times)


def twice_nameless(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The second export tells neither customer nor agent."""
    return _again(items, _some(hit.rows, size, rng), customer_id=None, agent_id=None)


def invented(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Test calls all over the day, which nobody answers."""
    rows = _some(hit.rows, size, rng)
    around = np.round(rng.uniform(-900, 900, len(items)))
    moved = items["came_at"] + pd.Series(pd.to_timedelta(around, unit="s").as_unit("us"), index=items.index)
    waits = pd.Series(np.round(rng.exponential(60, len(items))), index=items.index)
    return _again(items, rows, came_at=moved, outcome="abandoned", agent_id=None, answered_at=pd.NaT, customer_id="test",
                  handle_seconds=0.0, wait_seconds=waits)  # fmt: skip


def invented_in_an_hour(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """A dialler run wild: many calls within an hour."""
    rows = _some(hit.rows, size, rng)
    begin = items.loc[hit.rows, "came_at"].quantile(rng.uniform(0.2, 0.7))
    moved = begin + pd.to_timedelta(np.round(rng.uniform(0, 3600, len(items))), unit="s").as_unit("us")
    return _again(items, rows, came_at=pd.Series(moved, index=items.index), outcome="abandoned", agent_id=None,
                  answered_at=pd.NaT, handle_seconds=0.0, wait_seconds=20.0)  # fmt: skip


def outbound_too(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Outbound calls of the same agents are taken for inbound ones."""
    rows = _some(hit.rows & (items["outcome"] == "answered"), size, rng)
    back = pd.Series(pd.to_timedelta(np.round(rng.uniform(-5400, 5400, len(items))), unit="s").as_unit("us"), index=items.index)
    times = {name: items[name] + back for name in ("came_at", "answered_at", "ended_at")}
    customers = items["customer_id"].sample(frac=1, random_state=int(rng.integers(1 << 31))).set_axis(items.index)
    return _again(items, rows, **times, customer_id=customers, wait_seconds=0.0)


def other_day_too(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of a week ago are booked on this day as well."""
    more = hit.other_day[rng.random(len(hit.other_day)) < size]
    return pd.concat([items, more], ignore_index=True)


def other_day_instead(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """The file of a week ago is delivered again as this day's."""
    return pd.concat([items[~hit.rows], hit.other_day], ignore_index=True)


def mapped_to_other(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Contacts of one queue are booked on another of the same feed."""
    return items.assign(queue_id=items["queue_id"].mask(_some(hit.rows, size, rng), hit.other_queue))


def swapped(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Two queues have changed names."""
    name = items.loc[hit.rows, "queue_id"].iloc[0]
    return items.assign(queue_id=items["queue_id"].map(lambda one: {name: hit.other_queue, hit.other_queue: name}.get(one, one)))


def all_in_one(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Every contact of the feed is booked on one queue."""
    return items.assign(queue_id=items["queue_id"].mask(hit.rows, items.loc[hit.rows, "queue_id"].iloc[0]))


def _moved(hours: float) -> Plant:
    def plant(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
        moved = items.copy()
        day = items["came_at"].dt.tz_convert("Europe/Amsterdam").dt.date
        for name in ("came_at", "answered_at", "ended_at"):
            moved[name] = items[name].mask(hit.rows, items[name] + hours * _HOUR)
        now = moved["came_at"].dt.tz_convert("Europe/Amsterdam").dt.date
        return moved[now == day]  # what falls on another day is not seen here

    plant.__doc__ = f"The feed's clock is {hours:+g} hours off."
    return plant


def at_midnight(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Times are cut off: every contact comes at noon."""
    noon = items["came_at"].dt.tz_convert("Europe/Amsterdam").dt.normalize().dt.tz_convert("UTC") + 12 * _HOUR
    return items.assign(came_at=items["came_at"].mask(hit.rows, noon))


def twelve_hours(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """A clock of twelve hours without am and pm: afternoons become nights."""
    late = items["came_at"].dt.tz_convert("Europe/Amsterdam").dt.hour >= 13
    return items.assign(came_at=items["came_at"].mask(hit.rows & late, items["came_at"] - 12 * _HOUR))


def _handle(factor: Callable[[float], float], *, ends_too: bool = False) -> Plant:
    def plant(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
        by = factor(size)
        changed = items.assign(handle_seconds=items["handle_seconds"].mask(hit.rows, items["handle_seconds"] * by))
        if ends_too:
            ends = items["answered_at"] + (items["ended_at"] - items["answered_at"]) * by
            changed["ended_at"] = items["ended_at"].mask(hit.rows, ends)
        return changed

    plant.__doc__ = "Handle times are multiplied."
    return plant


def handle_zero(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Some contacts have no handle time."""
    return items.assign(handle_seconds=items["handle_seconds"].mask(_some(hit.rows, size, rng), 0.0))


def without_wrap(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """After-contact work and hold are missing: talk alone is delivered."""
    return items.assign(handle_seconds=items["handle_seconds"].mask(hit.rows, items["talk_seconds"]))


def capped(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Handle times are cut off at a highest value (an overflowing field), so that their mean falls by the size."""
    values = items.loc[hit.rows & items["handle_seconds"].gt(0), "handle_seconds"]
    if values.empty or size >= 1:
        return items
    limits = np.quantile(values, np.linspace(0.02, 1, 60))
    means = np.array([np.minimum(values, limit).mean() for limit in limits])
    limit = float(limits[np.abs(means - (1 - size) * values.mean()).argmin()])
    return items.assign(handle_seconds=items["handle_seconds"].mask(hit.rows, items["handle_seconds"].clip(upper=limit)))


def hanging(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Contacts that never end (a lost hang-up): a few of eight hours raise the mean by the size."""
    answered = hit.rows & (items["outcome"] == "answered")
    number = max(1, round(size * items.loc[answered, "handle_seconds"].sum() / 28_800))
    chosen = items.index[answered][rng.permutation(int(answered.sum()))[:number]]
    rows = items.index.isin(chosen)
    ends = items["answered_at"] + 8 * _HOUR
    return items.assign(handle_seconds=items["handle_seconds"].mask(rows, 28_800.0), ended_at=items["ended_at"].mask(rows, ends))


def _emptied(column: str) -> Plant:
    def plant(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
        return items.assign(**{column: items[column].mask(_some(hit.rows, size, rng), None)})

    plant.__doc__ = f"{column} is empty."
    return plant


def abandoned_instead(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Answered contacts are told as abandoned."""
    rows = _some(hit.rows & (items["outcome"] == "answered"), size, rng)
    return items.assign(outcome=items["outcome"].mask(rows, "abandoned"))


def answered_instead(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Contacts that nobody answered are told as answered."""
    rows = hit.rows & (items["outcome"] != "answered")
    return items.assign(outcome=items["outcome"].mask(rows, "answered"))


def _waits(factor: float) -> Plant:
    def plant(items: pd.DataFrame, hit: Target, size: float, rng: np.random.Generator) -> pd.DataFrame:
        return items.assign(wait_seconds=items["wait_seconds"].mask(hit.rows, items["wait_seconds"] * factor))

    plant.__doc__ = "Waits are multiplied."
    return plant


KINDS: tuple[Kind, ...] = (
    Kind("rows of a queue lost at random", "queue", _LOSSES, lost_at_random),
    Kind("rows of a feed lost at random", "feed", _LOSSES, lost_at_random),
    Kind("queue stops before the end of the day", "queue", _LOSSES, lost_at_end),
    Kind("feed stops before the end of the day", "feed", _LOSSES, lost_at_end),
    Kind("queue starts late", "queue", _LOSSES, lost_at_begin),
    Kind("feed starts late", "feed", _LOSSES, lost_at_begin),
    Kind("stretch of a queue's day lost", "queue", _LOSSES, lost_between),
    Kind("stretch of a feed's day lost", "feed", _LOSSES, lost_between),
    Kind("quarter hours of a queue lost", "queue", _LOSSES, lost_pieces),
    Kind("quarter hours of a feed lost", "feed", _LOSSES, lost_pieces),
    Kind("team's contacts lost", "feed", _LOSSES, lost_agents, _LIVE),
    Kind("team's contacts of a queue lost", "queue", _LOSSES, lost_agents, _LIVE),
    Kind("some customers' rows lost", "feed", _LOSSES, lost_customers),
    Kind("abandoned contacts not exported", "feed", _ONCE, lost_abandoned, _LIVE),
    Kind("answered contacts not exported", "feed", _ONCE, lost_answered, _LIVE),
    Kind("short contacts filtered out", "queue", _LOSSES, lost_short, _LIVE),
    Kind("long contacts missing", "queue", _LOSSES, lost_long, _LIVE),
    Kind("queue renamed", "queue", _ONCE, renamed),
    Kind("feed missing", "feed", _ONCE, renamed),
    Kind("rows of a queue twice", "queue", SIZES, twice),
    Kind("rows of a feed twice", "feed", SIZES, twice),
    Kind("rows twice, three seconds apart", "queue", SIZES, twice_later),
    Kind("feed twice, three seconds apart", "feed", SIZES, twice_later),
    Kind("rows twice, second time nameless", "queue", SIZES, twice_nameless),
    Kind("feed twice, second time nameless", "feed", SIZES, twice_nameless),
    Kind("test calls all day", "queue", SIZES, invented, ("voice",)),
    Kind("dialler run wild for an hour", "queue", SIZES, invented_in_an_hour, ("voice",)),
    Kind("outbound calls as inbound", "queue", SIZES, outbound_too, ("voice",)),
    Kind("rows of a week ago booked again", "feed", SIZES, other_day_too, other="day"),
    Kind("day of a week ago delivered again", "feed", _ONCE, other_day_instead, other="day"),
    Kind("contacts booked on another queue", "queue", SIZES, mapped_to_other, other="queue"),
    Kind("two queues swapped", "queue", _ONCE, swapped, other="queue"),
    Kind("all contacts booked on one queue", "feed", _ONCE, all_in_one, other="queue"),
    Kind("clock an hour ahead", "feed", _ONCE, _moved(1)),
    Kind("clock an hour behind", "feed", _ONCE, _moved(-1)),
    Kind("clock two hours ahead", "feed", _ONCE, _moved(2)),
    Kind("one queue's clock an hour ahead", "queue", _ONCE, _moved(1)),
    Kind("times cut off", "feed", _ONCE, at_midnight),
    Kind("twelve-hour clock", "feed", _ONCE, twelve_hours),
    Kind("handle times of a queue too long", "queue", SIZES, _handle(lambda size: 1 + size), _LIVE),
    Kind("handle times of a queue too short", "queue", _LOSSES, _handle(lambda size: 1 - size), _LIVE),
    Kind("handle times of a feed too long", "feed", SIZES, _handle(lambda size: 1 + size), _LIVE),
    Kind("handle times of a feed too short", "feed", _LOSSES, _handle(lambda size: 1 - size), _LIVE),
    Kind("handle times and ends too long", "queue", SIZES, _handle(lambda size: 1 + size, ends_too=True), _LIVE),
    Kind("handle times and ends too short", "queue", _LOSSES, _handle(lambda size: 1 - size, ends_too=True), _LIVE),
    Kind("milliseconds for seconds", "feed", _ONCE, _handle(lambda size: 1000), _LIVE),
    Kind("seconds for minutes", "feed", _ONCE, _handle(lambda size: 60), _LIVE),
    Kind("minutes for seconds", "feed", _ONCE, _handle(lambda size: 1 / 60), _LIVE),
    Kind("handle times of zero", "queue", SIZES, handle_zero, _LIVE),
    Kind("after-contact work missing", "feed", _ONCE, without_wrap, _LIVE),
    Kind("handle times cut off at a highest value", "queue", (0.1, 0.2, 0.3, 0.5), capped, _LIVE),
    Kind("contacts that never end", "queue", SIZES, hanging, _LIVE),
    Kind("customer empty", "feed", SIZES, _emptied("customer_id"), (*_LIVE, "email", "cases")),
    Kind("agent empty", "feed", SIZES, _emptied("agent_id"), _LIVE),
    Kind("answered told as abandoned", "queue", SIZES, abandoned_instead, _LIVE),
    Kind("abandoned told as answered", "queue", _ONCE, answered_instead, _LIVE),
    Kind("waits in milliseconds", "feed", _ONCE, _waits(1000), _LIVE),
    Kind("waits of zero", "feed", _ONCE, _waits(0), _LIVE),
)
"""Every kind that is planted."""
