"""What history must agree with: the contacts and claims it was made of, its own other tables, and the day before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from enterprise.timing import grid_of, opening_of
from expectations.rule import Night, Rule, evidence, local_time, shown, tallied
from expectations.suites.rows import RowRule, row_rules
from warehouse.tables.declaration import Table
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY

HANDLE_FACTOR = 10.0
"""How far a day's mean handle time may be from the settings' before its unit is doubted."""
FEWEST_ANSWERED = 20
STAFFED_TOLERANCE = 0.05
TOLERANCE = 1e-6
_AGAIN = "run the night again for this day; if it stays, tell whoever looks after Leadline, with queue and day"
_TIMES = ("handle_seconds", "worked_handle_seconds", "wait_seconds", "staffed_seconds")
_SUMMED = ("answered_within_contacts", "completed_items", *_TIMES)
_WAIT_CLASSES = ("offered_contacts", "answered_contacts", "abandoned_contacts")

# Contacts that may be neither answered nor given up: what is not known at the cut-off belongs to them.
_CONTACTS_SQL = """
SELECT queue_id, count(*) AS contacts,
  count(*) FILTER (WHERE (answered_at IS NULL OR answered_at >= $cut_off)
    AND (outcome <> 'abandoned' OR arrived_at + to_microseconds((1e6 * wait_seconds)::BIGINT) >= $cut_off)) AS others
FROM contacts WHERE queue_id NOT IN (SELECT queue_id FROM interval_reports) GROUP BY queue_id ORDER BY queue_id
"""
_CLAIMS_SQL = """
WITH made AS (
  SELECT line_of_business, coalesce(region, 'unknown') AS region, coalesce(peril, 'unknown') AS peril, count(*) AS reported,
    count(catastrophe_code) AS catastrophe FROM claims GROUP BY ALL
)
SELECT concat_ws('/', line_of_business, region, peril), coalesce(m.reported, 0), coalesce(h.reported_claims, 0),
  coalesce(m.catastrophe, 0), coalesce(h.catastrophe_claims, 0)
FROM claims_daily h FULL JOIN made m USING (line_of_business, region, peril) ORDER BY 1
"""


def _rest_accounted(night: Night) -> pd.DataFrame:
    """One row per queue with contacts: are all that history offers contacts, and the unanswered rest among the others?"""
    cut_off = grid_of(night.enterprise).cut_off(night.business_date).to_pydatetime()
    known = pd.DataFrame(night.rows(_CONTACTS_SQL, {"cut_off": cut_off}), columns=["queue_id", "contacts", "others"])
    known = known.astype({"queue_id": "str"})
    both = night.frame(DAILY_HISTORY).merge(known, on="queue_id")
    offered = both["offered_contacts"]
    rest = offered - both["answered_contacts"].fillna(0) - both["abandoned_contacts"].fillna(0)
    seen = both["queue_id"] + ": " + shown(offered) + " offered of " + shown(both["contacts"]) + " contacts; " + shown(rest)
    seen = seen + " neither answered nor given up, " + shown(both["others"]) + " contacts ended otherwise or not yet"
    return evidence((offered <= both["contacts"]) & (rest <= both["others"]), both["queue_id"], seen)


def _on_grid(night: Night) -> pd.DataFrame:
    history = night.frame(INTERVAL_HISTORY)
    grid = grid_of(night.enterprise)
    starts = history["interval_start_utc"]
    holds = starts.isin(grid.intervals_between(night.days[0], night.business_date))
    holds &= pd.Series(grid.business_date(starts), index=starts.index) == history["business_date"]
    return evidence(holds, history["queue_id"], "an interval from " + local_time(starts, night.enterprise.time_zone))


def _times_add_up(night: Night) -> pd.DataFrame:
    """One row per queue and measure."""
    daily = night.frame(DAILY_HISTORY)
    queue = daily["queue_id"]
    sums = night.frame(INTERVAL_HISTORY).groupby("queue_id")[list(_SUMMED)].sum().reindex(queue).reset_index(drop=True)
    parts = []
    for name in _SUMMED:
        whole, part = daily[name].astype("float64").fillna(0.0), sums[name].astype("float64").fillna(0.0)
        seen = queue + ": " + name + " " + shown(whole, 1) + " in the day, " + shown(part, 1) + " in its intervals"
        parts.append(evidence((whole - part).abs() <= TOLERANCE * (1 + whole), queue, seen))
    return pd.concat(parts, ignore_index=True)


def _open_as_settings(night: Night) -> pd.DataFrame:
    daily = night.frame(DAILY_HISTORY)
    daily = daily.loc[daily["queue_id"].isin(list(night.enterprise.queues))].reset_index(drop=True)
    pairs = zip(daily["queue_id"], daily["business_date"], strict=True)
    wanted = pd.Series([float(opening_of(night.enterprise, queue).open_seconds(day)) for queue, day in pairs], dtype="float64")
    seen = daily["queue_id"] + ": open for " + shown(daily["open_seconds"]) + " seconds, by the settings " + shown(wanted)
    return evidence(daily["open_seconds"] == wanted, daily["queue_id"], seen)


def _live_days(night: Night) -> pd.DataFrame:
    """Days of live queues of the settings, with what the settings expect."""
    queues = {queue.id: queue for queue in night.enterprise.queues.values() if not queue.is_deferred}
    daily = night.frame(DAILY_HISTORY)
    daily = daily.loc[daily["queue_id"].isin(list(queues))].reset_index(drop=True)
    return daily.assign(
        prior=daily["queue_id"].map({name: queue.mean_handle_seconds_prior for name, queue in queues.items()}).astype("float64"),
        goal=daily["queue_id"].map({name: queue.service_goal.seconds for name, queue in queues.items()}).astype("float64"),
        at_once=daily["queue_id"].map({name: queue.chat.concurrency for name, queue in queues.items()}).astype("float64"),
    )


def _mean_handle(night: Night) -> pd.DataFrame:
    daily = _live_days(night)
    daily = daily.loc[(daily["answered_contacts"] >= FEWEST_ANSWERED) & daily["handle_seconds"].notna()].reset_index(drop=True)
    mean = (daily["handle_seconds"] / daily["answered_contacts"]).astype("float64")
    holds = (mean >= daily["prior"] / HANDLE_FACTOR) & (mean <= daily["prior"] * HANDLE_FACTOR)
    seen = daily["queue_id"] + ": " + shown(mean, 1) + " seconds a contact, the settings say " + shown(daily["prior"])
    return evidence(holds, daily["queue_id"], seen)


def _mean_wait(night: Night) -> pd.DataFrame:
    daily = _live_days(night)
    daily = daily.loc[(daily["offered_contacts"] > 0) & daily["wait_seconds"].notna()].reset_index(drop=True)
    mean = (daily["wait_seconds"] / daily["offered_contacts"]).astype("float64")
    most = (60.0 * daily["goal"]).clip(lower=3600.0)
    seen = daily["queue_id"] + ": " + shown(mean / 60, 1) + " minutes a contact, at most " + shown(most / 60) + " are plausible"
    return evidence(mean <= most, daily["queue_id"], seen)


def _staffed(night: Night) -> pd.DataFrame:
    """One row per queue whose agents' time is known.

    It must hold queue by queue also where agents share queues: each queue that an agent is signed in to counts the whole time.
    """
    daily = _live_days(night)
    daily = daily.loc[daily["staffed_seconds"].notna() & daily["worked_handle_seconds"].notna()].reset_index(drop=True)
    worked = daily["worked_handle_seconds"] / daily["at_once"]
    a_while = 60.0 * night.enterprise.interval_minutes
    seen = daily["queue_id"] + ": " + shown(daily["staffed_seconds"] / 3600, 1) + " hours staffed, " + shown(worked / 3600, 1)
    return evidence(
        daily["staffed_seconds"] >= (1 - STAFFED_TOLERANCE) * worked - a_while, daily["queue_id"], seen + " hours worked"
    )


def _classes_make_the_day(night: Night) -> pd.DataFrame:
    """One row per queue whose contacts are known one by one."""
    queues = [str(queue) for queue, *_ in night.rows(
        "SELECT DISTINCT queue_id FROM contacts WHERE queue_id NOT IN (SELECT queue_id FROM interval_reports) ORDER BY 1"
    )]  # fmt: skip
    daily = night.frame(DAILY_HISTORY)
    daily = daily.loc[daily["queue_id"].isin(queues)].set_index("queue_id")[list(_WAIT_CLASSES)].fillna(0)
    sums = night.frame(WAIT_HISTORY).groupby("queue_id")[list(_WAIT_CLASSES)].sum().reindex(daily.index).fillna(0)
    seen = pd.Series(daily.index, index=daily.index).astype("str") + ": " + shown(daily["offered_contacts"])
    seen = seen + " offered in the day, " + shown(sums["offered_contacts"]) + " in its classes of waiting times"
    holds = (daily.astype("int64") == sums.astype("int64")).all(axis=1)
    return evidence(holds.reset_index(drop=True), pd.Series(daily.index, dtype="str"), seen.reset_index(drop=True).astype("str"))


def _claims_make_the_day(night: Night) -> pd.DataFrame:
    rows = []
    for group, reported, in_history, catastrophe, catastrophe_in_history in night.rows(_CLAIMS_SQL):
        same = reported == in_history and catastrophe == catastrophe_in_history
        rows.append((None, 1, int(not same), f"{group}: {in_history} claims in the day, {reported} of its date"))
    return tallied(rows)


def _cohorts_arrived(night: Night) -> pd.DataFrame:
    backlog = night.frame(BACKLOG_OPENING)
    start, oldest = backlog["arrived_interval_start_utc"], backlog["oldest_arrived_at"]
    step = pd.Timedelta(minutes=night.enterprise.interval_minutes)
    holds = (oldest >= start) & (oldest < start + step) & (oldest < grid_of(night.enterprise).cut_off(night.business_date))
    zone = night.enterprise.time_zone
    return evidence(
        holds, backlog["queue_id"], "arrived " + local_time(oldest, zone) + ", filed under " + local_time(start, zone)
    )


def _backlog_moves(night: Night) -> pd.DataFrame:
    """One row per deferred queue with a backlog today and the day before.

    It need not fit exactly: work that is opened again or withdrawn changes what was known of the days before.
    """
    columns = ["queue_id", "backlog_items"]
    if DAILY_HISTORY not in night.before:
        return evidence(pd.Series(dtype=bool), None, "")
    before = night.before[DAILY_HISTORY][columns].rename(columns={"backlog_items": "opening"})
    both = night.frame(DAILY_HISTORY).merge(before, on="queue_id")
    both = both.loc[both["backlog_items"].notna() & both["opening"].notna()].reset_index(drop=True)
    opening, arrived, done = both["opening"], both["offered_contacts"], both["completed_items"].fillna(0)
    expected = (opening + arrived - done).astype("float64")
    allowed = (0.05 * (opening + arrived)).astype("float64").clip(lower=5.0)
    seen = both["queue_id"] + ": " + shown(opening) + " + " + shown(arrived) + " - " + shown(done) + " = " + shown(expected)
    seen = seen + ", history has " + shown(both["backlog_items"])
    return evidence((both["backlog_items"] - expected).abs() <= allowed, both["queue_id"], seen)


_CLASS_RULES: Sequence[RowRule] = (
    RowRule(
        "waits_lie_in_their_class",
        "stop",
        "wait_seconds < offered_contacts * waited_from_seconds - 0.5 OR wait_seconds > offered_contacts * "
        "(CASE waited_from_seconds WHEN 0 THEN 5 WHEN 640 THEN 1e9 ELSE 2 * waited_from_seconds END) + 0.5 "
        "OR answered_contacts + abandoned_contacts > offered_contacts",
        "'class from ' || waited_from_seconds || ' seconds: ' || offered_contacts || ' contacts waited ' || wait_seconds "
        "|| ' seconds in all, ' || answered_contacts || ' answered, ' || abandoned_contacts || ' gave up'",
        "contacts of a class of waiting times waited that long, and each has at most one end",
        _AGAIN,
    ),
)


def _stop(name: str, table: Table, expected: str, look: Callable[[Night], pd.DataFrame]) -> Rule:
    return Rule(name, "history", table, "stop", expected, _AGAIN, look)


_OUTCOMES = "offered = answered + abandoned + contacts that ended otherwise or not yet"
_GRID = "every interval is one of the day's grid, clock changes included"
_TIMES_EXPECTED = "a day's times and items are the sums of its intervals"
_OPEN = "a queue's open time is that of its opening hours"
_CLASSES = "a day's counts are the sums of its classes of waiting times"
_CLAIMS = "claims per day are the claims reported on it"
_COHORTS = "open work arrived before the cut-off, in the interval it is filed under"

RULES: tuple[Rule, ...] = (
    _stop("outcomes_accounted_for", DAILY_HISTORY, _OUTCOMES, _rest_accounted),
    _stop("intervals_on_grid", INTERVAL_HISTORY, _GRID, _on_grid),
    _stop("day_times_equal_their_intervals", DAILY_HISTORY, _TIMES_EXPECTED, _times_add_up),
    _stop("open_time_as_settings", DAILY_HISTORY, _OPEN, _open_as_settings),
    _stop("wait_classes_make_the_day", WAIT_HISTORY, _CLASSES, _classes_make_the_day),
    *row_rules("history", WAIT_HISTORY, _CLASS_RULES),
    _stop("claims_make_the_day", CLAIMS_DAILY, _CLAIMS, _claims_make_the_day),
    _stop("backlog_arrived_before_the_night", BACKLOG_OPENING, _COHORTS, _cohorts_arrived),
    Rule(
        "backlog_moves_by_the_day",
        "history",
        DAILY_HISTORY,
        "warn",
        "yesterday's backlog + arrived - completed = today's, but for work opened again or withdrawn (5 % or 5 items)",
        "see whether the source corrected many items of earlier days, or whether a day of it is missing",
        _backlog_moves,
    ),
    Rule(
        "mean_handle_plausible",
        "history",
        DAILY_HISTORY,
        "quarantine",
        f"a mean handle time within a tenth and {HANDLE_FACTOR:g} times the settings' (from {FEWEST_ANSWERED} answers on)",
        "see whether the source changed its unit and deliver the day again; if it is right, correct mean_handle_seconds_prior",
        _mean_handle,
    ),
    Rule(
        "mean_wait_plausible",
        "history",
        DAILY_HISTORY,
        "warn",
        "a mean wait of at most 60 times the goal's seconds, or an hour",
        "see whether the source changed its unit (seconds to milliseconds)",
        _mean_wait,
    ),
    Rule(
        "staffed_time_covers_work",
        "history",
        DAILY_HISTORY,
        "warn",
        f"agents were there at least as long as they worked (tolerance {100 * STAFFED_TOLERANCE:g} % and one interval)",
        "see whether the source of agents' states delivered the day whole",
        _staffed,
    ),
)  # fmt: skip
