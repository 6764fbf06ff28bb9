"""Over real sockets, to the loopback addresses of this machine only."""

import asyncio
import secrets
import socket

import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.probing.consent import greeting
from lampwatch.signals.probing.echo import request
from lampwatch.signals.probing.icmp import EchoAsker, echo_socket
from lampwatch.signals.probing.rounds import Answer

HELLO = greeting("https://lab.test/probing")


@pytest.fixture
def opened() -> socket.socket:
    try:
        return echo_socket()
    except UserError as error:
        pytest.skip(f"this user may send no ICMP here: {error}")


class _Silent:
    """A socket that sends into nothing, and can be given packets to read."""

    def __init__(self) -> None:
        self.ours, self._theirs = socket.socketpair()
        self.sent: list[bytes] = []
        self.packets: list[tuple[bytes, tuple[str, int]]] = []

    def fileno(self) -> int:
        return self.ours.fileno()

    def sendto(self, packet: bytes, _: object) -> None:
        self.sent.append(packet)

    def recvfrom(self, _: int) -> tuple[bytes, tuple[str, int]]:
        if not self.packets:
            self.ours.recv(1)
            raise BlockingIOError
        return self.packets.pop(0)

    def brings(self, packet: bytes, source: str) -> None:
        self.packets.append((packet, (source, 0)))
        self._theirs.send(b".")

    def close(self) -> None:
        self.ours.close()
        self._theirs.close()


def asker(over: object, *, timeout_s: float) -> EchoAsker:
    return EchoAsker(
        over,  # type: ignore[arg-type]  # looks like a socket as far as it is used
        timeout_s=timeout_s,
        greeting=HELLO,
        random_bytes=secrets.token_bytes,
    )


def reply_to(packet: bytes) -> bytes:
    """The reply that a host would send: an echo reply is a request of type 0, checksum included."""
    content = packet[8:]
    checked = request(0, 0, content)
    (sum_,) = (int.from_bytes(checked[2:4]) + 0x0800,)
    return bytes(2) + ((sum_ & 0xFFFF) + (sum_ >> 16)).to_bytes(2) + bytes(4) + content


def test_loopback_addresses_answer_many_at_once(opened: socket.socket) -> None:
    async def ask() -> list[Answer]:
        with asker(opened, timeout_s=20.0) as asking:
            return await asyncio.gather(*(asking.ask(f"127.0.0.{n}") for n in range(1, 60)))

    assert set(asyncio.run(ask())) == {Answer.ANSWERED}


def test_every_question_says_who_asks_and_how_to_opt_out() -> None:
    silent = _Silent()

    async def ask() -> Answer:
        with asker(silent, timeout_s=0.0) as asking:
            return await asking.ask("198.18.1.1")

    assert asyncio.run(ask()) is Answer.SILENT
    assert b"how to opt out: https://lab.test/probing" in silent.sent[0]
    assert len(silent.sent[0]) < 200


@pytest.mark.parametrize(
    ("source", "spoil", "said"),
    [
        ("198.18.1.1", b"", Answer.ANSWERED),
        ("198.18.1.2", b"", Answer.SILENT),
        ("198.18.1.1", b"!", Answer.SILENT),
    ],
)
def test_only_what_comes_from_there_and_gives_back_what_was_sent_is_an_answer(
    source: str, spoil: bytes, said: Answer
) -> None:
    silent = _Silent()

    async def ask() -> Answer:
        with asker(silent, timeout_s=20.0 if said is Answer.ANSWERED else 0.05) as asking:
            answering = asyncio.create_task(asking.ask("198.18.1.1"))
            await asyncio.sleep(0)
            silent.brings(reply_to(silent.sent[0] + spoil), source)
            return await answering

    assert asyncio.run(ask()) is said


def test_what_cannot_be_sent_was_not_asked(opened: socket.socket) -> None:
    async def ask() -> Answer:
        with asker(opened, timeout_s=1.0) as asking:
            # Broadcast needs a right that the socket was never given.
            return await asking.ask("255.255.255.255")

    assert asyncio.run(ask()) is Answer.UNSENT


def test_where_icmp_is_forbidden_the_user_learns_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", forbidden)
    with pytest.raises(UserError, match=r"ping_group_range.*--method tcp"):
        echo_socket()
