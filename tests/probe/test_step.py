import asyncio

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Stream
from lampwatch.probe.step import Receive, Send, Step, perform
from tests.probe.scripted import ScriptedNetwork, Server, Serving, saying

ADDRESS = "192.0.2.1:80"
TIMEOUT = Failed(Failure.TIMEOUT, Operation.READ)


def greet() -> Step[list[bytes | Failed]]:
    """Says hello, then gathers what it hears up to the end or a failure."""
    heard = [(yield Send(b"hello"))]
    while isinstance(heard[-1], bytes) and (heard[-1] or len(heard) == 1):
        heard.append((yield Receive()))
    return heard


def performed(serving: Serving, timeout_s: float = 5.0) -> tuple[list[bytes | Failed], ScriptedNetwork]:
    network = ScriptedNetwork(streams={ADDRESS: serving})

    async def go() -> list[bytes | Failed]:
        stream = await network.connect("192.0.2.1", 80, timeout_s=1)
        assert not isinstance(stream, Failed)
        return await perform(greet(), stream, clock=network.clock, timeout_s=timeout_s)

    return asyncio.run(go()), network


def test_what_a_step_sends_is_sent_and_what_it_receives_is_heard() -> None:
    heard, network = performed(saying(b"one", b"two", b""))
    assert heard == [b"", b"one", b"two", b""]
    assert network.sent == [(ADDRESS, b"hello")]


def test_a_failure_is_heard_as_a_value() -> None:
    reset = Failed(Failure.CONNECTION_RESET, Operation.READ)
    assert performed(saying(reset))[0] == [b"", reset]


def test_silence_is_heard_as_a_timeout_when_the_time_of_the_whole_step_is_over() -> None:
    heard, network = performed(saying(b"one"), timeout_s=3.0)
    assert heard == [b"", b"one", TIMEOUT]
    assert 3.0 <= network.clock.passed < 3.1


class Dripping:
    """A stream that never ends: a byte every two seconds."""

    def __init__(self, network: ScriptedNetwork) -> None:
        self._network = network
        self.address = ADDRESS

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        del sent, timeout_s
        return None

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        del timeout_s
        self._network.clock.passed += 2
        return b"."

    def close(self) -> None:
        self._network.ends.clear()


def forever() -> Step[tuple[int, Failed]]:
    pieces = 0
    while True:
        heard = yield Receive()
        if isinstance(heard, Failed):
            return pieces, heard
        pieces += 1


def test_whoever_drips_gains_no_time() -> None:
    network = ScriptedNetwork()
    stream: Stream = Dripping(network)
    outcome = asyncio.run(perform(forever(), stream, clock=network.clock, timeout_s=5))
    assert outcome == (3, TIMEOUT)


def test_a_step_that_is_broken_off_is_closed() -> None:
    closed: list[bool] = []

    def waiting() -> Step[None]:
        try:
            yield Receive()
        finally:
            closed.append(True)

    server: Server = saying()()
    network = ScriptedNetwork(streams={ADDRESS: lambda: server}, hangs=True)

    async def go() -> None:
        stream = await network.connect("192.0.2.1", 80, timeout_s=1)
        assert not isinstance(stream, Failed)
        task = asyncio.create_task(perform(waiting(), stream, clock=network.clock, timeout_s=5))
        await network.hanging.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert closed == [True]
