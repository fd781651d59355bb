"""The plain lines of a `queue_log`, typed in one look at their bytes.

Nearly every line of a log is plain: whole seconds, a known event, a queue of the settings, durations in digits. `scan` types
those; every other line is left to `etl.queue_log.PARSE_SQL`, which says the same of plain lines and the rules of all others.
"""

from __future__ import annotations

import numpy as np

from enterprise.compiled import compiled
from etl.line_bytes import Bytes, Ints, Longs

ROOM = 8
"""So many bytes stand before the first text of an array."""

MOST_NAMES = 1 << 14
"""Different agents, or reasons, that one block may name; lines with further ones are odd."""

_FIELDS = 16
_NEWLINE, _RETURN, _BAR, _SPACE, _DELETE = 10, 13, 124, 32, 127
_M1, _M2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_ZEROS, _ABOVE_NINE, _HIGH = np.uint64(0x3030303030303030), np.uint64(0x4646464646464646), np.uint64(0x8080808080808080)
_DIGIT, _PAIR, _FOUR = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_TENS, _HUNDREDS, _TEN_THOUSANDS = np.uint64(10 << 8 | 1), np.uint64(100 << 16 | 1), np.uint64(10_000 << 32 | 1)
_EARLIEST, _LATEST = 315_532_800, 4_102_444_799
_FEWEST_DIGITS = 9  # of an instant that late
EVENT, QUEUE, AGENT, REASON, CALL, HELD, CALLED = range(7)


# Places in the text are counted unsigned where every byte is looked at: of a signed number the compiler would ask first, for each
# byte, whether it counts from the end. Fewer than eight bytes are taken with what stands before them: byte by byte takes half as
# long again for all of a log. So no text that is hashed, compared or counted may end within the first eight bytes of its array.


@compiled
def _word(data: Bytes, place: np.uint64) -> np.uint64:
    """Eight bytes at once."""
    word = np.uint64(0)
    for byte in range(8):
        word |= np.uint64(data[place + np.uint64(byte)]) << np.uint64(8 * byte)
    return word


@compiled
def _rest(data: Bytes, place: np.uint64, behind: np.uint64) -> np.uint64:
    """The last bytes of a text, fewer than eight, as one number."""
    return _word(data, behind - np.uint64(8)) >> np.uint64(8) >> (np.uint64(56) - np.uint64(8) * (behind - place))


@compiled
def hash_of(data: Bytes, begin: int, end: int) -> np.uint64:
    """64 bits that tell texts apart: eight bytes at a time, mixed by multiplication and shift."""
    place, behind = np.uint64(begin), np.uint64(end)
    state = (behind - place) * _M1
    while place + np.uint64(8) <= behind:
        state = (state ^ _word(data, place)) * _M2
        state ^= state >> np.uint64(32)
        place += np.uint64(8)
    state = (state ^ _rest(data, place, behind)) * _M1
    state ^= state >> np.uint64(29)
    state *= _M2
    return state ^ state >> np.uint64(32)


@compiled
def _same(one: Bytes, first: int, other: Bytes, second: int, length: int) -> bool:
    here, there, behind = np.uint64(first), np.uint64(second), np.uint64(first + length)
    while here + np.uint64(8) <= behind:
        if _word(one, here) != _word(other, there):
            return False
        here += np.uint64(8)
        there += np.uint64(8)
    return bool(_rest(one, here, behind) == _rest(other, there, there + (behind - here)))


@compiled
def _slots_for(names: int) -> Ints:
    """An empty table for `find`: at least two places for each name."""
    size = 64
    while size < 2 * names:
        size *= 2
    return np.full(size, -1, np.int32)


@compiled
def slots_of(names: Bytes, offsets: Longs) -> Ints:
    """Where `find` looks names up: their numbers in a table by hash."""
    slots = _slots_for(len(offsets) - 1)
    for number in range(len(offsets) - 1):
        slot = np.int64(hash_of(names, offsets[number], offsets[number + 1]) & np.uint64(len(slots) - 1))
        while slots[slot] >= 0:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = number
    return slots


@compiled
def _find(data: Bytes, begin: int, end: int, names: Bytes, offsets: Longs, slots: Ints) -> np.int64:
    slot = np.int64(hash_of(data, begin, end) & np.uint64(len(slots) - 1))
    while slots[slot] >= 0:
        number = slots[slot]
        if offsets[number + 1] - offsets[number] == end - begin and _same(names, offsets[number], data, begin, end - begin):
            return np.int64(number)
        slot = (slot + 1) & (len(slots) - 1)
    return np.int64(-1)


@compiled
def _number(data: Bytes, begin: int, end: int, slots: Ints, seen: Longs, known: int) -> np.int64:
    """Number of a name of the block, -1 if there are too many; a new one is noted in `seen` (begin, length) as number `known`."""
    slot = np.int64(hash_of(data, begin, end) & np.uint64(len(slots) - 1))
    while slots[slot] >= 0:
        number = slots[slot]
        if seen[1, number] == end - begin and _same(data, seen[0, number], data, begin, end - begin):
            return np.int64(number)
        slot = (slot + 1) & (len(slots) - 1)
    if known >= seen.shape[1]:
        return np.int64(-1)
    slots[slot] = known
    seen[0, known], seen[1, known] = begin, end - begin
    return np.int64(known)


@compiled
def _last_eight(data: Bytes, begin: int, end: int) -> np.int64:
    """A number of 1 to 8 digits, -1 for anything else: zeros before it, then two, four and eight digits at once."""
    known = np.uint64(8 * (end - begin))
    digits = _word(data, np.uint64(end - 8)) >> (np.uint64(64) - known) << (np.uint64(64) - known)
    digits |= _ZEROS >> (known - np.uint64(8)) >> np.uint64(8)
    if ((digits + _ABOVE_NINE) | (digits - _ZEROS)) & _HIGH:
        return np.int64(-1)
    pairs = (digits & _DIGIT) * _TENS >> np.uint64(8)
    fours = (pairs & _PAIR) * _HUNDREDS >> np.uint64(16)
    return np.int64((fours & _FOUR) * _TEN_THOUSANDS >> np.uint64(32))


@compiled
def _whole(data: Bytes, begin: int, end: int) -> np.int64:
    """A number of 1 to 13 digits, -1 for anything else."""
    if end <= begin or end - begin > 13:
        return np.int64(-1)
    value = np.int64(0)
    place = np.uint64(begin)
    for _ in range(end - begin - 8):
        digit = np.int64(data[place]) - 48
        if digit < 0 or digit > 9:
            return np.int64(-1)
        value = np.int64(value * 10 + digit)
        place += np.uint64(1)
    last = _last_eight(data, max(begin, end - 8), end)
    return np.int64(-1) if last < 0 else value * 100_000_000 + last


@compiled
def _is_blank(data: Bytes, begin: np.int64, end: np.int64) -> bool:
    for place in range(begin, end):  # noqa: SIM110 - compiled
        if data[place] != _SPACE:
            return False
    return True


@compiled
def _is(data: Bytes, begin: int, end: int, word: Bytes) -> bool:
    return end - begin == len(word) - ROOM and _same(data, begin, word, ROOM, len(word) - ROOM)


@compiled
def scan(
    data: Bytes,
    marks: Ints,
    lines: int,
    first: int,
    none: Bytes,
    prefixes: Bytes,
    prefix_offsets: Longs,
    queues: tuple[Bytes, Longs, Ints, Ints],
    events: tuple[Bytes, Longs, Ints, Ints],
    longest_seconds: int,
    longest_bytes: int,
) -> tuple[Longs, Ints, Longs, Longs, Longs, Longs, Longs]:
    """Type the plain lines of a block.

    Args:
        data: the block, lines ended by LF (the last one perhaps not); `ROOM` does not stand before it.
        marks: where its bars, line ends and bytes that are no text are.
        lines: how many lines there are.
        first: number of the first one.
        none: the word that stands for no call, queue or agent, after `ROOM`.
        prefixes: prefixes that are no part of an agent's name, one after another, after `ROOM`.
        prefix_offsets: where they begin, and the end.
        queues: names of the settings' queues, likewise with their offsets, `slots_of` them, and the code of each.
        events: known events likewise, and per event: 1 if it is of a call; the fields (from 0, -1 for none) of waiting time, talk
            time, customer and reason; 1 if waiting and talk time stand that much further on where the line is that much longer.
        longest_seconds: a longer duration is odd.
        longest_bytes: a longer line is odd.

    Returns:
        Per plain line its number, microseconds since 1970 and hash; codes of event, queue, agent, reason and call, and seconds
        waited and talked (-1 for none); begin and length of customer (-1 for none). Then begin and length of each agent's name,
        of each reason and of each call id; number, begin and end of each other line that is not blank.
    """
    queue_names, queue_offsets, queue_slots, queue_codes = queues
    event_names, event_offsets, event_slots, event_fields = events
    plains, others = np.empty((3, lines), np.int64), np.empty((3, lines), np.int64)
    codes, customers = np.empty((7, lines), np.int32), np.empty((2, lines), np.int64)
    agent_slots, agents, agent_count = _slots_for(MOST_NAMES), np.empty((2, MOST_NAMES), np.int64), 0
    reason_slots, reasons, reason_count = _slots_for(MOST_NAMES), np.empty((2, MOST_NAMES), np.int64), 0
    call_slots, calls, call_count = _slots_for(lines), np.empty((2, lines), np.int64), 0
    field, seconds = np.empty(_FIELDS + 1, np.int64), np.empty(2, np.int32)
    good, odd, mark, following = 0, 0, 0, np.int64(0)
    for line in range(lines):
        field[0], end, following = following, np.int64(len(data)), np.int64(len(data))
        count, returns, plain = 1, 0, True
        while mark < len(marks):
            place = np.int64(marks[mark])
            byte = data[place]
            mark += 1
            if byte == _BAR:
                if count < _FIELDS:
                    field[count] = place + 1
                count += 1
            elif byte == _NEWLINE:
                end, following = place, place + 1
                break
            elif byte == _RETURN:
                returns += 1
            else:
                plain = False
        while end > field[0] and data[end - 1] == _RETURN:
            end -= 1
            returns -= 1
        plain = plain and returns == 0
        if plain and count == 1 and _is_blank(data, field[0], end):
            continue
        others[0, odd], others[1, odd], others[2, odd] = first + line, field[0], end  # kept if the line turns out to be odd
        odd += 1
        if not plain or count < 5 or count > _FIELDS or end - field[0] > longest_bytes:
            continue
        field[count] = end + 1
        if field[1] - 1 - field[0] < _FEWEST_DIGITS:  # what follows ends behind the first eight bytes
            continue
        epoch = _whole(data, field[0], field[1] - 1)
        epoch *= 1000 if epoch >= 10**12 else 1_000_000
        event = _find(data, field[4], field[5] - 1, event_names, event_offsets, event_slots)
        if epoch < _EARLIEST * 1_000_000 or epoch > _LATEST * 1_000_000 or event < 0:
            continue
        of_call = event_fields[event, 0] == 1
        queue = np.int64(-1)
        if not _is(data, field[2], field[3] - 1, none):
            queue = _find(data, field[2], field[3] - 1, queue_names, queue_offsets, queue_slots)
            if queue < 0:
                continue
        elif of_call:
            continue
        call = np.int64(-1)
        if field[2] - 1 > field[1] and not _is(data, field[1], field[2] - 1, none):
            call = _number(data, field[1], field[2] - 1, call_slots, calls, call_count)
            call_count += call == call_count
        elif of_call:
            continue
        shift = max(count - 10, 0) if event_fields[event, 5] == 1 else 0
        for which in range(2):
            where = event_fields[event, 1 + which]
            seconds[which] = -1
            if where >= 0 and where + shift < count:
                value = _whole(data, field[where + shift], field[where + shift + 1] - 1)
                plain = plain and bool(value >= 0 and value <= longest_seconds)
                seconds[which] = value if plain else -1
        where = event_fields[event, 3]
        customers[0, good], customers[1, good] = 0, -1
        if where >= 0 and where < count and field[where + 1] - 1 > field[where]:
            customers[0, good], customers[1, good] = field[where], field[where + 1] - 1 - field[where]
        where, reason = event_fields[event, 4], np.int64(-1)
        if where >= 0 and where < count and field[where + 1] - 1 > field[where]:
            reason = _number(data, field[where], field[where + 1] - 1, reason_slots, reasons, reason_count)
            reason_count += reason == reason_count
            plain = plain and bool(reason >= 0)
        begin, agent = field[3], np.int64(-1)
        if field[4] - 1 > begin and not _is(data, begin, field[4] - 1, none):
            for prefix in range(len(prefix_offsets) - 1):
                length = prefix_offsets[prefix + 1] - prefix_offsets[prefix]
                if field[4] - 1 - begin > length and _same(data, begin, prefixes, prefix_offsets[prefix], length):
                    begin += length
                    break
            agent = _number(data, begin, field[4] - 1, agent_slots, agents, agent_count)
            agent_count += agent == agent_count
            plain = plain and bool(agent >= 0)
        if plain:
            odd -= 1
            plains[0, good], plains[1, good] = first + line, epoch
            plains[2, good] = np.int64(hash_of(data, int(field[0]), int(end)))
            codes[EVENT, good], codes[QUEUE, good] = event, queue_codes[queue] if queue >= 0 else -1
            codes[AGENT, good], codes[REASON, good], codes[CALL, good] = agent, reason, call
            codes[HELD, good], codes[CALLED, good] = seconds[0], seconds[1]
            good += 1
    return (
        plains[:, :good], codes[:, :good], customers[:, :good], agents[:, :agent_count], reasons[:, :reason_count],
        calls[:, :call_count], others[:, :odd],
    )  # fmt: skip
