"""Properties of waiting lines that hold whatever the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from staffing.chat import chat_measures
from staffing.erlang import blocking_probability, queue_measures, wait_probability
from staffing.goals import Goal
from staffing.requirement import positions_required, requirement_bracket
from staffing.trunks import trunk_measures
from staffing.uncertainty import contacts_at_probability, largest_contacts, probability_of_at_most

DEFINITIONS = ("of_offered", "of_answered", "excluding_short_abandons", "wait_within", "virtual_wait")
QUICK = settings(max_examples=40, deadline=None)

contacts = st.one_of(st.just(0.0), st.floats(0.01, 3000))
handle = st.floats(5, 1500)
patience = st.one_of(st.just(np.inf), st.floats(0.1, 1e6))
within = st.sampled_from([0.0, 1.0, 20.0, 60.0, 600.0])
count = st.integers(0, 600)


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "offered_contacts": draw(contacts),
        "interval_seconds": draw(st.sampled_from([900.0, 1800.0, 3600.0])),
        "mean_handle_seconds": draw(handle),
        "mean_patience_seconds": draw(patience),
    }


@QUICK
@given(lines(), within, count)
def test_one_more_position_never_makes_anything_worse_for_callers(line: dict[str, Any], seconds: float, positions: int) -> None:
    found = queue_measures(**line, positions=[positions, positions + 1], answer_within_seconds=seconds)
    for name in ("wait_probability", "abandoned_fraction", "late_fraction", "late_virtual_fraction", "occupancy"):
        fewer, more = getattr(found, name)
        assert more <= fewer + 1e-10, name
    for definition in DEFINITIONS:
        fewer, more = found.service_level(definition)  # type: ignore[arg-type]
        assert more >= fewer - 1e-10, definition


@QUICK
@given(lines(), within, count)
def test_every_contact_is_answered_or_gives_up_in_time_or_waits_longer(
    line: dict[str, Any], seconds: float, positions: int
) -> None:
    found = queue_measures(**line, positions=positions, answer_within_seconds=seconds)
    ends = found.answered_within_fraction + found.abandoned_within_fraction + found.late_fraction
    assert abs(float(ends) - 1) < 1e-9
    assert 0 <= float(found.abandoned_fraction) <= float(found.wait_probability) + 1e-12


@QUICK
@given(lines(), within, count)
def test_erlang_a_becomes_erlang_c_as_patience_grows(line: dict[str, Any], seconds: float, positions: int) -> None:
    load = line["offered_contacts"] * line["mean_handle_seconds"] / line["interval_seconds"]
    assume(load < 0.97 * positions)
    grown = line | {"mean_patience_seconds": [1e8 * line["mean_handle_seconds"], np.inf]}
    found = queue_measures(**grown, positions=positions, answer_within_seconds=seconds)
    for name in ("wait_probability", "answered_within_fraction", "mean_wait_answered_seconds"):
        patient, endless = getattr(found, name)
        assert abs(patient - endless) <= 1e-4 * max(endless, 1e-3), name


@QUICK
@given(lines(), within, count)
def test_nobody_patient_is_erlang_b(line: dict[str, Any], seconds: float, positions: int) -> None:
    load = line["offered_contacts"] * line["mean_handle_seconds"] / line["interval_seconds"]
    hasty = line | {"mean_patience_seconds": 1e-9 * line["mean_handle_seconds"]}
    found = queue_measures(**hasty, positions=positions, answer_within_seconds=seconds)
    assert abs(float(found.abandoned_fraction) - float(blocking_probability(load, positions))) < 1e-5


@QUICK
@given(st.floats(0, 800), count)
def test_waiting_is_at_least_as_likely_as_blocking(load: float, positions: int) -> None:
    assert float(wait_probability(load, positions)) >= float(blocking_probability(load, positions)) - 1e-14


@QUICK
@given(
    lines(),
    within,
    st.floats(0.05, 0.99),
    st.sampled_from(DEFINITIONS),
    st.sampled_from([np.nan, 0.7, 0.9]),
    st.sampled_from([np.nan, 0.02]),
)
def test_required_positions_meet_the_goal_and_one_fewer_does_not(
    line: dict[str, Any], seconds: float, fraction: float, definition: Any, occupancy: float, abandoned: float
) -> None:
    goal = Goal(
        answered_fraction=fraction,
        answer_within_seconds=seconds,
        definition=definition,
        maximum_occupancy=occupancy,
        maximum_abandoned_fraction=abandoned,
    )
    required = positions_required(**line, goal=goal)
    positions = int(required.positions)
    assert positions == 0 or positions - 1 <= float(required.positions_fractional) <= positions
    found = queue_measures(**line, positions=[max(positions - 1, 0), positions], answer_within_seconds=seconds)
    meets = (
        (found.service_level(definition) >= fraction - 1e-11)
        & ~(found.occupancy > occupancy * (1 + 1e-11))
        & ~(found.abandoned_fraction > abandoned * (1 + 1e-11))
        & found.is_stable
    )
    assert meets[1]
    assert positions == 0 or not meets[0]


@QUICK
@given(lines(), st.floats(0.3, 0.97))
def test_people_who_give_up_never_raise_the_requirement(line: dict[str, Any], fraction: float) -> None:
    goal = Goal(answered_fraction=fraction, answer_within_seconds=20, definition="wait_within")
    found = requirement_bracket(**line, goal=goal)
    assert int(found.erlang_a.positions) <= int(found.erlang_c.positions)


@QUICK
@given(lines(), st.integers(1, 100), st.integers(0, 200))
def test_trunks_account_for_every_contact(line: dict[str, Any], positions: int, places: int) -> None:
    found = trunk_measures(**line, positions=positions, trunks=positions + places, answer_within_seconds=20)
    load = line["offered_contacts"] * line["mean_handle_seconds"] / line["interval_seconds"]
    carried = float(found.occupancy) * positions
    lost = float(found.blocked_fraction + found.abandoned_fraction)
    assert abs(load * (1 - lost) - carried) <= 1e-8 * max(load, 1)
    assert 0 <= float(found.answered_within_fraction) <= 1 - lost + 1e-9


@QUICK
@given(lines(), st.integers(1, 60), st.integers(1, 5), st.floats(0, 2))
def test_a_larger_slowdown_never_helps_chat(line: dict[str, Any], agents: int, concurrency: int, slowdown: float) -> None:
    found = chat_measures(
        **line,
        positions=agents,
        concurrency=concurrency,
        slowdown_per_extra_chat=[slowdown, slowdown + 0.3],
        answer_within_seconds=30,
    )
    assert found.queue.wait_probability[1] >= found.queue.wait_probability[0] - 1e-10
    assert np.all(found.mean_concurrency <= concurrency + 1e-9)
    assert np.all((found.agent_occupancy >= 0) & (found.agent_occupancy <= 1 + 1e-9))


@QUICK
@given(st.integers(1, 300), handle, patience, st.floats(0.3, 0.95))
def test_the_largest_volume_grows_with_positions(positions: int, seconds: float, patient: float, fraction: float) -> None:
    most = largest_contacts(
        positions=[positions, positions + 1],
        interval_seconds=1800,
        mean_handle_seconds=seconds,
        mean_patience_seconds=patient,
        goal=Goal(answered_fraction=fraction, answer_within_seconds=20),
    )
    assert 0 < most[0] < most[1]


@QUICK
@given(st.lists(st.floats(0, 1000), min_size=7, max_size=7).map(sorted), st.floats(0.001, 0.999))
def test_the_quantile_function_and_its_inverse_agree(quantiles: list[float], probability: float) -> None:
    volume = float(contacts_at_probability(quantiles, probability))
    assert float(probability_of_at_most(volume * (1 + 1e-9) + 1e-9, quantiles)) >= probability - 1e-6
