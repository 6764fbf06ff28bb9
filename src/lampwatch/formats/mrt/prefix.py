"""Prefixes as BGP writes them: read from a list, made canonical, counted in units of address space."""

import ipaddress
from typing import Final

from lampwatch.formats.mrt.records import Key, Malformed

_TOO_LONG: Final = 1 << 30
_SIZE4: Final = tuple(1 + (bits + 7 >> 3) if bits <= 32 else _TOO_LONG for bits in range(256))  # noqa: PLR2004  the bits of an IPv4 address
_SIZE6: Final = tuple(1 + (bits + 7 >> 3) if bits <= 128 else _TOO_LONG for bits in range(256))  # noqa: PLR2004  what IPv6 has
"""Bytes that a prefix takes by its length; of lengths that there are not, more than any list has."""
UNIT4: Final = 24
UNIT6: Final = 48
"""Space is counted in /24s and in /48s: the smallest prefixes that routers pass on."""


def keys(nlri: bytes, *, ipv6: bool, with_paths: bool = False) -> list[Key]:
    """The prefixes of a list in an UPDATE. Raises Malformed where one is too long or ends after the list."""
    sizes, found, at, end = _SIZE6 if ipv6 else _SIZE4, [], 0, len(nlri)
    if with_paths:
        while at < end:
            if at + 5 > end:
                raise Malformed(f"a path identifier at byte {at} of a list of prefixes is cut off")
            stop = at + 4 + sizes[nlri[at + 4]]
            found.append(nlri[at:stop])
            at = stop
    else:
        while at < end:
            stop = at + sizes[nlri[at]]
            found.append(nlri[at:stop])
            at = stop
    if at != end:
        raise Malformed("a prefix is longer than its family allows, or than its list")
    return found


def key_at(body: bytes, at: int, *, ipv6: bool) -> tuple[Key, int]:
    """The prefix at a place, and where it ends. Raises Malformed or IndexError where it cannot be there."""
    stop = at + (_SIZE6 if ipv6 else _SIZE4)[body[at]]
    if stop > len(body):
        raise Malformed("the prefix is longer than its family allows, or than the record")
    return body[at:stop], stop


def key_of(bits: int, address: bytes) -> Key:
    """The key of a prefix whose address is written out. Raises Malformed where it has more bits than the address."""
    if bits > len(address) * 8:
        raise Malformed(f"a prefix of {bits} bits is longer than its family allows")
    return bytes((bits,)) + address[: bits + 7 >> 3]


def canonical(key: Key) -> Key:
    """The key without bits past its length, so that two spellings of a prefix are one."""
    spare = -key[0] % 8
    return key[:-1] + bytes((key[-1] >> spare << spare,)) if spare else key


def units(key: Key, *, ipv6: bool) -> tuple[int, int]:
    """The first and last /24 (IPv6: /48) that a prefix touches, as numbers: the address without what comes after."""
    bits, width, unit = key[0], 128 if ipv6 else 32, UNIT6 if ipv6 else UNIT4
    first = int.from_bytes(key[1:], "big") << width - 8 * (len(key) - 1)
    last = first | (1 << width - bits) - 1
    return first >> width - unit, last >> width - unit


def text(key: Key, *, ipv6: bool) -> str:
    """The prefix as people write it: `192.0.2.0/24`."""
    address = key[1:].ljust(16 if ipv6 else 4, b"\0")
    return f"{ipaddress.ip_address(address)}/{key[0]}"


def parse(written: str) -> tuple[Key, bool]:
    """The key of a prefix as people write it, and whether it is IPv6. Raises ValueError where it is none."""
    network = ipaddress.ip_network(written, strict=False)
    return key_of(network.prefixlen, network.network_address.packed), network.version == 6  # noqa: PLR2004  what IPv6 has
