"""DNS over a stream, TCP or TLS, as a step: each message goes after its length, 16 bits (RFC 1035, 7858)."""

from typing import Final

import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.message import Question, Reply, reply_to
from lampwatch.probe.failed import Failed
from lampwatch.probe.step import Receive, Send, Step

_LENGTH: Final = 2
_MOST_STRAYS: Final = 8


class Heard(msgspec.Struct, frozen=True):
    """What came of a question: its outcome, and the messages before it that were no reply to it."""

    outcome: Reply | Failed
    strays: tuple[tuple[bytes, Failed], ...] = ()


def framed(message: bytes) -> bytes:
    """A message after its length."""
    return len(message).to_bytes(_LENGTH, "big") + message


def ask_over_stream(asked: Question) -> Step[Heard]:
    """Ask once, and wait for the reply to this question; others are passed over."""
    strays: list[tuple[bytes, Failed]] = []
    sent = yield Send(framed(asked.wire))
    if isinstance(sent, Failed):
        return Heard(sent.during(Operation.RESOLVE))
    arrived = b""
    while len(strays) < _MOST_STRAYS:
        end = _LENGTH + int.from_bytes(arrived[:_LENGTH], "big")
        if len(arrived) >= _LENGTH and len(arrived) >= end:
            raw, arrived = arrived[_LENGTH:end], arrived[end:]
            reply = reply_to(asked, raw)
            if isinstance(reply, Reply):
                return Heard(reply, tuple(strays))
            strays.append((raw, reply))
            continue
        heard = yield Receive()
        if isinstance(heard, Failed) or not heard:
            failed = heard if isinstance(heard, Failed) else Failed(Failure.EOF, Operation.READ)
            outcome = strays[0][1] if strays else failed.during(Operation.RESOLVE)
            return Heard(outcome, tuple(strays))
        arrived += heard
    return Heard(strays[0][1], tuple(strays))


def heard_in(asked: Question, stream: bytes) -> Heard:
    """The reply in a stream that has ended, as over QUIC."""
    raw = stream[_LENGTH : _LENGTH + int.from_bytes(stream[:_LENGTH], "big")]
    if not raw:
        return Heard(Failed(Failure.EOF, Operation.RESOLVE))
    reply = reply_to(asked, raw)
    return Heard(reply, ((raw, reply),) if isinstance(reply, Failed) else ())
