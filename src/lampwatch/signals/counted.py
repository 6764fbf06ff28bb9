"""Counts of measurements and how many of them look interfered with -> the two series that they make."""

import math
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.points import Column, Points, guessed_resolution

LEAST: Final = 10
"""Fewer measurements than these give no share: it is a gap."""


class Counted:
    """Gathers counts by entity. Every bin has a count; its share is a gap where too little was measured."""

    def __init__(self, source: str, licence: str, options: Options, *, prefix: str = "") -> None:
        self._source = options.source or source
        self._licence = licence
        self._prefix = prefix
        self._resolution_s = options.resolution_s
        self._columns: dict[Entity, tuple[Column, Column]] = {}

    def add(self, entity: Entity, start: int, measured: float, interfered: float) -> None:
        """Take a bin's counts: measurements that came to a conclusion, and those of them that look interfered with.

        Raises ValueError where they contradict each other.
        """
        if not (measured >= 0 and 0 <= interfered <= measured):
            message = "its counts contradict each other"
            raise ValueError(message)
        volume, share = self._columns.setdefault(entity, (Column(), Column()))
        volume.add(start, measured)
        share.add(start, interfered / measured if measured >= LEAST else math.nan)

    def values(self) -> Iterator[Values]:
        """Give both series of each entity."""
        starts = [start for volume, _ in self._columns.values() for start in volume.starts]
        resolution = self._resolution_s or guessed_resolution(starts) or 86400
        points = Points()
        for entity, columns in self._columns.items():
            volume = Series(
                entity,
                self._source,
                f"{self._prefix}measurements",
                Family.MEASUREMENTS,
                "measurements",
                Quantity.COUNT,
                resolution,
                self._licence,
            )
            share = msgspec.structs.replace(
                volume,
                signal=f"{self._prefix}interference",
                family=Family.INTERFERENCE,
                unit="share",
                quantity=Quantity.SHARE,
            )
            for series, column in zip((volume, share), columns, strict=True):
                kept = points.of(series)
                kept.starts, kept.values = column.starts, column.values
        yield from points.known()
