import asyncio
from typing import Any

import msgspec
import pytest

from lampwatch.methods.stun_reachability import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from lampwatch.probe.failed import Failed
from tests.methods.judging import Method
from tests.probe.scripted import ScriptedNetwork, kit_over, saying

METHOD = Method("stun_reachability")
GOOGLE = "stun://stun.l.google.com:19302"
V4, V6 = "74.125.250.129", "2001:4860:4864:5:8000::1"
NAMES = {"stun.l.google.com": [V6, V4]}
NO_IPV6 = Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT)
OWN_ADDRESS = bytes((203, 0, 114, 77))


class Stun:
    """A STUN server; another is told instead of what was asked where it is to be forged."""

    def __init__(self, *, kind: bytes = b"\x01\x01", forged: bool = False, lost: int = 0) -> None:
        self._kind, self._forged, self._lost = kind, forged, lost

    def hear(self, sent: bytes) -> list[bytes | Failed]:
        assert sent[:8] == b"\x00\x01\x00\x00\x21\x12\xa4\x42"
        assert len(sent) == 20
        if self._lost:
            self._lost -= 1
            return []
        number = bytes(12) if self._forged else sent[8:]
        return [
            self._kind
            + b"\x00\x0c\x21\x12\xa4\x42"
            + number
            + b"\x00\x01\x00\x08\x00\x01\x04\xd2"
            + OWN_ADDRESS
        ]


def measured(network: ScriptedNetwork, target: str = GOOGLE) -> dict[str, Any]:
    """What a measurement of this server writes; whatever comes of it, nothing stays open."""
    return METHOD.test_keys(network, target)


def judged(test_keys: dict[str, Any]) -> list[Verdict]:
    return list(METHOD.judged(test_keys, GOOGLE).values())


def at(server: Any, v6: Any = NO_IPV6) -> ScriptedNetwork:
    return ScriptedNetwork(names=NAMES, sockets={f"{V4}:19302": server, f"[{V6}]:19302": v6})


def test_a_server_that_answers_is_ok() -> None:
    keys = measured(at(Stun))
    assert (keys["endpoint"], keys["failure"]) == ("stun.l.google.com:19302", None)
    [verdict] = judged(keys)
    assert (verdict.target, verdict.state) == ("stun.l.google.com", State.OK)


def test_an_error_response_is_an_answer() -> None:
    assert measured(at(lambda: Stun(kind=b"\x01\x11")))["failure"] is None


def test_the_events_are_as_ooni_writes_them() -> None:
    events = measured(at(Stun))["network_events"]
    told = [
        (e["operation"], e.get("address"), e.get("num_bytes")) for e in events if e["transaction_id"] == 2
    ]
    address = f"{V4}:19302"
    assert told == [("connect", address, None), ("write", address, 20), ("read", address, 32)]


def test_our_own_address_is_kept_nowhere() -> None:
    assert b"203.0.114.77" not in msgspec.json.encode(measured(at(Stun)))


def told_to(server: Any) -> bytes:
    """What a kit writes of a page that shows an address, after a measurement."""
    network = at(server)
    kit = kit_over(network)
    asyncio.run(measure.measure(kit, GOOGLE))
    return kit.own.without(b"you are 203.0.114.77")


def test_our_own_address_is_learnt_so_that_pages_do_not_keep_it() -> None:
    assert told_to(Stun) == b"you are [scrubbed]"
    assert told_to(lambda: Stun(forged=True)) == b"you are 203.0.114.77"


def test_a_silent_server_is_asked_again_and_then_a_timeout_and_blocked_where_it_is_renowned() -> None:
    network = at(saying())
    keys = measured(network)
    assert keys["failure"] == "generic_timeout_error"
    assert len(network.sent) == 5
    assert network.clock.passed == pytest.approx(10, abs=0.1)
    [verdict] = judged(keys)
    assert (verdict.state, verdict.rule_id) == (State.BLOCKED, "stun_reachability.dropped")


def test_a_lost_request_is_no_failure() -> None:
    assert measured(at(lambda: Stun(lost=2)))["failure"] is None


def test_an_answer_to_another_request_is_none() -> None:
    assert measured(at(lambda: Stun(forged=True)))["failure"] == "generic_timeout_error"


def test_a_flood_of_other_packets_ends_and_is_answered_with_few_requests() -> None:
    network = at(saying(*[b"\0" * 40] * 10_000))
    assert measured(network)["failure"] == "generic_timeout_error"
    assert len(network.sent) <= 6


def test_one_address_that_answers_is_enough() -> None:
    assert measured(at(saying(), v6=Stun))["failure"] is None


def test_a_closed_port_is_refused() -> None:
    refused = Failed(Failure.CONNECTION_REFUSED, Operation.READ)
    assert measured(at(saying(refused)))["failure"] == "connection_refused"


def test_without_any_way_the_network_is_unreachable() -> None:
    assert measured(at(NO_IPV6))["failure"] == "network_unreachable"


def test_a_name_that_is_not_found_is_recorded_and_nothing_is_sent() -> None:
    network = ScriptedNetwork()
    keys = measured(network)
    assert (keys["failure"], network.connected) == ("dns_nxdomain_error", [])
    [verdict] = judged(keys)
    assert verdict.state is State.UNKNOWN


def test_without_an_input_a_usual_server_is_asked() -> None:
    assert measured(at(Stun), "")["endpoint"] == "stun.l.google.com:19302"


@pytest.mark.parametrize(
    "target", ["http://stun.l.google.com/", "stun://", "stun.l.google.com:19302", "stun://[::1"]
)
def test_what_is_no_stun_server_is_the_users_mistake(target: str) -> None:
    with pytest.raises(UserError):
        measured(ScriptedNetwork(), target)


def test_a_measurement_that_is_broken_off_leaves_nothing_open() -> None:
    network = at(saying())
    network.hangs = True

    async def go() -> None:
        task = asyncio.create_task(measure.measure(kit_over(network), GOOGLE))
        await network.hanging.wait()
        assert network.left_open
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert network.left_open == []
