"""One question over a stream of its own, as DNS over QUIC has it (RFC 9250)."""

from typing import Final

from aioquic.quic.events import QuicEvent, StreamDataReceived, StreamReset

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.kit import Kit
from lampwatch.probe.quic.link import QuicLink

MOST_ANSWER: Final = 65_537
"""Bytes of an answer that are taken: a DNS message of the greatest length, and its length."""


async def ask_stream(
    kit: Kit, link: QuicLink, sent: bytes, *, timeout_s: float | None = None
) -> bytes | Failed:
    """Send bytes on a new bidirectional stream, end our side of it, and give back all that comes until theirs ends.

    timeout_s is lookup_s unless given. Fails with READ operations: TIMEOUT, EOF where the connection ended, or
    CONNECTION_RESET where the stream was reset. The link stays open, and may be asked again.
    """
    stream_id = link.quic.get_next_available_stream_id()
    link.quic.send_stream_data(stream_id, sent, end_stream=True)
    answer = bytearray()
    reset: list[int] = []

    def ended(event: QuicEvent) -> bool:
        if isinstance(event, StreamReset) and event.stream_id == stream_id:
            reset.append(event.error_code)
            return True
        if isinstance(event, StreamDataReceived) and event.stream_id == stream_id:
            answer.extend(event.data)
            return event.end_stream or len(answer) >= MOST_ANSWER
        return False

    wait_s = kit.timeouts.lookup_s if timeout_s is None else timeout_s
    failed = await link.until(ended, Operation.READ, wait_s)
    if reset:
        return unknown(f"stream reset with {reset[0]:#x}", Operation.READ, Failure.CONNECTION_RESET)
    return failed or bytes(answer[:MOST_ANSWER])
