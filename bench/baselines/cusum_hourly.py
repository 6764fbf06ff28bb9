"""OONI: a two-sided CUSUM on hourly medians, for the share of measurements that look blocked.

As deployed: 0 is ok and 0.7 is blocked, the drift is half of that, the threshold ten samples of that drift; the mean
runs over all samples since the last change, and everything is reset at one. Carried over to shares of what is
connected: what is missing of the whole takes the place of what is blocked.
"""

from collections.abc import Sequence
from typing import Final

from bench.baselines.found import Found, grid
from lampwatch.model.series import Family, Quantity, Values

NAME: Final = "OONI's CUSUM"
SOURCE: Final = "OONI's event detector (2024), after Basseville and Nikiforov (1993), 2.2.5"

_OK: Final = 0.0
_BLOCKED: Final = 0.7
_DRIFT: Final = (_BLOCKED - _OK) / 2
_SAMPLES: Final = 10
_THRESHOLD: Final = _SAMPLES * _DRIFT


def suits(values: Values, beside: Sequence[Values] = ()) -> bool:  # noqa: ARG001  as every baseline
    """Shares, by the hour or finer."""
    series = values.series
    return series.quantity is Quantity.SHARE and series.resolution_s <= 3600


def detect(values: Values, beside: Sequence[Values] = ()) -> list[Found]:  # noqa: ARG001  as every baseline
    """From each rise of what is missing to the next fall of it."""
    on = grid(values)
    missing = _missing(values)
    found: list[Found] = []
    open_since: int | None = None
    total = count = rise = fall = 0.0
    for place, value in enumerate(missing):
        if value != value:  # noqa: PLR0124  NaN
            continue
        total, count = total + value, count + 1
        rise = max(0.0, rise + value - total / count - _DRIFT)
        fall = max(0.0, fall - value + total / count - _DRIFT)
        if rise <= _THRESHOLD and fall <= _THRESHOLD:
            continue
        if rise > _THRESHOLD and open_since is None:
            open_since = place
        elif fall > _THRESHOLD and open_since is not None:
            found.append(_found(on.start(open_since), on.start(place + 1), on.bin_s))
            open_since = None
        total = count = rise = fall = 0.0
    if open_since is not None:
        found.append(_found(on.start(open_since), None, on.bin_s))
    return found


def _found(begin: int, end: int | None, bin_s: int) -> Found:
    return Found(begin, end, begin + bin_s, "drop")


def _missing(values: Values) -> list[float]:
    """What is missing of the whole, from 0 to 1. A share is of 1, of 100, or of another whole: its unit says which."""
    on = grid(values)
    if values.series.family is Family.INTERFERENCE:
        return [float(value) for value in on.values]
    whole = {"percent": 100.0, "tenths": 10.0}.get(values.series.unit, 1.0)
    return [1 - min(1.0, float(value) / whole) if value == value else value for value in on.values]  # noqa: PLR0124
