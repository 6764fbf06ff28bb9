"""TABLE_DUMP: tables as archives kept them until 2008, one route in a record. RFC 6396, 4.2.

The first collectors put many routes in a record, and did not count the view and sequence number in its length.
"""

import struct
from collections.abc import Mapping
from functools import partial
from typing import Final

from lampwatch.formats.mrt.attributes import RibOrigins
from lampwatch.formats.mrt.messages import Handler
from lampwatch.formats.mrt.prefix import key_of
from lampwatch.formats.mrt.records import Malformed, MrtItem, Peer, Rib

TABLE_DUMP: Final = 12
_SIZES: Final = {1: 4, 2: 16, 3: 4, 4: 16}
"""Bytes of an address by subtype; 3 and 4 were the same with networks of four bytes."""
UNCOUNTED: Final = 4
"""View and sequence number, which the length of a packed record leaves out."""


class TableDump:
    """Reads the records of one file. missing_bytes, when not 0, asks for a record to be read again as a packed one."""

    def __init__(self) -> None:
        self.missing_bytes = 0
        self._origins = {wide: RibOrigins(wide=wide) for wide in (False, True)}
        self._peers: dict[bytes, Peer] = {}

    def handlers(self) -> Mapping[int, Handler]:
        """What reads each kind of record, by type << 16 | subtype."""
        return {TABLE_DUMP << 16 | subtype: partial(self._record, subtype) for subtype in _SIZES}

    def _record(self, subtype: int, time: float, body: bytes) -> list[MrtItem]:
        route, stop = self._route(subtype, time, body, 4)
        if stop < len(body):
            if subtype != 1:
                raise Malformed(f"{len(body) - stop} bytes too many after the route")
            self.missing_bytes = UNCOUNTED
        return [route]

    def packed(self, time: float, body: bytes) -> tuple[list[MrtItem], str]:
        """The routes of a packed record of IPv4, and why it could not be read to its end, if it could not."""
        items: list[MrtItem] = []
        at, end = 4, len(body)
        try:
            while at < end:
                route, at = self._route(1, time, body, at)
                items.append(route)
        except (Malformed, IndexError, struct.error) as error:
            return items, f"after {len(items)} routes: {error}"
        return items, ""

    def _route(self, subtype: int, time: float, body: bytes, at: int) -> tuple[Rib, int]:
        """A route, and where it ends. Prefix, its length, status, age, peer's address and network, attributes."""
        size = _SIZES[subtype]
        wide = subtype > 2  # noqa: PLR2004  the subtypes with long networks
        peer_at = at + size + 6
        attributes_at = peer_at + size + (4 if wide else 2) + 2
        stop = attributes_at + (body[attributes_at - 2] << 8 | body[attributes_at - 1])
        if stop > len(body):
            raise Malformed("the attributes are longer than the record")
        key = key_of(body[at + size], body[at : at + size])
        named = body[peer_at : attributes_at - 2]
        peer = self._peers.get(named)
        if peer is None:
            peer = self._peers[named] = Peer(int.from_bytes(named[size:], "big"), named[:size])
        origins = self._origins[wide][body[attributes_at:stop]]
        return Rib(time, size > 4, key, [peer], [origins], []), stop  # noqa: PLR2004  an IPv4 address
