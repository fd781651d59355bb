"""Which model's forecast is published for a queue, and why, in words.

The mean of the models is champion unless the backtest beats it clearly: picking a single winner adds noise. A member that has
gone wrong is thrown out of the mean; a seasonal mean that is as good as the models belongs to it, since its errors are others.
A seasonal mean stays alone where nothing beats it by a margin. A history too short to compare anything has the group's profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.backtest import Backtest
from forecasting.calendar import BoolArray, FloatArray
from forecasting.candidates.candidate import Candidate
from forecasting.fallback import NAME as GROUP_PROFILE
from forecasting.scores import wape

MEAN_OF_MODELS = "mean_of_models"
SHORT_HISTORY_DAYS = 42
"""Days to fit on below which no models are compared: six weeks."""
FEWEST_BACKTEST_DAYS = 20
_NAIVE_HANDICAP = 1.25
"""A single week is a poor teacher: it has to do better than the means by that much, or luck would choose it too often."""
_LOW_COUNT = 5.0
"""A day, below which models are compared by squared errors."""
_SQUARED = f" (root mean squared errors over the mean day: fewer than {_LOW_COUNT:g} contacts a day)"
_CLEARLY_BETTER = 0.05
_MOST_ORIGINS = 0.75
_MARGIN_OVER_SIMPLE = 0.005
_GONE_WRONG = 1.15
"""Times the best error from which on a model is left out of the mean."""
_NOT_WRONG = 0.001
"""An error with which no model has gone wrong, though another have none at all: of contacts that never change, say."""
_AS_GOOD_AS_MODELS = 1.05
"""Times the best error up to which a seasonal mean is taken into the mean."""


@dataclass(frozen=True)
class Choice:
    """The champion of one queue.

    Attributes:
        champion: name of the model.
        members: models whose mean is published; the champion alone where it is no mean.
        reasons: why each candidate is or is not the champion, in words.
        fallback_reason: why a simpler model than usual was used; None when all was well.
    """

    champion: str
    members: tuple[str, ...]
    reasons: dict[str, str]
    fallback_reason: str | None = None


def mean_forecast(forecasts: dict[str, FloatArray], members: Sequence[str]) -> FloatArray:
    """Mean of the members present at each point; NaN where none is."""
    stack = np.stack([forecasts[name] for name in members])
    present = np.isfinite(stack)
    total = np.where(present, stack, 0.0).sum(axis=0)
    count = present.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def choose_champion(backtest: Backtest, queue: int, candidates: Sequence[Candidate], fit_days: int) -> Choice:
    """Decide for one queue.

    Args:
        backtest: all candidates' past forecasts.
        queue: position of the queue.
        candidates: the candidates of the backtest, the simple ones among them.
        fit_days: days the queue can be fitted on today.
    """
    simple = [c for c in candidates if c.is_simple and c.name in backtest.forecasts]
    models = [c for c in candidates if not c.is_simple and fit_days >= c.minimum_days]
    actual = backtest.actual[:, :, queue]
    by_name = {c.name: backtest.forecasts[c.name][:, :, queue] for c in candidates}
    common = _common_origins([by_name[c.name] for c in models if c.every == 1] or [by_name[c.name] for c in models], actual)
    scored_days = int(np.isfinite(actual[common]).sum()) if models else 0
    if fit_days < SHORT_HISTORY_DAYS or scored_days < FEWEST_BACKTEST_DAYS:
        return _short_history(candidates, fit_days, is_recent=int(np.isfinite(actual).sum()) >= FEWEST_BACKTEST_DAYS)
    scores = {c.name: _error(actual[common], by_name[c.name][common]) for c in candidates if c.every == 1}
    best_simple = min((c.name for c in simple), key=lambda name: _handicap(name) * _or_infinite(scores[name]))
    for candidate in candidates:
        if candidate.every > 1:
            scores[candidate.name] = _score_of_costly(actual, by_name[candidate.name], by_name[best_simple], scores[best_simple])
    reasons: dict[str, str] = {}
    members = _members([c.name for c in models], scores, best_simple, reasons)
    if members:
        members += _seasonal_members([c.name for c in simple], scores, reasons)
    if not members:
        reasons[best_simple] = "champion: every model has gone wrong in the backtest, the best seasonal forecast is left"
        return Choice(best_simple, (best_simple,), _complete(reasons, candidates, scores, actual[common]), reasons[best_simple])
    mean_score = _error(actual[common], mean_forecast(by_name, members)[common])
    scores[MEAN_OF_MODELS] = mean_score
    if not mean_score < (1.0 - _MARGIN_OVER_SIMPLE) * scores[best_simple]:
        reasons[best_simple] = (
            f"champion: a seasonal forecast stays unless it is beaten by {_MARGIN_OVER_SIMPLE:.1%}; "
            f"the mean of the models has {mean_score:.1%} against {scores[best_simple]:.1%}"
        )
        reasons[MEAN_OF_MODELS] = "not champion: does not beat the best seasonal forecast by the margin"
        return Choice(best_simple, (best_simple,), _complete(reasons, candidates, scores, actual[common]))
    single = min(members, key=lambda name: scores[name])
    taking = _common_origins([by_name[single]], actual)
    if len(members) > 1 and _beats_clearly(actual[taking], by_name[single][taking], mean_forecast(by_name, members)[taking]):
        reasons[single] = f"champion: clearly better than the mean of the models ({scores[single]:.1%} against {mean_score:.1%})"
        reasons[MEAN_OF_MODELS] = "not champion: one model is clearly better"
        return Choice(single, (single,), _complete(reasons, candidates, scores, actual[common]))
    reasons[MEAN_OF_MODELS] = f"champion: mean of {' and '.join(members)}; no single model is clearly better"
    return Choice(MEAN_OF_MODELS, tuple(members), _complete(reasons, candidates, scores, actual[common]))


def _short_history(candidates: Sequence[Candidate], fit_days: int, *, is_recent: bool) -> Choice:
    reason = f"short history: {fit_days} days to learn from; a comparison of models needs {SHORT_HISTORY_DAYS} and a backtest"
    if fit_days >= SHORT_HISTORY_DAYS and is_recent:
        reason = f"short history: {fit_days} days to learn from; too few lie before the dates on which models are compared"
    elif fit_days >= SHORT_HISTORY_DAYS:
        reason = f"no recent history: of {fit_days} days to learn from too few are late enough to compare models on"
    reasons = {c.name: "not champion: history is too short to compare models" for c in candidates}
    return Choice(GROUP_PROFILE, (), reasons | {GROUP_PROFILE: f"champion: {reason}"}, reason)


def _score_of_costly(actual: FloatArray, forecast: FloatArray, simple: FloatArray, simple_score: float) -> float:
    """Error of a model that took part in few origins, brought to all origins by that of a seasonal mean on both."""
    own = _common_origins([forecast, simple], actual)
    on_own = _error(actual[own], simple[own])
    return _error(actual[own], forecast[own]) / on_own * simple_score if on_own > 0.0 else float("nan")


def _seasonal_members(simple: list[str], scores: dict[str, float], reasons: dict[str, str]) -> list[str]:
    """The best seasonal mean, where it is as good as the best model."""
    means = [name for name in simple if name.startswith("seasonal_mean") and np.isfinite(scores[name])]
    others = [score for name, score in scores.items() if name not in simple and np.isfinite(score)]
    best = min(means, key=lambda name: scores[name], default=None)
    if best is None or not others or scores[best] > _AS_GOOD_AS_MODELS * min(others):
        return []
    reasons[best] = f"member of the mean: {scores[best]:.1%} in the backtest is as good as the models"
    return [best]


def _common_origins(forecasts: Sequence[FloatArray], actual: FloatArray) -> BoolArray:
    """Origins in which all of these forecast something that is known by now."""
    present = np.isfinite(actual).any(axis=1)
    for forecast in forecasts:
        present &= np.isfinite(forecast).any(axis=1)
    return np.asarray(present)


def _members(models: list[str], scores: dict[str, float], best_simple: str, reasons: dict[str, str]) -> list[str]:
    """Models that have not gone wrong."""
    best = min([_or_infinite(scores[name]) for name in [*models, best_simple]])
    members = []
    for name in models:
        if np.isfinite(scores[name]) and scores[name] <= max(_GONE_WRONG * best, _NOT_WRONG):
            members.append(name)
        else:
            reasons[name] = f"thrown out of the mean: {_shown(scores[name])} in the backtest, {best:.1%} is possible"
    return members


def _beats_clearly(actual: FloatArray, challenger: FloatArray, champion: FloatArray) -> bool:
    """Whether the challenger's error is 5 % lower over all, and lower in three origins of four."""
    if not _error(actual, challenger) < (1.0 - _CLEARLY_BETTER) * _error(actual, champion):
        return False
    better = np.nansum(np.abs(actual - challenger), axis=1) < np.nansum(np.abs(actual - champion), axis=1)
    return bool(better.mean() >= _MOST_ORIGINS)


def _complete(
    reasons: dict[str, str], candidates: Sequence[Candidate], scores: dict[str, float], actual: FloatArray
) -> dict[str, str]:
    """A reason for every candidate; of a queue of low counts with what its percentages are, as they are no WAPE there."""
    others = {c.name: f"not champion: {_shown(scores.get(c.name, float('nan')))} in the backtest" for c in candidates}
    found = others | reasons
    if not _is_low(actual[np.isfinite(actual)]):
        return found
    return {name: f"{reason}{_SQUARED}" if "%" in reason else reason for name, reason in found.items()}


def _shown(score: float) -> str:
    return f"{score:.1%}" if np.isfinite(score) else "no forecast"


def _error(actual: FloatArray, forecast: FloatArray) -> float:
    """WAPE; for low counts the root mean squared error over the mean, since absolute errors there favour forecasts too low."""
    known = np.isfinite(actual) & np.isfinite(forecast)
    if not _is_low(actual[known]):
        return wape(actual, forecast)
    return float(np.sqrt(np.square(actual[known] - forecast[known]).mean()) / actual[known].mean())


def _is_low(counts: FloatArray) -> bool:
    """Whether known counts are so low that models are compared by squared errors."""
    return bool(len(counts) and 0.0 < counts.mean() < _LOW_COUNT)


def _handicap(name: str) -> float:
    return 1.0 if name.startswith("seasonal_mean") else _NAIVE_HANDICAP


def _or_infinite(score: float) -> float:
    return score if np.isfinite(score) else float("inf")
