"""Writes MRT records, one function a kind, from what people write."""

import ipaddress
import struct
from collections.abc import Iterable, Sequence

T0 = 1_704_067_200
"""2024-01-01 00:00 UTC."""
Path = Sequence[int | Sequence[int]]
"""An AS path; a list within it is an AS_SET."""


def record(time: int, kind: int, subtype: int, body: bytes) -> bytes:
    return struct.pack(">IHHI", time, kind, subtype, len(body)) + body


def nlri(*prefixes: str, path_id: int | None = None) -> bytes:
    lead = b"" if path_id is None else path_id.to_bytes(4, "big")
    out = b""
    for prefix in prefixes:
        network = ipaddress.ip_network(prefix)
        out += lead + bytes((network.prefixlen,))
        out += network.network_address.packed[: (network.prefixlen + 7) // 8]
    return out


def attribute(code: int, value: bytes) -> bytes:
    if len(value) > 255:
        return bytes((0x50, code)) + len(value).to_bytes(2, "big") + value
    return bytes((0x40, code, len(value))) + value


def segments(path: Path, size: int) -> bytes:
    out, run = b"", b""
    count = 0
    for step in path:
        if isinstance(step, int):
            run += step.to_bytes(size, "big")
            count += 1
            continue
        out += bytes((2, count)) + run if count else b""
        run, count = b"", 0
        out += bytes((1, len(step))) + b"".join(asn.to_bytes(size, "big") for asn in step)
    return out + (bytes((2, count)) + run if count else b"")


def attributes(
    path: Path,
    *,
    size: int = 4,
    as4_path: Path | None = None,
    reach6: Iterable[str] = (),
    unreach6: Iterable[str] = (),
) -> bytes:
    out = attribute(1, b"\0") + attribute(2, segments(path, size)) + attribute(3, b"\xc0\0\2\1")
    if as4_path is not None:
        out += attribute(17, segments(as4_path, 4))
    if reach6 := tuple(reach6):
        out += attribute(14, struct.pack(">HBB", 2, 1, 16) + bytes(16) + b"\0" + nlri(*reach6))
    if unreach6 := tuple(unreach6):
        out += attribute(15, struct.pack(">HB", 2, 1) + nlri(*unreach6))
    return out


def update_body(announced: bytes, withdrawn: bytes, attributes_: bytes) -> bytes:
    return (
        len(withdrawn).to_bytes(2, "big")
        + withdrawn
        + len(attributes_).to_bytes(2, "big")
        + attributes_
        + announced
    )


def bgp(kind: int, body: bytes) -> bytes:
    return b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") + bytes((kind,)) + body


def head(asn: int, address: str, size: int) -> bytes:
    peer = ipaddress.ip_address(address)
    own = bytes(len(peer.packed))
    family = 1 if peer.version == 4 else 2
    return (
        asn.to_bytes(size, "big")
        + (12654).to_bytes(size, "big")
        + struct.pack(">HH", 0, family)
        + peer.packed
        + own
    )


def update(
    time: int,
    peer: tuple[int, str],
    *announced: str,
    path: Path = (),
    withdrawn: Iterable[str] = (),
    size: int = 4,
    as4_path: Path | None = None,
    reach6: Iterable[str] = (),
    unreach6: Iterable[str] = (),
    path_id: int | None = None,
    microseconds: int | None = None,
) -> bytes:
    """BGP4MP with an UPDATE, AS4 where size is 4, ADDPATH where a path id is given, _ET where microseconds are."""
    tells = bool(announced or tuple(reach6) or tuple(unreach6))
    told = attributes(path, size=size, as4_path=as4_path, reach6=reach6, unreach6=unreach6) if tells else b""
    message = update_body(nlri(*announced, path_id=path_id), nlri(*withdrawn, path_id=path_id), told)
    subtype = {(2, False): 1, (4, False): 4, (2, True): 8, (4, True): 9}[size, path_id is not None]
    body = head(*peer, size) + bgp(2, message)
    if microseconds is None:
        return record(time, 16, subtype, body)
    return record(time, 17, subtype, microseconds.to_bytes(4, "big") + body)


def state(time: int, peer: tuple[int, str], old: int, new: int) -> bytes:
    return record(time, 16, 5, head(*peer, 4) + struct.pack(">HH", old, new))


def peer_index(time: int, peers: Sequence[tuple[int, str]], view: str = "") -> bytes:
    body = b"\xc0\0\2\xfe" + struct.pack(">H", len(view)) + view.encode() + struct.pack(">H", len(peers))
    for asn, address in peers:
        packed = ipaddress.ip_address(address).packed
        body += bytes((2 | (len(packed) == 16),)) + bytes(4) + packed + asn.to_bytes(4, "big")
    return record(time, 13, 1, body)


def rib(time: int, prefix: str, routes: Sequence[tuple[int, Path]], *, path_ids: Sequence[int] = ()) -> bytes:
    """One prefix of TABLE_DUMP_V2: for each route the peer's place in the index, and the path."""
    ipv6 = ":" in prefix
    body = bytes(4) + nlri(prefix) + struct.pack(">H", len(routes))
    for place, (index, path) in enumerate(routes):
        told = attributes(path)
        lead = struct.pack(">HI", index, time) + (struct.pack(">I", path_ids[place]) if path_ids else b"")
        body += lead + struct.pack(">H", len(told)) + told
    return record(time, 13, (4 if ipv6 else 2) + (6 if path_ids else 0), body)


def old_route(prefix: str, peer: tuple[int, str], path: Path) -> bytes:
    """A route as TABLE_DUMP has it, after view and sequence number."""
    network, told = ipaddress.ip_network(prefix), attributes(path, size=2)
    asn, address = peer
    return (
        network.network_address.packed
        + bytes((network.prefixlen, 1))
        + struct.pack(">I", T0)
        + ipaddress.ip_address(address).packed
        + struct.pack(">HH", asn, len(told))
        + told
    )


def old_table(time: int, prefix: str, peer: tuple[int, str], path: Path) -> bytes:
    return record(time, 12, 2 if ":" in prefix else 1, bytes(4) + old_route(prefix, peer, path))
