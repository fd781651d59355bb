"""A mailbox on a real Dovecot, night after night: new, moved, deleted and renumbered mails, and nights that are killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.job import extract_source, source_health
from etl.sources import imap
from etl.sources.imap_session import opened_mailbox
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.mails import BODY, NEXT_NIGHT, NIGHT, enterprise_of, mail, mailbox, messages, moment, put, reply, run_night
from tests.support.tls_server import passed_on, tls_server
from warehouse.lake import Lake
from warehouse.tables.core import MESSAGES
from warehouse.tables.run import LANDING_FILES

pytestmark = pytest.mark.integration
SERVICE = "Kunden/Änderung & Frage"


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    running.empty(SERVICE, "Sent")
    return running


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def rows_without_place(lake: Lake) -> list[dict[str, object]]:
    rows = lake.read_arrow(MESSAGES).drop_columns(["landing_file", "landing_row"]).to_pylist()
    return sorted(rows, key=lambda row: str(row["message_id"]))


def accounts(lake: Lake) -> dict[str, list[int]]:
    rows = lake.read_arrow(LANDING_FILES).to_pylist()
    return {row["source_name"]: [row["rows_in"], row["rows_kept"], row["rows_duplicate"]] for row in rows}


def bytes_of(lake: Lake) -> dict[str, str]:
    root = Path(lake.root)
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_first_night_reads_all_and_the_next_only_what_came_since(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0), 1: mail(1)})
        put(client, SERVICE, {2: mail(2)})
        put(client, "Sent", {10: reply(10, answers=0)})
    run_night(NIGHT, mailbox(server), lake)
    rows = messages(lake)
    assert {number: row["queue_id"] for number, row in rows.items()} == {
        0: "email_claims", 1: "email_claims", 2: "email_service", 10: "email_claims",
    }  # fmt: skip
    assert rows[0]["handled_at"] == moment(10)
    assert (rows[1]["handled_at"], rows[1]["claim_id"], rows[1]["received_at"]) == (None, "CL0001", moment(1))

    with server.as_user() as client:
        put(client, "INBOX", {20: mail(20, answers=10)})
        put(client, "Sent", {30: reply(30, answers=1)})
    run_night(NEXT_NIGHT, mailbox(server), lake)
    rows = messages(lake)
    assert rows[1]["handled_at"] == moment(30)
    assert (rows[20]["reopens_thread"], rows[20]["handled_at"], rows[20]["thread_id"]) == (True, None, rows[0]["thread_id"])
    assert sorted(count[0] for count in accounts(lake).values()) == [1, 1, 1, 1, 2]


def test_a_mailbox_is_left_as_it_was_and_bodies_stay_where_they_are(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0)})
    run_night(NIGHT, mailbox(server), lake)
    landed = b"".join(path.read_bytes() for path in Path(lake.root, "landing").rglob("*") if path.is_file())
    assert b"m0@mail.example" in landed
    assert BODY.encode() not in landed
    assert b"X-Private" not in landed
    with server.as_user() as client:
        state = client.select_folder("INBOX", readonly=True)
        assert (state[b"RECENT"], client.get_flags([1])[1]) == (1, (b"\\Recent",))


def test_a_repeated_night_and_an_earlier_one_ask_for_nothing_twice(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0)})
    run_night(NEXT_NIGHT, mailbox(server), lake)
    before = bytes_of(lake)
    run_night(NEXT_NIGHT, mailbox(server), lake)
    assert bytes_of(lake) == before
    with server.as_user() as client:
        put(client, "INBOX", {1: mail(1)})
    extract_source("mail", NIGHT, enterprise_of(mailbox(server), Path(lake.root)), lake)
    assert {path for path in bytes_of(lake) if path.startswith("landing")} == {
        path for path in before if path.startswith("landing")
    }
    run_night(NEXT_NIGHT, mailbox(server), lake)
    assert sorted(messages(lake)) == [0, 1]
    assert all(duplicates == 0 for *_, duplicates in accounts(lake).values())


def test_a_folder_numbered_anew_is_read_again_and_nothing_is_counted_twice(server: Dovecot, lake: Lake) -> None:
    nameless = b"\r\n".join(line for line in mail(5).split(b"\r\n") if not line.startswith(b"Message-ID"))
    mails = {0: mail(0), 1: mail(1), 5: nameless}
    with server.as_user() as client:
        put(client, SERVICE, mails)
        run_night(NIGHT, mailbox(server), lake)
        before = rows_without_place(lake)
        client.delete_folder(SERVICE)
        client.create_folder(SERVICE)
        put(client, SERVICE, {**mails, 7: mail(7)})
    run_night(NEXT_NIGHT, mailbox(server), lake)
    after = rows_without_place(lake)
    assert [row for row in after if "m7@" not in str(row["message_id"])] == before
    assert len(after) == 4
    assert list(accounts(lake).values()) == [[3, 3, 0], [4, 1, 3]]


def test_a_moved_mail_is_demand_of_its_new_queue_alone(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0), 1: mail(1)})
        put(client, "Sent", {2: reply(2, answers=0)})
        run_night(NIGHT, mailbox(server), lake)
        client.select_folder("INBOX")
        client.move([1], SERVICE)
    run_night(NEXT_NIGHT, mailbox(server), lake)
    rows = messages(lake)
    assert {number: row["queue_id"] for number, row in rows.items()} == {
        0: "email_service", 1: "email_claims", 2: "email_service",
    }  # fmt: skip
    assert rows[0]["handled_at"] == moment(2)


def test_a_deleted_mail_stays_as_it_was_read(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0), 1: mail(1)})
        run_night(NIGHT, mailbox(server), lake)
        put(client, "INBOX", {2: mail(2), 3: mail(3)})
        client.select_folder("INBOX")
        client.delete_messages([1, 3])
        client.expunge()
    run_night(NEXT_NIGHT, mailbox(server), lake)
    assert sorted(messages(lake)) == [0, 1, 3]


def test_a_mail_deleted_by_somebody_else_in_mid_read_is_passed_over(server: Dovecot) -> None:
    with server.as_user() as client, opened_mailbox(mailbox(server)) as view:
        put(client, "INBOX", {0: mail(0), 1: mail(1), 2: mail(2)})
        view.open("INBOX")
        uids = view.uids(1, 99)
        client.select_folder("INBOX")
        client.delete_messages([2])
        client.expunge()
        assert (uids, [head.uid for head in view.heads(uids)]) == ([1, 2, 3], [1, 3])


@pytest.mark.parametrize("name", ['Quo"ted', "back\\slash", "per%cent*", "漢字 ✉", "a&b", "12", "NIL", "[x] (y)"])
def test_a_folder_may_have_any_name(server: Dovecot, name: str) -> None:
    with server.as_user() as client:
        client.create_folder(name)
        put(client, name, {0: mail(0)})
    pieces: dict[str, bytes] = {}
    imap.fetch(mailbox(server, folders={name: "email_claims"}), "", pieces.__setitem__)
    (line,) = (json.loads(content) for content in pieces.values())
    assert line["folder"] == name


def test_a_head_of_many_megabytes_is_read_as_far_as_a_head_goes(server: Dovecot, lake: Lake) -> None:
    flood = "To: " + ",\r\n ".join(["someone@mail.example"] * 150_000) + "\r\n"
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0, fields=flood), 1: mail(1, fields="X-Odd: \xe4\xff\r\nSubject: \xe4\r\n")})
    run_night(NIGHT, mailbox(server), lake)
    assert sorted(messages(lake)) == [0, 1]
    assert sum(path.stat().st_size for path in Path(lake.root, "landing").rglob("*.jsonl")) < 3 << 20


def test_a_mail_in_two_folders_is_one_mail(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0)})
        put(client, SERVICE, {0: mail(0)})
    run_night(NIGHT, mailbox(server), lake)
    assert [row["queue_id"] for row in messages(lake).values()] == ["email_service"]


def test_our_reply_is_ours_by_its_folder_whatever_address_it_bears(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, "Sent", {0: mail(0, sender="private@elsewhere.example", to="p.jansen@mail.example")})
    run_night(NIGHT, mailbox(server), lake)
    assert [(row["direction"], row["needs_reply"]) for row in messages(lake).values()] == [("outbound", False)]


def test_a_folder_taken_away_keeps_its_mails_under_its_former_name(server: Dovecot, lake: Lake) -> None:
    with server.as_user() as client:
        put(client, SERVICE, {0: mail(0)})
        run_night(NIGHT, mailbox(server), lake)
        client.delete_folder(SERVICE)
    moved = mailbox(server, folders={"INBOX": "email_claims"}, former_folders={SERVICE: "email_service"})
    run_night(NEXT_NIGHT, moved, lake)
    assert messages(lake)[0]["queue_id"] == "email_service"


def test_health_says_how_many_mails_there_are(server: Dovecot, tmp_path: Path) -> None:
    with server.as_user() as client:
        put(client, "INBOX", {0: mail(0)})
    assert source_health("mail", enterprise_of(mailbox(server), tmp_path)) == f"1 mails: 1 in Inbox, 0 in {SERVICE}, 0 in Sent"


class KilledError(BaseException):
    """Stands for the process being killed: nothing may catch it."""


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_nights_killed_at_any_step_and_run_again_leave_the_bytes_of_undisturbed_ones(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr(imap, "_MAILS_PER_PIECE", 2)
    with server.as_user() as client:
        put(client, "INBOX", {number: mail(number) for number in range(5)})
        put(client, "Sent", {6: reply(6, answers=0)})
    whole, killed = Lake(str(tmp_path / "whole")), Lake(str(tmp_path / "killed"))
    run_night(NIGHT, mailbox(server), whole)
    left, write = [writes], killed.write_bytes

    def write_or_die(path: str, content: bytes) -> None:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(killed, "write_bytes", write_or_die)
        with pytest.raises(KilledError):
            run_night(NIGHT, mailbox(server), killed)
    run_night(NIGHT, mailbox(server), killed)
    assert bytes_of(killed) == bytes_of(whole)


@pytest.mark.parametrize("cut", [10_000, 17_500, 26_000])
def test_a_connection_cut_in_mid_read_is_made_anew_and_gives_the_same_pieces(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    monkeypatch.setattr(imap, "_MAILS_PER_ANSWER", 10)
    monkeypatch.setattr(imap, "_MAILS_PER_PIECE", 12)
    with server.as_user() as client:
        put(client, "INBOX", {number: mail(number) for number in range(40)})
        put(client, SERVICE, {number: mail(number) for number in range(40, 60)})
    undisturbed: dict[str, bytes] = {}
    mark = imap.fetch(mailbox(server), "", undisturbed.__setitem__)
    got: dict[str, bytes] = {}
    play = passed_on(server.port, str(server.certificate.trusted), lambda number: cut if number == 0 else 10**9)
    with tls_server(server.certificate, play) as port:
        again = imap.fetch(mailbox(server, port=port), "", got.__setitem__)
    assert (got, again) == (undisturbed, mark)
    assert len(got) == 6
