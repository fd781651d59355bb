"""The course of calls and of agents, followed event by event through a `queue_log` in the order of time (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

(
    ENTERQUEUE, CONNECT, COMPLETEAGENT, COMPLETECALLER, ABANDON, EXITWITHTIMEOUT, EXITEMPTY, EXITWITHKEY, TRANSFER, BLINDTRANSFER,
    ATTENDEDTRANSFER, AGENTDUMP, SYSCOMPAT, PAUSE, UNPAUSE, PAUSEALL, UNPAUSEALL, ADDMEMBER, REMOVEMEMBER,
) = range(19)  # fmt: skip
"""The first of `etl.queue_log.EVENTS`, in its order."""

CUSTOMER, HANDED_OVER, SENT_ON = range(3)
MEMBER, PAUSED = range(2)
NOBODY = -1

_WRAP_BEGINS_WITHIN_US = 5_000_000
_LONGEST_WRAP_US = 86_400_000_000
LONGEST_CALL_DAYS = 7
"""An event so many days after its call entered a queue still belongs to it; a later one does not."""

Visits = tuple[Longs, Longs, Longs, Longs, Numbers, Numbers, npt.NDArray[np.int8]]


@compiled
def first_and_last(call: Ints, event: npt.NDArray[np.int8], calls: int) -> tuple[Longs, Longs]:
    """First and last event of each call's course, -1 for none."""
    first, last = np.full(calls, -1, np.int64), np.full(calls, -1, np.int64)
    for row in range(len(call)):
        if call[row] >= 0 and event[row] <= SYSCOMPAT:
            if first[call[row]] < 0:
                first[call[row]] = row
            last[call[row]] = row
    return first, last


@compiled
def members(agent: Ints, queue: Ints, agents: int) -> tuple[Ints, Longs, Ints]:
    """Members: every agent in every queue that an event names them together with.

    Args:
        agent: number of the agent of each event, -1 for none.
        queue: number of the queue, likewise.
        agents: how many agents there are.

    Returns:
        Number of the member of each event, -1 for none; the first member of each agent, and the end; the queue of each member.
        The members of an agent follow each other in the order of their queues.
    """
    # A chain of queues per agent: few are in more than a handful.
    first, following, queues, count = np.full(agents, -1, np.int32), np.empty(64, np.int32), np.empty(64, np.int32), 0
    place = np.full(len(agent), -1, np.int32)
    for row in range(len(agent)):
        if agent[row] < 0 or queue[row] < 0:
            continue
        before, here = np.int32(-1), first[agent[row]]
        while here >= 0 and queues[here] < queue[row]:
            before, here = here, following[here]
        if here < 0 or queues[here] != queue[row]:
            if count == len(queues):
                following, queues = np.append(following, np.empty_like(following)), np.append(queues, np.empty_like(queues))
            queues[count], following[count] = queue[row], here
            here = np.int32(count)
            if before < 0:
                first[agent[row]] = here
            else:
                following[before] = here
            count += 1
        place[row] = here
    number, of_agent, queue_of = np.empty(count, np.int32), np.empty(agents + 1, np.int64), np.empty(count, np.int32)
    member = 0
    for who in range(agents):
        of_agent[who] = member
        here = first[who]
        while here >= 0:
            number[here], queue_of[member] = member, queues[here]
            member += 1
            here = following[here]
    of_agent[agents] = member
    for row in range(len(place)):
        if place[row] >= 0:
            place[row] = number[place[row]]
    return place, of_agent, queue_of


@compiled
def visits(call: Ints, calls: int, event: npt.NDArray[np.int8], day: Ints, held: Numbers, called: Numbers) -> Visits:
    """What became of every visit of a call to a queue.

    A call's events belong to the visit that its last ENTERQUEUE began; those before the first one to none.

    Args:
        call: number of the call of each event, in the order of time, -1 for none.
        calls: how many calls there are.
        event: what happened.
        day: its business date, in days.
        held: waiting time stated, missing as NaN.
        called: talk time stated, likewise.

    Returns:
        Per visit: its event of entering, answer and leaving (-1 for none), which visit of the call it is, from 1, the waiting and
        talk time stated (-1 if not), and how it came to the queue.
    """
    most = 0
    for row in range(len(call)):
        most += event[row] == ENTERQUEUE and call[row] >= 0
    entered, answered, left = np.empty(most, np.int64), np.full(most, -1, np.int64), np.full(most, -1, np.int64)
    segment, arrived = np.empty(most, np.int64), np.zeros(most, np.int8)
    waited, talked = np.full(most, -1.0), np.full(most, -1.0)
    current = np.full(calls, -1, np.int64)
    count = 0
    for row in range(len(call)):
        if call[row] < 0 or event[row] > SYSCOMPAT:
            continue
        visit = current[call[row]]
        if event[row] == ENTERQUEUE:
            entered[count], segment[count] = row, 1
            if visit >= 0:
                handed = left[visit] >= 0 and TRANSFER <= event[left[visit]] <= ATTENDEDTRANSFER
                segment[count] = segment[visit] + 1
                arrived[count] = HANDED_OVER if answered[visit] >= 0 and handed else SENT_ON
            current[call[row]] = count
            count += 1
        elif visit >= 0 and day[row] - day[entered[visit]] <= LONGEST_CALL_DAYS:
            if event[row] != CONNECT and left[visit] < 0:
                left[visit] = row
            elif event[row] == CONNECT and answered[visit] < 0:
                answered[visit] = row
            if held[row] > waited[visit]:
                waited[visit] = held[row]
            if called[row] > talked[visit]:
                talked[visit] = called[row]
    return entered, answered, left, segment, waited, talked, arrived


@compiled
def without_entry(call: Ints, calls: int, event: npt.NDArray[np.int8], day: Ints, received: Longs) -> tuple[Longs, Flags]:
    """Events of a call's course that lie in no visit, as no ENTERQUEUE before them is known, and those that once may have.

    Where the clock was set back, an event may stand before its call's entry by the clock and behind it in the log: it has one.

    Args:
        call: number of the call of each event, in the order of time, -1 for none.
        calls: how many calls there are.
        event: what happened.
        day: its business date, in days.
        received: place in the order of receipt.

    Returns:
        Events, and whether each is without an entry; those that are not were received before the entry was.
    """
    rows, alone, count = np.empty(len(call), np.int64), np.empty(len(call), np.bool_), 0
    entered, told, first = np.full(calls, -1, np.int64), np.empty(calls, np.int64), np.full(calls, -1, np.int64)
    for row in range(len(call)):
        who = call[row]
        if who >= 0 and event[row] == ENTERQUEUE and (first[who] < 0 or received[row] < received[first[who]]):
            first[who] = row
    for row in range(len(call)):
        if call[row] < 0 or event[row] > SYSCOMPAT:
            continue
        entry, before = entered[call[row]], first[call[row]]
        near = entry >= 0 and day[row] - day[entry] <= LONGEST_CALL_DAYS
        if event[row] == ENTERQUEUE:
            told[call[row]] = min(told[call[row]], received[row]) if near else received[row]
            entered[call[row]] = row
        elif near:
            if received[row] < told[call[row]]:
                rows[count], alone[count] = row, False
                count += 1
        elif before < 0 or received[before] > received[row] or abs(day[row] - day[before]) > 1:
            rows[count], alone[count] = row, True
            count += 1
    return rows[:count], alone[:count]


@compiled
def presence(
    occurred: Longs,
    day: Ints,
    event: npt.NDArray[np.int8],
    agent: Ints,
    member: Ints,
    members_of: Longs,
    reason: Ints,
    wrap_reason: int,
    paused: int,
    ended: Longs,
    ended_member: Ints,
) -> tuple[Longs, npt.NDArray[np.int8], Ints, Longs, Longs]:
    """Agents' states, and the after-contact work of visits.

    An agent in a queue is a member. A state lasts until the member's next event of its kind: a second log-in without a log-out
    between ends the first, an UNPAUSE without a reason ends any pause, and so does leaving the queue. An event for all queues (of
    queue NONE, PAUSEALL) counts for every queue that the agent joined and did not leave, as far as the log of that day and of the
    day before says so; where there is none, it stands for the agent alone. What has not ended by the end of the next day stays
    without an end, so that no state depends on how many days were looked at together.

    Args:
        occurred: microseconds of each event, in order.
        day: its business date, in days.
        event: what happened.
        agent: number of the agent, -1 for none.
        member: number of the member (agent and queue), -1 for none; the members of an agent follow each other.
        members_of: first member of each agent, and the end.
        reason: number of the reason, -1 for none.
        wrap_reason: the one of after-contact work (-2: none is).
        paused: the one with which ADDMEMBER begins a pause.
        ended: the event that ended each answered visit, in order.
        ended_member: who had answered.

    Returns:
        Per state: event, kind, member (-1: the agent alone), event that ended it (-1); and microseconds of after-contact work per
        visit of `ended`.
    """
    members, most = members_of[-1], 0
    for row in range(len(event)):
        if agent[row] >= 0 and (event[row] == PAUSE or event[row] == PAUSEALL or event[row] == ADDMEMBER):
            most += 2
            if member[row] < 0 or event[row] == PAUSEALL:
                most += members_of[agent[row] + 1] - members_of[agent[row]]
    rows, ends = np.empty(most, np.int64), np.full(most, -1, np.int64)
    kinds, whose = np.empty(most, np.int8), np.empty(most, np.int32)
    work = np.zeros(len(ended), np.int64)
    joined, rest = np.full(members, -1, np.int64), np.full(members, -1, np.int64)
    alone = np.full(len(members_of), -1, np.int64)
    wrap = np.full(members, -1, np.int64)
    waiting, wrapping = np.full(members, -1, np.int64), np.full(members, -1, np.int64)
    following = np.full(len(ended), -1, np.int64)
    count, visit = 0, 0
    for row in range(len(occurred)):
        if event[row] <= SYSCOMPAT:
            while visit < len(ended) and ended[visit] <= row:
                who = ended_member[visit]
                if who >= 0:
                    if wrap[who] >= 0 and occurred[wrap[who]] == occurred[ended[visit]]:
                        following[visit], wrapping[who] = wrapping[who], visit
                    else:
                        following[visit], waiting[who] = waiting[who], visit
                visit += 1
            continue
        if event[row] > REMOVEMEMBER or agent[row] < 0:
            continue
        pausing = event[row] == PAUSE or event[row] == PAUSEALL
        resuming = event[row] == UNPAUSE or event[row] == UNPAUSEALL
        of_wrap = reason[row] == wrap_reason
        first, last = member[row], member[row] + 1
        if member[row] < 0 or event[row] == PAUSEALL or event[row] == UNPAUSEALL:
            first, last = members_of[agent[row]], members_of[agent[row] + 1]
        reached = False
        for who in range(first, last):
            if first != member[row] and pausing and (joined[who] < 0 or day[row] - day[rows[joined[who]]] > 1):
                continue
            reached = True
            if event[row] == ADDMEMBER or event[row] == REMOVEMEMBER:
                if joined[who] >= 0 and day[row] - day[rows[joined[who]]] <= 1:
                    ends[joined[who]] = row
                joined[who] = -1
                if event[row] == ADDMEMBER:
                    rows[count], kinds[count], whose[count], joined[who] = row, MEMBER, who, count
                    count += 1
            if wrap[who] >= 0 and event[row] != ADDMEMBER and (of_wrap or reason[row] < 0):
                while wrapping[who] >= 0:
                    one = wrapping[who]
                    if day[row] - day[wrap[who]] <= 1:
                        work[one] = min(occurred[row] - occurred[wrap[who]], _LONGEST_WRAP_US)
                    wrapping[who] = following[one]
                wrap[who] = -1
            if of_wrap and pausing:
                wrap[who] = row
                while waiting[who] >= 0:
                    one = waiting[who]
                    waiting[who] = following[one]
                    if occurred[row] - occurred[ended[one]] <= _WRAP_BEGINS_WITHIN_US:
                        following[one], wrapping[who] = wrapping[who], one
            begins_paused = event[row] == ADDMEMBER and reason[row] == paused
            if not of_wrap and (pausing or resuming or event[row] == REMOVEMEMBER or begins_paused):
                if rest[who] >= 0 and day[row] - day[rows[rest[who]]] <= 1:
                    ends[rest[who]] = row
                rest[who] = -1
                if pausing or begins_paused:
                    rows[count], kinds[count], whose[count], rest[who] = row, PAUSED, who, count
                    count += 1
        if not of_wrap and first != member[row]:
            open_alone = alone[agent[row]]
            if open_alone >= 0:
                if day[row] - day[rows[open_alone]] <= 1:
                    ends[open_alone] = row
                alone[agent[row]] = -1
            if pausing and not reached:
                rows[count], kinds[count], whose[count], alone[agent[row]] = row, PAUSED, NOBODY, count
                count += 1
    return rows[:count], kinds[:count], whose[:count], ends[:count], work
