"""Lines by the block: any size of block gives the same lines, and the quick look at a line says what SQL says."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import fsspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enterprise.grid import IntervalGrid
from enterprise.sources import AsteriskQueueLog
from etl.compressed import Unpacking, unpacked
from etl.lines import LineBlocks, lines_of, read_lines
from etl.parsed import LandedFile, ReadContext
from etl.queue_log import KNOWN_EVENTS, QUEUE_EVENTS
from etl.sources import asterisk
from etl.sources.line_files import joined, read_line_files

LOG = AsteriskQueueLog(kind="asterisk_queue_log", url="x", queues={"claims-line": "a", "Schäden": "b", "other": "a"})

texts = st.lists(
    st.sampled_from([b"a", b"\n", b"\r\n", b"\xff", b"\0", "é".encode(), b" ", b"\t", b"some longer text", b"\n\n"]), max_size=40
).map(b"".join)


def taken_apart(content: bytes, chunk: int, block: int) -> tuple[list[tuple[int, str]], list[tuple[int, str, str]]]:
    chunks = (content[place : place + chunk] for place in range(0, len(content), chunk))
    blocks = LineBlocks(chunks, block)
    parts = [lines_of(one) for one in blocks]
    good = [(n, t) for part in parts for n, t in zip(part.numbers.to_pylist(), part.texts.to_pylist(), strict=True)]
    broken = [*blocks.broken, *(one for part in parts for one in part.broken)]
    return sorted(good), sorted((one.line, one.rule, one.text) for one in broken)


@settings(max_examples=150, deadline=None)
@given(texts, st.integers(1, 20), st.integers(1, 60), st.sampled_from(["plain", "gzip", "cut", "bom", "utf-16"]))
def test_blocks_of_any_size_give_the_same_lines_numbers_and_broken_ones(text: bytes, chunk: int, block: int, how: str) -> None:
    content = {
        "plain": text,
        "gzip": gzip.compress(text),
        "cut": gzip.compress(text)[:-5],
        "bom": b"\xef\xbb\xbf" + text,
        "utf-16": text.decode("latin-1").encode("utf-16"),
    }[how]
    assert taken_apart(content, chunk, block) == taken_apart(content, len(content) + 1, 1 << 20)


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.integers(1, 9), st.integers(0, 12))
def test_a_stream_unpacks_to_what_the_whole_unpacks_to(one: bytes, two: bytes, chunk: int, cut: int) -> None:
    content = gzip.compress(one) + gzip.compress(two)
    content = content[: len(content) - cut]
    stream = Unpacking(content[place : place + chunk] for place in range(0, len(content), chunk))
    assert (b"".join(stream), stream.problem) == unpacked(content)


def test_a_bomb_is_stopped_and_said_so() -> None:
    packed = gzip.compress(bytes(1 << 20), mtime=0)
    stream = Unpacking([packed], most_bytes=100_000)
    assert sum(map(len, stream)) <= 100_000
    assert stream.beyond_measure
    assert "more than 100000 bytes" in stream.problem


def test_a_line_of_fifty_megabytes_is_put_aside_and_the_others_are_kept() -> None:
    blocks = LineBlocks([b"one\n", *[b"x" * (1 << 20)] * 50, b"\ntwo\n"], block_bytes=1 << 20)
    parts = [lines_of(block) for block in blocks]
    assert [text for part in parts for text in part.texts.to_pylist()] == ["one", "two"]
    assert [(one.line, one.rule) for one in blocks.broken] == [(2, "line_too_long")]
    assert [number for part in parts for number in part.numbers.to_pylist()] == [1, 3]


fields = st.one_of(
    st.sampled_from(["NONE", "", "claims-line", "Schäden", "Agent/", "Agent/A1", "SIP/7", "PJSIP/7", "-1", "1e3", "7", "007"]),
    st.sampled_from(["315532799", "315532800", "4102444799", "1794470400", "1794470400123", "1794470400.5", "604800", "604801"]),
    st.text(st.characters(blacklist_characters="\n\r|\0", blacklist_categories=["Cs"]), max_size=5),
)
log_lines = st.tuples(
    st.sampled_from(["1794470400", "1794470400123", "1", "x", ""]),
    st.sampled_from(["c1", "NONE", "", "é"]),
    st.sampled_from(["claims-line", "NONE", "", "Schäden", "unknown"]),
    fields,
    st.sampled_from([*KNOWN_EVENTS[:19], "DID", "DANCE", ""]),
    st.lists(fields, max_size=9),
).map(lambda parts: "|".join([*parts[:5], *parts[5]]))


@settings(max_examples=40, deadline=None)
@given(st.lists(log_lines, min_size=1, max_size=30))
@example(["1794470400|c1|claims-line|SIP/1|ATTENDEDTRANSFER|LINK|a|b|5|60|1"])
def test_the_quick_look_at_a_line_types_it_just_as_sql_does(lines: list[str]) -> None:
    form = asterisk.line_format(LOG)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_bytes("\n".join(lines).encode())
        file = LandedFile("acd", "0-log", str(path), "log", 1)
        context = ReadContext(fsspec.filesystem("file"), "acd", IntervalGrid("Europe/Amsterdam", 30), {})
        quick, slow = (joined(one, read_line_files(one, [file], context)) for one in (form, form.without_scan()))
    assert quick.tables[QUEUE_EVENTS].to_pylist() == slow.tables[QUEUE_EVENTS].to_pylist()
    assert quick.quarantine.to_pylist() == slow.quarantine.to_pylist()
    assert quick.counts == slow.counts
    assert sum(count.rows_in for count in quick.counts) == len(read_lines("\n".join(lines).encode()).texts) or not any(lines)
