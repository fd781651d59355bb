"""The levels of the enterprise above its queues, and where each queue belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from enterprise.queues import Queue

WHOLE_ENTERPRISE = "all"
"""The one member of the level `enterprise`."""


class QueuePlace(NamedTuple):
    """Where a queue belongs: its member of each level between it and the enterprise, named as the levels are."""

    channel: str
    line_of_business: str
    site: str

    @classmethod
    def of(cls, queue: Queue) -> QueuePlace:
        """Place of a queue of the settings."""
        return cls(str(queue.channel), queue.line_of_business, queue.site)

    def member_of(self, level: str) -> str:
        """The queue's member of a level above the queues.

        Example:
            >>> QueuePlace("voice", "claims", "north").member_of("site")
            'north'
            >>> QueuePlace("voice", "claims", "north").member_of("enterprise")
            'all'
        """
        return WHOLE_ENTERPRISE if level == "enterprise" else str(getattr(self, level))


LEVELS_ABOVE = (*QueuePlace._fields, "enterprise")
"""Levels above the queues, from the bottom up; each is a sum of queues."""
