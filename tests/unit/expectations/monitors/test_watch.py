"""What the monitors say of a night: what is wrong is held with numbers and words, what is right is left alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from enterprise.settings import Event
from expectations.findings import with_actions
from expectations.monitors.watch import Seen, watch
from expectations.monitors.watched import Watched
from tests.support.watched_world import NIGHT, World, watched_world
from warehouse.lake import conformed
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUALITY_RELEASES


@pytest.fixture
def world(tmp_path: Path) -> World:
    return watched_world(tmp_path)


def told(seen: Seen, day: date | None = None) -> set[tuple[str, str, str]]:
    found = seen.findings
    found = found if day is None else found[found["business_date"] == day]
    return set(zip(found["rule"], found["subject_id"], found["severity"], strict=True))


def rules(seen: Seen, queue: str, day: date = NIGHT) -> set[str]:
    return {rule for rule, subject, _ in told(seen, day) if subject == queue}


def at(world: World, night: date = NIGHT) -> Seen:
    return watch(world.watched(night), world.enterprise, night)


def thinned(world: World, queue: str, share: float, day: date = NIGHT) -> None:
    counts = world.slots[queue][world.place(day)]
    world.slots[queue][world.place(day)] = np.random.default_rng(1).binomial(counts, 1 - share)


def test_a_clean_history_is_held_or_told_of_on_more_than_one_day_in_a_hundred(world: World) -> None:
    assert len(set(at(world).findings["business_date"])) <= 2


def test_a_night_is_told_in_rows_that_the_tables_do_not_take(world: World) -> None:
    thinned(world, "large", 0.6)
    seen = at(world)
    releases = QUALITY_RELEASES.arrow_schema.empty_table().to_pandas()
    conformed(DATA_QUALITY, seen.outcomes)
    assert conformed(QUALITY_FINDINGS, with_actions(seen.findings, releases)).num_rows == len(seen.findings) > 0


def test_a_queue_that_lost_half_its_calls_is_believed(world: World) -> None:
    thinned(world, "large", 0.5)
    found = at(world).findings.set_index(["rule", "subject_id"]).loc[("volume_low", "large")]
    assert found["severity"] == "quarantine"
    assert found["observed_value"] < found["expected_low"] < found["expected_value"] < found["expected_high"]
    assert "too low" in found["reason"]


def test_the_next_night_no_longer_knows_of_a_held_day_or_a_corrected_one_stays_held(world: World) -> None:
    day = NIGHT - timedelta(days=2)
    whole = world.slots["large"][world.place(day)].copy()
    thinned(world, "large", 0.6, day)
    assert "volume_low" in rules(at(world), "large", day)
    world.slots["large"][world.place(day)] = whole
    assert not rules(at(world), "large", day)


def test_what_is_said_of_a_day_changes_with_the_days_after_it(world: World) -> None:
    day = NIGHT - timedelta(days=9)
    thinned(world, "large", 0.5, day)
    held = [
        {one for one in told(at(world, night), day) if one[2] == "quarantine"} for night in (day, day + timedelta(days=1), NIGHT)
    ]
    assert held[0] == held[1] == held[2] != set()


def test_a_held_day_spoils_what_is_expected_of_the_next(world: World) -> None:
    day = NIGHT - timedelta(days=1)
    before = _expected(at(world), "large")
    thinned(world, "large", 0.9, day)
    assert _expected(at(world), "large") == pytest.approx(before, rel=0.02)


def _expected(seen: Seen, queue: str) -> float:
    """What is expected of the night, seen by making the night impossible first."""
    found = seen.findings[(seen.findings["subject_id"] == queue) & (seen.findings["business_date"] == NIGHT)]
    return float(found["expected_value"].iloc[0]) if len(found) else 400.0


def test_ten_calls_fewer_in_a_small_queue_are_an_alarm(world: World) -> None:
    thinned(world, "small", 0.15)
    assert not rules(at(world), "small")


def test_small_queues_that_all_lost_a_third_go_unnoticed_as_no_one_of_them_is_far_off(world: World) -> None:
    for queue in world.slots:
        thinned(world, queue, 0.3)
    assert "feed_low" in {rule for rule, _, _ in told(at(world), NIGHT)}


def test_calls_booked_on_another_queue_are_not_seen(world: World) -> None:
    place = world.place(NIGHT)
    moved = world.slots["middle"][place] * 2 // 3
    world.slots["middle"][place] -= moved
    world.slots["large"][place] += moved
    assert rules(at(world), "middle")


def test_a_new_level_is_held_for_ever_or_accepted_in_silence(world: World) -> None:
    first = world.place(NIGHT) - 20
    world.slots["middle"][first:] = np.random.default_rng(2).binomial(world.slots["middle"][first:], 0.5)
    seen = at(world)
    held = {place for place in range(21) if "volume_low" in rules(seen, "middle", NIGHT - timedelta(days=20 - place))}
    assert 5 <= len(held) <= 12
    assert not rules(seen, "middle")
    accepted = NIGHT - timedelta(days=20) + timedelta(days=max(held))
    assert "level_shift" in rules(at(world, accepted), "middle", accepted)


def test_milliseconds_are_taken_for_seconds(world: World) -> None:
    world.handle_seconds["small"][world.place(NIGHT)] *= 1000
    assert rules(at(world), "small") >= {"handle_time"}


def test_a_day_an_hour_late_is_believed_or_a_clock_change_is_not(world: World) -> None:
    place = world.place(NIGHT)
    world.slots["large"][place] = np.roll(world.slots["large"][place], 2)
    seen = at(world)
    assert "day_moved" in rules(seen, "large")
    around = [date(2026, 3, 27) + timedelta(days=k) for k in range(7)]
    assert not any(rules(seen, "large", day) for day in around)


def test_an_afternoon_that_is_missing_is_believed(world: World) -> None:
    world.slots["large"][world.place(NIGHT), 24:30] = 0
    found = at(world).findings.set_index(["rule", "subject_id"])
    assert found.loc[("part_of_day_missing", "large"), "reason"].startswith("from 12:00 to")


def test_a_day_that_was_delivered_again_is_believed(world: World) -> None:
    world.slots["large"][world.place(NIGHT)] = world.slots["large"][world.place(NIGHT) - 14]
    assert "day_repeated" in rules(at(world), "large")


def test_rows_that_stand_there_twice_are_believed(world: World) -> None:
    world.profile[("middle", NIGHT, "twin_rows")] = 20.0
    assert ("rows_twice", "middle", "quarantine") in told(at(world), NIGHT)


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("same_second_rows", "rows_of_one_second"),
        ("echo_rows", "rows_echoed"),
        ("returned_rows", "rows_of_another_day"),
        ("same_customer_rows", "one_customer"),
    ],
)
def test_a_few_rows_that_repeat_others_are_believed_or_one_is_an_alarm(world: World, column: str, rule: str) -> None:
    for back in range(60):
        world.profile[("small", NIGHT - timedelta(days=back), column)] = 1.0 if back % 9 == 5 else 0.0
    world.profile[("small", NIGHT, column)] = 1.0
    assert rule not in rules(at(world), "small")
    world.profile[("small", NIGHT, column)] = 12.0
    assert rule in rules(at(world), "small")


def test_a_surge_at_noon_leaves_a_hole_in_the_afternoon(world: World) -> None:
    world.slots["large"][world.place(NIGHT), 22:28] += 90
    assert not rules(at(world), "large") & {"part_of_day_missing", "day_moved"}


def test_a_storm_is_held_as_if_the_feed_had_doubled(world: World) -> None:
    world.claims[world.place(NIGHT)] = (60, 200)
    assert not rules(at(world), "motor")
    world.claims[world.place(NIGHT)] = (120, 12)
    assert ("claims_high", "motor", "quarantine") in told(at(world), NIGHT)


def test_an_event_that_planners_know_of_is_an_alarm(world: World) -> None:
    event = Event(name="price change", first_date=NIGHT, last_date=NIGHT, queues=("large",))
    world.slots["large"][world.place(NIGHT)] *= 2
    assert rules(at(world), "large")
    world.enterprise = world.enterprise.model_copy(update={"events": (event,)})
    assert not rules(at(world), "large") - {"feed_high"}


def test_a_night_without_any_data_breaks_the_monitors(world: World) -> None:
    full = world.watched(NIGHT)
    empty = Watched(*(getattr(full, name).iloc[:0] for name in ("daily", "intervals", "claims", "profiles", "feeds")))
    seen = watch(empty, world.enterprise, NIGHT)
    assert seen.findings.empty
    assert set(seen.outcomes["result"]) == {"passed"}
