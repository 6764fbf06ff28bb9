"""Over real sockets, to the loopback address of this machine only."""

import asyncio
import errno
import socket

import pytest

from lampwatch.signals.probing.rounds import Answer
from lampwatch.signals.probing.tcp import TcpAsker


def asked(port: int, *, timeout_s: float = 20.0) -> Answer:
    return asyncio.run(TcpAsker(port, timeout_s=timeout_s).ask("127.0.0.1"))


def test_a_server_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert asked(server.getsockname()[1]) is Answer.ANSWERED


def test_a_refusal_is_an_answer_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert asked(port) is Answer.ANSWERED


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ETIMEDOUT, Answer.SILENT),
        (errno.EHOSTUNREACH, Answer.SILENT),
        (errno.ENETUNREACH, Answer.SILENT),
        (errno.ECONNRESET, Answer.ANSWERED),
        (errno.EADDRNOTAVAIL, Answer.UNSENT),
        (errno.EPERM, Answer.UNSENT),
    ],
)
def test_what_the_system_says_is_silence_an_answer_or_our_own_trouble(
    monkeypatch: pytest.MonkeyPatch, number: int, said: Answer
) -> None:
    async def fail(*_: object) -> None:
        raise OSError(number, "told by the system")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", fail)
    assert asked(9) is said


def test_no_answer_in_time_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", hang)
    assert asked(9, timeout_s=0.0) is Answer.SILENT


def test_without_a_socket_left_nothing_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def none_left(*given: int, **more: int) -> socket.socket:
        if given and given[-1] == socket.SOCK_STREAM and not more:
            raise OSError(errno.EMFILE, "too many open files")
        return real(*given, **more)

    async def ask() -> Answer:
        monkeypatch.setattr(socket, "socket", none_left)
        return await TcpAsker(9, timeout_s=1.0).ask("127.0.0.1")

    assert asyncio.run(ask()) is Answer.UNSENT
