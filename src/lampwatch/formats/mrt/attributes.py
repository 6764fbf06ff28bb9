"""Path attributes of BGP: where a path ends, and prefixes of IPv6. RFC 4271, 4760, 6793, 7911.

Attributes repeat massively, above all in table dumps, so that each byte string is read once and remembered.
"""

import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.formats.mrt.prefix import keys
from lampwatch.formats.mrt.records import Key, Malformed, Origins

REMEMBERED: Final = 262_144
"""Byte strings of attributes that are remembered, some 40 MB; a full memory is emptied."""

_EXTENDED_LENGTH: Final = 0x10
_AS_PATH, _MP_REACH, _MP_UNREACH, _AS4_PATH = 2, 14, 15, 17
_AS_SET, _AS_SEQUENCE = 1, 2
_IPV4, _IPV6, _UNICAST = 1, 2, 1


class Reach(msgspec.Struct, frozen=True, gc=False):
    """What the attributes of one UPDATE say."""

    origins: Origins
    announced4: list[Key]
    withdrawn4: list[Key]
    announced6: list[Key]
    withdrawn6: list[Key]


class RibOrigins(dict[bytes, Origins]):
    """The origins by the attributes of a table's route; fills itself. wide: networks are four bytes, not two."""

    def __init__(self, *, wide: bool) -> None:
        super().__init__()
        self._wide = wide

    def __missing__(self, attributes: bytes) -> Origins:
        path, path4 = b"", b""
        for code, value in _each(attributes):
            if code == _AS_PATH:
                path = value
            elif code == _AS4_PATH:
                path4 = value
        found = origins(path, path4, wide=self._wide)
        if len(self) >= REMEMBERED:
            self.clear()
        self[attributes] = found
        return found


class UpdateReach(dict[bytes, Reach]):
    """What the attributes of an UPDATE say; fills itself. wide as above; with_paths: prefixes have path identifiers."""

    def __init__(self, *, wide: bool, with_paths: bool) -> None:
        super().__init__()
        self._wide, self._with_paths = wide, with_paths

    def __missing__(self, attributes: bytes) -> Reach:
        path, path4 = b"", b""
        announced: tuple[list[Key], list[Key]] = ([], [])
        withdrawn: tuple[list[Key], list[Key]] = ([], [])
        for code, value in _each(attributes):
            if code == _AS_PATH:
                path = value
            elif code == _AS4_PATH:
                path4 = value
            elif code == _MP_REACH and (family := _family(value)) is not None:
                # Address family, next hop with its length, one reserved byte (a count of zero, long ago).
                begin = 5 + value[3]
                if begin > len(value):
                    raise Malformed("the next hop of MP_REACH_NLRI is longer than the attribute")
                announced[family].extend(keys(value[begin:], ipv6=bool(family), with_paths=self._with_paths))
            elif code == _MP_UNREACH and (family := _family(value)) is not None:
                withdrawn[family].extend(keys(value[3:], ipv6=bool(family), with_paths=self._with_paths))
        found = Reach(
            origins(path, path4, wide=self._wide), announced[0], withdrawn[0], announced[1], withdrawn[1]
        )
        if len(self) >= REMEMBERED:
            self.clear()
        self[attributes] = found
        return found


def _each(attributes: bytes) -> Iterator[tuple[int, bytes]]:
    """Code and value of each attribute. Raises Malformed or IndexError where one does not fit in."""
    at, end = 0, len(attributes)
    while at < end:
        flags, code, length = attributes[at], attributes[at + 1], attributes[at + 2]
        at += 3
        if flags & _EXTENDED_LENGTH:
            length = length << 8 | attributes[at]
            at += 1
        stop = at + length
        if stop > end:
            raise Malformed(f"attribute {code} is longer than the attributes")
        yield code, attributes[at:stop]
        at = stop


def _family(value: bytes) -> int | None:
    """0 for IPv4 unicast, 1 for IPv6 unicast; None for what is neither."""
    family = value[0] << 8 | value[1]
    if value[2] != _UNICAST or family not in (_IPV4, _IPV6):
        return None
    return family - _IPV4


def origins(path: bytes, path4: bytes, *, wide: bool) -> Origins:
    """The networks that a path ends in.

    A path of two-byte numbers has 23456 in place of longer ones; AS4_PATH, where it is no longer than the path, has the
    true ones (RFC 6793, 4.2.3). Segments within a confederation say nothing of the origin.
    """
    if not path4 or wide:
        return _last(path, 4 if wide else 2)[0]
    narrow, length = _last(path, 2)
    true, length4 = _last(path4, 4)
    return true if true and length4 <= length else narrow


def _last(path: bytes, size: int) -> tuple[Origins, int]:
    """The end of a path, and its length: a set counts as one."""
    at, end, length = 0, len(path), 0
    found: Origins = ()
    while at < end:
        kind, count = path[at], path[at + 1]
        stop = at + 2 + count * size
        if stop > end:
            raise Malformed("a segment of the AS path is longer than the path")
        if kind == _AS_SEQUENCE and count:
            found = (int.from_bytes(path[stop - size : stop], "big"),)
            length += count
        elif kind == _AS_SET and count:
            ends = itertools.pairwise(range(at + 2, stop + 1, size))
            found = tuple(sorted({int.from_bytes(path[a:b], "big") for a, b in ends}))
            length += 1
        at = stop
    return found, length
