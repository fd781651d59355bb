"""The event simulation of days: in a steady state it agrees with the mathematics, and it hands on what a formula cannot."""

from __future__ import annotations

import numpy as np
import pytest

from staffing.chat import chat_measures
from staffing.day_simulation import ABANDONED, ANSWERED, DayOfWork, simulate_day
from staffing.erlang import queue_measures


def steady(
    contacts: float, positions: int, handle: float, patience: float, concurrency: int = 1, slowdown: float = 0.0
) -> DayOfWork:
    """150,000 contacts of one unending half hour."""
    seconds = 150_000 / contacts * 1800.0
    return DayOfWork(
        np.array([0.0]), np.array([seconds]), np.array([150_000.0]), np.array([positions]), np.array([handle]),
        np.array([patience]), concurrency, slowdown,
    )  # fmt: skip


@pytest.mark.parametrize(("positions", "patience"), [(14, 300.0), (9, 60.0), (13, np.inf)])
def test_a_steady_voice_queue_does_what_erlang_a_and_c_say(positions: int, patience: float) -> None:
    found = simulate_day(np.random.default_rng(5), steady(100, positions, 180, patience))
    wanted = queue_measures(
        offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180, positions=positions, answer_within_seconds=20,
        mean_patience_seconds=patience,
    )  # fmt: skip
    served = (found.outcome == ANSWERED) & (found.wait_seconds <= 20)
    assert served.mean() == pytest.approx(float(wanted.answered_within_fraction), abs=0.012)
    assert (found.outcome == ABANDONED).mean() == pytest.approx(float(wanted.abandoned_fraction), abs=0.008)


def test_a_steady_chat_queue_does_what_the_chain_says() -> None:
    found = simulate_day(np.random.default_rng(6), steady(60, 12, 480, 180, 2, 0.5))
    wanted = chat_measures(
        offered_contacts=60, interval_seconds=1800, mean_handle_seconds=480, positions=12, concurrency=2,
        slowdown_per_extra_chat=0.5, answer_within_seconds=60, mean_patience_seconds=180,
    ).queue  # fmt: skip
    served = (found.outcome == ANSWERED) & (found.wait_seconds <= 60)
    assert served.mean() == pytest.approx(float(wanted.answered_within_fraction), abs=0.012)


def test_who_waits_when_the_shift_grows_is_answered_then_and_not_before() -> None:
    """Nobody works in the first period: every patient contact of it is answered at the start of the second at the earliest."""
    day = DayOfWork(
        np.array([0.0, 1800.0]), np.array([1800.0, 3600.0]), np.array([50.0, 0.0]), np.array([0, 200]), np.array([60.0, 60.0]),
        np.array([np.inf, np.inf]),
    )  # fmt: skip
    generator = np.random.default_rng(7)
    found = simulate_day(generator, day)
    assert len(found.period) > 20
    assert (found.outcome == ANSWERED).all()
    assert found.wait_seconds.min() > 0
    assert (np.diff(found.wait_seconds) < 0).all()  # who came later waits shorter, all until the same moment


def test_without_people_everybody_gives_up_after_their_patience() -> None:
    day = DayOfWork(np.array([0.0]), np.array([1800.0]), np.array([80.0]), np.array([0]), np.array([60.0]), np.array([30.0]))
    found = simulate_day(np.random.default_rng(8), day)
    assert (found.outcome == ABANDONED).all()
    assert found.wait_seconds.mean() == pytest.approx(30, rel=0.5)


def test_people_who_leave_end_their_contact_and_take_no_other() -> None:
    day = DayOfWork(
        np.array([0.0, 600.0]), np.array([600.0, 3600.0]), np.array([400.0, 100.0]), np.array([5, 0]), np.array([300.0, 300.0]),
        np.array([np.inf, 50.0]),
    )  # fmt: skip
    found = simulate_day(np.random.default_rng(9), day)
    assert (found.outcome[found.period == 1] == ABANDONED).all()


def test_the_same_seed_gives_the_same_day() -> None:
    day = steady(100, 12, 180, 90)
    first, second = (simulate_day(np.random.default_rng(3), day) for _ in range(2))
    np.testing.assert_array_equal(first.wait_seconds, second.wait_seconds)
