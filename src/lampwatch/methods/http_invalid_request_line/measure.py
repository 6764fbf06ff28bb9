"""HTTP invalid request line: five lines that are no HTTP, to a server that sends back what it gets (OONI ts-007)."""

import asyncio
from random import Random
from string import ascii_letters, digits
from typing import Any, Final

import msgspec

from lampwatch.formats.names import endpoint
from lampwatch.formats.scrub import scrubbed
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.step import Receive, Send, Step, perform
from lampwatch.probe.visit import addresses_of, connected

TEST_NAME: Final = "http_invalid_request_line"
TEST_VERSION: Final = "0.3.0"
TARGET_IS_HELPER: Final = True

MOST_RECEIVED: Final = 4096
"""Bytes kept of what comes back where it is not what was sent."""
_END: Final = "\n\r"
_BIG: Final = 1024


class Returned(msgspec.Struct, frozen=True):
    """What came back of a line, and what ended it before all of it was back."""

    received: bytes
    failed: Failed | None


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Send five lines to the echo server that target names as `host:port`, one connection each, side by side.

    Returns test_keys as ts-007 has them, with `tampering`, a conclusion, null. In what came back other than it was sent
    whatever looks like an address is replaced: a proxy's page may name the client.
    Raises UserError where target is no `host:port`.
    """
    host, port = endpoint(target)
    if not host or not port:
        raise UserError(
            f"{target!r} is no echo server's address; http_invalid_request_line needs one, as echo.example.org:80"
        )
    addresses = await addresses_of(kit, host, "helper")
    sent = lines(kit.random)
    returned = await asyncio.gather(*(_exchanged(kit, addresses, port, line) for line in sent))
    return {
        **kit.record.test_keys(),
        "sent": sent,
        "received": [_kept(line, back.received) for line, back in zip(sent, returned, strict=True)],
        "failure_list": [failure_text(back.failed) for back in returned],
        "tampering": None,
    }


def lines(random: Random) -> list[str]:
    """The five lines: an invalid method, too many fields, a huge method, an invalid version, and a word to Squid."""

    def text(length: int) -> str:
        return "".join(random.choices(ascii_letters + digits, k=length))

    return [
        f"{text(4)} / HTTP/1.1{_END}",
        f"{' '.join(text(5) for _ in range(4))}{_END}",
        f"{text(_BIG)} / HTTP/1.1{_END}",
        f"GET / HTTP/{text(3)}{_END}",
        f"GET cache_object://localhost/ HTTP/1.0{_END}",
    ]


def echoed(sent: bytes) -> Step[Returned]:
    """Send a line, and read until all of it is back, or as much of anything else as is kept."""
    received = b""
    failed = yield Send(sent)
    while not isinstance(failed, Failed) and received != sent and len(received) < MOST_RECEIVED:
        heard = yield Receive()
        if isinstance(heard, Failed):
            return Returned(received, heard)
        if not heard:
            return Returned(received, Failed(Failure.EOF, Operation.READ))
        received += heard
    return Returned(received[:MOST_RECEIVED], failed if isinstance(failed, Failed) else None)


async def _exchanged(kit: Kit, addresses: list[str], port: int, line: str) -> Returned:
    connection = await connected(kit, addresses, port, "helper")
    if isinstance(connection, Failed):
        return Returned(b"", connection)
    try:
        step = echoed(line.encode("ascii"))
        return await perform(step, connection.stream, clock=kit.clock, timeout_s=kit.timeouts.fetch_s)
    finally:
        connection.close()


def _kept(sent: str, received: bytes) -> str:
    text = received.decode("utf-8", "replace")
    return text if sent.startswith(text) else scrubbed(text, MOST_RECEIVED)
