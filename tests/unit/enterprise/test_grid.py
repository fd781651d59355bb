from datetime import date

import pandas as pd
import pytest

from enterprise.grid import IntervalGrid


def instants(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), utc=True, format="ISO8601"), index=[f"row {k}" for k in range(len(texts))])


@pytest.mark.parametrize(
    ("time_zone", "day", "start", "hours"),
    [
        ("Europe/Amsterdam", date(2026, 3, 29), "2026-03-28T23:00Z", 23),
        ("Europe/Amsterdam", date(2026, 10, 25), "2026-10-24T22:00Z", 25),
        ("Asia/Kathmandu", date(2026, 11, 12), "2026-11-11T18:15Z", 24),  # UTC+05:45
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00Z", 23),  # there is no 00:00: the day begins at 01:00
        ("Africa/Cairo", date(2026, 10, 29), "2026-10-28T21:00Z", 25),  # 23:00 to 24:00 comes twice
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00Z", 23),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00Z", 23),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T02:00Z", 25),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00Z", 25),  # 00:00 to 01:00 comes twice
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00Z", 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30Z", 23.5),
        ("Antarctica/Troll", date(2026, 3, 29), "2026-03-29T00:00Z", 22),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00Z", 0),  # skipped: the date line moved
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30Z", 23.5),  # 23:30 became 00:30
        ("America/St_Johns", date(2006, 10, 28), "2006-10-28T02:30Z", 24),
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T02:30Z", 25),  # at 00:01 back to 23:01: stays with the new day
    ],
)
def test_days_begin_and_last_as_the_tz_database_says(time_zone: str, day: date, start: str, hours: float) -> None:
    first, end = IntervalGrid(time_zone, 30).day_bounds(day)
    assert first == pd.Timestamp(start)
    assert end - first == pd.Timedelta(hours=hours)


def test_a_change_of_half_an_hour_shortens_the_last_hour_and_lengthens_none() -> None:
    grid = IntervalGrid("Australia/Lord_Howe", 60)
    for day, count in ((date(2026, 10, 4), 24), (date(2026, 4, 5), 25)):
        starts = pd.Series(grid.intervals_of(day))
        lengths = (grid.interval_end(starts) - starts) / pd.Timedelta(minutes=1)
        assert lengths.tolist() == [60] * (count - 1) + [30]


def test_the_repeated_minutes_of_newfoundland_have_one_date_only() -> None:
    moments = instants("2006-10-29T02:29:59Z", "2006-10-29T02:30:30Z", "2006-10-29T02:31:00Z", "2006-10-29T03:29:00Z")
    dates = IntervalGrid("America/St_Johns", 15).business_date(moments)
    assert dates.tolist() == [date(2006, 10, 28)] + [date(2006, 10, 29)] * 3


def test_missing_instants_stay_missing_and_rows_keep_their_index() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 15)
    moments = instants("2026-10-25T00:44:59.999999Z", None, "2026-10-25T01:45:00Z")
    starts = grid.interval_start(moments)
    assert starts.index.equals(moments.index)
    assert str(starts.dtype) == "datetime64[us, UTC]"
    assert starts.isna().tolist() == [False, True, False]
    assert starts.dropna().tolist() == [pd.Timestamp("2026-10-25T00:30Z"), pd.Timestamp("2026-10-25T01:45Z")]
    assert grid.business_date(moments).tolist() == [date(2026, 10, 25), None, date(2026, 10, 25)]
    assert grid.interval_end(moments).isna().tolist() == [False, True, False]
    minutes = grid.local_minute_of_day(moments)
    assert minutes.dropna().tolist() == [2 * 60 + 44, 2 * 60 + 45]  # once in summer time, once in winter time
    assert minutes.isna().tolist() == [False, True, False]


def test_nothing_and_only_missing_instants_give_no_dates() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 30)
    assert grid.business_date(instants()).empty
    assert str(grid.interval_start(instants()).dtype) == "datetime64[us, UTC]"
    assert grid.business_date(instants(None)).tolist() == [None]


def test_instants_written_in_another_zone_or_unit_mean_the_same() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 60)
    in_utc = instants("2026-03-29T01:30:00Z", "2026-03-28T22:59:59Z")
    for same in (in_utc.dt.tz_convert("America/New_York"), in_utc.dt.as_unit("s"), in_utc.dt.as_unit("ns")):
        assert grid.interval_start(same).equals(grid.interval_start(in_utc))


def test_intervals_between_are_those_of_the_days_one_after_the_other() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 30)
    days = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    together = grid.intervals_between(days[0], days[-1])
    assert together.tolist() == [start for day in days for start in grid.intervals_of(day)]
    assert len(together) == 48 + 46 + 48
    assert grid.intervals_between(days[1], days[0]).empty


def test_the_cut_off_of_new_years_eve_is_the_next_years_first_instant() -> None:
    assert IntervalGrid("Europe/Amsterdam", 30).cut_off(date(2026, 12, 31)) == pd.Timestamp("2026-12-31T23:00Z")


@pytest.mark.parametrize("moment", ["9999-12-31T00:00:00Z", "1753-01-01T00:00:00Z"])
def test_a_sentinel_date_is_named_instead_of_placed_in_an_interval(moment: str) -> None:
    with pytest.raises(ValueError, match=f"{moment[:10]}.*quarantine"):
        IntervalGrid("Europe/Amsterdam", 30).interval_start(instants("2026-01-01T00:00:00Z", moment))


def test_local_times_without_zone_are_refused() -> None:
    with pytest.raises(ValueError, match=r"instants_utc must be timestamps with a time zone.*got datetime64"):
        IntervalGrid("Europe/Amsterdam", 30).business_date(pd.Series(pd.to_datetime(["2026-01-01"])))


@pytest.mark.parametrize("time_zone", ["Europe/Harbour", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_named(time_zone: str) -> None:
    with pytest.raises(ValueError, match="is not in the tz database"):
        IntervalGrid(time_zone, 30)


def test_an_interval_that_is_none_of_the_three_is_refused() -> None:
    with pytest.raises(ValueError, match="interval_minutes is 20; expected 15, 30 or 60"):
        IntervalGrid("UTC", 20)  # type: ignore[arg-type]
