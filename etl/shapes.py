"""What the rows of a source look like - its columns and what they hold - and how that changed (pure)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.typed import flags, instants, numbers

UNKNOWN = "unknown"
"""Kind of a column with too few values to tell, or with values of several kinds."""

SAMPLE_ROWS = 200
"""Rows of a file that are looked at; the header is always looked at whole."""

_FEWEST_VALUES = 20
_NEARLY_ALL = 0.95
_FIRM = 0.9
_FEWEST_RECORDS = 50
_ALIKE = 0.6
_JSON_KINDS = {bool: "flag", int: "number", float: "number", dict: "object", list: "list"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of one kind of file or table of a source.

    Args:
        form: what it is, where a source has several kinds of files: mostly the table that its rows go to.
        landing_file: the piece in which this shape was seen.
        columns: names, each with the kind of its values (number, time, flag, text, ..., or `UNKNOWN`), in their order there.
        optional: columns that not every record has (JSON); that one is absent says nothing.
        used: columns that the reader or the settings make use of.
    """

    form: str
    landing_file: str
    columns: tuple[tuple[str, str], ...]
    optional: tuple[str, ...] = ()
    used: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """Name -> kind."""
        return dict(self.columns)


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """How one column changed: `change` is new, missing, renamed or retyped; `before` and `after` are names or kinds."""

    column: str
    change: str
    before: str
    after: str


def shape_of_columns(form: str, landing_file: str, columns: Mapping[str, pa.Array], used: Iterable[str] = ()) -> Shape:
    """Shape of a file with a header, from the text of (some of) its rows.

    Args:
        form: kind of file.
        landing_file: its name in landing.
        columns: name -> cleaned text.
        used: columns that are made use of.

    Example:
        >>> shape_of_columns("cases", "f", {"Id": pa.array(["a1"] * 30), "Age": pa.array(["7", None] * 30)}).columns
        (('Id', 'text'), ('Age', 'number'))
    """
    kinds = tuple((name, _kind_of_text(text.slice(0, SAMPLE_ROWS))) for name, text in columns.items())
    return Shape(form, landing_file, kinds, used=tuple(used))


def shape_of_records(
    form: str, landing_file: str, records: Sequence[Mapping[str, Any]], used: Iterable[str] = ()
) -> Shape | None:
    """Shape of JSON records, objects one level deep as `Object.field`; None for too few records to tell.

    Example:
        >>> shape = shape_of_records("contacts", "f", [{"Id": "c1", "Queue": {"Name": "q"}}] * 50)
        >>> shape.columns
        (('Id', 'text'), ('Queue.Name', 'text'))
    """
    if len(records) < _FEWEST_RECORDS:
        return None
    kinds: dict[str, Counter[str]] = {}
    for record in records:
        for name, value in _flat(record):
            kinds.setdefault(name, Counter())[_JSON_KINDS.get(type(value), "text")] += 1
    columns, optional = [], []
    for name, seen in sorted(kinds.items()):
        kind, most = seen.most_common(1)[0]
        columns.append((name, kind if most >= max(_FEWEST_VALUES, _NEARLY_ALL * seen.total()) else UNKNOWN))
        if seen.total() < _FIRM * len(records):
            optional.append(name)
    return Shape(form, landing_file, tuple(columns), tuple(optional), tuple(used))


def shape_of_types(form: str, landing_file: str, types: Mapping[str, str], used: Iterable[str] = ()) -> Shape:
    """Shape of a table whose columns have declared types (a database's, a Parquet file's)."""
    return Shape(form, landing_file, tuple(types.items()), used=tuple(used))


def shape_of_piece(form: str, landing_file: str, content: bytes, used: Iterable[str] = ()) -> Shape:
    """Shape of a database's table, from the landed piece that holds its columns: a JSON object of name -> type.

    Example:
        >>> shape_of_piece("claims", "f", b'{"id": "integer"}').columns
        (('id', 'integer'),)
    """
    return shape_of_types(form, landing_file, json.loads(content), used)


def remembered(before: Shape | None, after: Shape) -> Shape:
    """What is known of a form once `after` was seen: a kind that it could not tell, and optional columns, stay as they were."""
    if before is None:
        return after
    old, now = before.kinds, after.kinds
    absent = [name for name in before.optional if name not in now]
    columns = [(name, old.get(name, kind) if kind == UNKNOWN else kind) for name, kind in after.columns]
    columns += [(name, old[name]) for name in absent]
    optional = sorted({*after.optional, *before.optional} & {name for name, _ in columns})
    return Shape(after.form, after.landing_file, tuple(columns), tuple(optional), after.used)


def is_news(before: Shape | None, after: Shape) -> bool:
    """Whether `after` says anything that `before` does not."""
    if before is None:
        return True
    now = remembered(before, after)
    return (now.columns, now.optional) != (before.columns, before.optional)


def column_changes(before: Shape, after: Shape) -> list[ColumnChange]:
    """How the columns changed, in the order in which they stand.

    A column that went while one came that has a like name (or, if the number of columns stayed, the same kind and place) was
    renamed. A kind that cannot be told is no change.

    Example:
        >>> was = shape_of_types("t", "a", {"id": "text", "opened": "time", "score": "number", "note": "text"})
        >>> now = shape_of_types("t", "b", {"id": "text", "opened_at": "time", "score": "text", "region": "text"})
        >>> [(c.change, c.column, c.before, c.after) for c in column_changes(was, now)]
        [('renamed', 'opened', 'opened', 'opened_at'), ('retyped', 'score', 'number', 'text'),
         ('renamed', 'note', 'note', 'region')]
    """
    old, now = before.kinds, after.kinds
    gone = [name for name in old if name not in now and name not in before.optional]
    come = [name for name in now if name not in old]
    renamed = _renamed(old, now, gone, come)
    changes = []
    for name, kind in old.items():
        if name in renamed:
            changes.append(ColumnChange(name, "renamed", name, renamed[name]))
        elif name in gone:
            changes.append(ColumnChange(name, "missing", kind, ""))
        elif name in now and UNKNOWN not in (kind, now[name]) and kind != now[name]:
            changes.append(ColumnChange(name, "retyped", kind, now[name]))
    new = [name for name in come if name not in renamed.values()]
    return changes + [ColumnChange(name, "new", "", now[name]) for name in new]


def nearest(name: str, names: Iterable[str]) -> str:
    """The name most like `name` if one is like it at all, else "".

    Example:
        >>> nearest("CreatedDate", ["Id", "Created Date", "Closed"]), nearest("CreatedDate", ["Id"])
        ('Created Date', '')
    """
    best = max(names, key=lambda other: _likeness(name, other), default="")
    return best if best and _likeness(name, best) >= _ALIKE else ""


def _renamed(before: Mapping[str, str], after: Mapping[str, str], gone: Sequence[str], come: Sequence[str]) -> dict[str, str]:
    """Old name -> new name, the most alike first."""
    places = {name: place for place, name in enumerate(before)}
    new_places = {name: place for place, name in enumerate(after)}
    pairs = []
    for old in gone:
        for new in come:
            if len({before[old], after[new]} - {UNKNOWN}) > 1:
                continue
            in_place = len(before) == len(after) >= _FEWEST_TO_PLACE and places[old] == new_places[new]
            likeness = _likeness(old, new)
            if likeness >= _ALIKE or in_place:
                pairs.append((-likeness, not in_place, places[old], new_places[new], old, new))
    renamed: dict[str, str] = {}
    for *_, old, new in sorted(pairs):
        if old not in renamed and new not in renamed.values():
            renamed[old] = new
    return renamed


_FEWEST_TO_PLACE = 3  # in a table of two columns a place says nothing


def _likeness(one: str, other: str) -> float:
    plain = ["".join(sign for sign in name.casefold() if sign.isalnum()) for name in (one, other)]
    return SequenceMatcher(None, plain[0], plain[1], autojunk=False).ratio() if all(plain) else 0.0


def _kind_of_text(text: pa.Array) -> str:
    values = text.drop_null()
    if len(values) < _FEWEST_VALUES:
        return UNKNOWN
    shares = {
        "flag": _share(flags(values)),
        "number": _share(numbers(values)),
        "time": _share(instants(_as_times(values), "UTC")),
    }
    for kind, share in shares.items():
        if share >= _NEARLY_ALL:
            return kind
    return "text" if max(shares.values()) < 1 - _NEARLY_ALL else UNKNOWN


def _as_times(values: pa.Array) -> pa.Array:
    """Dates as times, so that both are one kind."""
    only_day = pc.match_substring_regex(values, r"^\d{4}-\d\d-\d\d$")
    return pc.if_else(only_day, pc.binary_join_element_wise(values, "12:00:00", " "), values)


def _share(values: pa.Array) -> float:
    return 1.0 - float(values.null_count) / len(values)


def _flat(record: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{inner}", one) for inner, one in value.items() if one is not None)
        elif value is not None:  # an empty field is as good as none
            yield name, value
