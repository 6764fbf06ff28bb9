"""The address that a STUN server sees us as, read from its answer (RFC 5389, section 15)."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from lampwatch.formats.names import is_bogon

_HEADER: Final = 20
_COOKIE_AT: Final = 4
_MAPPED: Final = 0x0001
_MASKED: Final = frozenset({0x0020, 0x8020})
"""XOR-MAPPED-ADDRESS, and the number it had in drafts, which servers still send."""
_SIZES: Final = {1: 4, 2: 16}
"""Bytes of an address of each family."""
_BEFORE_ADDRESS: Final = 4


def mapped_address(answer: bytes) -> str:
    """The public address that a binding response tells us we have; empty where it tells none, or a bogon.

    Anybody on the way can forge the answer: a private address in it would hide what a censor answers with.
    """
    for kind, value in _attributes(answer):
        if kind == _MAPPED or kind in _MASKED:
            raw = value[_BEFORE_ADDRESS:]
            if len(raw) != _SIZES.get(value[1] if len(value) > 1 else 0):
                continue
            if kind in _MASKED:
                # The cookie, and for IPv6 the request's number behind it.
                raw = bytes(a ^ b for a, b in zip(raw, answer[_COOKIE_AT:], strict=False))
            address = str(ipaddress.ip_address(raw))
            if not is_bogon(address):
                return address
    return ""


def _attributes(answer: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEADER
    while at + 4 <= len(answer):
        kind, size = int.from_bytes(answer[at : at + 2]), int.from_bytes(answer[at + 2 : at + 4])
        yield kind, answer[at + 4 : at + 4 + size]
        # Each begins at a multiple of four bytes.
        at += 4 + size + -size % 4
