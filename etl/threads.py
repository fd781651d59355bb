"""Mail threads: which messages belong together, and when a customer's mail was answered.

Threads come from References and In-Reply-To (RFC 5322, section 3.6.4), as in the first step of RFC 5256's REFERENCES algorithm.
Its last step, joining what has the same subject, is left out on purpose: "Claim" and "Question" are the subjects of a thousand
customers, and one reply would then handle all of them. A reply whose program drops both fields is a mail of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.tables.core import MESSAGES

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def related_ids(messages: pa.Table) -> pa.Array:
    """Ids under which other messages of the same threads are found.

    Messages of a thread may lie in any partition and arrive in any order. To gather whole threads, look up every message whose
    `message_id` or `thread_id` is among these ids, add what is found, and ask again until nothing new comes (mostly twice).

    Args:
        messages: rows of MESSAGES.

    Returns:
        Their message and thread ids, without repetition, sorted.
    """
    ids = pa.chunked_array(
        [*messages.column("message_id").chunks, *messages.column("thread_id").chunks], type=pa.string()
    ).unique()
    return ids.take(pc.sort_indices(ids))


def answered(messages: pa.Table) -> pa.Table:
    """The messages as their whole threads tell: thread, when it was handled, whether it reopened the thread, queue of a reply.

    - `thread_id` is led back to the first message of the thread.
    - `handled_at`: a mail that needs a reply is handled by the first mail that a person of the enterprise sent in the same thread
      at the same second or later; several questions in a row are handled by one reply. Auto-replies of ours handle nothing.
    - `reopens_thread`: a customer's mail is new work, with its own `handled_at`, when the mail before it in the thread (leaving
      aside what programs wrote) is our reply to an earlier one.
    - `queue_id`: a mail of ours is work of the queue of the customer's mail before it in the thread; one that follows none keeps
      its own.

    What these columns held before is taken as a pointer to the thread and replaced, so that the function may be applied again to
    what it returned, with more messages or the same, and always gives what one application to all of them gives.

    Args:
        messages: rows of MESSAGES that hold whole threads (see `related_ids`): those of tonight and all they are related to,
            each message once. An answer in tonight's piece then updates the earlier day's row, whose partition is rewritten.

    Returns:
        The same rows in the same order, exactly the declared columns.
    """
    messages = messages.select(MESSAGES.column_names)
    if messages.num_rows == 0:
        return messages
    messages = _with(messages, "thread_id", _roots(messages))
    queues, queue = _codes(messages.column("queue_id"))
    _, thread = _codes(messages.column("thread_id"))
    at = messages.column("received_at").cast(pa.int64()).to_numpy()
    ours = pc.equal(messages.column("direction"), "outbound").to_numpy()
    waits = messages.column("needs_reply").to_numpy()
    order = _in_order(thread, at, ours, messages.column("message_id"))
    thread, at, ours, waits = thread[order], at[order], ours[order], waits[order]
    reply = ours & ~messages.column("automatic").to_numpy()[order]

    place = np.arange(len(order))
    new = np.append(True, thread[1:] != thread[:-1])
    start = np.maximum.accumulate(np.where(new, place, 0))
    end = np.append(start[1:] != start[:-1], True)
    last = np.minimum.accumulate(np.where(end, place, len(order))[::-1])[::-1]

    next_reply = np.minimum.accumulate(np.where(reply, place, len(order))[::-1])[::-1]
    handled = waits & (next_reply <= last)
    handled_at = np.where(handled, at[np.minimum(next_reply, len(order) - 1)], 0)
    question = np.maximum.accumulate(np.where(waits, place, -1))  # the customer's mail at or before each place
    before = np.append(-1, np.maximum.accumulate(np.where(waits | reply, place, -1))[:-1])
    reopens = waits & (before >= start) & reply[before] & (question[before] >= start)
    asked = ours & (question >= start)
    of_question = np.where(asked, queue[order][question], queue[order])

    back = np.empty_like(order)
    back[order] = place
    messages = _with(messages, "handled_at", pa.array(handled_at[back], mask=~handled[back]))
    messages = _with(messages, "reopens_thread", pa.array(reopens[back]))
    return _with(messages, "queue_id", queues.take(pa.array(of_question[back])))


def _codes(values: pa.ChunkedArray) -> tuple[pa.Array, IntArray]:
    """The different values, and for each row which of them it is."""
    encoded = values.combine_chunks().dictionary_encode()
    return encoded.dictionary, encoded.indices.to_numpy()


def _in_order(thread: IntArray, at: IntArray, ours: BoolArray, ids: pa.ChunkedArray) -> IntArray:
    """Threads one after the other, mails in time; questions before replies of the same second, else by their id."""
    order = np.lexsort((ours, at, thread))
    same = [column[order][1:] == column[order][:-1] for column in (thread, at, ours)]
    tied = np.flatnonzero(np.logical_and.reduce(same))
    if not len(tied):
        return order
    rows = order[np.union1d(tied, tied + 1)]
    rank = np.zeros(len(order), dtype=np.int64)
    rank[rows] = pc.rank(ids.take(pa.array(rows)), tiebreaker="dense").to_numpy()
    return np.lexsort((rank, ours, at, thread))


def _roots(messages: pa.Table) -> pa.Array:
    """Thread of each message, following the pointers of those whose first known message belongs to another thread."""
    ids, threads = messages.column("message_id"), messages.column("thread_id")
    target = pc.index_in(threads, ids)
    further = pc.take(threads, target)
    astray = pc.fill_null(pc.not_equal(further, threads), False)
    astray = pc.and_(astray, pc.not_equal(ids, threads))
    if not pc.any(astray).as_py():
        return threads
    pointer = dict(zip(ids.to_pylist(), threads.to_pylist(), strict=True))
    found: dict[str, str] = {}
    resolved = threads.to_pylist()
    for row in np.flatnonzero(astray.to_numpy()).tolist():
        resolved[row] = _root(resolved[row], pointer, found)
    return pa.array(resolved, type=pa.string())


def _root(start: str, pointer: dict[str, str], found: dict[str, str]) -> str:
    """Where the pointers from `start` end; the smallest id of a ring that senders' programs made by mistake."""
    path: dict[str, None] = {}
    here = start
    while here not in found:
        if here in path:
            walked = list(path)
            root = min(walked[walked.index(here) :])
            break
        path[here] = None
        following = pointer.get(here, here)
        if following == here:
            root = here
            break
        here = following
    else:
        root = found[here]
    found.update(dict.fromkeys(path, root))
    return root


def _with(messages: pa.Table, name: str, values: Any) -> pa.Table:
    position = messages.column_names.index(name)
    field = MESSAGES.arrow_schema.field(name)
    return messages.set_column(position, field, values.cast(field.type))
