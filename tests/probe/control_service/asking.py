"""A control before a scripted network, its question and its answer."""

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from lampwatch.probe.control_service.answer import answer_to
from lampwatch.probe.control_service.guard import Guard, nothing_more
from lampwatch.probe.control_service.outpost import Outpost, Spans
from lampwatch.probe.control_service.question import Question, question_of
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.network import Network
from lampwatch.probe.resolver import SYSTEM, Resolver
from lampwatch.probe.timeouts import Timeouts
from tests.probe.scripted import ScriptedClock, ScriptedNetwork, Server
from tests.probe.servers import Handler, Http1Server, Http2Server, Page, over_tls, trusting

SITE = "93.184.216.34"
OTHER = "93.184.216.35"
NAME = "example.org"
BODY = b"<html><title>An  example\npage</title>" + b"words " * 100


def page(status: int = 200, body: bytes = BODY, **headers: str) -> Handler:
    """A handler that answers everything alike. Underscores in the names of headers stand for hyphens."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}

    def handler(_method: str, _path: str, _headers: dict[str, str], _body: bytes) -> Page:
        return status, told, body

    return handler


def plain(handler: Handler) -> Callable[[], Server]:
    return lambda: Http1Server(handler)


def secure(handler: Handler, *names: str) -> Callable[[], Server]:
    return over_tls(lambda: Http2Server(handler), *names)


def outpost(
    network: Network,
    *,
    clock: ScriptedClock | None = None,
    allowed: Callable[[str], bool] = nothing_more,
    refuses: Callable[[str], bool] = nothing_more,
    resolvers: Sequence[Resolver] = (SYSTEM,),
    spans: Spans | None = None,
) -> Outpost:
    clock = clock or (network.clock if isinstance(network, ScriptedNetwork) else ScriptedClock())
    around = Surroundings(
        network=network,
        clock=clock,
        trust=trusting(clock),
        timeouts=Timeouts(late_answer_s=0.0),
        random=Random(0),
        resolvers=tuple(resolvers),
    )
    return Outpost(around, Guard(allowed, refuses), spans=spans or Spans(), asn_of=lambda _: 15133)


def question(url: str, *endpoints: str, quic: bool = False) -> dict[str, Any]:
    return {
        "http_request": url,
        "http_request_headers": {"User-Agent": ["Tester"], "Cookie": ["secret=1"]},
        "tcp_connect": list(endpoints),
        "x_quic_enabled": quic,
    }


def read(asked: dict[str, Any]) -> Question:
    found = question_of(json.dumps(asked).encode())
    assert isinstance(found, Question), found
    return found


def answered(stand: Outpost, url: str, *endpoints: str, quic: bool = False) -> dict[str, Any]:
    """The whole answer to a question about a URL."""
    return asyncio.run(answer_to(read(question(url, *endpoints, quic=quic)), stand))
