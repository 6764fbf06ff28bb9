"""What was measured beside a disturbance: how many siblings an entity has, and how large they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import numpy as np

from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.series import Family, Quantity, Values

_DAY_S: Final = 86_400
_USUAL: Final = 0.9
_SEVERAL: Final = 3
_LEAST_SIZE: Final = 1e-9


class Extent(msgspec.Struct, frozen=True):
    """One series as others are compared with it: its usual size (1 where sizes cannot be added), and its span."""

    series: str
    entity: Entity
    source: str
    signal: str
    family: Family
    size: float
    first: int
    last: int


class Measured:
    """The series that a detection looked at."""

    def __init__(self, given: Iterable[Values], sizes: Mapping[str, float] | None = None) -> None:
        """Take note of series. sizes are users or addresses of entities by code, where somebody knows them."""
        given = [one for one in given if len(one)]
        self._extents = [_extent(one, (sizes or {}).get(one.series.entity.code)) for one in given]
        self._siblings: dict[tuple[str, str, str, EntityKind], list[Extent]] = defaultdict(list)
        self._sources: dict[tuple[str, str], list[Extent]] = defaultdict(list)
        for one in self._extents:
            self._siblings[one.source, one.signal, one.entity.country, one.entity.kind].append(one)
            self._sources[one.source, one.signal].append(one)
        self._by_id = {one.series: one for one in self._extents}
        self._values = {one.series.id: one for one in given}
        self._places: dict[str, list[Extent]] = defaultdict(list)
        for one in self._extents:
            self._places[one.entity.code].append(one)
        self._countries: dict[str, list[Extent]] = defaultdict(list)
        for one in self._extents:
            self._countries[one.entity.country].append(one)

    def share(self, series: Iterable[tuple[str, float]], at: int) -> float | None:
        """The part of a country that is missing, by the series of its parts and their depths (the deepest of each).

        Each source and signal tells its own share, over all regions or networks measured then, if they are three or
        more; the largest counts. Parts of a region tell nothing of the country. None where nothing tells.
        """
        gone: dict[tuple[str, str, str, EntityKind], dict[str, float]] = defaultdict(dict)
        for name, depth in series:
            one = self._by_id[name]
            if _divides_the_country(one.entity):
                key = (one.source, one.signal, one.entity.country, one.entity.kind)
                gone[key][name] = max(gone[key].get(name, 0.0), one.size * min(1.0, depth))
        shares = []
        for key, lost in gone.items():
            among = [
                one
                for one in self._siblings[key]
                if _divides_the_country(one.entity) and one.first <= at <= one.last + _DAY_S
            ]
            if len(among) >= _SEVERAL:
                shares.append(min(1.0, sum(lost.values()) / sum(one.size for one in among)))
        return max(shares, default=None)

    def among(self, series: str, at: int) -> int:
        """How many siblings, itself included, were measured at a time."""
        one = self._by_id[series]
        key = (one.source, one.signal, one.entity.country, one.entity.kind)
        return sum(one.first <= at <= one.last + _DAY_S for one in self._siblings[key])

    def families(self, countries: Iterable[str], at: int) -> set[Family]:
        """The families of which any series of these countries was measured at a time."""
        return {
            one.family
            for country in set(countries)
            for one in self._countries.get(country, ())
            if one.first <= at <= one.last + _DAY_S
        }

    def of(self, entity: str) -> list[Extent]:
        """The series of an entity, by its code."""
        return self._places.get(entity, [])

    def bins(self, series: str, begin: int, end: int) -> int:
        """How many bins of a series that were measured lie wholly between two moments."""
        one = self._values[series]
        first = int(np.searchsorted(one.starts, begin))
        last = int(np.searchsorted(one.starts, end - one.series.resolution_s, side="right"))
        return int(np.isfinite(one.values[first:last]).sum()) if last > first else 0

    def countries(self, series: str) -> int:
        """How many countries the source of a series tells of by the same signal."""
        one = self._by_id[series]
        return len({other.entity.country for other in self._sources[one.source, one.signal]})

    def signal(self, series: str) -> tuple[str, str]:
        """The source and signal of a series."""
        one = self._by_id[series]
        return one.source, one.signal


def _divides_the_country(entity: Entity) -> bool:
    """Whether an entity is a network, or a region right below its country."""
    return entity.kind is EntityKind.NETWORK or (
        entity.kind is EntityKind.REGION and entity.within == entity.country
    )


def _extent(one: Values, size: float | None) -> Extent:
    header = one.series
    if size is None:
        known = one.values[np.isfinite(one.values) & (one.values >= 0)]
        # Not the middle: of a series that is dark for most of the time, that is nothing.
        size = float(np.quantile(known, _USUAL)) if header.quantity is Quantity.COUNT and len(known) else 1.0
    size = max(size, _LEAST_SIZE)
    first, last = int(one.starts[0]), int(one.starts[-1]) + header.resolution_s
    return Extent(header.id, header.entity, header.source, header.signal, header.family, size, first, last)
