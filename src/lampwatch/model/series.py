"""Connectivity series: one signal about one entity over time, with whence it came and how fine it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from lampwatch.model.entity import Entity


class Family(StrEnum):
    """What kind of evidence a signal is. Signals of one family share their causes of error, and vote once."""

    BGP = "bgp"
    """Prefixes that routers announce."""
    PROBING = "probing"
    """Addresses that answer when asked."""
    TELESCOPE = "telescope"
    """Unasked traffic that reaches unused addresses."""
    TRAFFIC = "traffic"
    """Requests or bytes that a large service sees."""
    USERS = "users"
    """Users of a circumvention service, which fall with the network and rise with blocking."""
    PROBES = "probes"
    """Measurement devices that are connected."""
    MEASUREMENTS = "measurements"
    """How much volunteers measure: follows campaigns, so it is context, never evidence alone."""
    INTERFERENCE = "interference"
    """The share of measurements that look interfered with."""
    TRANSPORT = "transport"
    """Departures of trains, buses and aircraft."""
    STREAM = "stream"
    """Live programmes that advance."""
    CRAWL = "crawl"
    """Pages or hosts that a crawler reached."""
    OTHER = "other"


CONNECTIVITY: Final = frozenset({Family.BGP, Family.PROBING, Family.TELESCOPE, Family.TRAFFIC, Family.PROBES})
"""Families that see whether a network is there; all others see what people do with it."""


class Quantity(StrEnum):
    """How a value varies when nothing happens.

    count   a number of things: varies at least as a Poisson count of its size does
    share   a part of a whole that does not change, in percent or from 0 to 1
    level   a normalised or estimated size, whose unit means nothing by itself
    """

    COUNT = "count"
    SHARE = "share"
    LEVEL = "level"


class Series(msgspec.Struct, frozen=True):
    """The header of a series. resolution_s is the width of a bin in seconds; a value is about the whole bin.

    source and signal are lower-case words with hyphens (`ioda`, `ping-slash24`), unit a plural noun (`/24s`). label is
    what people call the entity, where its code says too little.
    """

    entity: Entity
    source: str
    signal: str
    family: Family
    unit: str
    quantity: Quantity
    resolution_s: int
    licence: str = ""
    label: str = ""

    @property
    def id(self) -> str:
        """Its name: `VE:ioda:bgp`."""
        return f"{self.entity.code}:{self.source}:{self.signal}"


@dataclass(frozen=True, eq=False)
class Values:
    """The values of one series, in order of time, at most one a bin.

    starts are the bins' beginnings in seconds since 1970 (UTC), int64; values are float64, NaN where the source itself
    had a gap; a bin that is absent was never told of. arrived says, in the same seconds, when each value came to us.
    """

    series: Series
    starts: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    arrived: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)
