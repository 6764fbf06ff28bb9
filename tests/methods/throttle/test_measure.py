from collections.abc import Sequence

import pytest

from lampwatch.methods.throttle import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Said, ScriptedNetwork, Server
from tests.probe.servers import Paced, RawWeb, TlsServer, certificate, page

THROTTLE = Method("throttle")
NAME, URL, IP = "video.test", "https://video.test/big", "93.184.216.34"
BODY = b"\0" * measure.BYTES
FAST, SLOW = 2_000_000.0, 16_000.0


class Line:
    """A line that is fast, but for hellos that hold the target's name; each connection may be a bit faster."""

    def __init__(
        self, slow: float = FAST, *, body: bytes = BODY, blocked: bool = False, choosy: bool = False
    ) -> None:
        self.slow = slow
        self.body = body
        self.blocked = blocked
        self.choosy = choosy
        self.made = 0

    def __call__(self) -> Server:
        self.made += 1
        faster = 1 + 0.02 * (self.made % 5)

        def rate(hello: bytes) -> float:
            return faster * (self.slow if NAME.encode() in hello else FAST)

        return Paced(_Server(self), rate)


class _Server:
    """One connection to the server at the end of a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._tls = TlsServer(RawWeb(lambda _: page(206, line.body)), certificate(NAME), ("http/1.1",))
        self._begun = False

    def hear(self, sent: bytes) -> Sequence[Said]:
        if not self._begun:
            self._begun = True
            names = NAME.encode() in sent
            if self._line.blocked and names:
                return [Failure.CONNECTION_RESET]
            if self._line.choosy and not names:
                return [b"\x15\x03\x03\x00\x02\x02\x70"]
        return self._tls.hear(sent)


def network(line: Line) -> ScriptedNetwork:
    return ScriptedNetwork({NAME: [IP]}, {IP: line})


def test_a_line_that_is_slow_for_one_name_is_throttled() -> None:
    verdict = THROTTLE.verdicts(network(Line(SLOW)), URL)[NAME]
    assert (verdict.rule_id, verdict.state, verdict.layer, verdict.mechanism, verdict.evidence) == (
        "throttle.throttled",
        State.BLOCKED,
        Layer.TLS,
        Mechanism.THROTTLING,
        Evidence.INFERRED,
    )


def test_a_line_that_is_slow_for_all_names_is_not_throttled() -> None:
    class SlowLine(Line):
        def __call__(self) -> Server:
            super().__call__()
            return Paced(_Server(self), lambda _: SLOW * (1 + 0.02 * (self.made % 5)))

    assert THROTTLE.verdicts(network(SlowLine()), URL)[NAME].rule_id == "throttle.as_fast"


def test_a_name_that_is_as_fast_as_another_is_ok() -> None:
    assert THROTTLE.verdicts(network(Line()), URL)[NAME].rule_id == "throttle.as_fast"


def test_a_name_that_is_slower_and_still_fast_accuses_nobody() -> None:
    verdict = THROTTLE.verdicts(network(Line(FAST / 4)), URL)[NAME]
    assert (verdict.rule_id, verdict.state) == ("throttle.slower", State.UNKNOWN)


def test_a_name_that_is_reset_is_not_called_throttled() -> None:
    verdict = THROTTLE.verdicts(network(Line(blocked=True)), URL)[NAME]
    assert (verdict.rule_id, verdict.state) == ("throttle.nothing_comes", State.UNKNOWN)


def test_a_server_that_knows_no_other_name_cannot_be_compared() -> None:
    verdict = THROTTLE.verdicts(network(Line(choosy=True)), URL)[NAME]
    assert (verdict.rule_id, verdict.state) == ("throttle.not_compared", State.UNKNOWN)


def test_a_body_that_is_too_short_is_not_compared() -> None:
    verdict = THROTTLE.verdicts(network(Line(body=b"short" * 100)), URL)[NAME]
    assert verdict.rule_id == "throttle.not_compared"


def test_both_sides_are_run_in_turn_and_in_random_order() -> None:
    runs = THROTTLE.test_keys(network(Line()), URL)["runs"]
    paired = [(run["pair"], run["side"]) for run in runs if "pair" in run]
    assert sorted(paired) == sorted((n, side) for n in range(measure.PAIRS) for side in ("target", "control"))
    assert len({paired[at][1] for at in range(0, len(paired), 2)}) == 2


def test_the_other_name_is_not_the_targets_and_stands_in_the_hello_only() -> None:
    keys = THROTTLE.test_keys(network(Line()), URL)
    names = {run["side"]: run["server_name"] for run in keys["runs"]}
    assert names["target"] == NAME
    assert names["control"] != NAME
    assert len(names["control"]) == len(NAME)


def test_no_run_reads_more_than_its_share() -> None:
    runs = THROTTLE.test_keys(network(Line(body=BODY * 3)), URL)["runs"]
    assert max(run["bytes"] for run in runs) < measure.BYTES + 65_536


def test_a_run_ends_when_its_time_is_up_and_tells_how_far_it_came() -> None:
    runs = THROTTLE.test_keys(network(Line(SLOW / 10)), URL)["runs"]
    slow = [run for run in runs if run["side"] == "target"]
    assert {run["failure"] for run in slow} == {"generic_timeout_error"}
    assert all(0 < run["bytes"] < measure.BYTES and run["seconds"] <= 20.01 for run in slow)


def test_samples_are_few_and_rise() -> None:
    [*_, last] = THROTTLE.test_keys(network(Line(SLOW)), URL)["runs"]
    sizes = [size for _, size in last["samples"]]
    assert 1 < len(sizes) <= 64
    assert sizes == sorted(sizes)


def test_where_nobody_can_be_connected_to_nothing_is_compared() -> None:
    assert THROTTLE.verdicts(ScriptedNetwork(), URL)[NAME].rule_id == "throttle.not_compared"


@pytest.mark.parametrize("target", ["http://video.test/big", "https://93.184.216.34/big", "video.test"])
def test_an_input_without_a_name_for_tls_is_refused(target: str) -> None:
    with pytest.raises(UserError):
        THROTTLE.test_keys(network(Line()), target)
