"""What a queue is: its channel, hours, goal, priors and place in the enterprise."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from enterprise.deferred import DeferredStaffing
from enterprise.model import Settings

Channel = Literal["voice", "chat", "email", "cases", "claims"]
GoalDefinition = Literal["of_offered", "of_answered", "excluding_short_abandons", "wait_within", "completed_within"]
Fraction = Annotated[float, Field(ge=0, lt=1)]
OpenFraction = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]

LIVE_CHANNELS: frozenset[str] = frozenset({"voice", "chat"})
DEFERRED_CHANNELS: frozenset[str] = frozenset({"email", "cases", "claims"})


class ServiceGoal(Settings):
    """A service goal with its definition named, e.g. 80 % of offered contacts answered within 20 seconds.

    `definition`: `of_offered` (answered within / offered), `of_answered` (/ answered), `excluding_short_abandons` (/ offered less
    those abandoned within the threshold), `wait_within` (no longer wait than the threshold, abandoned or not), and
    `completed_within` for deferred work, where `seconds` count business time.
    """

    definition: GoalDefinition
    fraction: OpenFraction
    seconds: Positive


class DemandDefinition(Settings):
    """Which contacts count as demand; applied to history and actuals alike.

    As it stands, every customer's wish counts once in the enterprise, but for a contact handed over after an answer: the queue
    that takes it over has its own work with it, so it counts there as well.
    """

    short_abandon_seconds: Annotated[float, Field(ge=0)] = 0.0
    """Contacts abandoned before this many seconds are not demand; 0 counts all of them."""
    count_transfers_in: bool = True
    """Whether a contact that another queue answered and handed over counts here as well."""
    count_timed_out: bool = True
    """Whether a contact that left this queue unanswered by time-out or overflow counts here, where the customer came."""
    count_overflow_in: bool = False
    """Whether a contact that another queue sent on unanswered counts here as well: it does there, unless that queue says not."""
    count_callbacks: bool = False
    """Whether a call-back of ours counts beside the contact in which it was promised; if not, it counts only where no such
    contact of the last seven days does."""
    redial_within_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """A customer who gave up and comes back to the same queue within this time is one demand: the last attempt counts, because
    it has the outcome and the handle time. 0 counts every attempt."""


class ChatSettings(Settings):
    """How chats share an agent's attention."""

    concurrency: Annotated[int, Field(ge=1, le=20)] = 1
    """Most chats that one agent holds at once."""
    slowdown_per_extra_chat: Annotated[float, Field(ge=0, le=2)] = 0.0
    """How much longer each chat takes per further chat held: the handle time is multiplied by 1 + slowdown x (chats - 1)."""


class Queue(Settings):
    """One queue.

    Units stand in the names; `mean_handle_seconds_prior` and `mean_patience_seconds_prior` serve until history knows better.
    """

    id: str
    name: str
    channel: Channel
    line_of_business: str
    site: str
    opening_hours: str
    """Name of an entry of `[opening_hours]`."""
    service_goal: ServiceGoal
    mean_handle_seconds_prior: Positive
    mean_patience_seconds_prior: Positive | None = None
    chat: ChatSettings = ChatSettings()
    shrinkage: dict[str, Fraction] = Field(default_factory=dict)
    """Losses by kind (holiday, illness, training, breaks); they multiply: scheduled = required / product of (1 - loss)."""
    occupancy_cap: Annotated[float, Field(gt=0, le=1)] = 1.0
    minimum_positions: Annotated[int, Field(ge=0)] = 0
    hourly_cost: Annotated[float, Field(ge=0)] = 0.0
    demand: DemandDefinition = DemandDefinition()
    deferred: DeferredStaffing = DeferredStaffing()
    work_of_claims: tuple[str, ...] = ()
    """For channel `claims`: the claims' lines of business that this queue works on."""

    @property
    def is_deferred(self) -> bool:
        """Whether the queue's work can wait (email, cases, claims) and is planned by due times, never by Erlang."""
        return self.channel in DEFERRED_CHANNELS

    @model_validator(mode="after")
    def _goal_fits_channel(self) -> Self:
        completed = self.service_goal.definition == "completed_within"
        if completed != self.is_deferred:
            wanted = (
                "completed_within" if self.is_deferred else "of_offered, of_answered, excluding_short_abandons or wait_within"
            )
            raise ValueError(
                f"service_goal.definition of a {self.channel} queue must be {wanted}, got {self.service_goal.definition}"
            )
        if self.channel == "claims" and not self.work_of_claims:
            raise ValueError("a claims queue needs work_of_claims: the lines of business of the claims it works on")
        if self.channel != "claims" and self.work_of_claims:
            raise ValueError(f"work_of_claims is for claims queues; leave it out of a {self.channel} queue")
        return self
