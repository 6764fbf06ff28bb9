"""TABLE_DUMP_V2: a table of peers, then all routes to one prefix in a record. RFC 6396, 4.3; RFC 8050."""

import struct
from collections.abc import Mapping
from functools import partial
from typing import Final

from lampwatch.formats.mrt.attributes import RibOrigins
from lampwatch.formats.mrt.messages import Handler
from lampwatch.formats.mrt.prefix import key_at
from lampwatch.formats.mrt.records import Malformed, MrtItem, Origins, Peer, PeerTable, Rib

TABLE_DUMP_V2: Final = 13
_PEER_INDEX: Final = 1
_UNICAST: Final = {2: (False, False), 4: (True, False), 8: (False, True), 10: (True, True)}
"""Subtypes with unicast routes: whether IPv6, whether with path identifiers."""
_HEAD: Final = struct.Struct(">4sH")
_ENTRY: Final = struct.Struct(">HIH")
_PATH_ENTRY: Final = struct.Struct(">HIIH")
_IPV6, _WIDE = 1, 2
"""Bits of a peer's type."""


class TableDumpV2:
    """Reads the records of one file: routes name their peers by where they stand in the table before them."""

    def __init__(self) -> None:
        self._peers: list[Peer] = []
        self._origins = RibOrigins(wide=True)

    def handlers(self) -> Mapping[int, Handler]:
        """What reads each kind of record, by type << 16 | subtype."""
        found: dict[int, Handler] = {TABLE_DUMP_V2 << 16 | _PEER_INDEX: self._peer_index}
        for subtype, (ipv6, with_paths) in _UNICAST.items():
            found[TABLE_DUMP_V2 << 16 | subtype] = partial(
                self._path_routes if with_paths else self._routes, ipv6
            )
        return found

    def _peer_index(self, time: float, body: bytes) -> list[MrtItem]:
        collector, name_size = _HEAD.unpack_from(body)
        at = 6 + name_size + 2
        view = body[6 : 6 + name_size].decode("utf-8", "replace")
        peers: list[Peer] = []
        for _ in range(body[at - 2] << 8 | body[at - 1]):
            kind = body[at]
            network_at = at + 5 + (16 if kind & _IPV6 else 4)
            stop = network_at + (4 if kind & _WIDE else 2)
            if stop > len(body):
                raise Malformed(f"ends after {len(peers)} peers")
            peers.append(Peer(int.from_bytes(body[network_at:stop], "big"), body[at + 5 : network_at]))
            at = stop
        self._peers = peers
        return [PeerTable(time, collector, view, peers)]

    def _routes(self, ipv6: bool, time: float, body: bytes) -> list[MrtItem]:  # noqa: FBT001  bound by partial
        key, at = key_at(body, 4, ipv6=ipv6)
        known, origins_of, unpack, size = self._peers, self._origins, _ENTRY.unpack_from, len(body)
        peers: list[Peer] = []
        origins: list[Origins] = []
        count = body[at] << 8 | body[at + 1]
        at += 2
        while at < size:
            index, _, length = unpack(body, at)
            begin = at + 8
            at = begin + length
            peers.append(known[index])
            origins.append(origins_of[body[begin:at]])
        if at != size or len(peers) != count:
            raise Malformed(f"{count} routes are announced, {len(peers)} are there")
        return [Rib(time, ipv6, key, peers, origins, [])]

    def _path_routes(self, ipv6: bool, time: float, body: bytes) -> list[MrtItem]:  # noqa: FBT001  bound by partial
        key, at = key_at(body, 4, ipv6=ipv6)
        peers: list[Peer] = []
        origins: list[Origins] = []
        paths: list[int] = []
        count = body[at] << 8 | body[at + 1]
        at += 2
        while at < len(body):
            index, _, path, length = _PATH_ENTRY.unpack_from(body, at)
            begin = at + 12
            at = begin + length
            peers.append(self._peers[index])
            origins.append(self._origins[body[begin:at]])
            paths.append(path)
        if at != len(body) or len(peers) != count:
            raise Malformed(f"{count} routes are announced, {len(peers)} are there")
        return [Rib(time, ipv6, key, peers, origins, paths)]
