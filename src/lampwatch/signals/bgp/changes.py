"""Values that change rarely -> series that have one in every bin."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.bgp.space import Counted

BIN_S: Final = 300
SIGNALS: Final = (
    (("prefixes-v4", "prefixes"), ("slash24s", "/24s")),
    (("prefixes-v6", "prefixes"), ("slash48s", "/48s")),
)
"""Signal and unit, by family (IPv4, IPv6): prefixes that are visible, and the space in them."""


class Changes:
    """What each entity has of one family, noted where it changed; gaps are of all entities together."""

    def __init__(self, family: int, source: str, remembered: Collection[Entity]) -> None:
        """remembered: entities that the store has series of, which have nothing where nothing is told of them."""
        self._signals = SIGNALS[family]
        self._source = source
        self._remembered = remembered
        self._last: dict[Entity, Counted] = {}
        self._noted: dict[Entity, list[tuple[int, Counted]]] = {}
        self._closed: list[int] = []
        self._gaps: list[int] = []

    def note(self, start: int, changed: Mapping[Entity, Counted] | None, *, told: bool) -> None:
        """The end of a bin; changed is None where it is a gap. Bins come in order.

        Of a bin that is not told, only what it leaves to the next ones is kept.
        """
        if not told:
            if not self._closed:
                self._last.update(changed or {})
            return
        self._closed.append(start)
        if changed is None:
            self._gaps.append(start)
            return
        for entity in self._remembered:
            if entity not in changed and entity not in self._last:
                self._noted.setdefault(entity, []).append((start, Counted(0, 0)))
        self._remembered = ()
        for entity, counted in changed.items():
            if counted.prefixes or entity in self._last or entity in self._noted:
                self._noted.setdefault(entity, []).append((start, counted))

    def taken(self, arrived: int, wanted: Iterable[str] | None) -> list[Values]:
        """The series of the bins noted since this was asked last; of entities in countries wanted, or of all."""
        starts = np.array(self._closed, np.int64)
        gaps = np.isin(starts, np.array(self._gaps, np.int64))
        found: list[Values] = []
        places = None if wanted is None else frozenset(wanted)
        for entity in {*self._last, *self._noted}:
            if places is None or entity.country in places:
                found.extend(self._series(entity, starts, gaps, arrived))
        for entity, noted in self._noted.items():
            self._last[entity] = noted[-1][1]
        self._noted.clear()
        self._closed.clear()
        self._gaps.clear()
        return found

    def _series(
        self, entity: Entity, starts: npt.NDArray[np.int64], gaps: npt.NDArray[np.bool_], arrived: int
    ) -> Iterable[Values]:
        noted = self._noted.get(entity, [])
        last = self._last.get(entity)
        # An entity begins with the first bin in which it had anything.
        begin = 0 if last is not None else int(np.searchsorted(starts, noted[0][0]))
        own = starts[begin:]
        if not len(own):
            return
        steps = [*([last] if last is not None else []), *(counted for _, counted in noted)]
        at = np.searchsorted(np.array([start for start, _ in noted], np.int64), own, side="right")
        index = at if last is not None else at - 1
        broken = gaps[begin:]
        columns = ([one.prefixes for one in steps], [one.units for one in steps])
        for (signal, unit), column in zip(self._signals, columns, strict=True):
            values = np.array(column, np.float64)[index]
            values[broken] = np.nan
            series = Series(entity, self._source, signal, Family.BGP, unit, Quantity.COUNT, BIN_S)
            yield Values(series, own, values, np.full(len(own), arrived, np.int64))
