"""A forecast that no model can take is refused by queue, interval and remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from staffing.forecast_door import handle_seconds_or_prior, require_numbers
from warehouse.tables.forecast import OFFERED_QUANTILES

NAMES = ["mean_offered_contacts", *(column.name for column in OFFERED_QUANTILES)]


def forecast(column: str, value: float) -> pd.DataFrame:
    starts = pd.date_range("2026-10-23 06:00", periods=3, freq="30min", tz="UTC")
    rows = pd.DataFrame(dict.fromkeys(NAMES, 4.0), index=range(3)).assign(interval_start_utc=starts, mean_handle_seconds=300.0)
    rows.loc[1, column] = value
    return rows


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("column", [NAMES[0], NAMES[-1]])
def test_contacts_that_are_no_number_are_named(column: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"queue mail, Fri 2026-10-23 08:30: {column} is {value:g}; .*"):
        require_numbers("mail", forecast(column, value), "Europe/Amsterdam")


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_handle_times_that_cannot_be_are_named(value: float) -> None:
    with pytest.raises(ValueError, match="mean_handle_seconds is"):
        require_numbers("mail", forecast("mean_handle_seconds", value), "Europe/Amsterdam")


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_an_unknown_handle_time_is_the_priors_matter(value: float) -> None:
    require_numbers("mail", forecast("mean_handle_seconds", value), "Europe/Amsterdam")


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_where_the_prior_stands_in_is_said(value: float) -> None:
    handle, unknown = handle_seconds_or_prior(forecast("mean_handle_seconds", value), 420.0)
    assert (handle.tolist(), unknown.tolist()) == ([300.0, 420.0, 300.0], [False, True, False])
