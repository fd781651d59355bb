from __future__ import annotations

import gzip
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.sources import MboxArchive
from etl.mail_headers import sent_at
from etl.mbox_pieces import mail_pieces
from etl.sources import mbox
from etl.threads import answered, related_ids
from warehouse.lake import conformed
from warehouse.tables.core import MESSAGES

SETTINGS = MboxArchive(
    kind="mbox",
    url="mail/*.mbox",
    queues={"claims": "email_claims"},
    our_addresses=("@us.example",),
    claim_pattern=r"\[(CL\d+)\]",
)


def rows_of(parsed):
    return {row["message_id"]: row for row in answered(conformed(MESSAGES, parsed.tables[MESSAGES])).to_pylist()}


def without_id(rows):
    """The one mail without Message-ID: a customer wrote it all the same."""
    (found,) = (name for name in rows if name.endswith("@no-message-id"))
    return found


def test_the_archive_by_hand_gives_the_mails_that_stand_in_it(read_bytes, golden):
    parsed = read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox": golden("mbox/claims-2026-11.mbox")})
    rows = rows_of(parsed)
    assert list(rows) == [
        "src:q1@mail.example",
        "src:auto1@us.example",
        "src:a1@us.example",
        "src:n1@press.example",
        without_id(rows),
        "src:v@mail.example",
    ]
    question, reply, late = (rows[f"src:{name}"] for name in ("q1@mail.example", "a1@us.example", "v@mail.example"))
    # Our server's clock counts, not the sender's, and a display name that looks like us is not us.
    assert question["received_at"] == datetime(2026, 11, 12, 7, 0, 5, tzinfo=UTC)
    assert (question["direction"], question["customer_id"]) == ("inbound", "p.jansen@mail.example")
    assert (question["claim_id"], question["needs_reply"]) == ("CL00500001", True)
    # The acknowledgement at 10:00 is no answer; the reply at 14:00 is.
    assert question["handled_at"] == reply["received_at"] == datetime(2026, 11, 12, 13, tzinfo=UTC)
    assert (reply["agent_id"], reply["handle_seconds"], reply["direction"]) == ("A0001", 420.0, "outbound")
    assert rows["src:n1@press.example"]["needs_reply"] is False
    assert (late["thread_id"], late["handled_at"], late["business_date"]) == ("src:q1@mail.example", None, date(2026, 11, 12))
    assert rows[without_id(rows)]["thread_id"] == without_id(rows)
    assert parsed.quarantine.column("rule").to_pylist() == ["missing_date", "unreadable_date", "missing_sender"]
    assert parsed.quarantine.column("landing_row").to_pylist() == [6, 7, 8]
    assert (parsed.counts[0].rows_in, parsed.counts[0].rows_duplicate) == (10, 1)


def test_a_reply_in_tonights_piece_answers_the_question_of_another_night(read_bytes, golden):
    whole = golden("mbox/claims-2026-11.mbox")
    cut = whole.index(b"From claims@us.example Thu Nov 12 13:00")
    first = read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox": whole[:cut]}).tables[MESSAGES]
    second = read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox@700": whole[cut:]}).tables[MESSAGES]
    one_by_one = answered(pa.concat_tables([answered(first), answered(second)]))
    at_once = answered(read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox": whole}).tables[MESSAGES])
    drop = ["landing_file", "landing_row"]
    assert one_by_one.drop_columns(drop).equals(at_once.drop_columns(drop))
    assert "src:q1@mail.example" in related_ids(second).to_pylist()


def test_mail_of_an_unknown_mailbox_is_put_aside_not_dropped(read_bytes, golden):
    parsed = read_bytes(mbox, SETTINGS, {"legal-2026-11.mbox": golden("mbox/claims-2026-11.mbox")})
    assert set(parsed.quarantine.column("rule").to_pylist()) == {"unknown_queue"}
    assert parsed.counts[0].rows_quarantined == 9


def test_an_empty_or_truncated_archive_is_said_to_be_so(read_bytes, golden):
    packed = gzip.compress(golden("mbox/claims-2026-11.mbox"))
    parsed = read_bytes(mbox, SETTINGS, {"claims-2026-10.mbox": b"", "claims-2026-11.mbox.gz": packed[: len(packed) - 200]})
    assert parsed.counts[0].rows_kept == 0
    assert [rule for rule in parsed.quarantine.column("rule").to_pylist() if rule.endswith("_file")] == [
        "empty_file",
        "truncated_file",  # the mail whose header was cut
        "truncated_file",  # the archive
    ]


def test_the_tail_of_a_mail_cut_in_two_is_put_aside(read_bytes):
    parsed = read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox@9": b"end of a body\n\nFrom a@b 08:00 2026\nX: y\n\n"})
    assert parsed.quarantine.column("rule").to_pylist() == ["no_message", "missing_sender"]


def test_the_same_mail_without_id_is_one_mail_and_another_is_another(read_bytes):
    head = b"From a@b 08:00 2026\nDate: Thu, 12 Nov 2026 08:00:00 +0100\nFrom: a@b.example\nSubject: %s\n"
    archive = b"\n".join([head % b"one", head % b"one\nStatus: RO", head % b"two"])
    rows = read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox": archive}).tables[MESSAGES]["message_id"].to_pylist()
    assert rows[0] == rows[1] != rows[2]


def test_a_pattern_without_group_is_refused():
    with pytest.raises(ValueError, match="claim_pattern"):
        MboxArchive.model_validate(SETTINGS.model_dump() | {"claim_pattern": "CL"})


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        (b"Thu, 12 Nov 2026 08:15:30 +0100", 7),
        (b"12 Nov 2026 08:15:30 GMT", 8),
        (b"Thu, 12 Nov 2026 08:15:30 -0330 (NST)", 11),
        (b"Thu, 12 Nov 26 08:15:30 EST", 13),
        (b"Thu,  12 nov 2026 08:15:30", 8),
    ],
)
def test_dates_are_read_in_every_common_form(written, hour):
    assert datetime.fromtimestamp(sent_at(written), UTC).hour == hour


@pytest.mark.parametrize(
    "written", [b"Thu, 31 Feb 2026 08:15:30 +0100", b"Thu, 12 Nov 2626 08:15:30 +0100", b"12 Nov 2026 25:15:30 GMT", b""]
)
def test_no_date_is_made_out_of_nonsense(written):
    assert sent_at(written) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"From a@b Thu 08:00 2026\n", b"Message-ID: <x>\n", b"Date: x\n", b"\n", b"From ", b"\xff\x00", b"\r\n", b" z"]
        )
    ),
    st.integers(1, 40),
)
def test_the_size_of_the_blocks_changes_nothing_and_no_byte_is_lost(parts, size):
    content = b"".join(parts)
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    assert sorted(mail_pieces(blocks)) == sorted(mail_pieces([content]))


HOSTILE = st.binary(max_size=300) | st.lists(
    st.sampled_from([b"From a@b 08:00\n", b"Message-ID: <a@b>\n", b"Date: ", b"Thu, 12 Nov 2026 08:00:00 +0100\n", b"From: a@b\n",
                     b"Subject: =?x?q?=FF?=\n",
                     b"\xff\xfe", b"\n\n", b"To: <@>\n", b"References: <<>>\n", b"0" * 30]) | st.binary(max_size=10)
).map(b"".join)  # fmt: skip


def test_hostile_bytes_are_kept_or_put_aside_and_never_a_stack_trace(read_bytes):
    @settings(max_examples=150, deadline=None)
    @given(HOSTILE)
    def check(content):
        read_bytes(mbox, SETTINGS, {"claims-2026-11.mbox": content}).checked()

    check()
