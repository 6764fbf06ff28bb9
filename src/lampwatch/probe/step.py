"""A step: a conversation that takes bytes and gives bytes, and one shell that does its I/O.

A step is a generator. It yields `Send(bytes)` or `Receive()`, gets what came of it, and returns its outcome. So a test
can play the other end without a network, and a protocol is written in the order in which it happens.
"""

from collections.abc import Generator
from typing import TypeVar

import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.clock import Clock
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Stream


class Send(msgspec.Struct, frozen=True):
    """These bytes are to be sent; the answer is empty, or a Failed."""

    sent: bytes


class Receive(msgspec.Struct, frozen=True):
    """More bytes are wanted; the answer is what came, empty at the end of the stream, or a Failed."""


T = TypeVar("T")
Step = Generator[Send | Receive, bytes | Failed, T]


async def perform(step: Step[T], stream: Stream, *, clock: Clock, timeout_s: float) -> T:
    """Carry a step out over a stream. The whole of it has timeout_s: then it hears a TIMEOUT and must end."""
    deadline = clock.monotonic() + timeout_s
    try:
        command = next(step)
        while True:
            left = deadline - clock.monotonic()
            heard: bytes | Failed
            if left <= 0:
                heard = Failed(Failure.TIMEOUT, Operation.READ)
            elif isinstance(command, Send):
                heard = await stream.send(command.sent, timeout_s=left) or b""
            else:
                heard = await stream.receive(timeout_s=left)
            command = step.send(heard)
    except StopIteration as end:
        outcome: T = end.value
        return outcome
    finally:
        step.close()
