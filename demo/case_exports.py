"""Salesforce exports of cases: what changed on each local day, and the history of the changes.

crm/cases-YYYY-MM-DD.csv holds the cases changed on the day as they stood at its end, crm/case-history-YYYY-MM-DD.csv the
field changes of that day.

A case is New when created, Working when an agent takes it up, Closed at its end; a fifth waits On Hold for the customer in
between, a few are Escalated, a few re-opened and closed again. Times are UTC in Salesforce's ISO form. `Type` is Complaint or
Policy Change; `Customer_Number__c` is the company's own field. The case history says what happened when, as
CaseHistory does: Field, OldValue, NewValue.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from demo.clock import IntArray
from demo.demand import business_days
from demo.dirt import Dirt
from demo.names import account_ids, case_ids, contact_ids, user_ids
from demo.queues import QUEUES, queues_of
from demo.text import choose, cut, digits, in_order, join, stamp, where
from demo.world import World

CASE_HEADER = (
    "Id,CaseNumber,AccountId,ContactId,Type,Reason,Origin,Status,Priority,IsEscalated,OwnerId,CreatedDate,ClosedDate,"
    "IsClosed,SystemModstamp,LastModifiedDate,Customer_Number__c\n"
)
HISTORY_HEADER = "Id,CaseId,CreatedById,CreatedDate,Field,OldValue,NewValue\n"
STATUSES = ("New", "Working", "On Hold", "Closed", "Escalated")
_ISO = "YYYY-mm-ddTHH:MM:SS.000+0000"
_ORIGINS = ("Web", "Email", "Phone")
_REASONS = (
    ("Settlement amount", "Handling time", "Premium", "Communication", "Repair quality"),
    ("Address", "Vehicle", "Cover", "Policyholder", "Payment term"),
)
_FIRST_NUMBER = 700_001


@dataclass(frozen=True)
class CaseEvents:
    """Status changes of all cases in order of time: case position, time, old and new status (old -1: created)."""

    case: IntArray
    moment: IntArray
    old: IntArray
    new: IntArray


@dataclass(frozen=True)
class CaseTable:
    """Cases of both types: queue, customer, owner, creation; and the first closing (-1 if still open)."""

    queue: IntArray
    customer: IntArray
    agent: IntArray
    created: IntArray
    closed: IntArray
    events: CaseEvents


def _into_office_hours(world: World, moment: IntArray) -> IntArray:
    """Move moments outside Monday to Friday 08:00-18:00 to a morning of the next business day."""
    clock = world.clock
    working = business_days(clock)
    following = np.full(len(clock.days) + 1, len(clock.days) - 1, np.int64)
    for index in range(len(clock.days) - 1, -1, -1):
        following[index] = index if working[index] else following[index + 1]
    inside = np.minimum(moment, int(clock.midnight[-1]))
    day = clock.day_of(inside)
    opening = clock.utc(day, np.full(len(day), 480))
    late = inside >= clock.utc(day, np.full(len(day), 1075))
    target = following[np.minimum(day + late, len(clock.days) - 1)]
    morning = clock.utc(target, np.full(len(day), 485)) + inside % 5400
    moved = late | ~working[day] | (inside < opening)
    return np.where(moment >= world.clock.end, moment, np.where(moved, np.maximum(morning, inside), inside))


def make_cases(world: World, rng: np.random.Generator) -> CaseTable:
    """The life of every case: status changes from creation to closing and after."""
    queues = queues_of("cases")
    parts = [
        (
            np.full(len(items.arrived), queue, np.int64), world.arrivals[queue].customer[items.origin], items.agent,
            items.arrived, items.started, items.finished,
        )
        for queue, items in ((queue, world.items[queue]) for queue in queues)
    ]  # fmt: skip
    queue, customer, agent, created, started, finished = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(created, kind="stable")
    queue, customer, agent, created = queue[order], customer[order], agent[order], created[order]
    started, finished = started[order], finished[order]
    count = len(queue)
    complaint = queue == queues[0]
    begun, done = started >= 0, finished >= 0
    held = done & (rng.random(count) < np.where(complaint, 0.30, 0.17))
    delay = (rng.lognormal(0.6, 0.7, count) * 86_400).astype(np.int64)
    back = np.where(held, _into_office_hours(world, finished + delay), -1)
    closed = np.where(held, back + 300 + finished % 2400, finished)
    escalated = begun & complaint & (rng.random(count) < 0.06)
    escalation = np.minimum(started + 40, closed - 5)
    again = done & (rng.random(count) < 0.04)
    reopened = np.where(again, closed + (rng.lognormal(1.0, 0.8, count) * 86_400).astype(np.int64), -1)
    closed_again = np.where(again, _into_office_hours(world, reopened + 7200 + (delay // 2)), -1)
    rows = np.arange(count)
    steps = [
        (np.ones(count, np.bool_), created, -1, 0), (begun, started, 0, 1), (escalated, escalation, 1, 4),
        (held, finished, 1, 2), (held, back, 2, 1), (done, closed, 1, 3), (again, reopened, 3, 1), (again, closed_again, 1, 3),
    ]  # fmt: skip
    case = np.concatenate([rows[mask] for mask, *_ in steps])
    moment = np.concatenate([when[mask] for mask, when, *_ in steps])
    old = np.concatenate([np.full(int(mask.sum()), before, np.int64) for mask, _, before, _ in steps])
    new = np.concatenate([np.full(int(mask.sum()), after, np.int64) for mask, _, _, after in steps])
    keep = moment < world.clock.end
    case, moment, old, new = case[keep], moment[keep], old[keep], new[keep]
    order = np.lexsort((new, moment, case))
    case, moment, old, new = case[order], moment[order], old[order], new[order]
    # After an escalation the case leaves Escalated, whatever the step was planned to leave.
    previous = np.append(-1, new[:-1])
    old = np.where(old >= 0, previous, old)
    order = np.lexsort((np.arange(len(case)), moment))
    events = CaseEvents(case[order], moment[order], old[order], new[order])
    open_still = np.full(count, -1, np.int64)
    return CaseTable(queue, customer, agent, created, np.where(done & (closed < world.clock.end), closed, open_still), events)


def write_cases(world: World, table: CaseTable, folder: Path, dirt: Dirt, rng: np.random.Generator) -> int:
    """Write the daily exports of cases and of their history; returns the number of case rows before dirt."""
    clock, events = world.clock, table.events
    (folder / "crm").mkdir(parents=True)
    day = clock.day_of(events.moment)
    by_case = np.lexsort((np.arange(len(day)), events.case))
    same = np.append((events.case[by_case][1:] == events.case[by_case][:-1]) & (day[by_case][1:] == day[by_case][:-1]), False)
    last = np.sort(by_case[~same])  # a case's last change of a day: the row as it stood at the end of that day
    closes = np.where(events.new == 3, events.moment, -1)
    case = events.case[last]
    status = events.new[last]
    is_closed = status == 3
    escalated_at = np.full(len(table.queue), np.iinfo(np.int64).max)
    raised = events.new == 4
    escalated_at[events.case[raised]] = events.moment[raised]
    moment = events.moment[last]
    created = table.created[case]
    kind = (table.queue[case] != queues_of("cases")[0]).astype(np.int64)
    reason = choose([*_REASONS[0], *_REASONS[1]], kind * 5 + case * 31 % 5)
    owner = where((status == 0), "00GHm00000intakeQUE", user_ids(table.agent[case]))
    stamp_last = stamp(moment, _ISO)
    lines = join(
        case_ids(case + _FIRST_NUMBER), ",", digits(case + _FIRST_NUMBER, 8), ",", account_ids(table.customer[case]), ",",
        contact_ids(table.customer[case]), ",", choose([QUEUES[queue].source_name for queue in queues_of("cases")], kind), ",",
        reason, ",", choose(_ORIGINS, case * 17 % 3), ",", choose(STATUSES, status), ",",
        choose(("High", "Medium", "Low"), np.where(kind == 0, case % 2, 1 + case % 2)), ",",
        choose(("false", "true"), (escalated_at[case] <= moment).astype(np.int64)), ",", owner, ",",
        stamp(created, _ISO), ",", where(is_closed, stamp(np.maximum(closes[last], 0), _ISO), ""), ",",
        choose(("false", "true"), is_closed.astype(np.int64)), ",", stamp_last, ",", stamp_last, ",", table.customer[case], "\n",
    )  # fmt: skip
    lines, moment = in_order([lines], [moment], [0])
    rows = _write_daily(world, folder, "cases", CASE_HEADER, lines, moment, dirt, rng)
    _write_history(world, table, folder, dirt, rng)
    return rows


def _write_history(world: World, table: CaseTable, folder: Path, dirt: Dirt, rng: np.random.Generator) -> None:
    """Field changes: `created`, Status, and the Owner who takes the case from the intake queue."""
    events = table.events
    number = np.arange(len(events.case), dtype=np.int64)
    by = user_ids(table.agent[events.case])
    who = where(events.old < 0, "005Hm0000000000AAA", by)
    field_part = where(
        events.old < 0, "created,,",
        join("Status,", choose(STATUSES, np.maximum(events.old, 0)), ",", choose(STATUSES, events.new)),
    )  # fmt: skip
    case = case_ids(events.case + _FIRST_NUMBER)
    when = stamp(events.moment, _ISO)
    status_lines = join("017Hm", digits(number * 2, 10), "AAA,", case, ",", who, ",", when, ",", field_part, "\n")
    taken = np.flatnonzero((events.old == 0) & (events.new == 1))
    picked = pa.array(taken)
    owner_lines = join(
        "017Hm", digits(number[taken] * 2 + 1, 10), "AAA,", case.take(picked), ",", who.take(picked), ",", when.take(picked),
        ",Owner,00GHm00000intakeQUE,", by.take(picked), "\n",
    )  # fmt: skip
    lines, moment = in_order([status_lines, owner_lines], [events.moment, events.moment[taken]], [0, 1])
    _write_daily(world, folder, "case-history", HISTORY_HEADER, lines, moment, dirt, rng)


def _write_daily(
    world: World, folder: Path, kind: str, header: str, lines: pa.Array, moment: IntArray, dirt: Dirt, rng: np.random.Generator
) -> int:
    clock = world.clock
    edges = np.searchsorted(moment, clock.midnight[clock.first : clock.last + 2], side="left")
    for day, body in zip(range(clock.first, clock.last + 1), cut(lines, edges), strict=True):
        name = f"crm/{kind}-{clock.days[day]:%Y-%m-%d}.csv"
        content = dirt.spoil(header.encode() + body, name, day, clock, rng, header=1)
        if kind == "cases" and day == dirt.byte_order_mark:
            content = b"\xef\xbb\xbf" + content
            dirt.note("byte_order_mark", name, clock.days[day], 0, "UTF-8 byte order mark before the header")
        if kind == "cases" and day == dirt.mixed_line_ends:
            rows = content.splitlines(keepends=True)
            rows = [row[:-1] + b"\r\n" if index % 3 == 0 else row for index, row in enumerate(rows)]
            content = b"".join(rows)
            dirt.note("mixed_line_ends", name, clock.days[day], len(rows) // 3, "CRLF on every third row")
        (folder / name).write_bytes(content)
    return int(edges[-1] - edges[0])
