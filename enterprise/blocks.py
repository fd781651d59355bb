"""Queues in blocks: what is worked out together, and which task works out which blocks.

A block is worked out as a whole, always in the same company, so that its numbers are the same to the last bit whatever the number
of tasks and of machines; and what a task needs of memory is that of one block, whatever the enterprise's size. A task (a shard)
works out whole blocks one after another. An enterprise of few queues has one block and one task, and pays nothing for all this.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from enterprise.settings import Enterprise

QUEUES_PER_BLOCK = 25
"""Enough to learn weekdays and profiles from each other; another number gives other last digits."""
_Item = TypeVar("_Item")


def queue_blocks(enterprise: Enterprise) -> tuple[tuple[str, ...], ...]:
    """Queue ids by block: queues of one channel and one kind of opening hours together, as evenly as can be.

    Example:
        >>> from enterprise.settings import Enterprise
        >>> always = {day: ["00:00-24:00"] for day in ("monday", "tuesday")}
        >>> queue = {
        ...     "name": "Line", "channel": "voice", "line_of_business": "all", "site": "here", "opening_hours": "always",
        ...     "service_goal": {"definition": "of_offered", "fraction": 0.8, "seconds": 20},
        ...     "mean_handle_seconds_prior": 300, "mean_patience_seconds_prior": 180, "hourly_cost": 30,
        ... }
        >>> enterprise = Enterprise.model_validate({
        ...     "name": "Example", "time_zone": "Europe/Amsterdam", "country": "NL", "sites": {"here": "Here"},
        ...     "lines_of_business": {"all": "All"}, "opening_hours": {"always": always}, "sources": {},
        ...     "queues": {f"line_{number}": queue for number in range(40)},
        ...     "storage": {"lake_url": "lake", "planbook_folder": "planbook"},
        ... })
        >>> [len(block) for block in queue_blocks(enterprise)], shard_count(enterprise)
        ([20, 20], 1)
    """
    place = {queue_id: number for number, queue_id in enumerate(enterprise.queues)}
    alike = sorted(enterprise.queues.values(), key=lambda queue: (str(queue.channel), queue.opening_hours, place[queue.id]))
    pieces = evenly([queue.id for queue in alike], -(-len(alike) // QUEUES_PER_BLOCK))
    return tuple(tuple(sorted(piece, key=place.__getitem__)) for piece in pieces)


def shard_count(enterprise: Enterprise) -> int:
    """How many tasks a step that is mapped over queues has: one up to `queues_per_task` of the settings' schedule.

    Several are an even number, so that two workers end together.
    """
    wanted = -(-len(enterprise.queues) // enterprise.schedule.queues_per_task)
    even = wanted + wanted % 2 if wanted > 1 else 1
    return min(even, len(queue_blocks(enterprise)))


def blocks_of_shard(enterprise: Enterprise, shard: int) -> tuple[int, ...]:
    """Numbers of the blocks that a task works out, 0 <= `shard` < `shard_count`: every so manieth one.

    The first tasks have one more where they do not all have as many: what takes longest begins first, and workers end together.

    Raises:
        ValueError: if there is no such shard.
    """
    shards = _checked(enterprise, shard)
    return tuple(range(len(queue_blocks(enterprise)))[shard::shards])


def queues_of_shard(enterprise: Enterprise, shard: int) -> tuple[str, ...]:
    """Queues of a task where each is worked out by itself: every so manieth one, so that tasks have as much of each kind.

    Raises:
        ValueError: if there is no such shard.
    """
    shards = _checked(enterprise, shard)
    return tuple(queue for block in queue_blocks(enterprise) for queue in block)[shard::shards]


def _checked(enterprise: Enterprise, shard: int) -> int:
    """How many shards there are, if this is one of them."""
    shards = shard_count(enterprise)
    if not 0 <= shard < shards:
        raise ValueError(f"shard {shard} of {len(enterprise.queues)} queues; expected 0 to {shards - 1}")
    return shards


def evenly(items: Sequence[_Item], pieces: int) -> list[Sequence[_Item]]:
    """Cut a sequence into so many pieces, whose lengths differ by one at most.

    Example:
        >>> evenly([1, 2, 3, 4, 5], 2)
        [[1, 2], [3, 4, 5]]
    """
    cuts = [len(items) * piece // pieces for piece in range(pieces + 1)]
    return [items[begin:end] for begin, end in pairwise(cuts)]
