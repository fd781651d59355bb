import numpy as np
import pytest

from demo.backlog import simulate_backlog
from demo.queues import QUEUES, queues_of

DEFERRED = [QUEUES[index].queue_id for channel in ("email", "cases", "claims") for index in queues_of(channel)]


@pytest.mark.parametrize("queue_id", DEFERRED)
def test_the_oldest_item_is_always_begun_first(small, queue_id: str) -> None:
    items = small.world.items[[spec.queue_id for spec in QUEUES].index(queue_id)]
    begun = items.started >= 0
    assert (np.diff(items.arrived) >= 0).all()
    assert (np.diff(items.started[begun]) >= 0).all()
    assert (items.started[begun] >= items.arrived[begun]).all()
    assert (items.finished[begun] - items.started[begun] >= items.work[begun]).all()


def test_work_is_done_only_inside_work_stretches() -> None:
    spans = (np.array([1, 1]), np.array([1000, 2000]), np.array([1100, 90_000]))
    items = simulate_backlog(np.array([0, 10]), spans, 300.0, 0.01, 0.0, np.random.default_rng(1))
    first, second = int(items.work[0]), int(items.work[1])
    assert items.started.tolist() == [1000, 2000 + first - 100]
    assert items.finished.tolist() == [2000 + first - 100, 2000 + first - 100 + second]


def test_an_item_nobody_has_time_for_stays_open() -> None:
    spans = (np.array([1]), np.array([0]), np.array([100]))
    items = simulate_backlog(np.array([500]), spans, 60.0, 0.5, 0.0, np.random.default_rng(1))
    assert items.finished.tolist() == [-1]
