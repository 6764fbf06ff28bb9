"""One question over TCP, TLS, HTTPS or QUIC, each on a connection of its own, recorded step by step."""

from collections.abc import Sequence
from typing import Final

from lampwatch.model.failure import Operation
from lampwatch.probe.dns.framed import Heard, ask_over_stream, framed, heard_in
from lampwatch.probe.dns.https import MOST_REPLY, Url, reply_in, request_for
from lampwatch.probe.dns.message import Question, Reply
from lampwatch.probe.dns.noted import note_stray
from lampwatch.probe.dns.place import Place
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import HTTP_ALPN, Connection, Kit
from lampwatch.probe.quic import ask_stream, connect_quic, fetch_quic
from lampwatch.probe.record import Mark
from lampwatch.probe.resolver import Engine
from lampwatch.probe.step import perform

_DOT: Final = ("dot",)
_DOQ: Final = ("doq",)


async def ask_carried(kit: Kit, engine: Engine, asked: Question, place: Place, mark: Mark) -> Reply | Failed:
    """Ask over what the engine says; place has its address. Nothing stays open."""
    if engine is Engine.DOQ:
        outcome = await _by_quic(kit, asked, place, mark)
    elif place.url is None:
        outcome = await _by_stream(kit, asked, place, mark, _DOT if engine is Engine.DOT else None)
    elif place.url.by_http3:
        outcome = await _by_http3(kit, asked, place, place.url, mark)
    else:
        outcome = await _by_https(kit, asked, place, place.url, mark)
    return outcome.during(Operation.RESOLVE) if isinstance(outcome, Failed) else outcome


async def _opened(kit: Kit, place: Place, mark: Mark, alpn: Sequence[str] | None) -> Connection | Failed:
    """A connection to a resolver, with TLS where alpn is given."""
    connection = await kit.connect(place.ip, place.port, mark)
    if isinstance(connection, Failed) or alpn is None:
        return connection
    return await kit.handshake(connection, place.host, alpn=alpn)


async def _by_stream(
    kit: Kit, asked: Question, place: Place, mark: Mark, alpn: Sequence[str] | None
) -> Reply | Failed:
    connection = await _opened(kit, place, mark, alpn)
    if isinstance(connection, Failed):
        return connection
    try:
        heard = await perform(
            ask_over_stream(asked), connection.stream, clock=kit.clock, timeout_s=kit.timeouts.lookup_s
        )
    finally:
        connection.close()
    return _noted(kit, heard, connection.stream.address, "tcp", mark)


async def _by_https(kit: Kit, asked: Question, place: Place, url: Url, mark: Mark) -> Reply | Failed:
    connection = await _opened(kit, place, mark, HTTP_ALPN)
    if isinstance(connection, Failed):
        return connection
    exchange = await kit.fetch(connection, request_for(url, asked), most_body=MOST_REPLY)
    return reply_in(exchange, asked)


async def _by_http3(kit: Kit, asked: Question, place: Place, url: Url, mark: Mark) -> Reply | Failed:
    link = await connect_quic(kit, place.ip, place.port, place.host, mark)
    if isinstance(link, Failed):
        return link
    exchange = await fetch_quic(kit, link, request_for(url, asked), most_body=MOST_REPLY)
    return reply_in(exchange, asked)


async def _by_quic(kit: Kit, asked: Question, place: Place, mark: Mark) -> Reply | Failed:
    link = await connect_quic(kit, place.ip, place.port, place.host, mark, alpn=_DOQ)
    if isinstance(link, Failed):
        return link
    try:
        answer = await ask_stream(kit, link, framed(asked.wire))
    finally:
        await link.end()
    return (
        answer
        if isinstance(answer, Failed)
        else _noted(kit, heard_in(asked, answer), link.address, "udp", mark)
    )


def _noted(kit: Kit, heard: Heard, address: str, protocol: str, mark: Mark) -> Reply | Failed:
    for raw, why in heard.strays:
        note_stray(kit.record, mark, address, protocol, raw, why)
    return heard.outcome
