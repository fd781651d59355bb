"""Patience: how long customers are willing to wait, per queue and period, from the waits of all, answered and abandoned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import gamma

from staffing.doors import FloatArray
from warehouse.tables.evidence import PATIENCE

PRIOR_ABANDONMENTS = 20.0
"""Weight of the settings' prior, in abandoned contacts: with many more than these, the data speaks alone."""
CHECKED_DAYS = 14
"""The last days of history: predicted from the days before them, so that the check is none of the estimate by itself."""
WHOLE = "all"
_BANDS = (0, 8, 12, 17, 24)
_DAYS = ("Monday to Friday",) * 5 + ("Saturday", "Sunday")
_WEIGHTS = tuple(float(weight) for weight in np.geomspace(5, 2000, 25))
"""Abandoned contacts that a period needs to count as much as its queue; the data says how likely each is."""
_LOW, _HIGH = 0.025, 0.975


def periods(starts: pd.Series, time_zone: str) -> pd.Series:
    """The period of patience in which each interval lies: kind of day and part of it, local time.

    Example:
        >>> periods(pd.Series(pd.to_datetime(["2026-11-13 07:30Z", "2026-11-14 20:00Z"])), "Europe/Amsterdam").to_list()
        ['Monday to Friday 08-12', 'Saturday 17-24']
    """
    local = starts.dt.tz_convert(time_zone)
    band = np.searchsorted(_BANDS, local.dt.hour.to_numpy(), side="right") - 1
    names = [f"{_BANDS[place]:02d}-{_BANDS[place + 1]:02d}" for place in range(len(_BANDS) - 1)]
    words = [f"{_DAYS[day]} {names[part]}" for day, part in zip(local.dt.day_of_week, band, strict=True)]
    return pd.Series(words, index=starts.index, dtype="str")


def estimated_patience(history: pd.DataFrame, wanted: Sequence[str], prior_seconds: float | None, last: date) -> pd.DataFrame:
    """Patience of one queue in every period, with its interval and a check.

    Patience is exponential within a period and cut short by being answered; its rate is estimated by maximum likelihood:
    abandoned contacts over all waiting time. Periods of a queue are alike: their rates are gamma distributed about the queue's,
    with a spread that is learnt from them, so that a period with few abandonments is drawn to its queue. The queue's own rate is
    drawn to the prior of the settings in the same way, with the weight of 20 abandonments.

    Args:
        history: rows of INTERVAL_HISTORY of the queue with `period`; days that are not whole or held left out by the caller.
            Intervals whose waiting time or abandonments are not known are left out here.
        wanted: periods that the plan needs, whether or not history has them.
        prior_seconds: prior mean patience, > 0; None for none.
        last: the last day of history.

    Returns:
        Rows of PATIENCE without `plan_date` and `queue_id`, the queue as a whole ("all") among them. The estimate is missing
        where neither data nor prior know of anybody who gives up; observed and predicted abandonment are missing where the
        last two weeks have no contacts or the days before them no abandonment.

    Source: Mandelbaum, Zeltyn (2007), section 4; Brown et al. (2005), section 6; Gelman et al. (2013), sections 2.7 and 5.7.
    """
    known = history.dropna(subset=["wait_seconds", "abandoned_contacts"])
    sums = _sums(known, wanted)
    found = _fitted(sums, prior_seconds)
    recent = known["business_date"] > last - timedelta(days=CHECKED_DAYS)
    before = _fitted(_sums(known[~recent], list(sums.index[:-1])), prior_seconds)
    seen = _sums(known[recent], list(sums.index[:-1]))
    some = seen["offered_contacts"] > 0
    rates = 1.0 / before["mean_patience_seconds"]
    rows = pd.DataFrame(
        {
            "period": sums.index,
            "offered_contacts": sums["offered_contacts"].astype("int64"),
            "abandoned_contacts": sums["abandoned_contacts"].astype("int64"),
            "wait_seconds": sums["wait_seconds"],
            **found,
            "checked_contacts": seen["offered_contacts"].astype("int64"),
            "observed_abandoned_fraction": (seen["abandoned_contacts"] / seen["offered_contacts"]).where(some),
            "predicted_abandoned_fraction": (seen["wait_seconds"] * rates / seen["offered_contacts"]).where(some).clip(upper=1.0),
        }
    )
    return rows.reset_index(drop=True)[[name for name in PATIENCE.column_names if name in rows]]


def _sums(known: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Contacts, abandonments and waiting time per period, and of all periods in the last row."""
    names = ["offered_contacts", "abandoned_contacts", "wait_seconds"]
    sums = known.groupby("period")[names].sum().astype("float64")
    sums = sums.reindex(sorted({*sums.index, *wanted}), fill_value=0.0)
    sums.loc[WHOLE] = sums.sum()
    return sums


def _fitted(sums: pd.DataFrame, prior_seconds: float | None) -> dict[str, FloatArray]:
    """Estimate, interval and weight of the queue for each row of `_sums`."""
    abandoned = sums["abandoned_contacts"].to_numpy(dtype=np.float64)
    waited = sums["wait_seconds"].to_numpy(dtype=np.float64)
    extra = 0.0 if prior_seconds is None else PRIOR_ABANDONMENTS
    queue_abandoned, queue_waited = abandoned[-1] + extra, waited[-1] + extra * (prior_seconds or 0.0)
    if queue_abandoned <= 0 or queue_waited <= 0:
        nothing = np.full(len(sums), np.nan)
        return {
            "mean_patience_seconds": nothing, "mean_patience_seconds_low": nothing, "mean_patience_seconds_high": nothing,
            "queue_weight_contacts": np.zeros(len(sums)),
        }  # fmt: skip
    rate = queue_abandoned / queue_waited
    chances = _chances(abandoned[:-1], waited[:-1], rate)
    weight = np.asarray(_WEIGHTS)[:, None]
    total = waited[:-1] + weight / rate
    means = (abandoned[:-1] + weight) / total
    # The queue's rate is itself an estimate, with a relative variance of one over its abandonments.
    variances = means / total + (means * weight / rate / total) ** 2 / queue_abandoned
    mean = chances @ means
    shape = np.r_[mean**2 / (chances @ (variances + means**2) - mean**2), queue_abandoned]
    mean = np.r_[mean, rate]
    return {
        "mean_patience_seconds": 1.0 / mean,
        "mean_patience_seconds_low": shape / mean / gamma.ppf(_HIGH, shape),
        "mean_patience_seconds_high": shape / mean / gamma.ppf(_LOW, shape),
        "queue_weight_contacts": np.r_[np.full(len(sums) - 1, np.exp(chances @ np.log(_WEIGHTS))), extra],
    }


def _chances(abandoned: FloatArray, waited: FloatArray, rate: float) -> FloatArray:
    """How likely each weight k of the queue is, if before any spread of the periods, 1 / sqrt(k), is as likely as another.

    Period rates are gamma(k, k / rate), so abandonments are negative binomial. Few periods cannot tell a small spread from none;
    the average over all weights keeps the intervals honest where the likeliest one would not.
    """
    seen = waited > 0
    count, expected = abandoned[seen], waited[seen] * rate
    k = np.asarray(_WEIGHTS)[:, None]
    whole = k + expected
    terms = gammaln(k + count) - gammaln(k) + k * np.log(k / whole) + count * np.log(expected / whole)
    likelihood = terms.sum(axis=1) - 0.5 * np.log(_WEIGHTS)
    chances: FloatArray = np.exp(likelihood - likelihood.max())
    chances /= chances.sum()
    return chances
