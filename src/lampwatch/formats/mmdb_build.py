"""Address ranges -> a MaxMind-format file (format 2.0), in little memory: half a million ranges in seconds.

The tree is cut from the sorted ranges directly, each node once, instead of inserting every prefix bit by bit.
"""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import BinaryIO, Final, NamedTuple

Fields = tuple[tuple[str, str | int], ...]
"""A record's fields in order, as ("country_code", "KZ"); hashable, so that equal records are stored once."""

ADDRESS_BITS: Final = 128
"""IPv4 addresses stand at ::/96 of the one tree, as in MaxMind's own files."""
LAST_ADDRESS: Final = 2**ADDRESS_BITS - 1

_EMPTY: Final = -1
_MARKER: Final = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR: Final = bytes(16)
_POINTER, _STRING, _UINT16, _UINT32, _MAP = 1, 2, 5, 6, 7
_UINT64, _ARRAY = 9, 11
_LAST_SHORT_TYPE: Final = 7
_RECORD_BITS: Final = 32


class AddressRange(NamedTuple):
    """A record for all addresses from first to last, both included; IPv4 addresses count as ::a.b.c.d."""

    first: int
    last: int
    fields: Fields


class Built(NamedTuple):
    """What was written: ranges held, ranges left out because another one covers part of them, nodes of the tree."""

    ranges: int
    overlapping: int
    nodes: int


def write_mmdb(
    ranges: Iterable[AddressRange], out: BinaryIO, *, database_type: str, build_epoch: int
) -> Built:
    """Write ranges as a MaxMind-format file; the same ranges and epoch always give the same bytes.

    Ranges may come in any order. Of two that overlap the one that begins first stays (of two that begin together,
    the longer, then the one given first), and the other is left out and counted. build_epoch, in seconds since
    1970, is the date that the file gives itself.
    """
    tree = _Tree()
    overlapping = tree.take(ranges)
    tree.grow()
    nodes = len(tree.left)
    blocks = zip(_blocks(tree.left), _blocks(tree.right), strict=True)
    out.writelines(_records(left, right, nodes, tree.offsets) for left, right in blocks)
    out.write(_SEPARATOR)
    out.write(tree.data)
    out.write(_MARKER)
    out.write(_metadata(nodes, database_type, build_epoch))
    return Built(len(tree.firsts), overlapping, nodes)


class _Tree:
    """The search tree: left and right hold a node's number, _EMPTY, or -2 - n for the n-th distinct record."""

    def __init__(self) -> None:
        self.firsts: list[int] = []
        self.lasts: list[int] = []
        self.record = array("l")
        self.offsets = array("l")
        self.data = bytearray()
        self.left = array("l")
        self.right = array("l")
        self._keys: dict[str, bytes] = {}

    def take(self, ranges: Iterable[AddressRange]) -> int:
        """Sort the ranges in, joining neighbours that say the same; return how many overlap another."""
        numbers: dict[Fields, int] = {}
        coded = [(r.first, -r.last, numbers.setdefault(r.fields, len(numbers))) for r in ranges]
        coded.sort()
        self._store_in_order(list(numbers), [number for _, _, number in coded])
        overlapping, before = 0, -1
        for first, negative_last, number in coded:
            if first <= before:
                overlapping += 1
                continue
            if first == before + 1 and self.record and self.record[-1] == number:
                self.lasts[-1] = before = -negative_last
                continue
            before = -negative_last
            self.firsts.append(first)
            self.lasts.append(before)
            self.record.append(number)
        return overlapping

    def grow(self) -> None:
        """Cut the address space in halves until every half is one record or empty."""
        self.left.append(_EMPTY)
        self.right.append(_EMPTY)
        half = 1 << (ADDRESS_BITS - 1)
        self._halve(0, 0, len(self.firsts), 0, half)

    def _halve(self, node: int, low: int, high: int, base: int, half: int) -> None:
        """Fill a node over the 2 x half addresses from base, which ranges low to high reach into."""
        middle = base + half
        cut = bisect_left(self.firsts, middle, low, high)
        self.left[node] = self._child(low, cut, base, half)
        if cut > low and self.lasts[cut - 1] >= middle:
            cut -= 1
        self.right[node] = self._child(cut, high, middle, half)

    def _child(self, low: int, high: int, base: int, size: int) -> int:
        if low == high:
            return _EMPTY
        if self.firsts[low] <= base and self.lasts[low] >= base + size - 1:
            return -2 - self.record[low]
        node = len(self.left)
        self.left.append(_EMPTY)
        self.right.append(_EMPTY)
        self._halve(node, low, high, base, size >> 1)
        return node

    def _store_in_order(self, records: list[Fields], order: list[int]) -> None:
        """Encode records in the order in which addresses name them, so that the file does not depend on the input's."""
        # Keys repeat in every record and values hardly ever: a key is stored once and pointed to from then on.
        for key in sorted({key for fields in records for key, _ in fields}):
            self._keys[key] = _pointer(len(self.data))
            self.data += _string(key)
        self.offsets = array("l", bytes(array("l").itemsize * len(records)))
        for number in dict.fromkeys(order):
            self.offsets[number] = self._store(records[number])

    def _store(self, fields: Fields) -> int:
        offset = len(self.data)
        self.data += _control(_MAP, len(fields))
        for key, value in fields:
            self.data += self._keys[key] + (
                _string(value) if isinstance(value, str) else _number(_UINT32, value)
            )
        return offset


def _blocks(numbers: "array[int]", size: int = 65_536) -> Iterable["array[int]"]:
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _records(left: "array[int]", right: "array[int]", nodes: int, offsets: "array[int]") -> bytes:
    """Pack pairs of 32-bit records: another node, `nodes` for nothing, or a place in the data section."""
    packed = [
        n if n >= 0 else nodes if n == _EMPTY else nodes + len(_SEPARATOR) + offsets[-2 - n]
        for pair in zip(left, right, strict=True)
        for n in pair
    ]
    return struct.pack(f">{len(packed)}I", *packed)


def _metadata(nodes: int, database_type: str, build_epoch: int) -> bytes:
    entries = (
        ("binary_format_major_version", _number(_UINT16, 2)),
        ("binary_format_minor_version", _number(_UINT16, 0)),
        ("build_epoch", _number(_UINT64, build_epoch)),
        ("database_type", _string(database_type)),
        ("description", _control(_MAP, 1) + _string("en") + _string(f"{database_type}, built by Lampwatch")),
        ("ip_version", _number(_UINT16, 6)),
        ("languages", _control(_ARRAY, 1) + _string("en")),
        ("node_count", _number(_UINT32, nodes)),
        ("record_size", _number(_UINT16, _RECORD_BITS)),
    )
    return _control(_MAP, len(entries)) + b"".join(_string(key) + value for key, value in entries)


def _control(kind: int, size: int) -> bytes:
    """Encode the byte or bytes that open a field: its type and its size, by the format's four size classes."""
    if size < 29:  # noqa: PLR2004  the format's own bound
        low, more = size, b""
    elif size < 285:  # noqa: PLR2004  the format's own bound
        low, more = 29, bytes([size - 29])
    elif size < 65_821:  # noqa: PLR2004  the format's own bound
        low, more = 30, (size - 285).to_bytes(2, "big")
    else:
        low, more = 31, (size - 65_821).to_bytes(3, "big")
    if kind > _LAST_SHORT_TYPE:
        return bytes([low, kind - _LAST_SHORT_TYPE]) + more
    return bytes([kind << 5 | low]) + more


def _string(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")
    return _control(_STRING, len(encoded)) + encoded


def _number(kind: int, value: int) -> bytes:
    encoded = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(encoded)) + encoded


def _pointer(offset: int) -> bytes:
    """Point to a place in the first 526,336 bytes of the data section, where all keys stand."""
    if offset < 2_048:  # noqa: PLR2004  the format's own bound
        return bytes([_POINTER << 5 | offset >> 8, offset & 0xFF])
    return bytes([_POINTER << 5 | 1 << 3 | offset - 2_048 >> 16]) + (offset - 2_048 & 0xFFFF).to_bytes(
        2, "big"
    )
