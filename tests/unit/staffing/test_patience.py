"""Patience per period: the likelihood's own value where there is much, the queue's where there is little, and it holds ahead."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from staffing.patience import WHOLE, estimated_patience, periods

LAST = date(2026, 11, 12)


def history(**per_day: tuple[int, int, float]) -> pd.DataFrame:
    """Eight weeks in which every day has (offered, abandoned, waited) per period."""
    rows = [(LAST - timedelta(days=ago), period, *counts) for ago in range(56) for period, counts in per_day.items()]
    return pd.DataFrame(rows, columns=["business_date", "period", "offered_contacts", "abandoned_contacts", "wait_seconds"])


def estimates(rows: pd.DataFrame, prior: float | None = None, wanted: tuple[str, ...] = ()) -> pd.DataFrame:
    return estimated_patience(rows, wanted, prior, LAST).set_index("period")


def test_periods_that_differ_keep_their_own_patience_and_the_interval_holds_it() -> None:
    found = estimates(history(morning=(500, 60, 6000.0), evening=(500, 20, 6000.0)))
    assert found.loc["morning", "mean_patience_seconds"] == pytest.approx(100, rel=0.02)
    assert found.loc["evening", "mean_patience_seconds"] == pytest.approx(300, rel=0.02)
    assert found.loc["morning", "mean_patience_seconds_high"] < found.loc["evening", "mean_patience_seconds_low"]


def test_a_period_with_one_abandonment_is_drawn_to_its_queue() -> None:
    rows = pd.concat([history(day=(500, 50, 6000.0), eve=(500, 50, 6000.0)), history(night=(1, 0, 1.0)).head(3)])
    found = estimates(rows)
    assert found.loc["night", "mean_patience_seconds"] == pytest.approx(120, rel=0.02)
    assert found.loc["night", "queue_weight_contacts"] > 100, "periods that are alike give the queue a large weight"
    night, queue = found.loc["night"], found.loc[WHOLE]
    assert night["mean_patience_seconds_low"] <= queue["mean_patience_seconds_low"], "less is known of a period than of its queue"


def test_without_data_the_prior_speaks_and_without_either_nobody_is_known_to_give_up() -> None:
    nothing = history().astype({"offered_contacts": "int64"}) if len(history()) else history(day=(0, 0, 0.0)).head(0)
    found = estimates(nothing, 180.0, ("day",))
    assert found["mean_patience_seconds"].to_dict() == pytest.approx({"day": 180.0, WHOLE: 180.0})
    assert estimates(nothing, None, ("day",))["mean_patience_seconds"].isna().all()


def test_nobody_ever_gives_up_in_data_and_there_is_no_prior() -> None:
    assert estimates(history(day=(50, 0, 500.0)))["mean_patience_seconds"].isna().all()


def test_the_check_predicts_the_last_two_weeks_from_the_days_before_them() -> None:
    rows = history(day=(500, 50, 6000.0))
    recent = rows["business_date"] > LAST - timedelta(days=14)
    rows.loc[recent, "abandoned_contacts"] = 100
    found = estimates(rows).loc["day"]
    assert found["checked_contacts"] == 14 * 500
    assert found["observed_abandoned_fraction"] == pytest.approx(0.2)
    assert found["predicted_abandoned_fraction"] == pytest.approx(0.1, rel=0.01)


def test_intervals_that_the_source_is_silent_on_are_left_out() -> None:
    rows = history(day=(500, 50, 6000.0))
    silent = rows.assign(abandoned_contacts=np.nan, wait_seconds=1e9)
    both = pd.concat([rows, silent])
    pd.testing.assert_frame_equal(estimates(both), estimates(rows), check_dtype=False)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Simulated periods with a common queue: 95 % intervals of the periods' own patience, at least 90 % of 300 cover."""
    generator = np.random.default_rng(11)
    covered, count = 0, 0
    for _ in range(50):
        truth = 1.0 / generator.gamma(50, 1 / (50 * 200), 6)  # about 200 s, 14 % spread between periods
        waited = generator.uniform(2_000, 60_000, 6)
        lost = generator.poisson(waited / truth)
        rows = pd.DataFrame(
            {
                "business_date": LAST, "period": [f"p{place}" for place in range(6)], "offered_contacts": 1000,
                "abandoned_contacts": lost, "wait_seconds": waited,
            }
        )  # fmt: skip
        found = estimates(rows).drop(index=WHOLE)
        covered += int(((found["mean_patience_seconds_low"] <= truth) & (truth <= found["mean_patience_seconds_high"])).sum())
        count += 6
    assert covered / count >= 0.9


def test_a_clock_change_moves_no_interval_to_another_period() -> None:
    starts = pd.Series(pd.to_datetime(["2026-10-25 00:30Z", "2026-10-25 06:30Z", "2026-10-25 07:00Z"]))
    assert periods(starts, "Europe/Amsterdam").to_list() == ["Sunday 00-08", "Sunday 00-08", "Sunday 08-12"]
