"""The whole simulation in one sentence: demand, claims, what claims cause, people, and what happened in every queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.backlog import Items, daily_work, simulate_backlog
from demo.chatroom import Chats, simulate_chats
from demo.claims import CLASS_SHARE, CUSTOMERS, FIRST_CUSTOMER, ClaimLives, Claims, claim_lives, make_claims
from demo.clock import BoolArray, Clock, FloatArray, IntArray, make_clock
from demo.demand import Demand, draw_arrivals, make_demand
from demo.lead import ClaimContacts, draw_claim_contacts, ordinary_share
from demo.mailings import Mailing, mailing_rate, make_mailings
from demo.presence import Spans, make_spans
from demo.queues import QUEUE_INDEX, QUEUES, queues_of
from demo.rosters import People, Shifts, make_shifts
from demo.telephony import AgentLog, Legs, simulate_calls

_FOLLOW_UP = {"email": 0.14, "cases": 0.0, "claims": 0.0}
_STORM_AWARENESS = 0.55
"""How much of a storm's extra contacts the simulated planners foresee."""


@dataclass(frozen=True)
class Arrivals:
    """First contacts of one queue, ascending: when, who, and the claim behind it (-1 for none)."""

    arrived: IntArray
    customer: IntArray
    claim: IntArray


@dataclass(frozen=True)
class World:
    """Everything that happened at Harbour Mutual, before any file was written."""

    clock: Clock
    demand: Demand
    claims: Claims
    lives: ClaimLives
    claim_contacts: ClaimContacts
    mailings: tuple[Mailing, ...]
    arrivals: tuple[Arrivals, ...]
    people: People
    shifts: Shifts
    spans: Spans
    legs: Legs
    agent_log: AgentLog
    chats: Chats
    items: dict[int, Items]


def _merge(base: IntArray, queue: int, contacts: ClaimContacts, claims: Claims, rng: np.random.Generator) -> Arrivals:
    mine = contacts.queue == queue
    arrived = np.concatenate([base, contacts.arrived[mine]])
    claim = np.concatenate([np.full(len(base), -1, np.int64), contacts.claim[mine]])
    stranger = FIRST_CUSTOMER + rng.integers(0, CUSTOMERS, len(arrived))
    customer = np.where(claim >= 0, claims.customer[claim], stranger)
    order = np.argsort(arrived, kind="stable")
    return Arrivals(arrived[order], customer[order], claim[order])


def _planned_rates(demand: Demand, contacts: ClaimContacts, share: FloatArray, clock: Clock) -> FloatArray:
    """What planners expect per queue and slot: base, the ordinary effect of claims and part of the storms'."""
    planned = demand.planned_rate.copy()
    for queue in range(len(QUEUES)):
        if share[queue] <= 0.0:
            continue
        usual = planned[queue] / (1.0 - share[queue])
        day = clock.day_of(contacts.arrived[contacts.queue == queue])
        caused = np.bincount(day, minlength=len(clock.days)).astype(np.float64)
        usual_day = np.bincount(clock.slot_day, weights=usual * share[queue], minlength=len(clock.days))
        excess = np.maximum(caused - 1.4 * usual_day, 0.0)
        base_day = np.bincount(clock.slot_day, weights=usual, minlength=len(clock.days))
        factor = 1.0 + _STORM_AWARENESS * excess / np.maximum(base_day, 1.0)
        planned[queue] = usual * factor[clock.slot_day]
    return planned


def _openings(demand: Demand, clock: Clock, queues: list[int]) -> tuple[IntArray, IntArray]:
    """First and last open second per queue and day; an empty span where closed."""
    opens = np.full((len(queues), len(clock.days)), 4_000_000_000_000, np.int64)
    closes = np.zeros(opens.shape, np.int64)
    for row, queue in enumerate(queues):
        inside = np.flatnonzero(demand.open_slot[queue])
        np.minimum.at(opens[row], clock.slot_day[inside], clock.slot_start[inside])
        np.maximum.at(closes[row], clock.slot_day[inside], clock.slot_start[inside] + 900)
    return opens, closes


def _transfer_matrix(queues: list[int]) -> FloatArray:
    matrix = np.zeros((len(queues), len(queues)))
    for row, queue in enumerate(queues):
        for target, fraction in QUEUES[queue].transfers:
            matrix[row, queues.index(QUEUE_INDEX[target])] = fraction
    return matrix


def _parameters(queues: list[int]) -> FloatArray:
    return np.array(
        [
            (spec.talk_seconds, spec.wrap_seconds, spec.talk_sigma, spec.patience_seconds, float(spec.timeout_seconds))
            for spec in (QUEUES[queue] for queue in queues)
        ]
    )


def _together(arrivals: tuple[Arrivals, ...], queues: list[int]) -> tuple[IntArray, IntArray]:
    """First contacts of several queues in one ascending stream, with the queue's row."""
    arrived = np.concatenate([arrivals[queue].arrived for queue in queues])
    row = np.repeat(np.arange(len(queues), dtype=np.int64), [len(arrivals[queue].arrived) for queue in queues])
    order = np.argsort(arrived, kind="stable")
    return arrived[order], row[order]


def stream_order(arrivals: tuple[Arrivals, ...], channel: str) -> Arrivals:
    """The channel's first contacts in the order of the event simulation, so that `origin` indexes into it."""
    queues = queues_of(channel)
    arrived = np.concatenate([arrivals[queue].arrived for queue in queues])
    order = np.argsort(arrived, kind="stable")
    return Arrivals(
        arrived[order],
        np.concatenate([arrivals[queue].customer for queue in queues])[order],
        np.concatenate([arrivals[queue].claim for queue in queues])[order],
    )


def simulate(first_day: date, last_day: date, seed: int, progress: Callable[[str], None]) -> World:
    """Simulate every queue of the insurer from two weeks before `first_day` to the end of `last_day`.

    Args:
        first_day: first local day that is written.
        last_day: last local day that is written.
        seed: every random draw follows from it; each part has a stream of its own.
        progress: told what is being simulated.
    """
    streams = np.random.default_rng(seed).spawn(11)
    clock = make_clock(first_day, last_day)
    motor, home = QUEUES[QUEUE_INDEX["claims_motor"]], QUEUES[QUEUE_INDEX["claims_property"]]
    week = [(5.0 + spec.saturday_factor + spec.sunday_factor) / 7.0 * spec.weekday_mean for spec in (motor, home)]
    share = ordinary_share(np.concatenate([week[0] * CLASS_SHARE[:3], week[1] * CLASS_SHARE[3:]]))
    progress("demand and claims")
    demand = make_demand(clock, share, streams[0])
    claims = make_claims(clock, demand, streams[1])
    contacts = draw_claim_contacts(claims, demand, clock, streams[2])
    mailings = make_mailings(clock, streams[10])
    from_letters = mailing_rate(mailings, demand, clock)
    arrivals = []
    for queue, spec in enumerate(QUEUES):
        if spec.channel == "claims":
            mine = np.flatnonzero(claims.is_property() == (spec.queue_id == "claims_property"))
            arrivals.append(Arrivals(claims.reported[mine], claims.customer[mine], mine.astype(np.int64)))
            continue
        rate = demand.planned_rate[queue] * demand.day_factor[queue][clock.slot_day]
        base = draw_arrivals(rate, clock, streams[3])
        base = np.sort(np.append(base, draw_arrivals(from_letters[queue], clock, streams[10])))
        arrivals.append(_merge(base, queue, contacts, claims, streams[3]))
    arrived = tuple(arrivals)
    progress("people and shifts")
    work = np.zeros((len(QUEUES), len(clock.days)))
    for queue, spec in enumerate(QUEUES):
        extra = 1.0 + _FOLLOW_UP.get(spec.channel, 0.0)
        work[queue] = daily_work(arrived[queue].arrived, clock.midnight, spec.talk_seconds * extra)
    shifts, people = make_shifts(clock, _planned_rates(demand, contacts, share, clock) + from_letters, work, streams[4])
    spans = make_spans(shifts, people, clock, streams[5])
    ready = (spans.kind == 0) & ~spans.absent
    progress("telephony")
    legs, agent_log = _voice(arrived, spans, ready, demand, clock, streams[6])
    progress("chat")
    chats = _chat(arrived, spans, ready, demand, clock, streams[7])
    progress("mail, cases and claims work")
    items = {}
    for queue, spec in enumerate(QUEUES):
        if spec.channel in _FOLLOW_UP:
            working = spans.take(ready & (spans.queue == queue))
            items[queue] = simulate_backlog(
                arrived[queue].arrived,
                (working.agent, working.actual_begin, working.actual_until),
                spec.talk_seconds,
                spec.talk_sigma,
                _FOLLOW_UP[spec.channel],
                streams[8],
            )
    assessed = np.full(len(claims.reported), -1, np.int64)
    for queue in queues_of("claims"):
        assessed[arrived[queue].claim[items[queue].origin]] = items[queue].finished
    lives = claim_lives(assessed, streams[9])
    return World(
        clock, demand, claims, lives, contacts, mailings, arrived, people, shifts, spans, legs, agent_log, chats, items
    )  # fmt: skip


def _voice(
    arrivals: tuple[Arrivals, ...], spans: Spans, ready: BoolArray, demand: Demand, clock: Clock, rng: np.random.Generator
) -> tuple[Legs, AgentLog]:
    queues = queues_of("voice")
    stream, row = _together(arrivals, queues)
    mine = spans.take(ready & np.isin(spans.queue, queues))
    opens, closes = _openings(demand, clock, queues)
    ours = (mine.agent, mine.queue - queues[0], mine.actual_begin, mine.actual_until, mine.first, mine.last)
    return simulate_calls(stream, row, ours, _parameters(queues), _transfer_matrix(queues), (clock.midnight, opens, closes), rng)


def _chat(
    arrivals: tuple[Arrivals, ...], spans: Spans, ready: BoolArray, demand: Demand, clock: Clock, rng: np.random.Generator
) -> Chats:
    queues = queues_of("chat")
    stream, row = _together(arrivals, queues)
    mine = spans.take(ready & np.isin(spans.queue, queues))
    closes = _openings(demand, clock, queues)[1]
    ours = (mine.agent, mine.queue - queues[0], mine.actual_begin, mine.actual_until)
    return simulate_chats(stream, row, ours, _parameters(queues), _transfer_matrix(queues), (closes, clock.midnight), rng)
