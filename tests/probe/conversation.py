"""One step and the other end of it, scripted: no socket, no waiting. For whole methods there is `ScriptedNetwork`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.step import Receive, Send, Step

T = TypeVar("T")
_RESET = Failed(Failure.CONNECTION_RESET, Operation.READ)
_NOTHING = Failed(Failure.TIMEOUT, Operation.READ)


class Unheard(AssertionError):  # noqa: N818  reads as a sentence of the test
    """The step did something else than the script says."""


class Message(Protocol):
    """Something that the step is expected to send."""

    def differs(self, sent: bytes) -> str:
        """How the bytes differ from it; empty where they do not."""
        ...


@dataclass(frozen=True)
class ClientHello:
    """A TLS ClientHello with a name in it, or with none."""

    server_name: str = ""

    def differs(self, sent: bytes) -> str:
        try:
            found = server_name_in(sent)
        except (IndexError, ValueError) as error:
            return f"no ClientHello: {error}"
        return "" if found == self.server_name else f"a ClientHello for {found!r}"


@dataclass(frozen=True)
class Reset:
    """The connection is reset."""

    failed: Failed = field(default=_RESET)


@dataclass(frozen=True)
class Silence:
    """Nothing comes until the time is over."""

    failed: Failed = field(default=_NOTHING)


@dataclass(frozen=True)
class End:
    """The other end says that it is done."""


class Conversation(Generic[T]):
    """One step and a script of what it must send and what it hears."""

    def __init__(self, step: Step[T]) -> None:
        self._step = step
        self._outcome: list[T] = []
        self._command: Send | Receive | None = None
        self._go(lambda: next(step))

    def hears(self, expected: bytes | Message | None = None) -> bytes:
        """The step now sends this, or anything where nothing is expected; gives the bytes it sent."""
        if not isinstance(self._command, Send):
            raise Unheard(f"{expected!r} was to be sent, but the step is at {self._command or self._outcome}")
        sent = self._command.sent
        if isinstance(expected, bytes):
            assert sent == expected
        elif expected is not None and (difference := expected.differs(sent)):
            raise Unheard(f"{expected!r} was to be sent, but it was {difference}")
        self._go(lambda: self._step.send(b""))
        return sent

    def says(self, said: bytes | Reset | Silence | End) -> None:
        """The step, waiting for it, hears this."""
        if not isinstance(self._command, Receive):
            raise Unheard(f"{said!r} was to be heard, but the step is at {self._command or self._outcome}")
        self._hear(said)

    def breaks(self, said: Reset | Silence) -> None:
        """What the step wants to send cannot be sent."""
        if not isinstance(self._command, Send):
            raise Unheard(f"sending was to fail, but the step is at {self._command or self._outcome}")
        self._hear(said)

    @property
    def listens(self) -> bool:
        """Whether the step waits to hear something."""
        return isinstance(self._command, Receive)

    @property
    def outcome(self) -> T:
        """What the step returned; it must have ended."""
        if not self._outcome:
            raise Unheard(f"the step has not ended, it is at {self._command}")
        return self._outcome[0]

    @property
    def ended(self) -> bool:
        """Whether the step has returned."""
        return bool(self._outcome)

    def _hear(self, said: bytes | Reset | Silence | End) -> None:
        heard = said if isinstance(said, bytes) else b"" if isinstance(said, End) else said.failed
        self._go(lambda: self._step.send(heard))

    def _go(self, move: Callable[[], Send | Receive]) -> None:
        try:
            self._command = move()
        except StopIteration as end:
            self._command = None
            self._outcome.append(end.value)


def server_name_in(hello: bytes) -> str:
    """The name in a ClientHello that is one TLS record; empty where it names none."""
    if hello[0] != 22 or hello[5] != 1:
        raise ValueError("another record")
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    end = at + 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 2
    while at < end:
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        if kind == 0:
            return hello[at + 9 : at + 4 + size].decode("ascii")
        at += 4 + size
    return ""
