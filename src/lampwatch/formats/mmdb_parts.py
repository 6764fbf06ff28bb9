"""Address space by country, from a MaxMind-format file: a stretch of /24s or /48s cut into parts."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import maxminddb

from lampwatch.formats.mmdb_record import country_of, open_mmdb
from lampwatch.model.errors import UserError

MOST_PARTS: Final = 65_536
"""Into so many parts one stretch is cut at most; what comes after them belongs to no country."""
_UNITS: Final = ((32, 24), (128, 48))
"""Bits of an address, and of a unit's prefix, for IPv4 and IPv6."""


class CountryParts:
    """Cuts stretches of units by country. A unit belongs to the country of its first address."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises UserError where it is none."""
        self._path = path
        self._reader = open_mmdb(path)

    def __call__(self, first: int, last: int, ipv6: bool) -> Sequence[tuple[int, int, str]]:  # noqa: FBT001  as signals.bgp.space.Countries
        """The parts of the units first to last: their first and last unit, and country (empty where unknown)."""
        width, bits = _UNITS[ipv6]
        shift = width - bits
        parts: list[tuple[int, int, str]] = []
        at = first
        while at <= last:
            country, prefix = self._looked_up(at << shift, width)
            stop = (
                min(last, max(at, ((at << shift) | (1 << width - prefix) - 1) + 1 >> shift) - 1)
                if prefix < bits
                else at
            )
            if parts and parts[-1][2] == country:
                parts[-1] = (parts[-1][0], stop, country)
            elif len(parts) == MOST_PARTS - 1:
                parts.append((at, last, ""))
                break
            else:
                parts.append((at, stop, country))
            at = stop + 1
        return parts

    def _looked_up(self, address: int, width: int) -> tuple[str, int]:
        """The country of an address, and how long the prefix is for which that holds."""
        plain = ipaddress.IPv4Address(address) if width == 32 else ipaddress.IPv6Address(address)  # noqa: PLR2004  the bits of an IPv4 address
        try:
            record, prefix = self._reader.get_with_prefix_len(plain)
        except ValueError:
            # An IPv6 address asked of a file that knows IPv4 only.
            return "", 0
        except maxminddb.InvalidDatabaseError as error:
            message = f"{self._path} is damaged: {error}. Run `lampwatch geoip update` to replace it."
            raise UserError(message) from error
        return (country_of(record) if isinstance(record, dict) else ""), prefix
