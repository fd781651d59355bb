"""What a queue may say about itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from enterprise.queues import DEFERRED_CHANNELS, LIVE_CHANNELS, Queue

BASE: dict[str, Any] = {
    "id": "q",
    "name": "Q",
    "channel": "voice",
    "line_of_business": "claims",
    "site": "main",
    "opening_hours": "phone",
    "service_goal": {"definition": "of_offered", "fraction": 0.8, "seconds": 20},
    "mean_handle_seconds_prior": 300,
}
COMPLETED = {"definition": "completed_within", "fraction": 0.9, "seconds": 28800}


def queue(**changes: Any) -> Queue:
    return Queue.model_validate(BASE | changes)


def test_live_and_deferred_channels_share_nothing() -> None:
    assert not LIVE_CHANNELS & DEFERRED_CHANNELS


@pytest.mark.parametrize("channel", sorted(LIVE_CHANNELS))
@pytest.mark.parametrize("definition", ["of_offered", "of_answered", "excluding_short_abandons", "wait_within"])
def test_live_channels_take_every_goal_that_counts_waits(channel: str, definition: str) -> None:
    made = queue(channel=channel, service_goal={"definition": definition, "fraction": 0.8, "seconds": 20})
    assert not made.is_deferred


@pytest.mark.parametrize("channel", sorted(DEFERRED_CHANNELS))
def test_deferred_work_is_measured_by_completion_only(channel: str) -> None:
    work = ["motor"] if channel == "claims" else []
    assert queue(channel=channel, service_goal=COMPLETED, work_of_claims=work).is_deferred
    with pytest.raises(ValidationError, match=f"of a {channel} queue must be completed_within"):
        queue(channel=channel, work_of_claims=work)


def test_calls_are_never_measured_by_completion() -> None:
    with pytest.raises(ValidationError, match="of a voice queue must be of_offered"):
        queue(service_goal=COMPLETED)


def test_claims_work_and_claims_queues_belong_together() -> None:
    with pytest.raises(ValidationError, match="needs work_of_claims"):
        queue(channel="claims", service_goal=COMPLETED)
    with pytest.raises(ValidationError, match="work_of_claims is for claims queues"):
        queue(work_of_claims=["motor"])


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "fax"},
        {"mean_handle_seconds_prior": 0},
        {"mean_patience_seconds_prior": -1},
        {"occupancy_cap": 0},
        {"occupancy_cap": 1.01},
        {"shrinkage": {"illness": 1.0}},
        {"shrinkage": {"illness": -0.1}},
        {"minimum_positions": -1},
        {"chat": {"concurrency": 0}},
        {"hourly_cost": -1},
        {"service_goal": {"definition": "of_offered", "fraction": 1.0, "seconds": 20}},
        {"service_goal": {"definition": "of_offered", "fraction": 0.8, "seconds": 0}},
        {"service_goal": {"definition": "asa", "fraction": 0.8, "seconds": 20}},
    ],
)
def test_a_number_or_word_without_meaning_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(changes))):
        queue(**changes)
