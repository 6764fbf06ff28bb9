from typing import Any

import dns.message
import dns.rrset
import pytest

from lampwatch.methods.trace import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Packet
from tests.methods.judging import Method
from tests.probe.scripted import ByHops, Said, ScriptedNetwork, Server

TRACE = Method("trace")
NAME, IP, RESOLVER = "blocked.test", "93.184.216.34", "8.8.8.8"
URL = f"https://{NAME}/"
SERVER_HELLO = b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"
EXPIRED = Failed(Failure.HOST_UNREACHABLE, Operation.READ)


class Path:
    """A path of so many hops to a server, and at one of its routers a censor who says something to the name.

    A censor in the path takes packets that the router would send on, so it sees those that live one hop longer; one
    beside it sees what arrives at the router, and takes nothing.
    """

    def __init__(
        self,
        says: list[Said],
        *,
        hop: int = 2,
        hops: int = 5,
        in_path: bool = True,
        routers_report: bool = True,
        residual: int = 0,
    ) -> None:
        self.says = says
        # Beyond the server there is nobody.
        self.sees = 999 if hop > hops else hop + 1 if in_path else hop
        self.hops = hops
        self.in_path = in_path
        self.routers_report = routers_report
        self.residual = residual
        self._held = 0

    def __call__(self, ttl: int | None) -> Server:
        return _Connection(self, 255 if ttl is None else ttl)

    def heard(self, ttl: int, sent: bytes, answer: bytes = SERVER_HELLO) -> list[Said]:
        end: list[Said] = [answer]
        if ttl < self.hops:
            end = [Failure.HOST_UNREACHABLE] if self.routers_report else []
        if self._held and ttl >= self.sees:
            self._held -= 1
            return [Failure.CONNECTION_RESET]
        if NAME.encode() not in sent or ttl < self.sees:
            return end
        self._held = self.residual
        return self.says if self.in_path else [*end, *self.says]


class _Connection:
    def __init__(self, path: Path, ttl: int) -> None:
        self._path = path
        self._ttl = ttl

    def hear(self, sent: bytes) -> list[Said]:
        return self._path.heard(self._ttl, sent)


def network(path: Path) -> ScriptedNetwork:
    return ScriptedNetwork({NAME: [IP]}, {IP: ByHops(path)})


def traced(path: Path, target: str = URL) -> Verdict:
    [verdict] = TRACE.verdicts(network(path), target).values()
    return verdict


def said(verdict: Verdict) -> tuple[str, State, Layer | None, Mechanism | None, Evidence]:
    return verdict.rule_id, verdict.state, verdict.layer, verdict.mechanism, verdict.evidence


def test_a_reset_from_nearer_than_the_server_is_direct_evidence() -> None:
    verdict = traced(Path([Failure.CONNECTION_RESET], hop=2))
    assert said(verdict) == (
        "trace.tls.cut",
        State.BLOCKED,
        Layer.TLS,
        Mechanism.TLS_SNI_RESET,
        Evidence.DIRECT,
    )
    # In the chain of the second router it fires when packets live three hops.
    assert "first shows after 3 of 5 hops" in verdict.because


def test_a_connection_that_is_closed_from_nearer_than_the_server_is_cut() -> None:
    assert traced(Path([b""])).rule_id == "trace.tls.cut"


def test_a_hello_that_is_answered_from_nearer_than_the_server_is_intercepted() -> None:
    assert traced(Path([SERVER_HELLO])).rule_id == "trace.tls.answered"


def test_a_request_that_is_reset_is_located_as_well() -> None:
    verdict = traced(Path([Failure.CONNECTION_RESET]), f"http://{NAME}/page")
    assert (verdict.rule_id, verdict.mechanism) == ("trace.http.cut", Mechanism.HTTP_RESET)


def test_a_page_from_nearer_than_the_server_is_a_block_page() -> None:
    verdict = traced(Path([b"HTTP/1.1 403 Forbidden\r\n\r\n"]), f"http://{NAME}/page")
    assert (verdict.rule_id, verdict.mechanism) == ("trace.http.answered", Mechanism.HTTP_BLOCK_PAGE)


def test_packets_that_vanish_accuse_nobody_but_show_a_device_in_the_path() -> None:
    verdict = traced(Path([], hop=3))
    assert said(verdict)[:4] == (
        "trace.tls.vanishes",
        State.UNKNOWN,
        Layer.TLS,
        Mechanism.TLS_SNI_DROP,
    )
    assert verdict.because.endswith("it first shows after 4 of 5 hops, from a device in the path")


def test_requests_that_vanish_are_told_apart() -> None:
    assert traced(Path([]), f"http://{NAME}/").rule_id == "trace.http.vanishes"


def test_a_reset_that_comes_beside_a_routers_report_is_from_beside_the_path() -> None:
    verdict = traced(Path([Failure.CONNECTION_RESET], hop=2, in_path=False))
    assert verdict.rule_id == "trace.tls.cut"
    assert verdict.because.endswith("it first shows after 2 of 5 hops, from a device beside the path")


def test_a_name_that_is_answered_as_another_is_ok() -> None:
    assert said(traced(Path([], hop=99)))[:2] == ("trace.both_answered", State.OK)


def test_a_reset_at_the_server_may_be_its_own() -> None:
    assert traced(Path([Failure.CONNECTION_RESET], hop=4)).rule_id == "trace.at_server"


def test_where_routers_report_nothing_a_reset_is_located_all_the_same() -> None:
    verdict = traced(Path([Failure.CONNECTION_RESET], hop=2, routers_report=False))
    assert (verdict.rule_id, "after 3 of 5 hops" in verdict.because) == ("trace.tls.cut", True)


def test_where_routers_report_nothing_a_drop_shows_at_the_server_only() -> None:
    verdict = traced(Path([], hop=2, routers_report=False))
    assert (verdict.rule_id, "after 5 of 5 hops" in verdict.because) == ("trace.tls.vanishes", True)


def test_without_an_answer_for_the_other_name_no_hop_is_tried() -> None:
    world = ScriptedNetwork({NAME: [IP]}, {IP: ByHops(Path([], hops=999))})
    keys = TRACE.test_keys(world, URL)
    assert {tried["ttl"] for tried in keys["tries"]} == {0}
    assert TRACE.judged(keys, URL)[NAME].rule_id == "trace.other_name_fails"


def test_where_nobody_can_be_connected_to_nothing_is_tried() -> None:
    keys = TRACE.test_keys(ScriptedNetwork(), URL)
    assert keys["tries"] == []
    assert TRACE.judged(keys, URL)[NAME].rule_id == "trace.other_name_fails"


def test_a_residual_block_is_waited_out() -> None:
    world = network(Path([Failure.CONNECTION_RESET], residual=1))
    keys = TRACE.test_keys(world, URL)
    assert world.clock.slept != []
    assert keys["tries"][-1]["paused_s"] == sum(world.clock.slept)


def test_waiting_ends() -> None:
    world = network(Path([Failure.CONNECTION_RESET], residual=99))
    TRACE.test_keys(world, URL)
    assert world.clock.slept == list(measure.PAUSES_S)


def test_it_goes_no_further_than_the_server() -> None:
    keys = TRACE.test_keys(network(Path([], hop=99, hops=5)), URL)
    assert sorted({tried["ttl"] for tried in keys["tries"]}) == [0, 1, 2, 3, 4, 5]


def test_each_name_is_tried_as_often_at_every_hop() -> None:
    tries = TRACE.test_keys(network(Path([], hop=99)), URL)["tries"]
    for ttl in range(6):
        sides = [tried["side"] for tried in tries if tried["ttl"] == ttl]
        assert sorted(sides) == ["control", "control", "target", "target"]


def resolver(
    *, hop: int = 2, hops: int = 5, in_path: bool = True, forges: bool = True
) -> tuple[ScriptedNetwork, str]:
    """A path to a resolver, on which questions for the name are answered falsely."""

    def heard(ttl: int | None, sent: bytes) -> list[Packet]:
        asked = dns.message.from_wire(sent)
        lives = 255 if ttl is None else ttl
        end = Packet(_answer(asked, IP), 59)
        if lives < hops:
            end = Packet(failed=EXPIRED, router=f"195.82.146.{lives}" if lives > 1 else "10.0.0.2")
        forged = forges and NAME in asked.question[0].name.to_text()
        if not forged or lives < (hop + 1 if in_path else hop):
            return [end]
        lie = Packet(_answer(asked, "10.10.34.35"), 62)
        return [lie] if in_path else [lie, end]

    return ScriptedNetwork(hops=heard), f"dns://{RESOLVER}/{NAME}"


def _answer(asked: dns.message.Message, ip: str) -> bytes:
    reply = dns.message.make_response(asked)
    reply.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "A", ip))
    wire: bytes = reply.to_wire()
    return wire


def test_a_forged_answer_is_located_in_the_path() -> None:
    world, target = resolver(in_path=True)
    verdict = TRACE.verdicts(world, target)[NAME]
    assert said(verdict)[:4] == ("trace.dns.answered", State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)
    assert verdict.because.endswith("it first shows after 3 of 5 hops, from a device in the path")


def test_a_forged_answer_is_located_beside_the_path() -> None:
    world, target = resolver(in_path=False)
    verdict = TRACE.verdicts(world, target)[NAME]
    assert verdict.because.endswith("it first shows after 2 of 5 hops, from a device beside the path")


def test_answers_from_as_far_away_say_nothing_of_their_truth() -> None:
    world, target = resolver(forges=False)
    assert TRACE.verdicts(world, target)[NAME].rule_id == "trace.undetermined"


def test_of_routers_only_the_network_is_written_and_of_the_clients_own_nothing() -> None:
    world, target = resolver(forges=False)
    keys: dict[str, Any] = TRACE.test_keys(world, target)
    routers = {heard.get("router") for tried in keys["tries"] for heard in tried["heard"]} - {None}
    assert routers == {"private", "195.82.146.0/24"}


def test_a_network_that_does_not_tell_of_hops_says_so() -> None:
    class Blind(ScriptedNetwork):
        packets = None  # type: ignore[assignment]  # as on a system without it

    keys = TRACE.test_keys(Blind(), f"dns://{RESOLVER}/{NAME}")
    assert {tried["failure"] for tried in keys["tries"]} == {
        "unknown_failure: this system does not tell of hops"
    }


@pytest.mark.parametrize(
    "target",
    ["", NAME, f"https://{IP}/", "ftp://blocked.test/", "dns://blocked.test/x", "dns://8.8.8.8/", "dns:///x"],
)
def test_an_input_that_cannot_be_traced_is_refused(target: str) -> None:
    with pytest.raises(UserError, match="dns://"):
        TRACE.test_keys(network(Path([])), target)
