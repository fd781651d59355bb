"""Prophet, imported when first wanted, silent, and handing its data to the optimiser without the slow road.

cmdstanpy turns every number into JSON one call at a time, which takes longer than the fit itself; the standard library's encoder
does the same in one call. Nothing else differs from Prophet as it comes.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pandas as pd

_FEW_DAYS = 100
_ITERATIONS = 10_000
_PLOTS = "prophet.plot"


@contextmanager
def _without_plots() -> Iterator[None]:
    """Import Prophet without its plots: matplotlib alone takes as long to import as a queue's models take to fit."""
    if "prophet.forecaster" in sys.modules:
        yield
        return
    known = sys.modules.get(_PLOTS)
    empty = ModuleType(_PLOTS)
    empty.plot = empty.plot_components = None  # type: ignore[attr-defined]
    sys.modules[_PLOTS] = empty
    try:
        yield
    finally:
        # Whoever wants to draw later gets the true module.
        del sys.modules[_PLOTS]
        if known is not None:
            sys.modules[_PLOTS] = known


@lru_cache(maxsize=1)
def _silenced_prophet() -> tuple[Any, Any]:
    """Prophet's class and the class of its link to Stan, with their talkative loggers silenced."""
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        logger.disabled = True
    with _without_plots():
        from prophet import Prophet
        from prophet.models import CmdStanPyBackend

    class QuickBackend(CmdStanPyBackend):  # type: ignore[misc]
        """CmdStan, given its data as a file."""

        def fit(self, stan_init: Any, stan_data: Any, **options: Any) -> Any:
            """Find the most likely parameters as Prophet's own backend does: L-BFGS; Newton for few days or where that fails."""
            inits, data = self.prepare_data(stan_init, stan_data)
            few = data["T"] < _FEW_DAYS
            with TemporaryDirectory() as folder:
                path = Path(folder) / "data.json"
                path.write_text(json.dumps(data), encoding="ascii")
                options = {"iter": _ITERATIONS, **options, "data": str(path), "inits": inits, "output_dir": folder}
                try:
                    self.stan_fit = self.model.optimize(algorithm="Newton" if few else "LBFGS", **options)
                except RuntimeError:
                    if few:
                        raise
                    self.stan_fit = self.model.optimize(algorithm="Newton", **options)
                found = self.stan_to_dict_numpy(self.stan_fit.column_names, self.stan_fit.optimized_params_np)
            return {name: values.reshape((1, -1)) for name, values in found.items()}

    return Prophet, QuickBackend


def load() -> Any:
    """Prophet's class as it comes, but silent; the first call imports the library, which takes seconds."""
    return _silenced_prophet()[0]


def new_model(**options: Any) -> Any:
    """A Prophet model without seasons or intervals of its own; what varies is given as regressors."""
    prophet, backend = _silenced_prophet()
    model = prophet(yearly_seasonality=False, weekly_seasonality=False, daily_seasonality=False, uncertainty_samples=0, **options)
    model.stan_backend = backend()
    return model


def regressor_effects(model: Any) -> pd.Series:
    """Coefficient by regressor of a fitted model, in the units of what it was fitted to."""
    from prophet.utilities import regressor_coefficients

    coefficients: pd.Series = regressor_coefficients(model).set_index("regressor")["coef"]
    return coefficients
