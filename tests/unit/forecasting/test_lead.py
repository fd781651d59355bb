"""The claims lead: found where it was planted, refused where there is none, blind to the future."""

from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.opening import Opening
from forecasting.calendar import QueueCalendar, queue_calendar
from forecasting.claims_forecast import forecast_claims
from forecasting.exposure import BUSINESS, CALENDAR, MOVED, exposures
from forecasting.kernel import Shape, solve
from forecasting.lead import classes_used, estimate_leads
from forecasting.lead_result import LeadResult
from forecasting.lead_series import FEWEST_DAYS

FIRST = date(2025, 1, 6)
DAYS = 420
HORIZON = 14
LAGS = 10
KERNEL = np.array([0.05, 0.25, 0.3, 0.2, 0.1, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0])
WEEKDAYS = Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam")


@pytest.fixture(scope="module")
def calendar() -> QueueCalendar:
    return queue_calendar(WEEKDAYS, FIRST, FIRST + timedelta(days=DAYS + HORIZON - 1), deferred=False)


@pytest.fixture(scope="module")
def dates() -> list[date]:
    return [FIRST + timedelta(days=k) for k in range(DAYS)]


def stormy_claims(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = np.tile([30.0, 26, 24, 24, 26, 10, 8], DAYS // 7 + 1)[:DAYS]
    for start in rng.integers(20, DAYS - 10, 8):
        level[start : start + 5] += rng.uniform(120, 300) * 0.5 ** np.arange(min(5, DAYS - start))
    return rng.poisson(level).astype(float)


def contacts(calendar: QueueCalendar, claims: np.ndarray, kernel: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 1])
    base = np.tile([220.0, 180, 170, 175, 190, 0, 0], DAYS // 7 + 1)[:DAYS] * rng.gamma(200, 1 / 200, DAYS)
    brought = exposures(claims, calendar.takes_contacts[:DAYS], LAGS) @ kernel
    drawn = rng.poisson(base + brought).astype(float)
    drawn[~calendar.takes_contacts[:DAYS]] = np.nan
    return drawn


def estimated(
    calendar: QueueCalendar, dates: list[date], offered: np.ndarray, claims: np.ndarray, as_of: date | None = None
) -> LeadResult:
    return estimate_leads(
        pd.DataFrame({"calls": offered}, index=dates),
        pd.DataFrame({"storm": claims}, index=dates),
        {"calls": calendar},
        as_of or dates[-1],
        HORIZON,
        LAGS,
        seed=7,
    )


def test_a_planted_kernel_is_recovered_and_used(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(1)
    result = estimated(calendar, dates, contacts(calendar, claims, KERNEL, 1), claims)
    kernel = result.kernels["contacts_per_claim"].to_numpy()
    assert result.used == {"calls": True}
    assert np.abs(kernel - KERNEL).sum() < 0.25
    assert abs(int(kernel.argmax()) - int(KERNEL.argmax())) <= 1
    inside = (result.kernels["contacts_per_claim_low"] <= KERNEL) & (result.kernels["contacts_per_claim_high"] >= KERNEL)
    assert inside.mean() >= 0.6


def test_a_storm_of_the_last_day_raises_the_contacts_of_the_days_after(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(2)
    claims[-1] += 400
    result = estimated(calendar, dates, contacts(calendar, claims, KERNEL, 2), claims)
    future = result.contacts_future["calls"].to_numpy()
    open_days = calendar.takes_contacts[DAYS : DAYS + HORIZON]
    first, last = future[open_days][0], future[open_days][-1]
    assert first > last + 60
    assert result.kernels["contacts_to_come"].iloc[0] > 250


@pytest.mark.parametrize("counting", [MOVED, CALENDAR, BUSINESS])
def test_contacts_by_day_of_claims_add_up_to_all_that_claims_bring(
    counting: str, calendar: QueueCalendar, dates: list[date]
) -> None:
    claims = stormy_claims(2)
    offered = pd.DataFrame({"calls": contacts(calendar, claims, KERNEL, 2)}, index=dates)
    series = pd.DataFrame({"storm": claims}, index=dates)
    result = estimate_leads(offered, series, {"calls": calendar}, dates[-1], HORIZON, LAGS, seed=7, counting=counting)
    assert result.used == {"calls": True}
    found = result.by_day
    assert found["contacts"].gt(0).all()
    together = found.groupby("business_date")["contacts"].sum()
    future = result.contacts_future["calls"]
    assert together.reindex(future.index).fillna(0).tolist() == pytest.approx(future.tolist(), abs=0.01)
    assert (found["reported_date"] <= found["business_date"]).all(), "a claim brings nothing before it is reported"
    known = found[found["reported_date"] <= dates[-1]]
    assert known["value"].tolist() == [claims[dates.index(day)] for day in known["reported_date"]]


def test_a_storms_contacts_are_the_storms(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(2)
    calm = estimated(calendar, dates, contacts(calendar, claims, KERNEL, 2), claims)
    claims[-1] += 400
    stormy = estimated(calendar, dates, contacts(calendar, claims, KERNEL, 2), claims)
    of_the_day = [one.by_day.loc[one.by_day["reported_date"] == dates[-1], "contacts"].sum() for one in (calm, stormy)]
    assert of_the_day[1] - of_the_day[0] == pytest.approx(400 * KERNEL[1:].sum(), rel=0.25)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_unrelated_claims_are_not_used(calendar: QueueCalendar, dates: list[date], seed: int) -> None:
    result = estimated(
        calendar, dates, contacts(calendar, stormy_claims(seed), np.zeros(LAGS + 1), seed), stormy_claims(seed + 100)
    )
    assert result.used == {"calls": False}
    assert (result.contacts_future["calls"] == 0).all()
    assert result.kernels["verdict"].str.startswith("Not used").all()


def test_a_relation_of_the_same_day_only_is_refused(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = np.random.default_rng(6).poisson(30, DAYS).astype(float)
    same_day = np.zeros(LAGS + 1)
    same_day[0] = 1.0
    assert estimated(calendar, dates, contacts(calendar, claims, same_day, 6), claims).used == {"calls": False}


def test_nothing_after_the_as_of_date_changes_the_lead(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(8)
    offered = contacts(calendar, claims, KERNEL, 8)
    origin = dates[300]
    cut = queue_calendar(WEEKDAYS, FIRST, origin + timedelta(days=HORIZON), deferred=False)
    before = estimated(cut, dates, offered, claims, origin)
    offered[301:] *= 3
    claims[301:] += 99
    after = estimated(cut, dates, offered, claims, origin)
    pd.testing.assert_frame_equal(before.kernels, after.kernels)
    pd.testing.assert_frame_equal(before.contacts_future, after.contacts_future)


def test_short_history_looks_for_no_lead_and_says_so(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(9)
    offered = contacts(calendar, claims, KERNEL, 9)
    offered[: DAYS - FEWEST_DAYS] = np.nan
    result = estimated(calendar, dates, offered, claims)
    assert result.used == {"calls": False}
    assert result.kernels["verdict"].str.contains("usable days of history").all()


def closings(days: int, seed: int, lag: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """What is resolved closes by itself some days later, but for a little noise."""
    rng = np.random.default_rng(seed)
    resolved = rng.poisson(np.resize([400.0, 380, 390, 360, 370, 40, 30], DAYS) * rng.gamma(40.0, 1 / 40.0, DAYS)).astype(float)
    closed = np.roll(resolved, lag) + rng.poisson(10.0, DAYS)
    closed[: DAYS - days] = np.nan
    return closed, resolved


ALWAYS = Opening({day: [(time(0), time(23, 59))] for day in range(7)}, "Europe/Amsterdam")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_lead_that_explains_nearly_everything_is_proved_on_a_month(dates: list[date], seed: int) -> None:
    calendar = queue_calendar(ALWAYS, FIRST, FIRST + timedelta(days=DAYS + HORIZON - 1), deferred=False)
    closed, resolved = closings(31, seed)
    result = estimated(calendar, dates, closed, resolved)
    assert result.used == {"calls": True}
    assert int(result.kernels["contacts_per_claim"].to_numpy().argmax()) == 5
    assert result.kernels["verdict"].str.contains("on days held out, more than 58.1 % is needed").all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_month_of_chance_proves_nothing(dates: list[date], seed: int) -> None:
    calendar = queue_calendar(ALWAYS, FIRST, FIRST + timedelta(days=DAYS + HORIZON - 1), deferred=False)
    closed, _ = closings(31, seed)
    assert estimated(calendar, dates, closed, closings(31, seed + 50)[1]).used == {"calls": False}


def test_known_verdicts_are_followed_without_testing_again(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(1)
    offered = contacts(calendar, claims, KERNEL, 1)
    first = estimated(calendar, dates, offered, claims)
    assert classes_used(first) == {"calls": frozenset({"storm"})}
    again = estimate_leads(
        pd.DataFrame({"calls": offered}, index=dates),
        pd.DataFrame({"storm": claims}, index=dates),
        {"calls": calendar},
        dates[-1],
        HORIZON,
        LAGS,
        seed=7,
        known_verdicts=classes_used(first),
    )
    pd.testing.assert_frame_equal(first.contacts_future, again.contacts_future)


def test_a_kernel_is_never_negative_and_exact_without_noise() -> None:
    rng = np.random.default_rng(10)
    lags = rng.poisson(20, (400, LAGS + 1)).astype(float)
    beta = solve(lags.T @ lags, lags.T @ (lags @ KERNEL), (Shape(1e-9, tuple(range(LAGS + 1))),))
    assert (beta >= 0).all()
    assert np.abs(beta - KERNEL).max() < 0.01
    assert (solve(lags.T @ lags, -(lags.T @ (lags @ KERNEL)), (Shape(0.1, tuple(range(LAGS + 1))),)) == 0).all()


def test_contacts_of_a_closed_day_come_on_the_next_open_day() -> None:
    claims = np.zeros(8)
    claims[4] = 10.0  # Friday
    met = exposures(claims, np.array([True, True, True, True, True, False, False, True]), 3)
    assert met[7].tolist() == [0.0, 10.0, 10.0, 10.0]  # lags 1 and 2 fell on the weekend, lag 3 on Monday itself


def test_a_running_storm_decays_and_leaves_the_ordinary_level() -> None:
    claims = np.full(120, 20.0)
    claims[-1] = 220.0
    outlook = forecast_claims(claims, 20)
    assert outlook.surge_claims == pytest.approx(200.0)
    assert (np.diff(outlook.expected) < 0).all()
    assert outlook.expected[-1] == pytest.approx(20.0, abs=0.1)


def test_a_storm_is_split_from_the_ordinary_level_in_past_and_future() -> None:
    claims = np.tile([30.0, 26, 24, 24, 26, 10, 8], 20)
    claims[-3:] += [300.0, 240.0, 200.0]
    outlook = forecast_claims(claims, 5)
    assert outlook.surges[-3:].tolist() == pytest.approx([300.0, 240.0, 200.0], abs=1.0)
    assert outlook.surges[:-3].sum() == 0.0
    assert outlook.running[0] == pytest.approx(200.0 * outlook.decay_per_day, abs=1.0)
    assert 0.5 < outlook.decay_per_day < 0.9  # 240 of 300 and 200 of 240 were left the day after


def test_the_first_surge_ever_brings_what_ordinary_claims_have_shown(calendar: QueueCalendar, dates: list[date]) -> None:
    rng = np.random.default_rng(20)
    claims = rng.poisson(np.resize([60.0, 52, 48, 48, 52, 20, 16], DAYS) * rng.gamma(4.0, 1 / 4.0, DAYS)).astype(float)
    claims[-2:] += [1500.0, 900.0]  # ten times what any day had
    offered = contacts(calendar, claims, KERNEL, 20)
    result = estimated(calendar, dates, offered, claims)
    assert result.used == {"calls": True}
    outlook = forecast_claims(claims, HORIZON).expected
    takes = calendar.takes_contacts[: DAYS + HORIZON]
    true = exposures(np.concatenate([claims, outlook]), takes, LAGS)[DAYS:] @ KERNEL
    assert result.contacts_future["calls"].sum() == pytest.approx(true.sum(), rel=0.25)


def test_contacts_of_a_kernel_that_drifts_are_foretold_by_what_it_is_today(calendar: QueueCalendar, dates: list[date]) -> None:
    claims = stormy_claims(21)
    fewer = np.linspace(2.5, 1.0, DAYS)
    rng = np.random.default_rng(21)
    brought = exposures(claims, calendar.takes_contacts[:DAYS], LAGS) @ KERNEL
    offered = rng.poisson(np.tile([220.0, 180, 170, 175, 190, 0, 0], DAYS // 7 + 1)[:DAYS] + brought * fewer).astype(float)
    offered[~calendar.takes_contacts[:DAYS]] = np.nan
    result = estimated(calendar, dates, offered, claims)
    assert result.used == {"calls": True}
    assert result.kernels["contacts_per_claim"].sum() == pytest.approx(KERNEL.sum(), rel=0.2)
    past = result.contacts_past["calls"].to_numpy()
    assert past[:100].sum() == pytest.approx((brought * fewer)[:100].sum(), rel=0.2)
