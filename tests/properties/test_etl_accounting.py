"""Whatever a file holds: rows in = rows kept + rows quarantined + exact duplicates, and no stack trace."""

import gzip
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import fsspec
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.grid import IntervalGrid
from enterprise.sources import AsteriskQueueLog, ConnectContactRecords
from etl.lines import read_lines
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.queue_log import KNOWN_EVENTS
from etl.sources import asterisk, connect

LOG = AsteriskQueueLog(kind="asterisk_queue_log", url="x", queues={"claims-line": "voice_claims"})
RECORDS = ConnectContactRecords(kind="connect_contact_records", url="x", queues={"Service Chat": "chat_service"})

fields = st.one_of(
    st.sampled_from(
        ["NONE", "", "claims-line", "other-line", "Agent/A1", "-1", "1e9", "nan", "inf", "1794470400", "1794470400123"]
    ),
    st.sampled_from(KNOWN_EVENTS),
    st.integers(-(10**20), 10**20).map(str),
    st.text(st.characters(blacklist_characters="\n\r|", blacklist_categories=["Cs"]), max_size=8),
)
log_lines = st.lists(fields, max_size=9).map("|".join)
good_lines = st.integers(1_794_000_000, 1_794_400_000).map(lambda at: f"{at}|c{at}|claims-line|NONE|ENTERQUEUE||7|1")
objects = st.sampled_from(
    [
        '{"ContactId":"a","Channel":"CHAT","Queue":{"Name":"Service Chat","EnqueueTimestamp":"2026-11-12T08:00:00Z"}}',
        '{"ContactId":"a","Channel":"CHAT","Queue":{"Name":"Service Chat","EnqueueTimestamp":"soon"}}',
        '{"ContactId":7,"Queue":[]}',
        '{"ContactId":"a","Queue":null}',
        "[1,2]",
        "null",
        '{"ContactId":"a"',
    ]
)
soup = st.lists(st.one_of(good_lines, log_lines, objects).map(str.encode) | st.binary(max_size=30), max_size=30).map(b"\n".join)
contents = st.one_of(
    soup, soup.map(gzip.compress), st.tuples(soup.map(gzip.compress), st.integers(1, 20)).map(lambda x: x[0][: -x[1]])
)


def read_all(module: object, source: object, files: list[bytes]) -> Parsed:
    with TemporaryDirectory() as folder:
        landed = []
        for number, content in enumerate(files):
            path = Path(folder) / str(number)
            path.write_bytes(content)
            landed.append(LandedFile("source", f"{number}-file", str(path), "file", len(content)))
        context = ReadContext(fsspec.filesystem("file"), "source", IntervalGrid("Europe/Amsterdam", 30), {})
        return module.read(source, landed, context)  # type: ignore[attr-defined]


def assert_accounted(parsed: Parsed, files: list[bytes]) -> None:
    kept = Counter(name for rows in parsed.tables.values() for name in rows.column("landing_file").to_pylist())
    rejected = Counter(row["landing_file"] for row in parsed.quarantine.to_pylist())
    assert [count.landing_file for count in parsed.counts] == [f"{number}-file" for number in range(len(files))]
    for count, content in zip(parsed.counts, files, strict=True):
        assert (kept[count.landing_file], rejected[count.landing_file]) == (count.rows_kept, count.rows_quarantined)
        lines = read_lines(content)
        assert count.rows_in == len(lines.texts) + len(lines.broken) == count.rows_kept + count.rows_quarantined


@settings(max_examples=12, deadline=None)
@given(st.lists(contents, max_size=3))
def test_no_line_of_a_queue_log_is_lost_or_doubled(files: list[bytes]) -> None:
    assert_accounted(read_all(asterisk, LOG, files), files)


@settings(max_examples=12, deadline=None)
@given(st.lists(contents, max_size=3))
def test_no_contact_record_is_lost_or_doubled(files: list[bytes]) -> None:
    assert_accounted(read_all(connect, RECORDS, files), files)


@settings(max_examples=100, deadline=None)
@given(soup)
def test_every_line_that_is_not_blank_is_read_or_broken(content: bytes) -> None:
    lines = read_lines(content)
    numbers = sorted([*lines.numbers.to_pylist(), *(broken.line for broken in lines.broken if broken.line)])
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"\xef\xbb\xbf")):
        return
    ended = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    shown = [n for n, line in enumerate(ended.split(b"\n"), start=1) if line.decode("utf-8", "replace").strip()]
    assert set(shown) <= set(numbers) | {0}
    assert len(numbers) == len(set(numbers))
