"""What an MRT file holds, as far as it says which peer sees which prefix from which origin."""

from typing import Final, TypeAlias

import msgspec

ESTABLISHED: Final = 6
"""The state of a session that carries routes (RFC 4271, 8.2.2); all others carry none."""

Key: TypeAlias = bytes
"""A prefix as BGP writes it: its length in bits, then as many bytes of address as that needs. IPv4 and IPv6 are kept
apart by where a key stands. Bits past the length may be set: `prefix.canonical` clears them. With path identifiers (RFC
7911), four bytes before it name the path."""

Origins: TypeAlias = tuple[int, ...]
"""The networks that a path ends in: one, or all members of the AS_SET at its end; none where the path is empty."""


class Malformed(ValueError):  # noqa: N818  never leaves the reader, which counts it
    """Why one record cannot be read."""


class Peer(msgspec.Struct, frozen=True, gc=False):
    """A router that tells a collector its routes. address is 4 or 16 bytes; asn may be 23456 in old messages."""

    asn: int
    address: bytes


class Update(msgspec.Struct, gc=False):
    """One BGP UPDATE: prefixes that a peer announces and withdraws. time is in seconds since 1970 (UTC).

    with_paths says that the keys begin with path identifiers.
    """

    time: float
    peer: Peer
    origins: Origins
    announced4: list[Key]
    withdrawn4: list[Key]
    announced6: list[Key]
    withdrawn6: list[Key]
    with_paths: bool = False


class Rib(msgspec.Struct, gc=False):
    """One prefix of a table dump: the peers that have a route to it, and the origins, side by side.

    paths holds path identifiers side by side with peers, empty where the dump has none.
    """

    time: float
    ipv6: bool
    key: Key
    peers: list[Peer]
    origins: list[Origins]
    paths: list[int]


class PeerTable(msgspec.Struct, gc=False):
    """The beginning of a table dump: the peers that it has, whether or not they have routes."""

    time: float
    collector: bytes
    view: str
    peers: list[Peer]


class StateChange(msgspec.Struct, gc=False):
    """A session of a peer went from one state to another (RFC 4271, 8.2.2: 1 idle … 6 established)."""

    time: float
    peer: Peer
    old: int
    new: int


MrtItem: TypeAlias = Update | Rib | PeerTable | StateChange


class Broken(msgspec.Struct, frozen=True):
    """Where a file cannot be read: byte of its unpacked content, record counted from 1, and why."""

    offset: int
    record: int
    reason: str

    def __str__(self) -> str:
        return f"record {self.record} at byte {self.offset}: {self.reason}"
