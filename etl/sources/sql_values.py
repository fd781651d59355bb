"""Values as SQL drivers give them: as deterministic JSON Lines, and as watermarks in the column's own form."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

_OFFSET = re.compile(r"[+-]\d\d")
_MILLISECONDS_FROM = 100_000_000_000
"""An epoch number from here on counts milliseconds."""


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    r"""One JSON object per line.

    Example:
        >>> json_lines([{"id": 7}, {"id": "},{"}])
        b'{"id":7}\n{"id":"},{"}\n'
    """
    whole = _ENCODER.encode(rows)
    if whole.count("},{") == len(rows) - 1:  # between the rows only: one call for all of them is much quicker
        return (whole[1:-1].replace("},{", "}\n{") + "\n").encode()
    return "".join(_ENCODER.encode(row) + "\n" for row in rows).encode()


def in_form_of(sample: Any, instant: datetime) -> Any:
    """`instant` in the form in which the column holds its times; a little earlier where the form leaves room for doubt.

    A text has a space before its time, which sorts before a T: a column may hold both, and no row may be missed for it.

    Example:
        >>> at = datetime(2026, 11, 12, 8, 15, 30, tzinfo=UTC)
        >>> in_form_of("2026-01-01T00:00:00Z", at), in_form_of("2026-01-01 00:00:00+01", at), in_form_of(1_767_225_600_000, at)
        ('2026-11-12 08:15:30', '2026-11-11 08:15:30', 1794471330000)
    """
    if isinstance(sample, datetime):
        return instant if sample.tzinfo is not None else instant.replace(tzinfo=None)
    if isinstance(sample, date):
        return instant.date()
    if isinstance(sample, int | float | Decimal):
        return int(instant.timestamp() * _per_second(float(sample)))
    text = str(sample)
    if _OFFSET.search(text[16:]):
        instant -= timedelta(hours=24)  # texts in local time with an offset do not sort by instant
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def _per_second(number: float) -> int:
    """Units of an epoch number per second: 1, or 1000 where it counts milliseconds."""
    return 1000 if abs(number) >= _MILLISECONDS_FROM else 1


def as_instant(value: Any) -> datetime | None:
    """A watermark value as an instant; times without zone are labelled UTC, as `in_form_of` takes the label off again."""
    at = _as_time(value)
    return None if at is None else _labelled(at)


def as_mark(value: Any, present: datetime) -> datetime | None:
    """The same, but None for a time that has not come yet: as mark it would hide all that is written until then.

    Args:
        value: what the watermark column holds.
        present: now, in the time zone of times that name none.

    Example:
        >>> from zoneinfo import ZoneInfo
        >>> present = datetime(2026, 11, 12, 9, tzinfo=ZoneInfo("Europe/Amsterdam"))
        >>> [at and at.hour for at in (as_mark(f"2026-11-12 08:30{zone}", present) for zone in ("", "+00:00", "+01:00"))]
        [8, None, 7]
    """
    at = _as_time(value)
    if at is None:
        return None
    return _labelled(at) if at <= (present if at.tzinfo is not None else present.replace(tzinfo=None)) else None


def _as_time(value: Any) -> datetime | None:
    """A watermark value as a time, with or without zone; None if it is none, or lies where no zone can be told."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float | Decimal):
            return datetime.fromtimestamp(float(value) / _per_second(float(value)), tz=UTC)
        if isinstance(value, datetime):
            return value if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None  # noqa: DTZ001 - it has none


def _labelled(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _plain(value: Any) -> Any:
    """A driver's value as JSON; instants in UTC."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo is not None else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "surrogateescape")
    return str(value)


_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))
