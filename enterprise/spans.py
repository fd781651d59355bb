"""Open spans of a day on the wall clock, as people write them and as the program keeps them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

LocalSpan = tuple[time, time]
"""Open from, open until, on the wall clock, in whole seconds; until `END_OF_DAY` or `time(0)` means until 24:00."""

END_OF_DAY = time.max
"""Stands for 24:00, which `datetime.time` cannot say."""

_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")


def parse_span(text: str) -> LocalSpan:
    """Read a local time span such as "08:00-17:30"; "24:00" is the end of the day.

    Raises:
        ValueError: if it is not a span, or does not end after it starts.

    Example:
        >>> parse_span("08:00-17:30")
        (datetime.time(8, 0), datetime.time(17, 30))
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time span; write it as '08:00-17:30'")
    hours = [int(part) for part in match.groups()]
    if hours[0] > 23 or hours[1] > 59 or hours[3] > 59 or hours[2] * 60 + hours[3] > 24 * 60:
        raise ValueError(f"{text!r} has an hour that no clock shows; write it as '08:00-17:30', '24:00' being the end of the day")
    start = time(hours[0], hours[1])
    end = END_OF_DAY if hours[2] == 24 else time(hours[2], hours[3])
    if end <= start:
        raise ValueError(f"{text!r} must end after it starts; a span over midnight is written as two, on two days")
    return start, end


def checked_spans(spans: Sequence[LocalSpan], where: str) -> tuple[LocalSpan, ...]:
    """The spans of one day, sorted; they may touch but not overlap.

    Args:
        spans: in any order.
        where: the day, for the message.

    Raises:
        ValueError: saying which span has parts of a second, ends before it begins or overlaps another.

    Example:
        >>> checked_spans([(time(13), time(0)), (time(8), time(12))], "Monday")
        ((datetime.time(8, 0), datetime.time(12, 0)), (datetime.time(13, 0), datetime.time(23, 59, 59, 999999)))
    """
    ordered = tuple(sorted((opens, END_OF_DAY if closes == time(0) else closes) for opens, closes in spans))
    until = time(0)
    for opens, closes in ordered:
        if opens.microsecond or (closes.microsecond and closes != END_OF_DAY):
            raise ValueError(f"{where}: hours {opens} to {closes} have parts of a second; expected whole seconds")
        if opens >= closes:
            raise ValueError(
                f"{where}: hours {opens} to {closes} end before they begin; write hours over midnight as two spans, "
                "until 24:00 and from 00:00 of the next day"
            )
        if opens < until:
            raise ValueError(f"{where}: hours from {opens} overlap hours that began earlier; write them as one span")
        until = closes
    return ordered
