"""Threads of mails: who answered what and when, looked at beside a slow walk along every thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.threads import answered
from warehouse.tables.core import MESSAGES

Mail = dict[str, Any]


def message(
    number: int, thread: str, at: int, *, direction: str = "inbound", automatic: bool = False, queue_id: str = "claims"
) -> Mail:
    moment = datetime.fromtimestamp(at, UTC)
    return dict.fromkeys(MESSAGES.column_names) | {
        "message_id": f"m{number}", "thread_id": thread, "direction": direction, "received_at": moment,
        "business_date": moment.date(), "queue_id": queue_id, "needs_reply": direction == "inbound" and not automatic,
        "automatic": automatic, "reopens_thread": False, "source_system": "s", "landing_file": "f", "landing_row": 1,
    }  # fmt: skip


def told(*rows: Mail) -> dict[str, Mail]:
    table = answered(pa.Table.from_pylist(list(rows), schema=MESSAGES.arrow_schema))
    return {row["message_id"]: row for row in table.to_pylist()}


def test_a_mail_after_our_reply_is_new_work_with_its_own_reply() -> None:
    found = told(
        message(0, "m0", 10), message(1, "m0", 20), message(2, "m0", 30, direction="outbound"), message(3, "m0", 40),
        message(4, "m0", 50), message(5, "m0", 60, direction="outbound"), message(6, "m0", 70),
    )  # fmt: skip
    assert [found[f"m{n}"]["reopens_thread"] for n in range(7)] == [False, False, False, True, False, False, True]
    handled = [found[f"m{n}"]["handled_at"] for n in (0, 1, 3, 4, 6)]
    assert [at and at.timestamp() for at in handled] == [30, 30, 60, 60, None]


def test_an_answer_to_our_campaign_and_one_after_an_acknowledgement_reopen_nothing() -> None:
    found = told(message(0, "m0", 10, direction="outbound"), message(1, "m0", 20))
    assert found["m1"]["reopens_thread"] is False
    found = told(message(0, "m0", 10), message(1, "m0", 11, direction="outbound", automatic=True), message(2, "m0", 20))
    assert found["m2"]["reopens_thread"] is False


def test_a_reply_is_work_of_the_queue_whose_question_it_answers() -> None:
    found = told(
        message(0, "m0", 10, queue_id="claims"), message(1, "m0", 20, direction="outbound", queue_id="desk"),
        message(2, "m0", 30, queue_id="service"), message(3, "m0", 30, direction="outbound", queue_id="desk"),
        message(4, "m4", 30, direction="outbound", queue_id="desk"), message(5, "m4", 40, queue_id="service"),
    )  # fmt: skip
    assert [found[f"m{n}"]["queue_id"] for n in range(6)] == ["claims", "claims", "service", "service", "desk", "service"]


drawn_mail = st.tuples(
    st.integers(0, 9), st.integers(0, 25), st.sampled_from(["inbound", "outbound", "internal"]), st.booleans(),
    st.sampled_from(["claims", "service"]),
)  # fmt: skip


def numbered(drawn: list[tuple[int, int, str, bool, str]]) -> list[Mail]:
    return [message(n, f"m{t}", at, direction=d, automatic=a, queue_id=q) for n, (t, at, d, a, q) in enumerate(drawn)]


mails = st.lists(drawn_mail, max_size=12).map(numbered)


def answered_slowly(rows: list[Mail]) -> dict[str, tuple[object, ...]]:
    """The same by walking: every mail's pointers, then every other mail of the thread, one after the other."""
    pointer = {row["message_id"]: row["thread_id"] for row in rows}

    def root(here: str) -> str:
        seen: list[str] = []
        while pointer.get(here, here) != here and here not in seen:
            seen.append(here)
            here = pointer[here]
        return min(seen[seen.index(here) :]) if here in seen else here

    def place(row: Mail) -> tuple[object, ...]:
        return row["received_at"], row["direction"] == "outbound", row["message_id"]

    found: dict[str, tuple[object, ...]] = {}
    threads = {row["message_id"]: root(row["thread_id"]) for row in rows}
    for thread in set(threads.values()):
        asked, last, queue = False, "", ""
        members = sorted((row for row in rows if threads[row["message_id"]] == thread), key=place)
        for row in members:
            by_us, waits = row["direction"] == "outbound", row["needs_reply"]
            reply = by_us and not row["automatic"]
            replies = [
                other["received_at"]
                for other in members
                if other["direction"] == "outbound" and not other["automatic"] and other["received_at"] >= row["received_at"]
            ]
            handled = min(replies) if replies and waits else None
            reopens = bool(waits and asked and last == "reply")
            found[row["message_id"]] = (thread, handled, reopens, queue if by_us and queue else row["queue_id"])
            if waits:
                asked, last, queue = True, "question", row["queue_id"]
            elif reply:
                last = "reply"
    return found


@settings(max_examples=150, deadline=None)
@given(mails, st.randoms(use_true_random=False))
def test_answers_are_those_a_walk_along_the_threads_finds(rows: list[Mail], random: Any) -> None:
    got = answered(pa.Table.from_pylist(rows, schema=MESSAGES.arrow_schema))
    found = {r["message_id"]: (r["thread_id"], r["handled_at"], r["reopens_thread"], r["queue_id"]) for r in got.to_pylist()}
    assert found == answered_slowly(rows)
    assert answered(got).equals(got)
    shuffled = random.sample(rows, len(rows))
    again = answered(pa.Table.from_pylist(shuffled, schema=MESSAGES.arrow_schema)).to_pylist()
    assert {row["message_id"]: row for row in again} == {row["message_id"]: row for row in got.to_pylist()}
