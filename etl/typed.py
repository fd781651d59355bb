"""Text as source systems write it, made into instants, dates, numbers and flags: whole columns at a time, nothing guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

INSTANT = pa.timestamp("us", tz="UTC")
_ISO = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|[+-]\d\d(:?\d\d)?))?$"
_ZONED = r"(Z|[+-]\d\d(:?\d\d)?)$"
_DAY = r"^\d{4}-\d\d-\d\d"
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
_EITHER = r"^[+-]?[1-9]\d{0,2},\d{3}$"
_MILLISECONDS_FROM = 100_000_000_000.0
"""An epoch number from here on counts milliseconds."""
_LATEST_SECONDS = 5_680_281_600.0
"""2150-01-01."""
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
EVER = date(1970, 1, 1)
"""First day of what holds since nobody says when."""
_FIRST_DAY = -25_567
"""1900-01-01."""
_EARLIEST, _LATEST = np.datetime64("1970-01-02", "us"), np.datetime64("2150-01-01", "us")
"""Outside these years a time is a mistake of a program, and calendars do not reach there."""


def cleaned(values: Any) -> pa.Array:
    """Text without spaces around it; missing where nothing is left."""
    text = pc.utf8_trim_whitespace(pa.array(values, type=pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def instants(text: pa.Array, time_zone: str) -> pa.Array:
    """Instants of ISO 8601 times with `T` or a space: `2026-11-12T08:15:30.000Z`, `... +01:00`, `... +0100`, or without zone.

    Args:
        text: cleaned text.
        time_zone: zone of the times that name none. The hour that comes twice is read as its first, the hour that does not
            exist gives no instant.

    Returns:
        UTC instants; missing where the text is missing, is no such time, or lies outside 1970 to 2150.

    Example:
        >>> text = pa.array(["2026-03-29T01:30:00Z", "2026-03-29 02:30", "2026-11-12 08:00", "1762934400000"])
        >>> got = instants(text, "Europe/Amsterdam")
        >>> [None if value is None else value.isoformat() for value in got.to_pylist()]
        ['2026-03-29T01:30:00+00:00', None, '2026-11-12T07:00:00+00:00', None]
    """
    if len(text) == 0:
        return pa.array([], type=INSTANT)
    good = pc.fill_null(pc.match_substring_regex(text, _ISO), False)
    zoned = pc.and_(good, pc.fill_null(pc.match_substring_regex(pc.utf8_slice_codeunits(text, 16), _ZONED), False))
    at = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    is_zoned, is_naive = _mask(zoned), _mask(pc.and_not(good, zoned))
    if is_zoned.any():
        written = pc.replace_substring_regex(text.filter(zoned), r" (Z|[+-][\d:]+)$", r"\1")
        at[is_zoned] = _parsed(written, utc=True).tz_localize(None).as_unit("us").to_numpy()
    if is_naive.any():
        local = _parsed(text.filter(pa.array(is_naive)), utc=False)
        known = local.tz_localize(time_zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent="NaT").tz_convert("UTC")
        at[is_naive] = known.tz_localize(None).as_unit("us").to_numpy()
    at[~((at >= _EARLIEST) & (at < _LATEST))] = np.datetime64("NaT")
    return pa.array(at).cast(INSTANT)


def epochs(text: pa.Array) -> pa.Array:
    """Instants of seconds since 1970, or milliseconds where the number is that large; missing for anything else.

    Example:
        >>> epochs(pa.array(["1794471330", "1794471330250", "7"])).cast(pa.int64()).to_pylist()
        [1794471330000000, 1794471330250000, None]
    """
    number = numbers(text)
    seconds = pc.if_else(pc.greater_equal(number, _MILLISECONDS_FROM), pc.divide(number, 1000.0), number)
    micros = pc.round(pc.multiply(seconds, 1e6))
    good = pc.and_(pc.greater_equal(seconds, 86_400), pc.less(seconds, _LATEST_SECONDS))
    return pc.cast(pc.if_else(pc.fill_null(good, False), micros, pa.scalar(None, pa.float64())), pa.int64()).cast(INSTANT)


_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def reasonable(at: pa.Array) -> pa.Array:
    """Timestamps of any unit between 1970 and 2150; missing for others."""
    count, per_second = at.cast(pa.int64()), _PER_SECOND[at.type.unit]
    good = pc.and_(pc.greater_equal(count, 86_400 * per_second), pc.less(count, int(_LATEST_SECONDS) * per_second))
    return pc.if_else(pc.fill_null(good, False), at, pa.scalar(None, at.type))


def seconds_of(duration: pa.Array) -> pa.Array:
    """Seconds of durations of any unit."""
    return pc.divide(duration.cast(pa.int64()).cast(pa.float64(), safe=False), float(_PER_SECOND[duration.type.unit]))


def reasonable_days(day: pa.Array) -> pa.Array:
    """Dates of 1900 to 2150; missing for others."""
    count = day.cast(pa.int32())
    good = pc.and_(pc.greater_equal(count, _FIRST_DAY), pc.less(count, int(_LATEST_SECONDS) // 86_400))
    return pc.if_else(pc.fill_null(good, False), day, pa.scalar(None, day.type))


def _parsed(text: pa.Array, *, utc: bool) -> pd.DatetimeIndex:
    written = pc.replace_substring(text, ",", ".").to_pandas()
    return pd.DatetimeIndex(pd.to_datetime(written, format="ISO8601", utc=utc, errors="coerce"))


def dates(text: pa.Array) -> pa.Array:
    """Dates of `2026-11-12`, also with a time behind it; missing where the text is missing or no date of 1900 to 2150.

    Example:
        >>> dates(pa.array(["2026-11-12", "2026-02-30", "12-11-2026", None])).to_pylist()
        [datetime.date(2026, 11, 12), None, None, None]
    """
    good = pc.fill_null(pc.match_substring_regex(text, _DAY + r"($|[T ])"), False)
    plain = pc.if_else(good, pc.utf8_slice_codeunits(text, 0, 10), pa.scalar(None, pa.string()))
    day = pd.to_datetime(plain.to_pandas(), format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    day = day.where(day.between(pd.Timestamp("1900-01-01"), pd.Timestamp("2150-01-01")))
    return pa.Array.from_pandas(day, type=pa.timestamp("s")).cast(pa.date32())


def numbers(text: pa.Array) -> pa.Array:
    """Numbers with a decimal point (a lone decimal comma is read as one); missing where the text is no number.

    A comma before three last digits may as well stand between thousands: such a text is none.

    Example:
        >>> numbers(pa.array(["36", "32,5", "0,125", "1,234", "1e400", "n/a"])).to_pylist()
        [36.0, 32.5, 0.125, None, None, None]
    """
    either = pc.fill_null(pc.match_substring_regex(text, _EITHER), False)
    plain = pc.if_else(either, pa.scalar(None, pa.string()), pc.replace_substring(text, ",", "."))
    good = pc.fill_null(pc.match_substring_regex(plain, _NUMBER), False)
    short = pc.fill_null(pc.less_equal(pc.utf8_length(plain), 40), False)
    return pc.cast(pc.if_else(pc.and_(good, short), plain, pa.scalar(None, pa.string())), pa.float64())


def flags(text: pa.Array) -> pa.Array:
    """True and false in the words that exports use (true/false, 1/0, yes/no, in any case); missing for anything else.

    Example:
        >>> flags(pa.array(["True", "0", "", "perhaps"])).to_pylist()
        [True, False, None, None]
    """
    lower = pc.utf8_lower(text)
    yes, no = pc.is_in(lower, pa.array(["true", "1", "yes", "y"])), pc.is_in(lower, pa.array(["false", "0", "no", "n"]))
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


def unreadable(text: pa.Array, value: pa.Array) -> pa.Array:
    """Where something was written that could not be read."""
    return pc.and_(pc.is_valid(text), pc.is_null(value))


def _mask(values: pa.Array) -> Any:
    return values.to_numpy(zero_copy_only=False)
