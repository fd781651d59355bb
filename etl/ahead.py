"""Work done by other threads while what it gave before is being used (pure)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
_END = object()


def done_ahead(works: Iterable[Callable[[], Given]], threads: int) -> Iterator[Given]:
    """What some works give, in their order; the next ones are done meanwhile.

    Args:
        works: the works; asked for when there is room for another.
        threads: so many are done at once, and one more waits to be taken.

    Example:
        >>> list(done_ahead([lambda: 1, lambda: 2], threads=2))
        [1, 2]
    """
    with ThreadPoolExecutor(threads) as pool:
        doing: deque[Future[Given]] = deque()
        for work in works:
            doing.append(pool.submit(work))
            if len(doing) > threads:
                yield doing.popleft().result()
        for one in doing:
            yield one.result()


def made_ahead(items: Iterator[Given]) -> Iterator[Given]:
    """The items, each made by a thread of its own while the one before is being used.

    Example:
        >>> list(made_ahead(iter("ab")))
        ['a', 'b']
    """
    with ThreadPoolExecutor(1) as pool:
        following: Future[Given | object] = pool.submit(next, items, _END)
        while (item := following.result()) is not _END:
            following = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]
