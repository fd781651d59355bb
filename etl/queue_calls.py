"""Contacts and agents' states out of the events of a `queue_log` (pure).

A call answered and handed to another queue stays answered; the next segment names it as `previous_contact_id`, so that a transfer
can be counted once. A call that timed out of a queue is not a transfer: its next segment names nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl import queue_log_course as course
from etl import queue_log_receipt as receipt
from etl.callbacks import Habit, with_callbacks
from etl.coded import Coded, coded
from etl.queue_log import KNOWN_EVENTS, NO_TEXT
from warehouse.tables.core import AGENT_STATES, CONTACTS

_OUTCOMES = ("answered", "abandoned", "timed_out", "other")
_ARRIVALS = ("customer", "transfer", "overflow")
_TIMESTAMP = pa.timestamp("us", tz="UTC")
_LINE = (1 << 40) - 1
NO_CALLBACKS = Habit()
_READ_LATER = ("held_seconds", "called_seconds", "customer_id", "landing_file")
_ASIDE = pa.schema(
    [("landing_file", pa.string()), ("landing_row", pa.int64()), ("queue_id", pa.string()), ("row_text", pa.string())]
)


class Events:
    """Events of one switch.

    Args:
        rows: QUEUE_EVENTS with `seq`, the order in which pieces were received.
        calls: the calls of the rows, where they were made into codes before.
    """

    def __init__(self, rows: pa.Table, calls: Coded | None = None) -> None:
        self._rows, self._known = rows, {} if calls is None else {"call_id": calls}
        occurred = np.asarray(rows.column("occurred_at").cast(pa.int64()))
        hashes, pieces, lines = (np.asarray(rows.column(name)) for name in ("line_hash", "seq", "landing_row"))
        self._order: course.Longs | None = None
        if not receipt.stand_in_order(occurred, pieces, lines):
            self._order = np.lexsort((lines, pieces, occurred))
        self._occurred, self._place = self._ordered(occurred), self._ordered(pieces << 40 | lines)
        self._day = self._ordered(np.asarray(rows.column("business_date").cast(pa.int32())))
        self._again = receipt.repeated(self._occurred, self._ordered(hashes))
        known = self._coded("event")
        codes = np.array([KNOWN_EVENTS.index(name) for name in known.names.to_pylist()] or [0], np.int8)
        self._event = self._ordered(codes[known.codes])
        self._call = self._said("call_id")

    def _ordered(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values of the rows, in the order of time."""
        return values if self._order is None else values[self._order]

    def _said(self, name: str) -> Coded:
        """A text column as codes in the order of time; a line that repeats another says nothing."""
        received = self._coded(name)
        codes = self._ordered(received.codes)
        return Coded(np.where(self._again, np.int32(-1), codes) if self._again.any() else codes, received.names)

    def _stated(self, name: str) -> npt.NDArray[np.float64]:
        """Seconds that the switch states, in the order of time; not a number where it states none."""
        seconds = np.asarray(self._rows.column(name))
        return self._ordered(np.where(seconds < 0, np.nan, seconds))

    def _texts(self, name: str, rows: course.Longs) -> pa.Array:
        """A text column of some rows, which are counted in the order of time."""
        return self._coded(name).texts(rows if self._order is None else self._order[rows])

    def _coded(self, name: str) -> Coded:
        """A text column as codes, in the order of receipt."""
        if name not in self._known:
            self._known[name] = coded(self._rows.column(name))
        return self._known[name]

    def _received(self, rows: course.Longs) -> dict[str, pa.Array]:
        """Business date of some rows, and where they come from."""
        return {
            "business_date": pa.array(self._day[rows]).cast(pa.date32()),
            "landing_file": self._texts("landing_file", rows),
            "landing_row": pa.array(self._place[rows] & _LINE),
        }

    def repeated(self, dates: Collection[date]) -> list[str]:
        """Landing file of each row on some business dates that repeats one received before exactly."""
        rows = np.flatnonzero(self._again)
        found: list[str] = self._texts("landing_file", rows[np.isin(self._day[rows], _days(dates))]).to_pylist()
        return found

    def extended(self, before: pa.Table, after: pa.Table) -> Events:
        """These events and some before and after them, mostly of calls that are known here."""
        calls = self._coded("call_id").beside(before.column("call_id"), after.column("call_id"))
        return Events(pa.concat_tables([before, self._rows, after]), calls)

    def tables(
        self, source_system: str, wrap_reason: str, habit: Habit = NO_CALLBACKS, dates: Collection[date] | None = None
    ) -> tuple[pa.Table, pa.Table]:
        """CONTACTS and AGENT_STATES, in the order of their keys, of all days that the events are of.

        After this the events cannot be extended any more.

        Args:
            source_system: the switch.
            wrap_reason: pauses with this reason right after a call are that call's after-contact work.
            habit: how call-backs are marked.
            dates: contacts of other business dates are not asked for, and are left out unless call-backs are looked for in them.
        """
        queue, agent, reason = (self._said(name) for name in ("queue_id", "agent_id", "reason"))
        held, called = (self._stated(name) for name in ("held_seconds", "called_seconds"))
        # The codes are known now. Of what they were made of, as much again, nothing is read any more.
        self._rows = self._rows.select([name for name in _READ_LATER if name in self._rows.column_names])
        visits = course.visits(self._call.codes, len(self._call.names), self._event, self._day, held, called)
        del held, called
        entered, answered, left = visits[:3]
        member, members_of, queue_of = course.members(agent.codes, queue.codes, len(agent.names))
        ending = np.flatnonzero((answered >= 0) & (left >= 0))
        ending = ending[self._day[left[ending]] - self._day[entered[ending]] <= 1]
        ending = ending[np.argsort(left[ending], kind="stable")]
        rows, kinds, whose, ends, work = course.presence(
            self._occurred, self._day, self._event, agent.codes, member, members_of, reason.codes, reason.code_of(wrap_reason),
            reason.code_of("PAUSED"), left[ending], member[answered[ending]],
        )  # fmt: skip
        wrap = np.zeros(len(entered), np.int64)
        wrap[ending] = work
        asked = np.arange(len(entered))
        if dates is not None and habit == NO_CALLBACKS:
            asked = np.flatnonzero(np.isin(self._day[entered], _days(dates)))
        contacts, by_key = self._contacts(source_system, queue, agent, visits, wrap, asked)
        return with_callbacks(contacts, by_key.tolist() if habit != NO_CALLBACKS else [], habit), self._states(
            source_system, queue, agent, reason, rows, kinds, whose, ends, queue_of
        )

    def unfinished(self) -> tuple[pa.Array, pa.Array]:
        """Calls whose beginning lies before these events, and calls that had not left their queue: what else is known of them?"""
        first, last = course.first_and_last(self._call.codes, self._event, len(self._call.names))
        begun = (first >= 0) & (self._event[first] != course.ENTERQUEUE) if len(self._event) else first >= 0
        open_yet = (last >= 0) & (self._event[last] <= course.CONNECT) if len(self._event) else last >= 0
        return self._call.names.filter(pa.array(begun)), self._call.names.filter(pa.array(open_yet))

    def without_entry(self, dates: Collection[date]) -> pd.DataFrame:
        """Events of calls on some business dates that never entered a queue, as far as is known; and all that no longer are such.

        Returns:
            landing_file, landing_row, queue_id, row_text (what was read of the line) and `aside`: true for those without an
            entry; the others were received before the entry was, and may have been put aside then.
        """
        rows, aside = course.without_entry(self._call.codes, len(self._call.names), self._event, self._day, self._place)
        wanted = ~aside | np.isin(self._day[rows], _days(dates))
        rows, aside = rows[wanted], aside[wanted]
        epochs = pa.array(self._occurred[rows] // 1_000_000).cast(pa.string())
        said = {name: self._texts(name, rows) for name in ("queue_id", "agent_id", "event")}
        texts = [text.fill_null("NONE") for text in (self._call.texts(rows), *said.values())]
        said |= self._received(rows) | {"row_text": pc.binary_join_element_wise(epochs, *texts, "|")}
        frame: pd.DataFrame = pa.table([said[name] for name in _ASIDE.names], schema=_ASIDE).to_pandas()
        return frame.assign(aside=aside)

    def calls_on(self, dates: Collection[date], among: pa.Array) -> pa.Array:
        """Those of some calls that have events on some business dates."""
        days = _days(dates)
        asked = np.asarray(pc.is_in(self._call.names, value_set=among))
        rows = np.flatnonzero(np.append(asked, np.False_)[self._call.codes])  # an event of no call is the last one's
        there = np.unique(self._call.codes[rows[np.isin(self._day[rows], days)]])
        return self._call.names.take(pa.array(there))

    def _contacts(
        self, source_system: str, queue: Coded, agent: Coded, visits: course.Visits, wrap: course.Longs, asked: course.Longs
    ) -> tuple[pa.Table, course.Flags]:
        entered, answered, left, segment, waited, talked, arrived = visits
        of_asked = entered[asked]
        order = asked[np.lexsort((segment[asked], self._call.ranks(of_asked), self._day[of_asked]))]
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
        contact_id = _prefixed(source_system, self._call.texts(entered))
        handed = arrived == course.HANDED_OVER
        columns: dict[str, pa.Array] = {
            "contact_id": contact_id,
            "segment": pa.array(segment),
            "channel": _all("voice", len(entered)),
            "direction": _all("inbound", len(entered)),
            "queue_id": queue.texts(entered),
            "agent_id": agent.texts(answered),
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
        columns |= self._received(entered)
        customers = self._rows.column("customer_id").take(pa.array(entered if self._order is None else self._order[entered]))
        columns["customer_id"] = pc.if_else(pc.equal(customers, NO_TEXT), pa.scalar(None, pa.string()), customers)
        missing = pa.nulls(len(entered), pa.string())
        named = {column.name: columns.get(column.name, missing) for column in CONTACTS.all_columns}
        table = pa.table({name: named[name].cast(CONTACTS.arrow_schema.field(name).type) for name in CONTACTS.column_names})
        return table, left_by == course.EXITWITHKEY

    def _states(
        self, source_system: str, queue: Coded, agent: Coded, reason: Coded, rows: course.Longs, kinds: npt.NDArray[np.int8],
        whose: course.Ints, ends: course.Longs, queue_of: course.Ints,
    ) -> pa.Table:  # fmt: skip
        queues = np.append(queue_of, np.int32(-1))[whose]  # the agent alone is in no queue
        queue_id = queue.names.take(pa.array(queues, mask=queues < 0))
        why = pc.if_else(pa.array(self._event[rows] == course.ADDMEMBER), None, reason.texts(rows))
        kind = _chosen(kinds, ("member", "pause"))
        ended = self._at(ends)
        columns = {
            "started_at": _instants(self._occurred[rows], rows >= 0),
            "activity": pc.binary_join_element_wise(kind, why, queue_id, ":", null_handling="skip"),
            "ended_at": _instants(ended, ends >= 0),
            "queue_id": queue_id,
            "agent_id": agent.texts(rows),
            "source_system": _all(source_system, len(rows)),
            **self._received(rows),
        }
        schema = AGENT_STATES.arrow_schema.remove_metadata()
        table = pa.table({name: columns[name].cast(schema.field(name).type) for name in schema.names})
        return _last_of_each(table.sort_by([(name, "ascending") for name in ("business_date", *AGENT_STATES.key_names)]))

    def _at(self, rows: course.Longs) -> course.Longs:
        """Microseconds of events; of row -1 anything."""
        return self._occurred[rows] if len(self._occurred) else rows


def _last_of_each(states: pa.Table) -> pa.Table:
    """States in order, of those with the same key the last one."""
    last = states.num_rows - 1
    columns = [states.column(name) for name in AGENT_STATES.key_names] if last > 0 else []
    same = [np.asarray(pc.equal(column.slice(1), column.slice(0, last))) for column in columns]
    again = np.logical_and.reduce(same) if same else np.zeros(0, np.bool_)
    return states.filter(pa.array(np.append(~again, np.True_))) if again.any() else states


def _days(dates: Collection[date]) -> npt.NDArray[np.int32]:
    return np.array([(day - date(1970, 1, 1)).days for day in dates], np.int32)


def _prefixed(source_system: str, names: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(f"{source_system}:"), names, "")


def _chosen(codes: npt.NDArray[np.int8], names: tuple[str, ...]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _all(value: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def _instants(microseconds: course.Longs, known: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(microseconds, mask=~known).cast(_TIMESTAMP)
