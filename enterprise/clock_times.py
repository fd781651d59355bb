"""Times of day as people write them in settings."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def minutes_of(span: str) -> tuple[int, int]:
    """First and last minute of the day of a span such as "07:00" or "07:00-10:00".

    Raises:
        ValueError: if it is no time of day, or the span ends before it begins.

    Example:
        >>> minutes_of("07:00"), minutes_of("07:00-10:30")
        ((420, 420), (420, 630))
    """
    ends = [_CLOCK.fullmatch(clock.strip()) for clock in span.split("-")]
    minutes = [60 * int(found[1]) + int(found[2]) for found in ends if found]
    if len(minutes) != len(ends) or len(ends) > 2 or minutes[0] > minutes[-1]:
        raise ValueError(f"{span!r} is no time of day; write '07:00' or '07:00-10:00', and two spans for one over midnight")
    return minutes[0], minutes[-1]
