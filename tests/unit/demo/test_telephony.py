from collections import Counter
from datetime import date

import numpy as np
import pytest

from demo import switch
from demo.queues import QUEUE_INDEX, QUEUES, queues_of
from demo.telephony import simulate_calls

DAY = 86_400


def _line(agents: int, seed: int = 3):
    """One queue, one day, 600 calls in ten hours, everybody there all day."""
    rng = np.random.default_rng(seed)
    arrived = np.sort(rng.integers(0, 36_000, 600))
    number = np.arange(1, agents + 1)
    spans = (
        number, np.zeros(agents, np.int64), np.zeros(agents, np.int64), np.full(agents, 40_000), np.ones(agents, bool),
        np.ones(agents, bool),
    )  # fmt: skip
    openings = (np.array([0, DAY]), np.array([[0, DAY]]), np.array([[36_000, DAY + 1]]))
    parameters = np.array([[240.0, 30.0, 0.6, 300.0, 900.0]])
    return simulate_calls(arrived, np.zeros(600, np.int64), spans, parameters, np.zeros((1, 1)), openings, rng)


def test_every_call_that_enters_a_queue_leaves_it_exactly_once(small) -> None:
    legs = small.world.legs
    assert set(np.unique(legs.outcome)) <= {1, 2, 3, 4, 5, 6}
    assert (legs.ended >= legs.entered).all()
    answered = legs.connected >= 0
    assert (answered == (legs.agent > 0)).all()
    assert (answered == ~np.isin(legs.outcome, [switch.ABANDONED, switch.TIMED_OUT])).all()
    assert (legs.ended[answered] - legs.connected[answered] == legs.talk[answered]).all()
    handed_on = (legs.outcome == switch.BLIND_TRANSFER).sum()
    assert handed_on == (legs.number > 1).sum() > 0


def test_no_agent_talks_to_two_callers_at_once(small) -> None:
    legs = small.world.legs
    rows = np.flatnonzero(legs.connected >= 0)
    rows = rows[np.lexsort((legs.connected[rows], legs.agent[rows]))]
    same = legs.agent[rows][1:] == legs.agent[rows][:-1]
    free_again = (legs.ended + legs.wrap)[rows][:-1]
    assert (legs.connected[rows][1:][same] >= free_again[same]).all()


def test_nobody_is_answered_by_an_agent_who_is_not_there(small) -> None:
    legs, spans = small.world.legs, small.world.spans
    queue = np.array(queues_of("voice"))[legs.queue]
    here = spans.take((spans.kind == 0) & ~spans.absent)
    order = np.lexsort((here.actual_begin, here.agent))
    key = here.agent[order] * 10**11 + here.actual_begin[order]
    rows = np.flatnonzero(legs.connected >= 0)
    offered = legs.connected[rows] - legs.ring[rows]
    place = np.searchsorted(key, legs.agent[rows] * 10**11 + offered, side="right") - 1
    assert (here.agent[order][place] == legs.agent[rows]).all()
    assert (here.queue[order][place] == queue[rows]).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_more_agents_mean_shorter_waits_and_fewer_abandonments(seed: int) -> None:
    few, _ = _line(4, seed)
    many, _ = _line(8, seed)

    def abandoned(legs) -> int:
        return int((legs.outcome == switch.ABANDONED).sum())

    def wait(legs) -> float:
        return float((legs.connected - legs.entered)[legs.connected >= 0].mean())

    assert abandoned(many) < abandoned(few) / 2
    assert wait(many) < wait(few) / 2


def test_an_empty_office_answers_nobody_and_everybody_leaves() -> None:
    legs, log = _line(1)
    assert (legs.outcome > 0).all()
    counts = Counter(legs.outcome.tolist())
    assert counts[switch.ABANDONED] > 300
    assert log.states.shape[0] == 2, "one login, one logout"


def test_calls_come_only_when_the_queue_is_open(small) -> None:
    world = small.world
    for row, queue in enumerate(queues_of("voice")):
        entered = world.legs.entered[(world.legs.queue == row) & (world.legs.number == 1)]
        slot = np.searchsorted(world.clock.slot_start, entered, side="right") - 1
        assert world.demand.open_slot[queue][slot].all(), QUEUES[queue].queue_id


def test_the_night_of_the_clock_change_carries_roadside_calls_only_at_hours_that_exist(small) -> None:
    world = small.world
    day = world.clock.days.index(date(2025, 3, 30))
    legs = world.legs
    mine = legs.entered[(legs.queue == QUEUE_INDEX["voice_roadside"]) & (world.clock.day_of(legs.entered) == day)]
    local_hour = (mine + world.clock.offset(mine)) // 3600 % 24
    assert len(mine) > 50
    assert not (local_hour == 2).any()
