"""Claims of days on which their feed is missing are not taken for days without claims."""

from datetime import date, timedelta

import pandas as pd

from forecasting.claims_series import claims_series

FIRST = date(2026, 8, 3)
DATES = [FIRST + timedelta(days=step) for step in range(70)]


def reported(missing: set[date]) -> pd.DataFrame:
    """Forty claims a day, eighty on Mondays; none, and said so, on days with a missing feed."""
    rows = [
        ("motor", "unknown" if day in missing else "west", "glass", day, 0 if day in missing else 40 + 40 * (day.weekday() == 0))
        for day in DATES
    ]
    frame = pd.DataFrame(rows, columns=["line_of_business", "region", "peril", "business_date", "reported_claims"])
    return frame.assign(catastrophe_claims=0, source_complete=~frame["business_date"].isin(missing))


def test_a_day_without_feed_has_the_claims_of_its_weekday_and_that_is_said() -> None:
    gap = {DATES[63], DATES[69]}  # a Monday and a Sunday
    series, words = claims_series(reported(gap), DATES)
    assert series.loc[DATES[63], "motor"] == 80
    assert series.loc[DATES[69], "motor"] == 40
    assert str(DATES[63]) in words
    assert "usual level" in words


def test_a_whole_feed_is_left_as_it_is_and_a_day_without_rows_has_no_claims() -> None:
    rows = reported(set())
    series, words = claims_series(rows[rows["business_date"] != DATES[10]], DATES)
    assert words == ""
    assert series.loc[DATES[10], "motor"] == 0
    assert series["motor"].sum() == rows["reported_claims"].sum() - 40


def test_a_gap_is_filled_from_the_days_before_it_only() -> None:
    gap = {DATES[42]}
    rows = reported(gap)
    later = rows.assign(reported_claims=rows["reported_claims"].mask(rows["business_date"] > DATES[42], 999))
    assert claims_series(rows, DATES)[0].loc[DATES[42], "motor"] == claims_series(later, DATES)[0].loc[DATES[42], "motor"]
