"""Asking a server for the versions it speaks."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.quic import quic_versions
from lampwatch.probe.quic.versions import versions_in
from tests.probe.quic.server import (
    Babble,
    Lister,
    QuicServer,
    Refusal,
    ServerNetwork,
    Silence,
    TurnedClock,
    kit_for,
)

IP = "192.0.2.1"
OURS = b"12345678"


def asked(server: QuicServer) -> tuple[tuple[int, ...] | Failed, Kit, ServerNetwork]:
    network = ServerNetwork({IP: server})
    kit = kit_for(network, server.clock)
    return asyncio.run(quic_versions(kit, IP, 443, kit.record.mark())), kit, network


def test_a_server_lists_its_versions() -> None:
    server = Lister(TurnedClock())
    server.listed = (1, 0x6B3343CF)
    told, kit, network = asked(server)
    assert told == (1, 0x6B3343CF)
    assert [event["operation"] for event in kit.record.network_events] == ["write_to", "read_from"]
    assert not network.opened[0].open


def test_the_question_is_large_and_holds_no_name() -> None:
    server = Lister(TurnedClock(), "site.test")
    asked(server)
    assert len(server.heard[0]) == 1200
    assert b"site.test" not in server.heard[0]


def test_silence_is_asked_three_times() -> None:
    server = Silence(TurnedClock())
    told, _, network = asked(server)
    assert told == Failed(Failure.TIMEOUT, Operation.QUIC_HANDSHAKE)
    assert len(server.heard) == 3
    assert not network.opened[0].open


def test_an_error_of_the_network_is_a_failure() -> None:
    told, _, _ = asked(Refusal(TurnedClock()))
    assert told == Failed(Failure.CONNECTION_REFUSED, Operation.QUIC_HANDSHAKE)


def test_what_is_no_list_is_passed_over() -> None:
    server = Babble(TurnedClock())
    server.says = [b"\x80", b"\x80\x00\x00\x00\x00", b"hello"]
    assert asked(server)[0] == Failed(Failure.TIMEOUT, Operation.QUIC_HANDSHAKE)


def test_a_list_for_somebody_else_is_none() -> None:
    listed = b"\x80" + bytes(4) + b"\x08" + OURS + b"\x00" + b"\x00\x00\x00\x01"
    assert versions_in(listed, OURS) == (1,)
    assert versions_in(listed, b"another0") == ()


@given(st.binary(max_size=80))
def test_no_bytes_are_fatal(tail: bytes) -> None:
    assert all(0 <= version < 2**32 for version in versions_in(b"\x80" + bytes(4) + tail, OURS))
