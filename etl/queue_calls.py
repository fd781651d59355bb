"""Contacts and agents' states out of the events of a `queue_log` (pure).

A call answered and handed to another queue stays answered; the next segment names it as `previous_contact_id`, so that a transfer
can be counted once. A call that timed out of a queue is not a transfer: its next segment names nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl import queue_log_course as course
from etl.callbacks import Habit, with_callbacks
from etl.queue_log import KNOWN_EVENTS
from warehouse.tables.core import AGENT_STATES, CONTACTS

_OUTCOMES = ("answered", "abandoned", "timed_out", "other")
_ARRIVALS = ("customer", "transfer", "overflow")
_TIMESTAMP = pa.timestamp("us", tz="UTC")
_NOT_A_REASON = -2
NO_CALLBACKS = Habit()


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes: -1 where it is missing."""

    codes: npt.NDArray[np.int32]
    names: pa.Array

    def code_of(self, name: str) -> int:
        """Code of a name; -2 if it does not occur."""
        return (
            int(pc.index(self.names, pa.scalar(name, pa.string())).as_py()) if name in self.names.to_pylist() else _NOT_A_REASON
        )

    def texts(self, rows: npt.NDArray[np.int64]) -> pa.Array:
        """The texts of some rows; row -1 has none."""
        if not len(self.codes):
            return pa.nulls(len(rows), pa.string())
        codes = np.where(rows >= 0, self.codes[rows], -1)
        return self.names.take(pa.array(codes, mask=codes < 0))

    def followed_by(self, column: pa.ChunkedArray) -> Coded:
        """The same with more texts behind."""
        column = column.cast(pa.string())
        unknown = pc.unique(column.filter(pc.invert(pc.is_in(column, self.names)))).drop_null()
        names = pa.concat_arrays([self.names, unknown])
        codes = np.asarray(pc.index_in(column, names).fill_null(-1)).astype(np.int32, copy=False)
        return Coded(np.concatenate([self.codes, codes]), names)


def coded(column: pa.ChunkedArray) -> Coded:
    """A text column as codes; of one whose pieces have words of their own, each piece's words are looked at once."""
    chunks = (column if pa.types.is_dictionary(column.type) else column.dictionary_encode()).chunks
    words = pa.concat_arrays([pa.array([], pa.string()), *(chunk.dictionary for chunk in chunks)]).dictionary_encode()
    codes_of = np.append(np.asarray(words.indices), np.int32(-1))  # a missing text is the last one's
    codes, begin = [np.empty(0, np.int32)], 0
    for chunk in chunks:
        indices = chunk.indices if begin == 0 else pc.add(chunk.indices, pa.scalar(begin, pa.int32()))
        codes.append(codes_of[np.asarray(indices.fill_null(len(codes_of) - 1))])
        begin += len(chunk.dictionary)
    return Coded(np.concatenate(codes), words.dictionary)


class Events:
    """Events of one switch.

    Args:
        rows: QUEUE_EVENTS with `seq`, the order in which pieces were received.
        calls: the calls of the rows, where they were made into codes before.
    """

    def __init__(self, rows: pa.Table, calls: Coded | None = None) -> None:
        occurred = np.asarray(rows.column("occurred_at").cast(pa.int64()))
        hashes = np.asarray(rows.column("line_hash"))
        received = np.asarray(rows.column("seq")) << 40 | np.asarray(rows.column("landing_row"))
        order = np.lexsort((received, occurred)) if (received[1:] < received[:-1]).any() else np.argsort(occurred, kind="stable")
        again = course.repeated(occurred[order], hashes[order])
        self.repeated = rows.select(["landing_file", "business_date"]).take(pa.array(order[again]))
        """Rows that repeat one received before exactly."""
        order = order[~again]
        self._rows, self._order = rows, order
        self._occurred = occurred[order]
        self._day = np.asarray(rows.column("business_date").cast(pa.int32()))[order]
        self._calls = coded(rows.column("call_id")) if calls is None else calls
        known = coded(rows.column("event"))
        codes = np.array([KNOWN_EVENTS.index(name) for name in known.names.to_pylist()] or [0], np.int8)
        self._event = codes[known.codes[order]]
        found = (self._calls, *(coded(rows.column(name)) for name in ("queue_id", "agent_id", "reason")))
        self._call, self._queue, self._agent, self._reason = (Coded(one.codes[order], one.names) for one in found)
        self._held, self._called = (
            np.asarray(rows.column(name).fill_null(float("nan")))[order] for name in ("held_seconds", "called_seconds")
        )

    def extended(self, *more: pa.Table) -> Events:
        """These events and some more, mostly of calls that are known here."""
        behind = pa.concat_tables(more)
        return Events(pa.concat_tables([self._rows, behind]), self._calls.followed_by(behind.column("call_id")))

    def tables(self, source_system: str, wrap_reason: str, habit: Habit = NO_CALLBACKS) -> tuple[pa.Table, pa.Table]:
        """CONTACTS and AGENT_STATES of all days that the events are of, in the order of their keys.

        Args:
            source_system: the switch.
            wrap_reason: pauses with this reason right after a call are that call's after-contact work.
            habit: how call-backs are marked.
        """
        found = course.visits(self._call.codes, len(self._call.names), self._event, self._held, self._called)
        entered, answered, left, segment, waited, talked, arrived = found
        agents, queues = len(self._agent.names), max(len(self._queue.names), 1)
        agent, queue = self._agent.codes.astype(np.int64), self._queue.codes
        pair = np.where((agent >= 0) & (queue >= 0), agent * queues + queue, -1)
        members = np.unique(pair[pair >= 0])
        member = np.where(pair >= 0, np.searchsorted(members, pair), -1).astype(np.int32)
        members_of = np.searchsorted(members, np.arange(agents + 1) * queues)
        ending = np.flatnonzero((answered >= 0) & (left >= 0))
        ending = ending[self._day[left[ending]] - self._day[entered[ending]] <= 1]
        ending = ending[np.argsort(left[ending], kind="stable")]
        rows, kinds, whose, ends, work = course.presence(
            self._occurred, self._day, self._event, self._agent.codes, member, members_of.astype(np.int64), self._reason.codes,
            self._reason.code_of(wrap_reason), self._reason.code_of("PAUSED"), left[ending], member[answered[ending]],
            self._most_states(members_of),
        )  # fmt: skip
        wrap = np.zeros(len(entered), np.int64)
        wrap[ending] = work
        contacts, by_key = self._contacts(source_system, entered, answered, left, segment, waited, talked, arrived, wrap)
        return with_callbacks(contacts, by_key, habit), self._states(rows, kinds, whose, ends, members % queues)

    def unfinished(self) -> tuple[pa.Array, pa.Array]:
        """Calls whose beginning lies before these events, and calls that had not left their queue: what else is known of them?"""
        of_call = np.flatnonzero((self._call.codes >= 0) & (self._event <= course.SYSCOMPAT))
        first, last = (np.full(len(self._call.names), -1, np.int64) for _ in range(2))
        last[self._call.codes[of_call]] = of_call
        first[self._call.codes[of_call[::-1]]] = of_call[::-1]
        begun = (first >= 0) & (self._event[first] != course.ENTERQUEUE) if len(of_call) else first >= 0
        open_yet = (last >= 0) & (self._event[last] <= course.CONNECT) if len(of_call) else last >= 0
        return self._call.names.filter(pa.array(begun)), self._call.names.filter(pa.array(open_yet))

    def calls_on(self, dates: Collection[date]) -> pa.Array:
        """Calls that have events on some business dates."""
        days = np.array([(day - date(1970, 1, 1)).days for day in dates], np.int32)
        there = np.zeros(len(self._call.names) + 1, np.bool_)  # one more for events of no call
        there[self._call.codes[np.isin(self._day, days)]] = True
        return self._call.names.filter(pa.array(there[:-1]))

    def _most_states(self, members_of: npt.NDArray[np.int64]) -> int:
        begins = np.isin(self._event, (course.PAUSE, course.PAUSEALL, course.ADDMEMBER)) & (self._agent.codes >= 0)
        of_all = self._agent.codes[begins & ((self._queue.codes < 0) | (self._event == course.PAUSEALL))]
        return 2 * int(begins.sum()) + int((members_of[of_all + 1] - members_of[of_all]).sum())

    def _contacts(
        self, source_system: str, entered: course.Longs, answered: course.Longs, left: course.Longs, segment: course.Longs,
        waited: course.Numbers, talked: course.Numbers, arrived: npt.NDArray[np.int8], wrap: course.Longs,
    ) -> tuple[pa.Table, list[bool]]:  # fmt: skip
        rank = np.empty(len(self._call.names), np.int64)
        rank[np.asarray(pc.array_sort_indices(self._call.names))] = np.arange(len(rank))
        order = np.lexsort((segment, rank[self._call.codes[entered]], self._day[entered]))
        entered, answered, left, segment = entered[order], answered[order], left[order], segment[order]
        waited, talked, arrived, wrap = waited[order], talked[order], arrived[order], wrap[order]
        came, taken, gone = self._occurred[entered], self._at(answered), self._at(left)
        was_answered, was_left = answered >= 0, left >= 0
        until = np.where(was_answered, taken, np.where(was_left, gone, came))
        wait = np.where(waited >= 0, waited, np.maximum(until - came, 0) / 1e6)
        talk = np.where(talked >= 0, talked, np.where(was_left, np.maximum(gone - taken, 0) / 1e6, 0.0))
        talk = np.where(was_answered, talk, 0.0)
        left_by = np.where(was_left, self._event[left], -1) if len(self._event) else left
        outcome = np.select([was_answered, left_by == course.ABANDON, left_by == course.EXITWITHTIMEOUT], [0, 1, 2], 3)
        ids = Coded(self._call.codes, _prefixed(source_system, self._call.names))
        contact_id = ids.texts(entered)
        handed = arrived == course.HANDED_OVER
        columns: dict[str, pa.Array] = {
            "contact_id": contact_id,
            "segment": pa.array(segment),
            "channel": _all("voice", len(entered)),
            "direction": _all("inbound", len(entered)),
            "queue_id": self._queue.texts(entered),
            "agent_id": self._agent.texts(answered),
            "arrived_at": _instants(came, came >= 0),
            "answered_at": _instants(taken, was_answered),
            "ended_at": _instants(gone + wrap, was_left),
            "wait_seconds": pa.array(wait),
            "talk_seconds": pa.array(talk),
            "hold_seconds": pa.array(np.zeros(len(entered))),
            "wrap_seconds": pa.array(wrap / 1e6),
            "handle_seconds": pa.array(talk + wrap / 1e6),
            "outcome": _chosen(outcome, _OUTCOMES),
            "arrived_by": _chosen(arrived, _ARRIVALS),
            "previous_contact_id": pc.if_else(pa.array(handed), contact_id, pa.scalar(None, pa.string())),
            "source_system": _all(source_system, len(entered)),
        }
        received = self._rows.select(["business_date", "customer_id", "landing_file", "landing_row"]).take(
            pa.array(self._order[entered])
        )
        columns |= {name: received.column(name) for name in received.column_names}
        missing = pa.nulls(len(entered), pa.string())
        named = {column.name: columns.get(column.name, missing) for column in CONTACTS.all_columns}
        table = pa.table({name: named[name].cast(CONTACTS.arrow_schema.field(name).type) for name in CONTACTS.column_names})
        return table, (left_by == course.EXITWITHKEY).tolist()

    def _states(
        self, rows: course.Longs, kinds: npt.NDArray[np.int8], whose: course.Ints, ends: course.Longs, queue_of: course.Longs
    ) -> pa.Table:
        queue = np.where(whose >= 0, queue_of[whose], -1) if len(queue_of) else whose.astype(np.int64)
        queue_id = self._queue.names.take(pa.array(queue, mask=queue < 0))
        reason = pc.if_else(pa.array(self._event[rows] == course.ADDMEMBER), None, self._reason.texts(rows))
        kind = _chosen(kinds, ("member", "pause"))
        ended = self._at(ends)
        received = self._rows.select(["agent_id", "business_date", "source_system", "landing_file", "landing_row"])
        received = received.take(pa.array(self._order[rows]))
        columns = {
            "started_at": _instants(self._occurred[rows], rows >= 0),
            "activity": pc.binary_join_element_wise(kind, reason, queue_id, ":", null_handling="skip"),
            "ended_at": _instants(ended, ends >= 0),
            "queue_id": queue_id,
            **{name: received.column(name) for name in received.column_names},
        }
        schema = AGENT_STATES.arrow_schema.remove_metadata()
        table = pa.table({name: columns[name].cast(schema.field(name).type) for name in schema.names})
        keys = AGENT_STATES.key_names
        held = ~table.select(keys).to_pandas().duplicated(keep="last").to_numpy()
        return table.filter(pa.array(held)).sort_by([(name, "ascending") for name in ("business_date", *keys)])

    def _at(self, rows: course.Longs) -> course.Longs:
        """Microseconds of events; of row -1 anything."""
        return self._occurred[rows] if len(self._occurred) else rows


def _prefixed(source_system: str, names: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(f"{source_system}:"), names, "")


def _chosen(codes: npt.NDArray[np.int8], names: tuple[str, ...]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _all(value: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def _instants(microseconds: course.Longs, known: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(microseconds, mask=~known).cast(_TIMESTAMP)
