"""Landing: nothing twice, nothing lost, whatever a file does between two nights."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.intake import Intake, from_json, to_json
from etl.landing import Offered, moved, take_in
from etl.landing_parts import Ending, Growth
from warehouse.drafts import Draft

FIRST, SECOND, THIRD = date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12)


@dataclass
class MemoryStore:
    root: str = "mem"
    files: dict[str, bytes] = field(default_factory=dict)

    def write_bytes(self, path: str, content: bytes) -> None:
        self.files[path] = content

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        draft = Draft(BytesIO())
        yield draft
        if draft.path:
            draft.stream.seek(0)
            self.files[draft.path] = draft.stream.read()


@dataclass
class Source:
    growth: Growth = "lines"
    intake: Intake = field(default_factory=Intake)
    store: MemoryStore = field(default_factory=MemoryStore)
    opened: int = 0
    block: int = 3
    most_bytes: int = 0
    landed: list[bytes] = field(default_factory=list)

    def look(self, content: bytes, night: date, modified: str, last: bool = True, name: str = "queue_log") -> bytes | None:
        def read(begin: int) -> Iterator[bytes]:
            self.opened += 1
            yield from (content[place : place + self.block] for place in range(begin, len(content), self.block))

        offered = Offered(f"/in/{name}", name, len(content), modified, read)
        elsewhere = moved([offered], self.intake)
        pieces = take_in(offered, self.growth, last, night, "acd", self.intake, self.store, elsewhere, self.most_bytes)
        landed = [self.store.files[f"mem/landing/acd/{piece.landing_file}"] for piece in pieces]
        self.landed += landed
        return b"".join(landed) if landed else None


def test_a_grown_log_is_landed_from_where_it_was_left() -> None:
    source = Source()
    assert source.look(b"a\nb\n", FIRST, "1") == b"a\nb\n"
    assert source.look(b"a\nb\nc\n", SECOND, "2") == b"c\n"
    assert source.intake.pieces[-1].source_name == "queue_log+4"


def test_a_large_log_is_landed_in_pieces_that_end_with_a_line_and_grows_on_from_the_last() -> None:
    source = Source(most_bytes=5)
    content = b"aa\nbbbb\ncccccccccccc\nd\ne"
    assert source.look(content, FIRST, "1") == content[:-1]
    assert source.landed == [b"aa\nbbbb\n", b"cccccccccccc\n", b"d\n"], "a half line waits, a long one is not cut"
    assert [piece.source_name for piece in source.intake.pieces] == ["queue_log", "queue_log+8", "queue_log+21"]
    assert [piece.end for piece in source.intake.pieces] == [8, 21, 23]
    whole = Source()
    whole.look(content, FIRST, "1")
    assert source.intake.pieces[-1].prefix_hash == whole.intake.pieces[-1].prefix_hash
    assert source.look(content + b"e\nf\n", SECOND, "2") == b"ee\nf\n"


def test_gzip_and_mails_are_not_landed_in_pieces() -> None:
    for growth, content in (("lines", b"\x1f\x8b\nb\nc\nd\n"), ("messages", b"From a\n\nb\n"), ("whole", b"a\nb\nc\n")):
        source = Source(growth, most_bytes=2)  # type: ignore[arg-type]
        source.look(content, FIRST, "1", last=False)
        assert source.landed == [content]


def test_an_unchanged_file_is_not_even_opened() -> None:
    source = Source()
    source.look(b"a\nb\n", FIRST, "1")
    assert source.look(b"a\nb\n", SECOND, "1") is None
    assert source.opened == 1


def test_a_file_touched_but_not_changed_lands_nothing() -> None:
    source = Source()
    source.look(b"a\nb\n", FIRST, "1")
    assert source.look(b"a\nb\n", SECOND, "2") is None


def test_a_replaced_file_is_landed_whole() -> None:
    source = Source()
    source.look(b"a\nb\n", FIRST, "1")
    assert source.look(b"x\nb\nc\n", SECOND, "2") == b"x\nb\nc\n"


def test_a_half_written_line_waits_for_its_end() -> None:
    source = Source()
    assert source.look(b"a\nhal", FIRST, "1") == b"a\n"
    assert source.look(b"a\nhalf\n", SECOND, "2") == b"half\n"


def test_a_last_line_without_end_is_taken_when_it_does_not_grow_any_more() -> None:
    source = Source()
    assert source.look(b"a\nlast", FIRST, "1") == b"a\n"
    assert source.look(b"a\nlast", SECOND, "1") == b"last"
    assert source.look(b"a\nlast", THIRD, "1") is None


def test_an_older_file_without_line_end_is_complete() -> None:
    assert Source().look(b"a\nlast", FIRST, "1", last=False) == b"a\nlast"


def test_gzip_is_never_cut() -> None:
    source = Source()
    source.look(b"\x1f\x8bone", FIRST, "1")
    assert source.look(b"\x1f\x8bonetwo", SECOND, "2") == b"\x1f\x8bonetwo"


def test_a_mail_archive_is_cut_before_a_message_that_is_being_written() -> None:
    source = Source(growth="messages")
    assert source.look(b"From a\n\nx\n\nFrom b\nSubj", FIRST, "1") == b"From a\n\nx\n\n"


def test_an_empty_file_is_landed_once_so_that_it_is_reported() -> None:
    source = Source()
    assert source.look(b"", FIRST, "1") == b""
    assert source.look(b"", SECOND, "1") is None


def test_the_same_bytes_under_the_same_name_are_one_piece() -> None:
    source = Source()
    source.look(b"a\n", FIRST, "1")
    source.intake.seen.clear()
    assert source.look(b"a\n", SECOND, "9") is None
    assert len(source.intake.pieces) == 1


def test_the_state_survives_being_written() -> None:
    source = Source()
    source.look(b"a\nb\n", FIRST, "1")
    assert from_json(to_json(source.intake)) == source.intake


def test_a_rotated_log_is_not_taken_in_again_and_its_last_lines_are_not_lost() -> None:
    source = Source()
    source.look(b"a\nb\nhal", FIRST, "1")
    assert source.look(b"a\nb\nhalf\n", SECOND, "1", last=False, name="queue_log.1") == b"half\n"
    assert source.look(b"c\n", SECOND, "2") == b"c\n"
    assert [piece.source_name for piece in source.intake.pieces] == ["queue_log", "queue_log.1+4", "queue_log"]


def test_a_rotated_log_that_was_taken_in_whole_brings_nothing() -> None:
    source = Source()
    source.look(b"a\nb\n", FIRST, "1")
    assert source.look(b"a\nb\n", SECOND, "1", last=False, name="queue_log.1") is None
    assert len(source.intake.pieces) == 1


def test_a_mailbox_that_begins_like_another_is_still_read_whole() -> None:
    source = Source(growth="messages")
    source.look(b"From a\n\nx\n", FIRST, "1", name="claims.mbox")
    assert source.look(b"From a\n\nx\n", FIRST, "1", name="service.mbox") == b"From a\n\nx\n"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\nFrom ", b"longer text", b"\xff"]), max_size=25), st.data())
def test_however_a_file_grows_all_its_bytes_are_landed_once(parts: list[bytes], data: st.DataObject) -> None:
    content = b"x" + b"".join(parts)
    growth = data.draw(st.sampled_from(["lines", "messages"]))
    source = Source(growth=growth, block=data.draw(st.integers(1, 9)), most_bytes=data.draw(st.integers(0, 12)))  # type: ignore[arg-type]
    sizes = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5))) + [len(content)] * 2
    landed = [source.look(content[:size], FIRST, str(size), data.draw(st.booleans())) or b"" for size in sizes]
    assert b"".join(landed) == content


@pytest.mark.parametrize(("growth", "complete"), [("lines", 20), ("messages", 12)])
def test_where_a_file_is_complete_does_not_depend_on_the_blocks_it_is_read_in(growth: Growth, complete: int) -> None:
    content = b"From a\n\nab\n\nFrom b\n\ncut off"
    for size in range(1, len(content) + 1):
        ending = Ending(growth)
        for place in range(0, len(content), size):
            ending.add(content[place : place + size])
        assert (ending.complete, ending.size) == (complete, len(content)), f"in blocks of {size}"
