"""Text of one row per line, taken apart block by block so that every line is accounted for and no file is ever held whole."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.compressed import MOST_BYTES, Unpacking
from etl.delimited import Broken

LONGEST_LINE_BYTES = 1 << 20
"""A longer line is no row of any source read by lines; it is put aside."""

BLOCK_BYTES = 32 << 20
"""Text that is looked at together."""

_SHOWN_BYTES = 2000
_NEWLINE = 10
_BLANK_BELOW = 8  # only blocks with lines this short are searched for blank ones

EMPTY_FILE = "the file is empty; check the export and send it again"


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a file.

    Args:
        texts: the lines that can be read, without their ends; blank lines are left out.
        numbers: their numbers in the file, from 1.
        broken: lines that cannot be read, and problems of the file as a whole (line 0).
    """

    texts: pa.Array
    numbers: pa.Array
    broken: Sequence[Broken]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a file as they stand there, and the number of the first."""

    data: bytes
    first: int

    @property
    def lines(self) -> int:
        """How many lines it holds."""
        # numpy counts a byte ten times as quickly as bytes.count does where it is frequent
        ended = int(np.count_nonzero(np.frombuffer(self.data, np.uint8) == _NEWLINE))
        return ended + (not self.data.endswith(b"\n"))


@dataclass(slots=True)
class LineBlocks:
    r"""A landed piece in blocks of whole lines.

    Gzip is unpacked as far as it goes, a byte order mark is skipped, UTF-16 is made UTF-8. When the last block was given,
    `broken` names what no block holds: problems of the file as a whole (line 0), the cut-off last line of a truncated archive,
    and lines so long that they were not even kept.

    Args:
        chunks: bytes as received.
        block_bytes: a block has about this size.
        most_bytes: at most this much is unpacked.

    Example:
        >>> blocks = LineBlocks([b"one\ntw", b"o\nthree"], block_bytes=4)
        >>> [(block.data, block.first) for block in blocks]
        [(b'one\n', 1), (b'two\n', 2), (b'three', 3)]
    """

    chunks: Iterable[bytes]
    block_bytes: int = BLOCK_BYTES
    most_bytes: int = MOST_BYTES
    broken: list[Broken] = field(default_factory=list)
    _line: int = 1

    def __iter__(self) -> Iterator[Block]:
        unpacking = Unpacking(self.chunks, self.most_bytes)
        content = _Content()
        waiting: list[bytes] = []
        size = 0
        overlong, shown = 0, b""  # of a line that is longer than a block
        for chunk in content.seen(_as_utf8(unpacking)):
            end = chunk.find(b"\n") + 1 if overlong else 0
            if overlong and not end:
                overlong += len(chunk)
                continue
            if overlong:
                self._put_aside(overlong + end - 1, shown)
                overlong = 0
            waiting.append(chunk[end:])
            size += len(chunk) - end
            if size < self.block_bytes:
                continue
            data, rest = _cut(waiting)
            if data:
                yield self._block(data)
            data = rest
            if len(data) > max(LONGEST_LINE_BYTES, self.block_bytes):
                overlong, shown, data = len(data), data[:_SHOWN_BYTES], b""
            waiting, size = [data] if data else [], len(data)
        data = b"".join(waiting)
        if unpacking.problem:
            self.broken.append(Broken(0, "truncated_file", unpacking.problem, ""))
            end = data.rfind(b"\n") + 1
            if end:
                yield self._block(data[:end])
            if overlong or data[end:]:
                text = (shown if overlong else data[end : end + _SHOWN_BYTES]).decode("utf-8", "replace")
                self.broken.append(Broken(self._line, "truncated_file", f"the line was cut off: {unpacking.problem}", text))
        elif overlong:
            self._put_aside(overlong, shown)
        elif not content.any:
            self.broken.append(Broken(0, "empty_file", EMPTY_FILE, ""))
        elif data:
            yield self._block(data)

    def _block(self, data: bytes) -> Block:
        if b"\r" in data and data.count(b"\r") > data.count(b"\r\n"):  # a lone CR ends a line, too: nothing may hide behind it
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        block = Block(data, self._line)
        self._line += block.lines
        return block

    def _put_aside(self, size: int, shown: bytes) -> None:
        self.broken.append(Broken(self._line, "line_too_long", _too_long(size), shown.decode("utf-8", "replace")))
        self._line += 1


def _cut(chunks: Sequence[bytes]) -> tuple[bytes, bytes]:
    r"""What chunks hold up to their last line end, copied once, and what stands behind it.

    Example:
        >>> _cut([b"one\ntw", b"o\nthree"]), _cut([b"one\ntw", b"o"]), _cut([b"one"])
        ((b'one\ntwo\n', b'three'), (b'one\n', b'two'), (b'', b'one'))
    """
    for place in reversed(range(len(chunks))):
        end = chunks[place].rfind(b"\n") + 1
        if end:
            whole, rest = memoryview(chunks[place])[:end], memoryview(chunks[place])[end:]
            return b"".join([*chunks[:place], whole]), b"".join([rest, *chunks[place + 1 :]])
    return b"", b"".join(chunks)


def read_lines(content: bytes) -> Lines:
    r"""Take the content of a landed piece apart into lines.

    Lines that are no UTF-8, hold NUL bytes or are longer than a megabyte are broken; LF, CRLF and CR may be mixed. Of a truncated
    archive the last line is broken unless it ends properly.

    Args:
        content: bytes as received.

    Example:
        >>> lines = read_lines(b"one\r\n\n\xfftwo\nthree")
        >>> lines.texts.to_pylist(), lines.numbers.to_pylist()
        (['one', 'three'], [1, 4])
        >>> [(line.line, line.rule) for line in lines.broken]
        [(3, 'wrong_encoding')]
    """
    blocks = LineBlocks([content])
    parts = [lines_of(block) for block in blocks]
    texts = pa.concat_arrays([pa.array([], pa.string()), *(part.texts for part in parts)])
    numbers = pa.concat_arrays([pa.array([], pa.int64()), *(part.numbers for part in parts)])
    return Lines(texts, numbers, [*blocks.broken, *(broken for part in parts for broken in part.broken)])


def lines_of(block: Block) -> Lines:
    """The lines of a block."""
    pieces = pc.split_pattern(pa.array([block.data], pa.large_binary()), b"\n").flatten()
    if block.data.endswith(b"\n"):
        pieces = pieces.slice(0, len(pieces) - 1)
    return readable(pieces, pa.array(np.arange(block.first, block.first + len(pieces), dtype=np.int64)))


def readable(pieces: pa.Array, numbers: pa.Array) -> Lines:
    """Lines out of their bytes without LF, and their numbers: those that are text of a sane length, and the broken ones."""
    broken: list[Broken] = []
    longest = pc.max(pc.binary_length(pieces)).as_py() or 0
    has_nul = pc.any(pc.match_substring(pieces.cast(pa.large_binary()), b"\0")).as_py()
    if has_nul or longest > LONGEST_LINE_BYTES or not _is_utf8(pieces):
        good = []
        for number, line in zip(numbers.to_pylist(), pieces, strict=True):
            rule, reason = _unreadable(line.as_buffer())
            good.append(not rule)
            if rule:
                shown = line.as_buffer()[:_SHOWN_BYTES].to_pybytes().rstrip(b"\r")
                broken.append(Broken(number, rule, reason, shown.decode("utf-8", "replace")))
        mask = pa.array(good, pa.bool_())
        pieces, numbers = pieces.filter(mask), numbers.filter(mask)
    texts = pc.utf8_rtrim(pieces.cast(pa.string()), "\r")
    if (pc.min(pc.binary_length(texts)).as_py() or 0) < _BLANK_BELOW:
        filled = pc.not_equal(pc.utf8_trim_whitespace(texts), "")
        texts, numbers = texts.filter(filled), numbers.filter(filled)
    return Lines(texts, numbers, broken)


def _is_utf8(pieces: pa.Array) -> bool:
    try:
        pieces.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _unreadable(line: pa.Buffer) -> tuple[str, str]:
    if line.size > LONGEST_LINE_BYTES:
        return "line_too_long", _too_long(line.size)
    text = line.to_pybytes().rstrip(b"\r")
    if b"\0" in text:
        return "wrong_encoding", "the line holds NUL bytes; the file was damaged or is no text: send it again"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return "wrong_encoding", f"the line is no UTF-8 ({error.reason} at byte {error.start}); export the file as UTF-8"
    return "", ""


def _too_long(size: int) -> str:
    return f"the line has {size} bytes, at most {LONGEST_LINE_BYTES} are read; check the export"


@dataclass(slots=True)
class _Content:
    """Whether a file holds anything but white space."""

    any: bool = False

    def seen(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.any = self.any or bool(chunk and not chunk.isspace())
            yield chunk


def _as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without a byte order mark, UTF-16 made UTF-8."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(codecs.BOM_UTF8):
            break
    head = head.removeprefix(codecs.BOM_UTF8)
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield head
        yield from stream
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(head).encode("utf-8", "replace")
    for chunk in stream:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
