"""The switch's `queue_log` (Asterisk): acd/queue_log-YYYY-MM-DD.gz, the last seven days as plain text.

Line: ``epoch|callid|queue|agent|event|data...`` with, as app_queue writes them,
  ENTERQUEUE url|callerid|position; CONNECT holdtime|bridged uniqueid|ringtime; COMPLETEAGENT and COMPLETECALLER
  holdtime|calltime|origposition; ABANDON and EXITWITHTIMEOUT position|origposition|waittime; RINGNOANSWER ringtime in
  milliseconds; BLINDTRANSFER extension|context|holdtime|calltime|origposition; ATTENDEDTRANSFER
  BRIDGE|bridge uniqueid|holdtime|calltime|origposition; PAUSE and UNPAUSE reason; ADDMEMBER, REMOVEMEMBER; QUEUESTART.
The caller id is the customer number. After-contact work is a pause with the reason `wrap`, a rest one with `break`. Two
nodes (systemname sw1, sw2) share the log; the node is the prefix of the call id.

Source: docs.asterisk.org, Operation / Logging / Queue Logs, and app_queue.c for the order of the transfer fields.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from demo import switch
from demo.clock import Clock, IntArray
from demo.dirt import SKEW_SECONDS, SKEWED_NODE, UNKNOWN_QUEUE, Dirt
from demo.names import PBX_NAMES, agent_ids
from demo.text import Text, choose, cut, gzip_file, in_order, join, uuids
from demo.world import World, stream_order

PLAIN_DAYS = 7
NODES = ("sw1", "sw2")
_FIRST_EXTENSION = 8001


class _Log:
    """Blocks of lines with their times, merged at the end; ranks order what happens in one second."""

    def __init__(self, clock: Clock, skew: tuple[int, int]) -> None:
        self.pieces: list[Text] = []
        self.moments: list[IntArray] = []
        self.ranks: list[int] = []
        self._clock = clock
        self._skew = skew

    def add(self, rank: int, moment: IntArray, node: IntArray, *rest: str | Text | IntArray) -> None:
        """Append a block: the shown epoch follows the node's clock, the order the true time."""
        skewed = (node == SKEWED_NODE) & (moment >= self._skew[0]) & (moment < self._skew[1])
        self.pieces.append(join(moment + SKEW_SECONDS * skewed, "|", *rest, "\n"))
        self.moments.append(moment)
        self.ranks.append(rank)


def queue_log_lines(world: World, dirt: Dirt, rng: np.random.Generator) -> tuple[Text, IntArray]:
    """Every line of the log in true time order, and its true time."""
    clock, legs = world.clock, world.legs
    skew = (0, 0)
    if dirt.skew is not None:
        day = np.full(2, dirt.skew, np.int64)
        afternoon = clock.utc(day, np.array([780, 1020]))
        skew = (int(afternoon[0]), int(afternoon[1]))
    log = _Log(clock, skew)
    node = np.where(legs.call % 5 < 3, 0, 1)
    first = np.zeros(int(legs.call.max()) + 1, np.int64)
    first[legs.call[::-1]] = legs.entered[::-1]
    callid = join(
        choose(NODES, node), "-", first[legs.call] - 3 - legs.call % 22, ".", legs.call * 2
    )  # fmt: skip
    queue = choose(PBX_NAMES, legs.queue)
    customer = stream_order(world.arrivals, "voice").customer[legs.origin]
    agent = join("Agent/", agent_ids(legs.agent))
    hold = legs.connected - legs.entered

    def block(rank: int, rows: IntArray, moment: IntArray, event: str, *data: str | Text | IntArray, by_agent: bool) -> None:
        picked = pa.array(rows)
        cells = [
            part if isinstance(part, str) else part[rows] if isinstance(part, np.ndarray) else part.take(picked) for part in data
        ]
        who = agent.take(picked) if by_agent else "NONE"
        log.add(rank, moment[rows], node[rows], callid.take(picked), "|", queue.take(picked), "|", who, f"|{event}|", *cells)

    entered = np.flatnonzero(legs.entered >= 0)
    block(0, entered, legs.entered, "ENTERQUEUE", "|", customer, "|", legs.entry_position, by_agent=False)
    talked = np.flatnonzero(legs.connected >= 0)
    bridged = join(choose(NODES, node), "-", np.maximum(legs.connected - legs.ring, 0), ".", legs.call * 2 + 1)
    block(3, talked, legs.connected, "CONNECT", hold, "|", bridged, "|", legs.ring, by_agent=True)
    totals = (hold, "|", legs.talk, "|", legs.entry_position)
    for outcome, event in ((switch.COMPLETE_AGENT, "COMPLETEAGENT"), (switch.COMPLETE_CALLER, "COMPLETECALLER")):
        block(4, np.flatnonzero(legs.outcome == outcome), legs.ended, event, *totals, by_agent=True)
    rows = np.flatnonzero(legs.outcome == switch.BLIND_TRANSFER)
    block(4, rows, legs.ended, "BLINDTRANSFER", legs.target + _FIRST_EXTENSION, "|from-queue|", *totals, by_agent=True)
    rows = np.flatnonzero(legs.outcome == switch.ATTENDED_TRANSFER)
    bridge = uuids(len(legs.call), rng)
    block(4, rows, legs.ended, "ATTENDEDTRANSFER", "BRIDGE|", bridge, "|", *totals, by_agent=True)
    waited = legs.ended - legs.entered
    for outcome, event in ((switch.ABANDONED, "ABANDON"), (switch.TIMED_OUT, "EXITWITHTIMEOUT")):
        gone = np.flatnonzero(legs.outcome == outcome)
        cells = (legs.exit_position, "|", legs.entry_position, "|", waited)
        block(2, gone, legs.ended, event, *cells, by_agent=False)
    on_first_node = np.zeros(len(talked), np.int64)
    of_talked = (queue.take(pa.array(talked)), "|", agent.take(pa.array(talked)))
    log.add(5, legs.ended[talked], on_first_node, "NONE|", *of_talked, "|PAUSE|wrap")
    log.add(6, legs.ended[talked] + legs.wrap[talked], on_first_node, "NONE|", *of_talked, "|UNPAUSE|wrap")
    missed = world.agent_log.unanswered
    picked = pa.array(missed[:, 1])
    member = join("Agent/", agent_ids(missed[:, 2]))
    log.add(
        1, missed[:, 0], node[missed[:, 1]], callid.take(picked), "|", queue.take(picked), "|", member,
        f"|RINGNOANSWER|{switch.RING_LIMIT_SECONDS * 1000}",
    )  # fmt: skip
    _add_agent_states(log, world)
    _add_unknown_queue(log, world, dirt)
    return in_order(log.pieces, log.moments, log.ranks)


def _add_agent_states(log: _Log, world: World) -> None:
    states = world.agent_log.states
    events = (
        (switch.LOGGED_IN, "MANAGER|", "|ADDMEMBER|", 7), (switch.LOGGED_OUT, "MANAGER|", "|REMOVEMEMBER|", 9),
        (switch.BREAK_BEGAN, "NONE|", "|PAUSE|break", 8), (switch.BREAK_ENDED, "NONE|", "|UNPAUSE|break", 7),
    )  # fmt: skip
    for kind, caller, event, rank in events:
        rows = states[states[:, 3] == kind]
        member = join("Agent/", agent_ids(rows[:, 1]))
        log.add(rank, rows[:, 0], np.zeros(len(rows), np.int64), caller, choose(PBX_NAMES, rows[:, 2]), "|", member, event)
    clock = world.clock
    sundays = np.flatnonzero(clock.weekday == 6)
    restart = clock.utc(sundays, np.full(len(sundays), 245))
    nobody = np.zeros(len(sundays), np.int64)
    log.add(0, restart, nobody, choose(["NONE|NONE|NONE|QUEUESTART|"], nobody))


def _add_unknown_queue(log: _Log, world: World, dirt: Dirt) -> None:
    """Calls to a queue that no settings name: eight on each chosen day, all hung up."""
    clock = world.clock
    if not dirt.unknown_queue:
        return
    day = np.repeat(np.array(dirt.unknown_queue, np.int64), 8)
    number = np.arange(len(day), dtype=np.int64)
    begin = clock.utc(day, 600 + 37 * (number % 8))
    callid = join("sw1-", begin, ".", number + 90_000_000)
    node = np.zeros(len(day), np.int64)
    log.add(0, begin, node, callid, f"|{UNKNOWN_QUEUE}|NONE|ENTERQUEUE||", number + 19_999_000, "|1")
    log.add(2, begin + 9, node, callid, f"|{UNKNOWN_QUEUE}|NONE|ABANDON|1|1|9")
    for index in dirt.unknown_queue:
        file = _file_name(clock, index)
        dirt.note("unknown_queue", file, clock.days[index], 16, f"8 calls (16 lines) of queue {UNKNOWN_QUEUE}")


def _file_name(clock: Clock, day: int) -> str:
    ending = "" if day > clock.last - PLAIN_DAYS else ".gz"
    return f"acd/queue_log-{clock.days[day]:%Y-%m-%d}{ending}"


def write_queue_log(world: World, folder: Path, dirt: Dirt, rng: np.random.Generator) -> int:
    """Write a log file per local day and return the number of lines before dirt."""
    clock = world.clock
    (folder / "acd").mkdir(parents=True)
    lines, moment = queue_log_lines(world, dirt, rng)
    written = np.arange(clock.first, clock.last + 1)
    edges = np.searchsorted(moment, clock.midnight[clock.first : clock.last + 2], side="left")
    writing: list[Future[None]] = []
    with ThreadPoolExecutor(2) as pool:
        for day, content in zip(written.tolist(), cut(lines, edges), strict=True):
            name = _file_name(clock, day)
            if day == dirt.skew:
                dirt.note("clock_skew", name, clock.days[day], 0, f"{NODES[SKEWED_NODE]} {SKEW_SECONDS} s ahead 13:00-17:00")
            if day == dirt.outage:
                dirt.note("outage", name, clock.days[day], content.count(b"\n"), "no file at all")
                continue
            spoiled = dirt.spoil(content, name, day, clock, rng)
            if not name.endswith(".gz"):
                (folder / name).write_bytes(spoiled)
                continue
            writing.append(pool.submit(gzip_file, folder / name, spoiled))
            if day == dirt.duplicate_file:
                copy = name.replace(".gz", "-copy.gz")
                writing.append(pool.submit(gzip_file, folder / copy, spoiled))
                dirt.note("duplicate_file", copy, clock.days[day], spoiled.count(b"\n"), f"same bytes as {name}")
    for written_file in writing:
        written_file.result()  # a full disk is an error here, not a missing day
    return int(edges[-1] - edges[0])
