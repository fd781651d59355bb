"""State of a source: pieces are found by place and name, however they came to be known."""

from datetime import date

from etl.intake import Batch, Intake, Piece, from_json, to_json

NIGHT = date(2026, 11, 12)


def piece(sequence: int, place: str = "/in/a.csv", night: date = NIGHT) -> Piece:
    return Piece(night, sequence, f"file-{sequence}", "a.csv", 3, place, 3, "ab")


def test_a_piece_noted_after_a_look_is_found_by_the_next_one() -> None:
    intake = Intake(pieces=[piece(1), piece(2, "/in/b.csv")])
    assert intake.last_piece("/in/a.csv") == piece(1)
    assert intake.next_sequence() == 3
    intake.pieces.append(piece(3))
    assert intake.last_piece("/in/a.csv") == piece(3)
    assert intake.holds("file-3")
    assert not intake.holds("file-4")
    assert intake.next_sequence() == 4


def test_pieces_that_are_gone_are_not_found() -> None:
    intake = Intake(pieces=[piece(1), piece(2)])
    assert intake.holds("file-2")
    intake.pieces.pop()
    assert not intake.holds("file-2")
    assert intake.next_sequence() == 2


def test_what_is_looked_up_by_is_no_part_of_the_state() -> None:
    intake = Intake(pieces=[piece(1)])
    before = to_json(intake)
    intake.next_sequence()
    assert to_json(intake) == before == to_json(from_json(before))


def test_a_night_is_known_by_the_batches_it_took_in() -> None:
    def batch(key: str, night: date) -> Batch:
        return Batch(night, key, "r", [], {}, [])

    earlier = date(2026, 11, 11)
    intake = Intake(batches=[batch("a", NIGHT), batch("b", earlier), batch("c", NIGHT)])
    assert intake.fingerprints() == {NIGHT: "a,c", earlier: "b"}
