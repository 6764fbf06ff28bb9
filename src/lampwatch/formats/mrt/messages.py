"""Messages that a collector heard from its peers: BGP4MP and BGP4MP_ET, and BGP, which came before. RFC 6396, 4.4."""

import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from lampwatch.formats.mrt.attributes import UpdateReach
from lampwatch.formats.mrt.prefix import keys
from lampwatch.formats.mrt.records import Malformed, MrtItem, Peer, StateChange, Update

BGP, BGP4MP, BGP4MP_ET = 5, 16, 17
_UPDATE: Final = 2
_MESSAGE_HEADER: Final = 19
"""A marker of 16 bytes, a length of two, the type."""
_REMEMBERED_PEERS: Final = 10_000
_MICROSECONDS: Final = struct.Struct(">I")
_STATES: Final = struct.Struct(">HH")
_IPV4, _IPV6 = 1, 2

Handler: TypeAlias = Callable[[float, bytes], list[MrtItem]]
_MESSAGES: Final = {1: (False, False), 4: (True, False), 8: (False, True), 9: (True, True)}
"""Subtypes of BGP4MP with a message of a peer: whether networks are four bytes, whether prefixes have path ids."""
_SENT: Final = (6, 7, 10, 11)
"""Subtypes with a message of the collector's own: they say nothing of what a peer announces."""


def handlers() -> Mapping[int, Handler]:
    """What reads each kind of record, by type << 16 | subtype."""
    peers = _Peers()
    found: dict[int, Handler] = {
        BGP << 16 | 1: partial(_old_update, UpdateReach(wide=False, with_paths=False)),
        BGP << 16 | 3: _old_state,
        **{BGP << 16 | subtype: _nothing for subtype in (0, 4, 5, 6, 7)},
    }
    for subtype, (wide, with_paths) in _MESSAGES.items():
        reach = UpdateReach(wide=wide, with_paths=with_paths)
        found[BGP4MP << 16 | subtype] = partial(_message, peers, reach, wide, with_paths)
    for subtype, wide in ((0, False), (5, True)):
        found[BGP4MP << 16 | subtype] = partial(_state, peers, wide)
    for subtype in _SENT:
        found[BGP4MP << 16 | subtype] = _nothing
    timed = {
        BGP4MP_ET << 16 | key & 0xFFFF: partial(_timed, handler)
        for key, handler in found.items()
        if key >> 16 == BGP4MP
    }
    return found | timed


def _nothing(time: float, body: bytes) -> list[MrtItem]:  # noqa: ARG001  a handler's form
    """A record that is known, and that says nothing of routes."""
    return []


def _timed(handler: Handler, time: float, body: bytes) -> list[MrtItem]:
    """A record whose body begins with microseconds."""
    return handler(time + _MICROSECONDS.unpack_from(body)[0] / 1e6, body[4:])


class _Peers(dict[bytes, Peer]):
    """Peers by the head of a BGP4MP record, which is the same in all of a session's messages; fills itself."""

    def __missing__(self, head: bytes) -> Peer:
        # Peer's and own network, interface, family, peer's and own address: 16, 20, 40 or 44 bytes.
        size = 4 if len(head) in (20, 44) else 2
        begin = 2 * size + 4
        address = head[begin : begin + (len(head) - begin) // 2]
        found = Peer(int.from_bytes(head[:size], "big"), address)
        if len(self) >= _REMEMBERED_PEERS:
            self.clear()
        self[head] = found
        return found


def _head(body: bytes, *, wide: bool) -> int:
    """How long the head of a BGP4MP record is."""
    at = 10 if wide else 6
    family = body[at] << 8 | body[at + 1]
    if family == _IPV4:
        return at + 10
    if family == _IPV6:
        return at + 34
    raise Malformed(f"address family {family} of the peer is none")


def _message(
    peers: _Peers,
    reach: UpdateReach,
    wide: bool,  # noqa: FBT001  bound by partial, by position
    with_paths: bool,  # noqa: FBT001  as above
    time: float,
    body: bytes,
) -> list[MrtItem]:
    """An UPDATE of a peer; nothing for other messages."""
    begin = _head(body, wide=wide)
    if body[begin + 18] != _UPDATE:
        return []
    length = body[begin + 16] << 8 | body[begin + 17]
    stop = begin + length
    # Long messages were cut off by some collectors, which left their length as it was.
    if length < _MESSAGE_HEADER + 4 or stop > len(body):
        raise Malformed(f"an UPDATE of {length} bytes in a record that has {len(body) - begin} for it")
    return [_update(time, peers[body[:begin]], reach, body[begin + _MESSAGE_HEADER : stop], with_paths)]


def _update(
    time: float,
    peer: Peer,
    reach: UpdateReach,
    update: bytes,
    with_paths: bool = False,  # noqa: FBT001, FBT002  in the inner loop
) -> Update:
    withdrawn_end = 2 + (update[0] << 8 | update[1])
    begin = withdrawn_end + 2
    end = begin + (update[withdrawn_end] << 8 | update[withdrawn_end + 1])
    if end > len(update):
        raise Malformed("the attributes are longer than the UPDATE")
    withdrawn = keys(update[2:withdrawn_end], ipv6=False, with_paths=with_paths) if begin > 4 else []  # noqa: PLR2004  both lengths
    announced = keys(update[end:], ipv6=False, with_paths=with_paths) if end < len(update) else []
    if begin == end:
        return Update(time, peer, (), announced, withdrawn, [], [], with_paths)
    said = reach[update[begin:end]]
    return Update(
        time,
        peer,
        said.origins,
        said.announced4 + announced if said.announced4 else announced,
        said.withdrawn4 + withdrawn if said.withdrawn4 else withdrawn,
        said.announced6,
        said.withdrawn6,
        with_paths,
    )


def _state(
    peers: _Peers,
    wide: bool,  # noqa: FBT001  bound by partial, by position
    time: float,
    body: bytes,
) -> list[MrtItem]:
    begin = _head(body, wide=wide)
    old, new = _STATES.unpack_from(body, begin)
    return [StateChange(time, peers[body[:begin]], old, new)]


def _old_update(reach: UpdateReach, time: float, body: bytes) -> list[MrtItem]:
    """BGP_UPDATE of the first archives: no header of a message, and IPv4 only. RFC 6396, appendix B.2."""
    return [_update(time, _old_peer(body), reach, body[12:])]


def _old_state(time: float, body: bytes) -> list[MrtItem]:
    old, new = _STATES.unpack_from(body, 6)
    return [StateChange(time, _old_peer(body), old, new)]


def _old_peer(body: bytes) -> Peer:
    if len(body) < 6:  # noqa: PLR2004  a network and an address
        raise Malformed("ends inside the peer")
    return Peer(body[0] << 8 | body[1], body[2:6])
