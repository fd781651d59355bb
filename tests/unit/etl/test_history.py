"""History: one demand definition, nothing after the cut-off, and no missing feed read as a quiet day."""

from datetime import date, timedelta

import duckdb
import pandas as pd

from enterprise.grid import IntervalGrid
from etl.completeness import source_complete, stops_early, with_claims_complete
from etl.history import ITEMS_SQL, day_table

MONDAY = date(2026, 8, 3)


def test_work_that_is_not_done_stays_open() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    at = "TIMESTAMPTZ '2026-08-03 10:00:00+00'"
    never = "NULL::TIMESTAMPTZ"
    for table, columns in {
        "messages": f"'m' AS queue_id, {at} AS received_at, {never} AS handled_at, true AS needs_reply",
        "cases": f"'k' AS case_id, 'c' AS queue_id, {at} AS opened_at, {at} - INTERVAL 1 HOUR AS resolved_at, {at} AS closed_at",
        "case_events": f"'x' AS case_id, 'e' AS case_event_id, 'Status' AS field_name, 'New' AS old_value, "
        f"'New' AS new_value, {at} AS changed_at",
        "claims": f"'motor' AS line_of_business, {at} AS reported_at, {never} AS assessed_at, {never} AS closed_at",
    }.items():
        connection.execute(f"CREATE TABLE {table} AS SELECT {columns}")
    connection.execute("CREATE TABLE work_queues AS SELECT 'motor' AS line_of_business, 'w' AS queue_id")
    done = dict(connection.execute(f"SELECT queue_id, epoch(done_at - arrived_at) FROM ({ITEMS_SQL})").fetchall())
    assert done == {"m": None, "c": 0.0, "w": None}  # work is never done before it came


def test_contacts_are_followed_over_midnight_but_not_beyond_the_plans_cut_off() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 30)
    days = day_table(grid, [date(2026, 10, 24), date(2026, 10, 25)], date(2026, 10, 25)).to_pylist()
    assert [day["as_of"] for day in days] == [days[1]["day_end"]] * 2
    assert (days[1]["day_end"] - days[1]["day_start"]) == timedelta(hours=25)


def completeness(counts: list[int], *, open_seconds: int = 3600) -> list[bool]:
    daily = pd.DataFrame(
        {
            "queue_id": "q",
            "channel": "voice",
            "business_date": [MONDAY + timedelta(weeks=week) for week in range(len(counts))],
            "offered_contacts": counts,
            "open_seconds": open_seconds,
        }
    )
    return source_complete(daily, daily).tolist()


def test_a_day_without_feed_is_not_a_quiet_day() -> None:
    assert completeness([100, 110, 0, 105]) == [True, True, False, True]


def test_a_day_cut_short_is_not_a_quiet_day() -> None:
    assert completeness([100, 110, 15, 30]) == [True, True, False, True]


def test_a_closed_day_is_complete_without_any_contact() -> None:
    assert completeness([100, 0], open_seconds=0) == [True, True]


def test_a_small_queue_may_have_a_day_without_contacts() -> None:
    assert completeness([2, 0, 1]) == [True, True, True]


def test_nothing_is_known_of_the_time_before_the_first_contact() -> None:
    assert completeness([0, 0, 4]) == [False, False, True]


def hours(per_hour: int, until: int, queue_id: str = "q", weeks: int = 10) -> pd.DataFrame:
    """Some Mondays open from 8 to 20; on the last one nothing came from `until` on."""
    days = [MONDAY + timedelta(weeks=week) for week in range(weeks)]
    rows = [(queue_id, day, slot, 8 <= slot < 20) for day in days for slot in range(24)]
    frame = pd.DataFrame(rows, columns=["queue_id", "business_date", "slot", "is_open"])
    came = frame["is_open"] & ((frame["business_date"] < days[-1]) | (frame["slot"] < until))
    return frame.assign(channel="voice", offered_contacts=came * per_hour)


def stopped(*queues: pd.DataFrame) -> set[tuple[str, date]]:
    made = pd.concat(queues, ignore_index=True)
    made["day"] = [(day - date(1970, 1, 1)).days for day in made["business_date"]]
    return stops_early(made, made.iloc[:0], dict(zip(made["queue_id"], made["channel"], strict=True)))


def test_a_feed_that_stops_in_the_afternoon_is_noticed() -> None:
    last = MONDAY + timedelta(weeks=9)
    assert stopped(hours(10, 15)) == {("q", last)}
    assert stopped(hours(10, 20)) == set()


def test_a_small_queue_is_judged_by_the_feed_it_shares() -> None:
    last = MONDAY + timedelta(weeks=9)
    assert stopped(hours(1, 15)) == set()  # five contacts may be missing by chance
    assert stopped(hours(1, 15), hours(10, 15, "large")) == {("q", last), ("large", last)}
    assert stopped(hours(1, 15), hours(10, 20, "large")) == set()


def test_a_day_that_closes_early_is_not_cut_short() -> None:
    frame = hours(10, 15)
    frame["is_open"] &= (frame["business_date"] < max(frame["business_date"])) | (frame["slot"] < 15)
    assert stopped(frame) == set()


def test_a_quiet_day_is_not_taken_for_a_feed_that_stopped() -> None:
    frame = hours(4, 15)
    quiet = frame["business_date"] == max(frame["business_date"])
    frame.loc[quiet, "offered_contacts"] = (frame.loc[quiet, "slot"].isin([9, 14])).astype(int)  # a tenth of what is usual
    assert stopped(frame) == set()


def claims_feed(missing: set[int], lines: dict[str, int], days: int = 35) -> pd.DataFrame:
    """Claims per line of business and day but on the days of these numbers, on which the feed brought nothing."""
    rows = [
        (line, "west", "glass", MONDAY + timedelta(days=day), many, 0)
        for line, many in lines.items()
        for day in range(days)
        if day not in missing and many
    ]
    columns = ["line_of_business", "region", "peril", "business_date", "reported_claims", "catastrophe_claims"]
    return with_claims_complete(pd.DataFrame(rows, columns=columns), MONDAY + timedelta(days=days - 1))


def test_a_missing_feed_of_claims_is_not_a_day_without_claims() -> None:
    made = claims_feed({30, 34}, {"motor": 20, "pets": 1})
    gaps = made[~made["source_complete"]]
    days = [MONDAY + timedelta(days=30), MONDAY + timedelta(days=34)]
    assert list(zip(gaps["line_of_business"], gaps["business_date"], strict=True)) == [
        (line, day) for line in ("motor", "pets") for day in days
    ]  # a small line is judged by the feed it shares
    assert gaps["reported_claims"].eq(0).all()
    assert len(made) == 2 * 35


def test_a_line_with_few_claims_may_have_a_day_without_any() -> None:
    assert claims_feed({30}, {"pets": 1})["source_complete"].all()
    assert claims_feed(set(), {})["source_complete"].empty
