"""Handle times for the simulation: as observed where there is enough, fitted where it is thin, never another mean."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from staffing.handle_times import GRID, OBSERVED, handle_times


def rows(*queues: tuple[str, int, float, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(queues, columns=["queue_id", "contacts", "log_deviation", "quantiles"])


def test_many_contacts_are_resampled_few_are_fitted_and_very_few_borrow_the_others_spread() -> None:
    quantiles = list(np.linspace(10, 1000, len(GRID)))
    found = handle_times(rows(("many", 5000, 0.9, quantiles), ("few", 60, 0.4, quantiles), ("hardly", 3, 2.0, quantiles)))
    assert found["many"].factors == pytest.approx(np.array(quantiles) / np.mean(quantiles))
    assert np.log(found["few"].factors).std() == pytest.approx(0.4, rel=0.02)
    spread = (5000 * 0.9 + 60 * 0.4) / 5060
    assert np.log(found["hardly"].factors).std() == pytest.approx(spread, rel=0.02)
    assert all(one.factors.mean() == pytest.approx(1) for one in found.values())


def test_without_any_history_there_is_no_distribution() -> None:
    assert handle_times(rows(("hardly", 3, 2.0, []))) == {}
    assert handle_times(rows()) == {}


def test_what_is_observed_is_the_same_to_the_last_bit_in_whatever_order_the_rows_lie() -> None:
    handled = np.random.default_rng(5).lognormal(5.6, 0.7, 5000)
    found = []
    for order in (handled, np.sort(handled), handled[::-1]):
        contacts = pd.DataFrame({"queue_id": "a", "handle_seconds": [*order, 0.0], "outcome": "answered"})
        alone = pd.DataFrame({"queue_id": ["b"], "handle_seconds": [60.0], "outcome": ["answered"]})
        with duckdb.connect(":memory:") as database:
            database.register("contacts", pd.concat([contacts, alone], ignore_index=True))
            found.append(database.execute(OBSERVED).df())
    assert found[0]["contacts"].tolist() == [5000, 1]
    assert found[0]["log_deviation"].tolist() == [pytest.approx(np.log(handled).std(ddof=1), rel=1e-6), 0.0]
    for other in found[1:]:
        assert other["log_deviation"].tolist() == found[0]["log_deviation"].tolist()
        assert np.array_equal(np.stack(other["quantiles"]), np.stack(found[0]["quantiles"]))
