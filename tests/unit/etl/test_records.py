from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl import records as module
from etl.records import read_records


def slow(content, monkeypatch):
    """The same file, looked at line by line."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "_plain_rows", lambda content, lines: None)
        return read_records(content)


def told(records):
    texts = [records.text_of(0, position) for position in range(len(records.rows))]
    broken = [(one.line, one.rule) for one in records.broken]
    return repr(records.rows), records.numbers, texts, records.names, broken, records.duplicates


PLAIN = [b'{"id":1,"a":"x"}', b'{"id":2,"a":null}']


@pytest.mark.parametrize(
    ("lines", "quick"),
    [
        (PLAIN, True),
        ([*PLAIN, PLAIN[0]], False),  # a repeated line
        ([*PLAIN, b""], False),  # a blank line
        ([*PLAIN, b'{"id":{"b":1}}'], False),
        ([*PLAIN, b'{"a":"}"}'], True),
        ([b'{"a":1},{"a":2}'], False),  # two objects on a line
        ([*PLAIN, b"[1]"], False),
        ([*PLAIN, b'{"a":"\\u0000"}'], False),
        ([*PLAIN, b'{"a":"\\ud800"}'], False),
        ([*PLAIN, '{"a":"é"}'.encode()], False),
        ([b'{"a":1', b'"b":2}'], False),  # an object over two lines
        ([b'{"a":1}', b'{"a":2},'], False),
        ([b'{"a":1}\r', b'{"a":2}\r'], False),
    ],
)
def test_the_quick_way_is_taken_only_where_it_is_safe(monkeypatch, lines, quick):
    content = b"\n".join([*lines, b""])
    assert (module._plain_rows(content, content.split(b"\n")) is not None) == quick
    assert told(read_records(content)) == told(slow(content, monkeypatch))


def test_a_file_without_a_last_line_end_is_read_to_its_end(monkeypatch):
    content = b"\n".join(PLAIN)
    assert told(read_records(content)) == told(slow(content, monkeypatch))
    assert len(read_records(content).rows) == 2


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["}", "{", "},{", "\n", "\\"])
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
LINES = st.one_of(
    OBJECTS.map(lambda row: json.dumps(row).encode()),
    OBJECTS.map(lambda row: json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.lists(VALUES, max_size=2).map(lambda row: json.dumps(row).encode()),
    st.sampled_from([b"", b" ", b"{", b"}", b"{}", b'{"a":1},{"a":2}', b'{"a":[{"b":1}]}', b"\xff", b"[" * 3000, b"1" * 5000]),
    st.binary(max_size=8),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=6), st.booleans())
@example([b'{"a":1}', b'{"b":2}'], True)
@example([b'{"a":NaN}', b'{"a":1e999}'], True)
def test_the_quick_way_tells_what_the_slow_one_tells(lines, ended):
    content = b"\n".join([*lines, b""] if ended else lines)
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert told(read_records(content)) == told(slow(content, monkeypatch))


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=6).map(b"\n".join))
@example(b"\xfe\xff")  # a mark of UTF-16 and nothing behind it
def test_every_line_is_a_record_a_repetition_or_broken(content):
    records = read_records(content)
    if not content.startswith((b"\xfe\xff", b"\xff\xfe")):
        assert records.lines == content.split(b"\n")
    shown = [number for number, line in enumerate(records.lines, start=1) if line.strip()]
    assert len(shown) == len(records.rows) + len(records.broken) + records.duplicates
    assert set(records.numbers) | {one.line for one in records.broken} <= set(shown)
    for name in records.names:
        assert len(records.column(name)) == len(records.rows)


def test_a_number_of_a_database_is_read_however_small_or_large():
    column = read_records(b'{"a":1e-07}\n{"a":1e+22}\n{"a":0.1}\n{"a":NaN}\n').column("a")
    assert column.to_pylist() == ["0.0000001", "10000000000000000000000", "0.1", "NaN"]
