"""IODA: a value far below the median of what came before.

BGP below 0.99 of the median of 24 hours, probing below 0.8 of 7 days', the telescope below 0.25 of 7 days'. For every
other family the rule of probing is used, which is our choice. The median needs a quarter of its window, also ours.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.baselines.found import Found, grid, stretches, trailing
from lampwatch.model.series import Family, Values

NAME: Final = "IODA's thresholds"
SOURCE: Final = "ioda.inetintel.cc.gatech.edu, help on alerts; Bischof et al., SIGCOMM 2023"

_DAY_S: Final = 86_400
_PROBING: Final = (0.8, 7 * _DAY_S)
_RULES: Final = {Family.BGP: (0.99, _DAY_S), Family.PROBING: _PROBING, Family.TELESCOPE: (0.25, 7 * _DAY_S)}
_LEAST: Final = 0.25


def suits(values: Values, beside: Sequence[Values] = ()) -> bool:  # noqa: ARG001  as every baseline
    """Whatever has four bins or more in its window."""
    return _RULES.get(values.series.family, _PROBING)[1] >= 4 * values.series.resolution_s


def detect(values: Values, beside: Sequence[Values] = ()) -> list[Found]:  # noqa: ARG001  as every baseline
    """The stretches below the threshold."""
    share, window_s = _RULES.get(values.series.family, _PROBING)
    on = grid(values)
    before = trailing(on.values, window_s // on.bin_s)
    enough = np.count_nonzero(~np.isnan(before), axis=1) >= _LEAST * before.shape[1]
    usual = np.full(len(on.values), np.nan)
    usual[enough] = np.nanmedian(before[enough], axis=1)
    return stretches(on.values < share * usual, on, "drop")
