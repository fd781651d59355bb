"""Looks at every byte of a block of text: where lines and fields end, and texts taken out of it (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

_NEWLINE, _BAR, _SPACE, _DELETE = 10, 124, 32, 127
_ONE, _ONES = np.uint64(1), np.uint64(0x0101010101010101)
_LOW, _HIGH = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
_FROM_SPACE, _BARS = np.uint64(0x6060606060606060), np.uint64(0x7C7C7C7C7C7C7C7C)


@compiled
def marks(data: Bytes, words: Words, eighth_bit_plain: bool) -> tuple[Ints, int]:
    """Places of the bytes that mean something to a line (bars, line ends, what is no text), and how many lines there are.

    Eight bytes are looked at together, each in its seven lower bits so that none carries into the next: the eighth bit of a sum
    says whether a byte is at least a space, or is not the one it was compared with.
    """
    places, count, ends = np.empty(len(data), np.int32), 0, 0
    for number in range(len(words)):
        word = words[number]
        low = word & _LOW
        text = (low + _FROM_SPACE) & ((low ^ _BARS) + _LOW) & ((low ^ _LOW) + _LOW)
        found = ((~text & ~word) if eighth_bit_plain else (~text | word)) & _HIGH
        while found:
            first = found & (~found + _ONE)
            places[count] = np.int64((((first - _ONE) & _ONES) * _ONES) >> np.uint64(56)) - 1 + 8 * number
            ends += data[places[count]] == _NEWLINE
            count += 1
            found ^= first
    for place in range(8 * len(words), len(data)):
        byte = data[place]
        if byte < _SPACE or byte in (_BAR, _DELETE) or (byte > _DELETE and not eighth_bit_plain):
            places[count] = place
            ends += byte == _NEWLINE
            count += 1
    return places[:count], ends + (len(data) > 0 and data[len(data) - 1] != _NEWLINE)


@compiled
def gathered(data: Bytes, begins: Longs, lengths: Longs) -> tuple[Bytes, Ints]:
    """Texts out of a block, one after another, with the offsets of an Arrow array; one of a negative length has no bytes."""
    total = 0
    for row in range(len(begins)):
        total += max(lengths[row], 0)
    texts, offsets = np.empty(total, np.uint8), np.empty(len(begins) + 1, np.int32)
    place = np.uint64(0)
    for row in range(len(begins)):
        offsets[row] = place
        source = np.uint64(begins[row])
        for _ in range(lengths[row]):
            texts[place] = data[source]
            place += np.uint64(1)
            source += np.uint64(1)
    offsets[len(begins)] = place
    return texts, offsets
