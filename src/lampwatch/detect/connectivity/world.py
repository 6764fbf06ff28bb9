"""What all countries of one source have in common: a change of the source, or of the world, is no country's event."""

from collections import defaultdict
from typing import Final

import numpy as np

from lampwatch.detect.connectivity.panel import Floats
from lampwatch.detect.connectivity.usual import median
from lampwatch.model.entity import EntityKind
from lampwatch.model.series import Quantity, Series

LEAST_COUNTRIES: Final = 10
"""Of fewer countries nobody can tell what they have in common."""
_SOURCE_FAILS: Final = 0.3
"""Where the middle country has less than this share of what is usual, the source has a gap."""
_LEAST_EXPECTED: Final = 20.0
"""Counts of fewer things depart by chance too far to tell what they have in common."""
_MOST: Final = 30.0
_ORDINARY_SPREAD: Final = 0.08
"""How far countries ordinarily depart from what they have in common (a share)."""


class World:
    """The common part of each (source, signal) of a panel."""

    def __init__(self, series: tuple[Series, ...]) -> None:
        least = [_LEAST_EXPECTED if one.quantity is Quantity.COUNT else 0.0 for one in series]
        self._least = np.array(least)[:, None]
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        countries: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for row, one in enumerate(series):
            groups[one.source, one.signal].append(row)
            if one.entity.kind is EntityKind.COUNTRY:
                countries[one.source, one.signal].setdefault(one.entity.country, row)
        self._groups = [
            (np.array(rows), np.array(sorted(countries[key].values())))
            for key, rows in groups.items()
            if len(countries[key]) >= LEAST_COUNTRIES
        ]

    def factors(self, values: Floats, expected: Floats) -> tuple[Floats, Floats]:
        """What every expectation is to be multiplied by, and how many times wider than usual countries are spread.

        Both have a row a series and a column a bin; 1 where nothing is known in common. The first is NaN where the
        source itself has a gap.
        """
        factor, spread = np.ones_like(values), np.ones_like(values)
        for rows, countries in self._groups:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = values[countries] / expected[countries]
            ratios = np.where(expected[countries] >= self._least[countries], ratios, np.nan)
            middle, count = median(ratios, axis=0)
            enough = count >= LEAST_COUNTRIES
            away, _ = median(np.abs(ratios / np.where(middle > 0, middle, 1.0) - 1), axis=0)
            common = np.where(middle < _SOURCE_FAILS, np.nan, np.clip(middle, _SOURCE_FAILS, _MOST))
            factor[rows] = np.where(enough, common, 1.0)
            # When all doubles, nobody knows whether it does so alike everywhere.
            jump = 1 + np.abs(np.log(np.nan_to_num(common, nan=1.0)))
            spread[rows] = np.where(enough, np.maximum(1.0, away / _ORDINARY_SPREAD) * jump, 1.0)
        return factor, spread

    def in_common(self, moves: Floats, sizes: Floats) -> tuple[Floats, Floats]:
        """The part of moves (logarithms, one a series) that countries have in common, and how far they differ by it.

        sizes say which counts are large enough to tell. 0 and 0 where nothing is known in common.
        """
        common, spread = np.zeros_like(moves), np.zeros_like(moves)
        for rows, countries in self._groups:
            telling = np.where(sizes[countries] >= self._least[countries, 0], moves[countries], np.nan)
            middle, count = median(telling)
            if count >= LEAST_COUNTRIES:
                common[rows], spread[rows] = middle, median(np.abs(telling - middle))[0]
        return common, spread
