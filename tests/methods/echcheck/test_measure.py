from collections.abc import Sequence

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Said, Says, ScriptedNetwork, Server
from tests.probe.servers import TlsServer, certificate

ECHCHECK = Method("echcheck")
URL, IP = "https://ech.test/", "104.18.10.118"


class Path:
    """A server behind a censor that answers hellos with the extension by itself, so many times."""

    def __init__(self, censor: list[Said], times: int = 99) -> None:
        self._censor = censor
        self._left = times

    def __call__(self) -> Server:
        return self

    def hear(self, sent: bytes) -> Sequence[Said]:
        if b"\xfe\x0d" in sent and self._left:
            self._left -= 1
            return self._censor
        return TlsServer(Says(), certificate("ech.test"), ("http/1.1",)).hear(sent)


def network(censor: list[Said], times: int = 99) -> ScriptedNetwork:
    return ScriptedNetwork({"ech.test": [IP], "cloudflare-ech.com": [IP]}, {IP: Path(censor, times)})


def test_where_both_hellos_are_answered_the_extension_passes() -> None:
    assert ECHCHECK.verdicts(network([], times=0), URL)["echcheck"].rule_id == "echcheck.passes"


def test_a_censor_that_resets_the_extension_blocks_it() -> None:
    verdict = ECHCHECK.verdicts(network([Failure.CONNECTION_RESET]), URL)["echcheck"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.PROTOCOL_RESET)


def test_a_censor_that_drops_the_extension_blocks_it() -> None:
    verdict = ECHCHECK.verdicts(network([]), URL)["echcheck"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.PROTOCOL_DROP)


def test_one_lost_packet_is_no_block() -> None:
    assert ECHCHECK.verdicts(network([], times=1), URL)["echcheck"].rule_id == "echcheck.passes"


def test_a_server_that_does_not_bear_the_extension_is_unknown() -> None:
    verdict = ECHCHECK.verdicts(network([b"\x15\x03\x03\x00\x02\x02\x28"]), URL)["echcheck"]
    assert (verdict.state, verdict.rule_id) == (State.UNKNOWN, "echcheck.unknown")


def test_where_nothing_answers_it_is_unknown() -> None:
    verdict = ECHCHECK.verdicts(ScriptedNetwork({"ech.test": [IP]}, {IP: Says}), URL)
    assert verdict["echcheck"].rule_id == "echcheck.plain_fails"


def test_where_nobody_can_be_connected_to_it_is_unknown() -> None:
    assert ECHCHECK.verdicts(ScriptedNetwork(), URL)["echcheck"].rule_id == "echcheck.unknown"


def test_an_answer_at_once_is_not_asked_for_again() -> None:
    world = network([], times=0)
    ECHCHECK.test_keys(world, URL)
    assert len(world.connected) == 2


def test_without_an_input_the_usual_host_lends_itself() -> None:
    keys = ECHCHECK.test_keys(network([], times=0))
    assert {shake["server_name"] for shake in keys["tls_handshakes"]} == {"cloudflare-ech.com"}


@pytest.mark.parametrize("target", ["http://ech.test/", "https://104.18.10.118/", "ech.test"])
def test_an_input_without_a_name_for_tls_is_refused(target: str) -> None:
    with pytest.raises(UserError):
        ECHCHECK.test_keys(network([]), target)
