"""How much slower one of two is, from pairs of rates: the interval that holds the true ratio. Pure."""

import math
from collections.abc import Sequence
from typing import Final

_T_975: Final = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t for 1 to 9 degrees of freedom: 95 % of cases lie between minus and plus this."""
MOST_PAIRS: Final = len(_T_975) + 1
_FURTHEST: Final = 100.0
"""Of logarithms; nothing real is near."""


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """The lower and upper end of the 95 % confidence interval of the geometric mean of 2 to MOST_PAIRS ratios.

    Ratios are positive. Rates differ by factors, so their logarithms are what is spread evenly (Student's t).
    """
    logarithms = [math.log(ratio) for ratio in ratios]
    count = len(logarithms)
    mean = math.fsum(logarithms) / count
    variance = math.fsum((one - mean) ** 2 for one in logarithms) / (count - 1)
    reach = _T_975[count - 2] * math.sqrt(variance / count)
    low, high = (max(-_FURTHEST, min(_FURTHEST, end)) for end in (mean - reach, mean + reach))
    return math.exp(low), math.exp(high)
