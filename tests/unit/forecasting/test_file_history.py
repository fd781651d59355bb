"""A planner's history file: what is wrong in it is named by queue and row, what lies at or after the as-of date is not read."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecasting.file_history import FileHistory, read_history

AS_OF = date(2026, 6, 1)


def daily(days: int = 60, queue: str = "sales") -> pd.DataFrame:
    dates = pd.date_range(end="2026-05-31", periods=days).strftime("%Y-%m-%d")
    return pd.DataFrame({"queue": queue, "timestamp": dates, "contacts": [str(50 + k % 7) for k in range(days)]})


def half_hours(first: str, last: str, zone: str | None = None) -> pd.DataFrame:
    stamps = pd.date_range(first, last, freq="30min", tz=zone)
    text = [stamp.isoformat() for stamp in stamps] if zone else stamps.strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"queue": "calls", "timestamp": text, "contacts": "2"})


def read(rows: pd.DataFrame, zone: str = "UTC") -> FileHistory:
    return read_history(rows, AS_OF, zone)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("-3", "contacts is -3"),
        ("inf", "contacts is inf"),
        ("1e300", "contacts is 1e300"),
        ("many", "contacts is many"),
        ("1,5", "contacts is 1,5"),
    ],
)
def test_a_number_that_cannot_be_is_named_by_queue_and_row(value: str, said: str) -> None:
    rows = daily()
    rows.loc[9, "contacts"] = value
    with pytest.raises(ValueError, match=rf"queue sales, row 10: {said}.*mend the cell"):
        read(rows)


def test_cells_of_the_as_of_date_and_later_are_not_looked_at() -> None:
    later = pd.DataFrame({"queue": ["sales", "###"], "timestamp": ["2026-06-01", "2026-07-01"], "contacts": ["nonsense", "-inf"]})
    read_on = read(pd.concat([daily(), later], ignore_index=True))
    np.testing.assert_array_equal(read_on.queues["sales"].daily, read(daily()).queues["sales"].daily)
    assert list(read_on.queues) == ["sales"]


def test_a_garbled_timestamp_is_an_error_among_earlier_rows_and_not_read_behind_them() -> None:
    rows = daily()
    rows.loc[20, "timestamp"] = "yesterday"
    with pytest.raises(ValueError, match=r"row 21 of the history: timestamp 'yesterday' cannot be read"):
        read(rows)
    behind = pd.concat([daily(), pd.DataFrame({"queue": ["sales"], "timestamp": ["?"], "contacts": ["?"]})], ignore_index=True)
    history = read(behind)
    assert len(history.queues["sales"].daily) == 60
    assert "not read" in history.notes[0]


def test_the_same_row_twice_counts_once_and_a_contradiction_is_refused() -> None:
    rows = daily()
    twice = read(pd.concat([rows, rows.iloc[[3]]], ignore_index=True))
    assert twice.queues["sales"].daily.sum() == read(rows).queues["sales"].daily.sum()
    assert "there twice" in twice.notes[0]
    other = rows.iloc[[3]].assign(contacts="999")
    with pytest.raises(ValueError, match=r"rows 4 and 61.*53 and 999 contacts"):
        read(pd.concat([rows, other], ignore_index=True))


def test_timestamps_off_the_grid_are_refused() -> None:
    rows = half_hours("2026-05-01", "2026-05-31 23:30")
    rows.loc[100, "timestamp"] = "2026-05-03 02:07"
    with pytest.raises(ValueError, match=r"queue calls, row 101: timestamp 2026-05-03 02:07:00 is not on a regular grid"):
        read(rows)


def test_timestamps_with_and_without_offset_are_refused_together() -> None:
    rows = daily()
    rows.loc[30:, "timestamp"] += "T00:00:00+00:00"
    with pytest.raises(ValueError, match="mixed"):
        read(rows)


def test_offsets_are_turned_into_local_days() -> None:
    rows = half_hours("2026-05-01", "2026-05-31 23:30", "UTC")
    local = read(rows, "America/New_York").queues["calls"]
    assert local.first == date(2026, 4, 30)
    assert local.daily[0] == 2.0 * 8  # eight half hours of the last of April remain after midnight in UTC


def test_both_passes_of_the_doubled_hour_count() -> None:
    rows = half_hours("2025-10-25", "2025-10-27 23:30", "Europe/Amsterdam")
    assert read(rows, "Europe/Amsterdam").queues["calls"].daily.tolist() == [96.0, 100.0, 96.0]
    naive = rows.assign(timestamp=rows["timestamp"].str[:16])
    assert read(naive, "Europe/Amsterdam").queues["calls"].daily.tolist() == [96.0, 100.0, 96.0]


def test_the_hour_that_was_skipped_makes_its_day_shorter_not_unknown() -> None:
    rows = half_hours("2026-03-28", "2026-03-30 23:30", "Europe/Amsterdam")
    assert read(rows, "Europe/Amsterdam").queues["calls"].daily.tolist() == [96.0, 92.0, 96.0]
    wall_clock = rows.assign(timestamp=rows["timestamp"].str[:16])
    assert read(wall_clock, "Europe/Amsterdam").queues["calls"].daily.tolist() == [96.0, 92.0, 96.0]


def skipped(rows: pd.DataFrame, time_zone: str) -> list[str]:
    return [note for note in read(rows, time_zone).notes if "skip" in note]


def test_contacts_in_an_hour_that_clocks_skip_are_noted() -> None:
    stamps = pd.date_range("2026-03-28", "2026-03-30 23:30", freq="30min")
    rows = pd.DataFrame({"queue": "calls", "timestamp": stamps, "contacts": 2})
    assert read(rows, "Europe/Amsterdam").queues["calls"].daily.tolist() == [96.0, 96.0, 96.0]
    (note,) = skipped(rows, "Europe/Amsterdam")
    assert "2 rows" in note
    assert "row 53 (2026-03-29 02:00:00)" in note
    assert not skipped(rows, "Asia/Tokyo")
    assert not skipped(rows.assign(contacts=[0 if "2026-03-29 02" in str(stamp) else 2 for stamp in stamps]), "Europe/Amsterdam")


def test_a_day_that_begins_with_a_skipped_hour_is_no_error_of_its_daily_row() -> None:
    rows = pd.DataFrame({"queue": "calls", "timestamp": pd.date_range("2026-03-20", "2026-04-05"), "contacts": 2})
    assert not skipped(rows, "Asia/Beirut"), "clocks went from midnight to one on 29 March"


def test_an_empty_cell_is_a_day_that_is_not_known() -> None:
    rows = daily()
    rows.loc[5, "contacts"] = ""
    history = read(rows)
    assert np.isnan(history.queues["sales"].daily[5])
    assert history.queues["sales"].unknown == {date(2026, 4, 7)}
    assert "not known" in history.notes[0]


def test_a_day_with_empty_cells_in_its_busy_hours_is_not_known_and_no_quiet_day() -> None:
    rows = half_hours("2026-05-01", "2026-05-20 23:30")
    half = rows["timestamp"].str.startswith("2026-05-07") & (rows["timestamp"].str[11:] > "11:00")
    rows.loc[half | rows["timestamp"].str.startswith("2026-05-04") | (rows["timestamp"] == "2026-05-05 08:00"), "contacts"] = ""
    calls = read(rows).queues["calls"]
    assert calls.unknown == {date(2026, 5, 4), date(2026, 5, 7)}
    assert np.flatnonzero(np.isnan(calls.daily)).tolist() == [3, 6]
    assert not np.isin(calls.day, [3, 6]).any()
    assert calls.daily[4] == 2.0 * 47, "one half hour of 48 makes no day unknown"


def test_cells_left_empty_where_nothing_came_make_no_day_unknown() -> None:
    rows = half_hours("2026-05-01", "2026-05-20 23:30")
    rows["contacts"] = ["" if number % 3 else "2" for number in range(len(rows))]
    calls = read(rows).queues["calls"]
    assert not calls.unknown
    assert (calls.daily == 32.0).all()


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_the_length_of_intervals_is_learnt(minutes: int) -> None:
    stamps = pd.date_range("2026-05-01", "2026-05-20 23:59", freq=f"{minutes}min")
    rows = pd.DataFrame({"queue": "calls", "timestamp": stamps, "contacts": 1})
    history = read(rows).queues["calls"]
    assert history.grain_minutes == minutes
    assert history.daily[0] == 1440 / minutes


@pytest.mark.parametrize("column", ["queue", "timestamp", "contacts"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(ValueError, match=f"no column {column}"):
        read(daily().drop(columns=column))


def test_no_rows_or_none_before_the_as_of_date_are_said() -> None:
    with pytest.raises(ValueError, match="no rows"):
        read(daily().iloc[:0])
    with pytest.raises(ValueError, match="before the as-of date 2020-01-01"):
        read_history(daily(), date(2020, 1, 1), "UTC")


def test_a_queue_whose_rows_have_ended_is_noticed() -> None:
    notes = read(pd.concat([daily(), daily(queue="service").iloc[:-20]], ignore_index=True)).notes
    assert "service (2026-05-11)" in notes[0]
    assert "sales" not in notes[0]


def test_rows_in_any_order_give_the_same_history() -> None:
    rows = pd.concat([daily(), daily(queue="service")], ignore_index=True)
    mixed = rows.sample(frac=1.0, random_state=3)
    for name, queue in read(rows).queues.items():
        np.testing.assert_array_equal(queue.daily, read(mixed).queues[name].daily)
