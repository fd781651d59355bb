"""Mail threads: which messages belong together, and when a customer's mail was answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.tables.core import MESSAGES


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
    """The messages with `thread_id` led back to the first message of the thread and `handled_at` from our first reply.

    A mail that needs a reply is handled by the first mail that a person of the enterprise sent in the same thread at the same
    second or later; several questions in a row are handled by one reply. Auto-replies of ours handle nothing. What `thread_id`
    and `handled_at` held before is taken as a pointer to the thread and replaced, so that the function may be applied again to
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
    frame = pd.DataFrame(
        {
            "thread": pc.index_in(messages.column("thread_id"), messages.column("thread_id").unique()).to_numpy(),
            "at": messages.column("received_at").cast(pa.int64()).to_numpy(),
            "reply": pc.and_(
                pc.equal(messages.column("direction"), "outbound"), pc.invert(messages.column("automatic"))
            ).to_numpy(),
            "waits": messages.column("needs_reply").to_numpy(),
        }
    )
    # Replies come after the questions of the same second, so a look ahead finds them.
    order = np.lexsort((frame["reply"], frame["at"], frame["thread"]))
    ordered = frame.iloc[order]
    replied = ordered["at"].astype("Int64").where(ordered["reply"])
    first_reply = replied.groupby(ordered["thread"]).bfill().where(ordered["waits"])
    handled = pd.Series(first_reply.to_numpy(), index=order).sort_index()
    return _with(messages, "handled_at", pa.Array.from_pandas(handled.astype("Int64"), type=pa.int64()))


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
