"""Which of the rows with one key holds: the one last updated, in whatever order they landed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.merging import ranked_sql
from tests.support.example_contacts import contact
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

AT = datetime(2026, 11, 12, 10, tzinfo=UTC)
copies = st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(0, 3), st.integers(0, 2)), max_size=8)
"""Contact, minute of its last update, and what the copy says."""


def ranked(landed: list[tuple[str, int | None, int]]) -> list[dict[str, Any]]:
    """The copies as `ranked_sql` ranks them, each landed as a file of its own."""
    rows = []
    for name, minute, talk in landed:
        updated = None if minute is None else AT + timedelta(minutes=minute)
        row = contact(name, AT, talk_seconds=float(talk), modified_at=updated, business_date=date(2026, 11, 12))
        rows.append({**row, "landing_file": f"{name}{minute}{talk}"})
    table = pa.Table.from_pylist(rows, schema=CONTACTS.arrow_schema)
    connection = Lake("memory://merging").connect()
    connection.register("touched", table.append_column("sequence", pa.array(range(len(rows)), pa.int64())))
    connection.execute("CREATE VIEW received_again AS SELECT contact_id, segment FROM touched GROUP BY ALL HAVING count(*) > 1")
    found: list[dict[str, Any]] = connection.sql(ranked_sql(CONTACTS)).to_arrow_table().to_pylist()
    connection.close()
    return found


def holding(rows: list[dict[str, Any]]) -> dict[str, tuple[datetime | None, float]]:
    """What holds for each contact."""
    return {row["contact_id"]: (row["modified_at"], row["talk_seconds"]) for row in rows if row["place"] == 1}


@settings(max_examples=60, deadline=None)
@given(copies)
def test_the_copy_last_updated_holds_and_of_equals_the_one_landed_last(landed: list[tuple[str, int | None, int]]) -> None:
    rows = ranked(landed)
    several = {name for name in "ab" if sum(one[0] == name for one in landed) > 1}
    expected = {}
    for name in several:
        own = [(-1 if minute is None else minute, place, talk) for place, (who, minute, talk) in enumerate(landed) if who == name]
        minute, _, talk = max(own)
        expected[name] = (None if minute < 0 else AT + timedelta(minutes=minute), float(talk))
    assert holding(rows) == expected
    assert len(rows) == sum(one[0] in several for one in landed), "no copy is lost or doubled"


@settings(max_examples=60, deadline=None)
@given(copies, st.randoms(use_true_random=False))
def test_any_order_of_landing_gives_the_same_rows_where_updates_tell_copies_apart(
    landed: list[tuple[str, int | None, int]], random: Any
) -> None:
    told_apart = list({(name, minute): (name, minute, talk) for name, minute, talk in landed}.values())
    landed = [next(one for one in told_apart if one[:2] == copy[:2]) for copy in landed]  # the same copy may come again
    shuffled = random.sample(landed, len(landed))
    rows, others = ranked(landed), ranked(shuffled)
    assert holding(rows) == holding(others)
    assert sum(row["repeats"] for row in rows) == sum(row["repeats"] for row in others) == _repetitions(landed)


def _repetitions(landed: list[tuple[str, int | None, int]]) -> int:
    return len(landed) - len(set(landed))
