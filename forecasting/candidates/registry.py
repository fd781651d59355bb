"""The models that compete for every queue, night after night."""

from __future__ import annotations

from forecasting.candidates.candidate import Candidate
from forecasting.candidates.pooled import POOLED_WEEKDAYS
from forecasting.candidates.prophet_log import PROPHET_LOG
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE
from forecasting.candidates.smoothing import SMOOTHING

CANDIDATES: tuple[Candidate, ...] = (
    SEASONAL_NAIVE,
    SEASONAL_MEAN_4,
    SEASONAL_MEAN_8,
    POOLED_WEEKDAYS,
    DYNAMIC_REGRESSION,
    SMOOTHING,
    PROPHET_LOG,
)
