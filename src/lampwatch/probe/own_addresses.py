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
        spellings = {str(ipaddress.ip_address(known.partition("%")[0])) for known in self._known}
        spellings |= {ipaddress.ip_address(spelling).exploded for spelling in spellings}
        either = b"|".join(re.escape(spelling.encode()) for spelling in sorted(spellings))
        self._pattern = re.compile(
            rb"(?<![0-9a-f.:])(?:" + either + rb")(?![0-9a-f:]|\.[0-9])", re.IGNORECASE
        )

    def without(self, content: bytes) -> bytes:
        """The content, with each of these addresses replaced."""
        return content if self._pattern is None else self._pattern.sub(SCRUBBED.encode(), content)
