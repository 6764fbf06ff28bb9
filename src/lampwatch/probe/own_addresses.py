"""The probe's own addresses, so that none is written down: block pages and portals like to tell visitors theirs."""

import ipaddress
import re
from typing import Final

from lampwatch.formats.scrub import SCRUBBED

_MOST: Final = 64
"""Addresses remembered: a machine that moves between networks has few at a time."""


class OwnAddresses:
    """Remembers the addresses that this machine was seen to have."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._pattern: re.Pattern[bytes] | None = None

    def add(self, ip: str) -> None:
        """Remember an address; the loopback's is nobody's own, and what is no address is passed over."""
        if ip in self._known:
            return
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return
        if address.is_loopback or address.is_unspecified:
            return
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known[ip] = None
        self._pattern = re.compile(
            b"|".join(_pattern_of(ipaddress.ip_address(ip.partition("%")[0])) for ip in self._known),
            re.IGNORECASE,
        )

    def without(self, content: bytes) -> bytes:
        """The content, with each of these addresses replaced."""
        return content if self._pattern is None else self._pattern.sub(SCRUBBED.encode(), content)


def _pattern_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bytes:
    """Finds an address in its usual spellings, and no longer one that only holds it.

    Pages write `IP:192.0.2.7`, `::ffff:192.0.2.7` and `192.0.2.7:51234`: beside an IPv4 address a colon may stand.
    """
    if address.version == 4:  # noqa: PLR2004  the version IPv4 has
        return rb"(?<![0-9])(?<![0-9]\.)" + re.escape(str(address).encode()) + rb"(?![0-9]|\.[0-9])"
    groups = address.exploded.split(":")
    unpadded = ":".join(f"{int(group, 16):x}" for group in groups)
    spelled = b"|".join(re.escape(one.encode()) for one in (str(address), address.exploded, unpadded))
    return rb"(?<![0-9a-f:])(?:" + spelled + rb")(?![0-9a-f:]|\.[0-9])"
