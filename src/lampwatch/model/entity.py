"""Entities: what a connectivity series is about — a country, a part of one, or a network."""

import re
from enum import StrEnum
from typing import Final, Self

import msgspec

_PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?(/[^@/\x00-\x1f]+)*")
_NETWORK: Final = re.compile(r"AS([1-9][0-9]{0,9})(?:@(.+))?")
_MOST_ASN: Final = 2**32 - 1


class EntityKind(StrEnum):
    """How an entity is counted when events are joined upward: networks, then regions, then the country."""

    COUNTRY = "country"
    REGION = "region"
    NETWORK = "network"


class Entity(msgspec.Struct, frozen=True, order=True):
    """A place, a network, or a network within a place, by a stable code.

    place is `VE` (ISO 3166-1 alpha-2), `VE-B` (ISO 3166-2), or, for what has no code there, the code of what it lies
    in and its name: `US-LA/Calcasieu`, `VE/Bolívar`; empty for a network wherever it is. asn is 0 for a place.
    """

    place: str
    asn: int = 0

    @property
    def code(self) -> str:
        """What people and files call it: `VE`, `VE-B`, `US-LA/Calcasieu`, `AS8048`, `AS8048@VE-B`."""
        if not self.asn:
            return self.place
        return f"AS{self.asn}@{self.place}" if self.place else f"AS{self.asn}"

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2; empty for a network that is meant wherever it is."""
        return self.place[:2]

    @property
    def kind(self) -> EntityKind:
        """A country, a region (with or without a code of its own), or a network."""
        if self.asn:
            return EntityKind.NETWORK
        return EntityKind.COUNTRY if len(self.place) == 2 else EntityKind.REGION  # noqa: PLR2004  ISO 3166-1 alpha-2

    @property
    def within(self) -> str:
        """The code of the place that this one lies in; empty for a country, and for a network wherever it is."""
        if self.asn:
            return self.place
        if "/" in self.place:
            return self.place.rpartition("/")[0]
        return self.place[:2] if "-" in self.place else ""

    @classmethod
    def of(cls, code: str) -> Self:
        """Read a code back. Raises ValueError where it is none."""
        network = _NETWORK.fullmatch(code)
        place = (network.group(2) or "") if network else code
        asn = int(network.group(1)) if network else 0
        if asn > _MOST_ASN or not (_PLACE.fullmatch(place) or (asn and not place)):
            message = f"{code!r} is no entity; write VE, VE-B, US-LA/Calcasieu, AS8048 or AS8048@VE"
            raise ValueError(message)
        return cls(place, asn)
