"""Messages of RIS Live -> what peers said. Format: ris-live.ripe.net/manual."""

import ipaddress
import math
from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.formats.mrt.prefix import parse
from lampwatch.formats.mrt.records import ESTABLISHED, Key, MrtItem, Origins, Peer, StateChange, Update

ADDRESS: Final = "wss://ris-live.ripe.net/v1/ws/"
_IDLE: Final = 1
_STATES: Final = {"connected": ESTABLISHED, "up": ESTABLISHED, "down": _IDLE}
_END_OF_TABLE: Final = "eor"
_MOST_ASN: Final = 2**32 - 1


class _Announcement(msgspec.Struct):
    prefixes: list[str] = msgspec.field(default_factory=list)


class _Told(msgspec.Struct):
    """The payload of a message; each kind fills some of it. A path may hold sets, which are lists."""

    timestamp: float = math.nan
    peer: str = ""
    peer_asn: int | str = 0
    host: str = ""
    type: str = ""
    state: str = ""
    path: list[int | list[int]] | None = None
    announcements: list[_Announcement] | None = None
    withdrawals: list[str] | None = None
    message: str = ""


class _Message(msgspec.Struct):
    type: str
    data: _Told | None = None


class MalformedMessageError(ValueError):
    """Why a message cannot be used, in a few words."""


class RefusedError(Exception):
    """What the server complains of."""


_DECODER: Final = msgspec.json.Decoder(_Message, strict=False)


def subscriptions(collector: str) -> Iterable[bytes]:
    """What a client sends first, to hear the updates and the states of all peers of a collector."""
    for kind in ("UPDATE", "RIS_PEER_STATE"):
        wanted = {
            "host": collector,
            "type": kind,
            "socketOptions": {"includeRaw": False, "acknowledge": True},
        }
        yield msgspec.json.encode({"type": "ris_subscribe", "data": wanted})


def read(raw: bytes | str) -> tuple[str, MrtItem] | None:
    """The collector and what a peer of it said; None for messages that say nothing of routes.

    Raises MalformedMessageError, and RefusedError for a complaint of the server's.
    """
    try:
        message = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error
    told = message.data
    if message.type == "ris_error":
        raise RefusedError(told.message if told is not None else "")
    if message.type != "ris_message" or told is None or told.type not in ("UPDATE", "RIS_PEER_STATE"):
        return None
    feed = told.host.partition(".")[0]
    try:
        if not math.isfinite(told.timestamp):
            raise MalformedMessageError("there is no time")
        peer = Peer(int(told.peer_asn), ipaddress.ip_address(told.peer).packed)
        if told.type == "UPDATE":
            return feed, _update(told, peer)
    except ValueError as error:
        raise MalformedMessageError(str(error)) from error
    state = _STATES.get(told.state)
    if state is None:
        raise MalformedMessageError(f"{told.state[:40]!r} is no state of a peer")
    return feed, StateChange(told.timestamp, peer, _IDLE if state == ESTABLISHED else ESTABLISHED, state)


def _update(told: _Told, peer: Peer) -> Update:
    announced = [prefix for one in told.announcements or () for prefix in one.prefixes]
    four, six = _keys(announced)
    gone4, gone6 = _keys(told.withdrawals or ())
    return Update(told.timestamp, peer, _origins(told.path or []), four, gone4, six, gone6)


def _origins(path: list[int | list[int]]) -> Origins:
    last = path[-1] if path else []
    found = tuple(sorted(set(last))) if isinstance(last, list) else (last,)
    if any(not 0 <= asn <= _MOST_ASN for asn in found):
        raise MalformedMessageError("a network's number is out of range")
    return found


def _keys(prefixes: Iterable[str]) -> tuple[list[Key], list[Key]]:
    found: tuple[list[Key], list[Key]] = ([], [])
    for prefix in prefixes:
        if prefix != _END_OF_TABLE:
            key, ipv6 = parse(prefix)
            found[ipv6].append(key)
    return found
