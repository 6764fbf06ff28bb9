"""Cloudflare Radar: a forecast from the six days of the last 28 that are most like the last one.

For each bin the 24 hours before it are compared, by Euclidean distance, with the 24 hours before the same time of each
of 28 days; the median of the six nearest, at that time, is the forecast. How far below it traffic must be we found
published nowhere: half is our choice. With fewer than six days, nothing is forecast.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.baselines.found import Found, grid, length_s, stretches
from lampwatch.model.series import Values

NAME: Final = "Radar's similar days"
SOURCE: Final = "blog.cloudflare.com/detecting-internet-outages (2023)"

_DAY_S: Final = 86_400
_DAYS: Final = 28
_NEAREST: Final = 6
_SHARE: Final = 0.5


def suits(values: Values, beside: Sequence[Values] = ()) -> bool:  # noqa: ARG001  as every baseline
    """What has several bins a day, which fit into it, and more than seven days."""
    bin_s = values.series.resolution_s
    return bin_s <= _DAY_S // 4 and _DAY_S % bin_s == 0 and length_s(values) > (_NEAREST + 1) * _DAY_S


def detect(values: Values, beside: Sequence[Values] = ()) -> list[Found]:  # noqa: ARG001  as every baseline
    """The stretches below half of the forecast."""
    on = grid(values)
    day = _DAY_S // on.bin_s
    forecast = np.full(len(on.values), np.nan)
    for place in range(day, len(on.values)):
        reference = on.values[place - day : place]
        days = range(1, min(_DAYS, (place - day) // day) + 1)
        past = [(_distance(reference, on.values[place - (d + 1) * day : place - d * day]), d) for d in days]
        near = sorted(one for one in past if not np.isnan(one[0]))[:_NEAREST]
        if len(near) == _NEAREST:
            forecast[place] = np.nanmedian([on.values[place - d * day] for _, d in near])
    return stretches(on.values < _SHARE * forecast, on, "drop")


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """How far two days lie apart, by the bins that both have; NaN where they share too few."""
    apart = one - other
    known = ~np.isnan(apart)
    if known.sum() * 2 < len(apart):
        return float("nan")
    return float(np.sqrt(np.mean(apart[known] ** 2)))
