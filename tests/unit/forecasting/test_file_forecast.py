"""A file in, a forecast out: nothing of the as-of date or after matters, and whatever the file holds, the answer is honest."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.holiday_calendar import HolidayCalendar
from forecasting import file_forecast
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE
from forecasting.file_backtest import TABLE_COLUMNS, backtest_history
from forecasting.file_forecast import FileForecast, forecast_history
from forecasting.file_history import FileHistory, read_history
from forecasting.file_rows import COLUMNS, QUANTILE_COLUMNS, forecast_rows
from forecasting.files.job import Place, backtest_file, forecast_file

AS_OF = date(2026, 6, 1)  # a Monday
QUICK = (SEASONAL_NAIVE, SEASONAL_MEAN_4, SEASONAL_MEAN_8, DYNAMIC_REGRESSION)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_history, "__defaults__", (QUICK,))


def rows_of(counts: np.ndarray, queue: str = "calls", end: date = AS_OF) -> pd.DataFrame:
    dates = pd.date_range(end=pd.Timestamp(end) - pd.Timedelta(days=1), periods=len(counts)).strftime("%Y-%m-%d")
    return pd.DataFrame({"queue": queue, "timestamp": dates, "contacts": counts})


def noisy(days: int, seed: int = 1, level: float = 200.0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.resize([1.2, 1.0, 1.0, 0.9, 0.9, 0.4, 0.0], days) * level)


def half_hours(days: int, seed: int = 1) -> pd.DataFrame:
    stamps = pd.date_range(end="2026-05-31 23:30", periods=48 * days, freq="30min")
    hour = stamps.hour + stamps.minute / 60.0
    level = np.where((hour >= 8) & (hour < 18) & (stamps.day_of_week < 5), 6.0 + 4.0 * np.sin((hour - 8) / 10 * np.pi), 0.0)
    text = stamps.strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"queue": "desk", "timestamp": text, "contacts": np.random.default_rng(seed).poisson(level)})


def forecast(rows: pd.DataFrame, horizon: int = 28, country: str | None = None) -> tuple[FileHistory, FileForecast]:
    history = read_history(rows, AS_OF, "UTC")
    return history, forecast_history(history, None, HolidayCalendar(country) if country else None, horizon)


def days_of(rows: pd.DataFrame, **options: object) -> pd.DataFrame:
    out = forecast_rows(*forecast(rows, **options))  # type: ignore[arg-type]
    return out[out["grain"] == "day"].reset_index(drop=True)


def test_the_result_has_a_row_per_day_and_interval_and_intervals_add_up_to_their_day() -> None:
    out = forecast_rows(*forecast(half_hours(120)))
    assert tuple(out.columns) == COLUMNS
    days, intervals = out[out["grain"] == "day"], out[out["grain"] == "30min"]
    assert days["lead_days"].tolist() == list(range(1, 29))
    assert days["timestamp"].iloc[0] == pd.Timestamp(AS_OF)
    sums = intervals.groupby("lead_days")["mean"].sum()
    np.testing.assert_allclose(sums.to_numpy(), days["mean"].to_numpy(), atol=1e-5)
    assert (days["mean"].iloc[[5, 6]] == 0).all()  # closed at the weekend
    closed = intervals["timestamp"].dt.hour
    assert (intervals.loc[(closed < 8) | (closed >= 18), "mean"] == 0).all()
    quantiles = out[list(QUANTILE_COLUMNS)].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= 0).all()


def test_a_history_of_intervals_and_its_days_have_the_same_days_ahead() -> None:
    fine = half_hours(120)
    coarse = fine.assign(timestamp=fine["timestamp"].str[:10]).groupby(["queue", "timestamp"], as_index=False)["contacts"].sum()
    np.testing.assert_allclose(days_of(fine)["mean"], days_of(coarse)["mean"], rtol=1e-9)


def test_the_hour_that_clocks_repeat_is_forecast_twice_where_timestamps_name_their_offset() -> None:
    stamps = pd.date_range("2026-06-01", "2026-10-20", freq="30min", tz="Europe/Amsterdam", inclusive="left")
    counts = np.random.default_rng(1).poisson(6.0, len(stamps))
    rows = pd.DataFrame({"queue": "line", "timestamp": [stamp.isoformat() for stamp in stamps], "contacts": counts})
    history = read_history(rows, date(2026, 10, 20), "Europe/Amsterdam")
    out = forecast_rows(history, forecast_history(history, None, None, 7))
    changed = out[(out["lead_days"] == 6) & (out["grain"] == "30min")]
    assert len(changed) == 50
    utc = changed["timestamp"].dt.tz_convert("UTC")
    assert (utc.diff().dropna() == pd.Timedelta("30min")).all()
    day = out[(out["lead_days"] == 6) & (out["grain"] == "day")]["mean"].iloc[0]
    assert changed["mean"].sum() == pytest.approx(day, abs=1e-5)
    night = changed["mean"].to_numpy()[2:10]
    assert night.max() < 1.6 * night.min()


def test_a_week_later_the_same_history_gives_the_same_forecast() -> None:
    counts = noisy(140)
    later = rows_of(counts, end=date(2026, 6, 8))
    history = read_history(later, date(2026, 6, 8), "UTC")
    ahead = forecast_rows(history, forecast_history(history, None, None, 7))
    now = days_of(rows_of(counts), horizon=7)
    # The place in the month moves with the date; seven days of a young queue know no month.
    np.testing.assert_allclose(ahead["mean"], now["mean"], rtol=0.1)
    assert (ahead["timestamp"] - now["timestamp"] == pd.Timedelta(days=7)).all()


@pytest.mark.parametrize(
    ("counts", "flag"),
    [
        (np.full(3, 40), "short history: 3 days"),
        (np.full(30, 40), "short history: 30 days"),
        (np.full(300, 40), ""),
        (np.full(300, 12.5), ""),
    ],
)
def test_a_constant_history_forecasts_itself_and_a_short_one_says_so(counts: np.ndarray, flag: str) -> None:
    out = days_of(rows_of(counts))
    np.testing.assert_allclose(out["mean"], counts[0], rtol=1e-6)
    assert out["champion"].str.contains(flag, regex=False).all()


def test_nothing_but_zeros_forecasts_zero_and_says_so() -> None:
    out = days_of(rows_of(np.zeros(100)))
    assert (out[["mean", *QUANTILE_COLUMNS]] == 0).all().all()
    assert out["champion"].str.startswith("all_zero").all()


def test_a_model_that_fails_over_one_queue_leaves_the_others_their_models(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = file_forecast.run_backtest

    def breaks(panel: object, *arguments: object, **options: object) -> object:
        if "odd" in panel.queues and len(arguments[1]) > 3:  # type: ignore[attr-defined, arg-type]
            raise ArithmeticError
        return whole(panel, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(file_forecast, "run_backtest", breaks)
    rows = pd.concat([rows_of(noisy(150)), rows_of(noisy(150, 2), "odd")])
    out = days_of(rows)
    assert out.groupby("queue")["mean"].sum().gt(0).all()


def test_a_thousand_queues_of_three_rows_are_answered_together() -> None:
    rows = pd.concat([rows_of(np.array([5, 6, 7]), f"q{number}") for number in range(1000)])
    out = days_of(rows, horizon=7)
    assert out["queue"].nunique() == 1000
    assert out["mean"].between(5, 7).all()


def write(rows: pd.DataFrame, path: Path) -> Path:
    rows.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("what", ["perturbed", "deleted", "garbled", "broken lines"])
def test_whatever_stands_at_or_after_the_as_of_date_leaves_the_bytes_as_they_are(tmp_path: Path, what: str) -> None:
    later = pd.Timestamp(AS_OF) + pd.Timedelta(days=40)
    whole = rows_of(noisy(240), end=later.date()).astype(str)
    driver = whole.rename(columns={"queue": "driver", "timestamp": "date", "contacts": "value"}).assign(driver="visits")
    ahead = whole["timestamp"] >= str(AS_OF)
    results = []
    for number, change in enumerate(["nothing", what]):
        history, drivers = whole.copy(), driver.copy()
        if change == "perturbed":
            history.loc[ahead, "contacts"], drivers.loc[ahead, "value"] = "123456", "-5"
        elif change == "deleted":
            history, drivers = history[~ahead], drivers[~ahead]
        elif change == "garbled":
            history.loc[ahead], drivers.loc[ahead] = "#!?", "\N{REPLACEMENT CHARACTER}"
        files = [write(history, tmp_path / f"h{number}.csv"), write(drivers, tmp_path / f"d{number}.csv")]
        if change == "broken lines":
            for file in files:
                lines = file.read_bytes().split(b"\n")
                file.write_bytes(b"\n".join([*lines[:201], b'x,"y,,,,,\xff', b"\x00", b"1,2,3,4,5,6,7"]))
        out = tmp_path / f"o{number}.csv"
        made = forecast_file(files[0], AS_OF, 14, out, files[1], Place("NL", None, "Europe/Amsterdam"))
        assert made.kernels_file is not None
        results.append((out.read_bytes(), made.kernels_file.read_bytes()))
    assert results[0] == results[1]


def test_a_name_that_is_no_utf_8_is_refused_before_the_as_of_date_and_not_read_after_it(tmp_path: Path) -> None:
    lines = rows_of(noisy(60)).assign(queue="Z\u00fcrich").to_csv(index=False).encode("latin-1")
    (tmp_path / "h.csv").write_bytes(lines)
    with pytest.raises(NeedsPersonError, match=r"row 1: the name holds bytes that are no UTF-8.*save it so"):
        forecast_file(tmp_path / "h.csv", AS_OF, 7, tmp_path / "o.csv")
    later = "Z\u00fcrich,2026-06-02,5\n".encode("latin-1")
    (tmp_path / "h.csv").write_bytes(rows_of(noisy(60)).to_csv(index=False).encode() + later)
    assert set(forecast_file(tmp_path / "h.csv", AS_OF, 7, tmp_path / "o.csv").rows["queue"]) == {"calls"}


def test_parquet_in_and_out_gives_what_csv_gives(tmp_path: Path) -> None:
    rows = rows_of(noisy(100))
    csv = forecast_file(write(rows, tmp_path / "h.csv"), AS_OF, 7, tmp_path / "o.csv").rows
    rows.assign(timestamp=pd.to_datetime(rows["timestamp"])).to_parquet(tmp_path / "h.parquet")
    forecast_file(tmp_path / "h.parquet", AS_OF, 7, tmp_path / "o.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "o.parquet"), csv, check_dtype=False)


@pytest.mark.parametrize("content", ["", "queue,timestamp,contacts\n", "only one column\n1\n", "\x00\x01"])
def test_a_file_that_is_no_history_is_refused_in_words_and_nothing_is_written(tmp_path: Path, content: str) -> None:
    file = tmp_path / "h.csv"
    file.write_text(content)
    with pytest.raises(NeedsPersonError, match=r"[Ee]xpected"):
        forecast_file(file, AS_OF, 7, tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_a_horizon_of_one_day_has_the_same_models_and_numbers_as_the_first_of_a_week() -> None:
    rows = rows_of(noisy(200))
    one, week = days_of(rows, horizon=1), days_of(rows, horizon=7)
    pd.testing.assert_frame_equal(one, week[:1])
    assert "short history" not in one["champion"][0]


def test_bands_widen_where_no_backtest_reaches() -> None:
    out = days_of(rows_of(noisy(365)), horizon=400).query("mean > 0")
    width = (out["q90"] - out["q10"]) / out["mean"]
    assert width[out["lead_days"] > 370].median() > 1.5 * width[out["lead_days"] <= 28].median()


def test_queues_open_on_the_same_days_are_fitted_together_whatever_their_hours() -> None:
    early = half_hours(120)
    late = early.assign(queue="late", timestamp=(pd.to_datetime(early["timestamp"]) + pd.Timedelta(hours=3)).dt.strftime("%F %R"))
    made = forecast(pd.concat([early, late]).query("timestamp < '2026-06-01'"))[1]
    assert made.queues["desk"].hours != made.queues["late"].hours
    assert made.calendars["desk"] is made.calendars["late"]


@pytest.mark.parametrize(
    ("place", "horizon", "said"),
    [
        (Place("XX"), 7, "country 'XX'"),
        (Place("DE", "QQ"), 7, "subdivision 'QQ'"),
        (Place(None, "BY"), 7, "without a country"),
        (Place(None, None, "Mars"), 7, "time zone 'Mars'"),
        (Place(), 0, "horizon is 0 days"),
        (Place(), 547, "expected 1 to 546"),
    ],
)
def test_what_is_asked_for_wrongly_is_said(tmp_path: Path, place: Place, horizon: int, said: str) -> None:
    with pytest.raises(NeedsPersonError, match=said):
        forecast_file(write(rows_of(noisy(60)), tmp_path / "h.csv"), AS_OF, horizon, tmp_path / "o.csv", None, place)


def test_a_backtest_scores_champion_and_candidates_by_lead_and_reads_nothing_after_an_origin(tmp_path: Path) -> None:
    rows = rows_of(noisy(200))
    table = backtest_file(write(rows, tmp_path / "h.csv"), 3, 10, 28, None, tmp_path / "t.csv")
    assert tuple(pd.read_csv(tmp_path / "t.csv").columns) == TABLE_COLUMNS
    assert set(table["model"]) == {"champion", *(candidate.name for candidate in QUICK)}
    assert set(table["lead_band"]) == {"1-7", "8-14", "15-28"}
    assert table["wape_percent"].between(1, 30).all()
    changed = rows.copy()
    changed.loc[changed.index[-28:], "contacts"] = 9_999  # after the last origin: only what it is measured by
    other = backtest_history(changed, None, date(2199, 1, 1), "UTC", None, 1, 10, 28)
    same = backtest_history(rows, None, date(2199, 1, 1), "UTC", None, 1, 10, 28)
    assert (other["bias_percent"] < same["bias_percent"]).all()
    with pytest.raises(NeedsPersonError, match="at least 35 days"):
        backtest_file(write(rows_of(noisy(20)), tmp_path / "s.csv"), 3, 7, 28)


def test_a_queue_of_three_days_has_the_week_of_a_long_one_with_the_same_hours() -> None:
    week = np.resize([200.0, 200, 200, 200, 200, 40, 40], 280)  # Monday to Sunday, up to a Sunday
    long, young = rows_of(week, "long"), rows_of(np.array([100.0, 20.0, 20.0]), "young")
    out = days_of(pd.concat([long, young]))
    mean = out[out["queue"] == "young"]["mean"].to_numpy()
    assert mean[:5].min() > 3.0 * mean[5:7].max()
    assert out.loc[out["queue"] == "young", "champion"].str.startswith("group_profile (short history: 3 days").all()


def test_a_weekday_that_a_young_queue_has_not_had_is_as_its_group_has_it() -> None:
    week = np.array([300.0, 240.0, 200.0, 160.0, 140.0, 40.0, 20.0])
    out = days_of(pd.concat([rows_of(np.tile(week, 40), "long"), rows_of(0.2 * week[2:], "young")]))
    mean = out[out["queue"] == "young"]["mean"].to_numpy()
    assert mean[:2] == pytest.approx([60.0, 48.0], rel=0.1), "the queue's own five days say nothing of Mondays and Tuesdays"


def test_one_empty_sunday_of_a_small_queue_is_chance_where_others_are_open() -> None:
    others = [rows_of(np.array([4.0, 3.0, 2.0]), f"other_{number}") for number in range(4)]
    small, large = rows_of(np.array([3.0, 3.0, 0.0]), "small"), rows_of(np.array([90.0, 60.0, 0.0]), "large")
    out = days_of(pd.concat([*others, small, large]))
    sundays = out[pd.to_datetime(out["timestamp"]).dt.day_of_week == 6].groupby("queue")["mean"].first()
    assert 0.2 < sundays["small"] < 3.0
    assert sundays["large"] == 0.0


def test_a_queue_silent_for_a_year_and_a_half_is_forecast_from_its_last_days() -> None:
    rows = rows_of(np.array([48.0, 52.0]), end=date(2024, 12, 1))
    out = days_of(rows)
    assert out["mean"].between(40.0, 60.0).all()
    assert (out["q90"] > out["q10"]).all()


def test_a_queue_that_ended_months_ago_keeps_its_week_and_says_that_it_is_old() -> None:
    ended = rows_of(noisy(150), "ended", end=date(2025, 10, 1))
    out = days_of(pd.concat([ended, rows_of(noisy(400), "other")]))
    mine = out[out["queue"] == "ended"].reset_index(drop=True)
    assert mine["champion"][0].startswith("group_profile (no recent history: ")
    weekday_without = pd.Timestamp(ended["timestamp"][ended["contacts"] == 0].iloc[-1]).day_of_week
    closed = [pd.Timestamp(day).day_of_week == weekday_without for day in mine["timestamp"]]
    assert ((mine["mean"] == 0.0) == closed).all()


def test_what_was_odd_in_the_history_is_told() -> None:
    counts = noisy(200)
    counts[100:102] = 0
    counts[150] = 9000
    notes = forecast(rows_of(counts))[1].notes
    days = rows_of(counts)["timestamp"]
    assert any("count as closed" in note and days[100] in note and days[101] in note for note in notes)
    assert any("left out of fitting" in note and days[150] in note for note in notes)
    assert forecast(rows_of(noisy(200)))[1].notes == ()


def test_a_level_that_has_shifted_is_told_and_followed() -> None:
    counts = noisy(240)
    counts[-15:] = np.round(1.4 * counts[-15:])
    _, found = forecast(rows_of(counts))
    told = next(note for note in found.notes if note.startswith("levels: calls: the level has shifted"))
    assert rows_of(counts)["timestamp"].iloc[-15] in told
    _, usual = forecast(rows_of(noisy(240)))
    assert found.forecasts["calls"].mean.sum() / usual.forecasts["calls"].mean.sum() == pytest.approx(1.4, rel=0.06)


def test_rare_contacts_are_no_outliers() -> None:
    counts = np.random.default_rng(4).poisson(0.03, 600).astype(float)
    assert 10 < counts.sum() < 30
    out = days_of(rows_of(counts))
    assert 0.3 < out["mean"].sum() / (28 * counts.mean()) < 3.0  # not nothing at all
