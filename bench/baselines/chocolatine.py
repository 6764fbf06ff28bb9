"""Chocolatine: weekly differences, an ARMA model of them, and a band below its forecast.

As published: difference by a week; of the orders p + q < 3 take the one with the least squared error on the week after
the training week; the band is 3 x 1.4826 x the median absolute error there, for each of the steps forecast at once; a
value outside the band is replaced by its forecast, so that it does not teach the model. The history is cleaned first by
the median of the weeks 0, 2, 4, 6 and 8 before. In hourly data 12 steps are forecast at once, as the code does with its
bins. Daily data have seven bins a week, on which nothing can be fitted: there the windows are eight weeks and seven
steps are forecast at once, which is our choice.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from statsmodels.tsa.arima.model import ARIMA  # type: ignore[import-untyped]  # it ships no types

from bench.baselines.found import Floats, Found, grid, length_s, stretches
from lampwatch.model.series import Values

NAME: Final = "Chocolatine"
SOURCE: Final = "Guillot et al., TMA 2019 (arxiv.org/abs/1906.04426), and github.com/CAIDA/chocolatine"

_HOUR_S: Final = 3600
_WEEK_S: Final = 7 * 86_400
_ORDERS: Final = tuple((p, q) for p in range(3) for q in range(3) if 0 < p + q < 3)
_BAND: Final = 3 * 1.4826
_CLEANED_BY: Final = (0, 2, 4, 6, 8)


class _Plan(NamedTuple):
    """How long the season, the window of training and validation, and one forecast are, in bins."""

    week: int
    window: int
    steps: int

    @property
    def first(self) -> int:
        """Where the first forecast begins."""
        return self.week + 2 * self.window


def _plan(bin_s: int) -> _Plan:
    week = _WEEK_S // bin_s
    return _Plan(week, week, 12) if bin_s <= 6 * _HOUR_S else _Plan(week, 8 * week, week)


def suits(values: Values, beside: Sequence[Values] = ()) -> bool:  # noqa: ARG001  as every baseline
    """Hourly or daily series that outlast the windows; finer ones would take days to fit."""
    bin_s = values.series.resolution_s
    return bin_s >= _HOUR_S and _WEEK_S % bin_s == 0 and length_s(values) > _plan(bin_s).first * bin_s


def detect(values: Values, beside: Sequence[Values] = ()) -> list[Found]:  # noqa: ARG001  as every baseline
    """The stretches below the band, from where a week, a training and a validation window have passed."""
    on = grid(values)
    plan = _plan(on.bin_s)
    history = _clean(on.values[: plan.first], plan.week)
    # A model that does not converge warns; it loses against the others.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        order, bands = _model(history, plan)
        marks = _walk(on.values, history, order, bands, plan)
    return stretches(marks, on, "drop")


def _clean(values: Floats, week: int) -> Floats:
    """A history without what does not recur, and without gaps."""
    shifted = np.full((len(_CLEANED_BY), len(values)), np.nan)
    for row, weeks in enumerate(_CLEANED_BY):
        back = weeks * week
        if back < len(values):
            shifted[row, back:] = values[: len(values) - back]
    known = ~np.isnan(shifted).all(axis=0)
    clean = np.full(len(values), np.nan)
    clean[known] = np.nanmedian(shifted[:, known], axis=0)
    places = np.arange(len(values))
    return np.interp(places, places[known], clean[known]) if known.any() else np.zeros(len(values))


def _model(history: Floats, plan: _Plan) -> tuple[tuple[int, int], Floats]:
    """The best order, and the band below each step of a forecast."""
    best, least, bands = _ORDERS[0], np.inf, np.zeros(plan.steps)
    split = len(history) - plan.window
    for order in _ORDERS:
        errors = np.full((-(-plan.window // plan.steps), plan.steps), np.nan)
        for row, place in enumerate(range(split, len(history), plan.steps)):
            forecast = _forecast(history[:place], order, plan)
            actual = history[place : place + plan.steps]
            errors[row, : len(actual)] = forecast[: len(actual)] - actual
        squared = float(np.nanmean(errors**2))
        if squared < least:
            best, least, bands = order, squared, _BAND * np.nanmedian(np.abs(errors), axis=0)
    return best, bands


def _walk(values: Floats, history: Floats, order: tuple[int, int], bands: Floats, plan: _Plan) -> Any:  # noqa: ANN401  marks
    """Which values lie below the band, from the end of the history on."""
    told = np.concatenate((history, np.full(len(values) - len(history), np.nan)))
    marks = np.zeros(len(values), dtype=np.bool_)
    for place in range(len(history), len(values), plan.steps):
        for step, forecast in enumerate(_forecast(told[:place], order, plan)[: len(values) - place]):
            value = values[place + step]
            off = np.isnan(value) or abs(forecast - value) > bands[step]
            marks[place + step] = off and value < forecast
            told[place + step] = forecast if off else value
    return marks


def _forecast(history: Floats, order: tuple[int, int], plan: _Plan) -> Floats:
    """The next steps after a history without gaps."""
    recent = history[-(plan.window + plan.week) :]
    differences = recent[plan.week :] - recent[: -plan.week]
    steps = np.zeros(plan.steps)
    if differences.std() > 0:
        try:
            fitted = ARIMA(differences, order=(order[0], 0, order[1]), trend="n").fit(cov_type="none")
            steps = np.asarray(fitted.forecast(plan.steps), dtype=np.float64)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            # It cannot be fitted: the week before is then the forecast.
            steps = np.zeros(plan.steps)
    season = history[len(history) - plan.week :][: plan.steps]
    return season + np.where(np.isfinite(steps), steps, 0.0)
