"""Salesforce record ids: reports show 15 characters, APIs and Data Loader 18 (pure)."""

from __future__ import annotations

import re

import pyarrow as pa

_SHORT = re.compile(r"[0-9A-Za-z]{15}")
_LONG = re.compile(r"[0-9A-Za-z]{18}")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(record_id: str) -> str:
    """The 18-character form of an id: of the 15 characters, three signs say which are upper case.

    An 18-character id is made of its first 15 anew, so that one whose suffix another program wrote in another case is the same;
    anything else is left as it is.

    Example:
        >>> long_id("0015000000Gv7qJ"), long_id("0015000000Gv7qJaar"), long_id("5001")
        ('0015000000Gv7qJAAR', '0015000000Gv7qJAAR', '5001')

    Source: Salesforce help, "Record IDs: how to convert a 15 character Id to an 18 character Id".
    """
    if not (_SHORT.fullmatch(record_id) or _LONG.fullmatch(record_id)):
        return record_id
    short = record_id[:15]
    suffix = "".join(
        _SIGNS[sum(1 << place for place, sign in enumerate(short[first : first + 5]) if "A" <= sign <= "Z")]
        for first in (0, 5, 10)
    )
    return short + suffix


def long_ids(ids: pa.Array) -> pa.Array:
    """`long_id` of a column; missing where it is missing."""
    encoded = ids.dictionary_encode()
    known = pa.array([None if value is None else long_id(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return known.take(encoded.indices)
