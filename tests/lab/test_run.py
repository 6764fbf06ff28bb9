"""The runner compares what a probe's documents are judged to be with the truth, and asks whether the censor fired."""

import json
import sys
from collections.abc import Sequence

import msgspec

from lampwatch.lab.block import Address, Block, Drop, Everything, Name, Reset, Sni
from lampwatch.lab.run import Outcome, Services, run, run_all
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.view import LabView
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.lab.visiting import BLOCKED_IP, VISIT

SCENARIO = Scenario(
    name="reset",
    story="A router resets TLS connections whose ClientHello names blocked.test.",
    censor=(Block(Sni("blocked.test"), Reset(both=True), hop=2),),
    measure="https://blocked.test/",
    truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
)


def visit(view: LabView, question: Measure) -> Sequence[str]:
    """The probe of these tests: a plain client."""
    return [sys.executable, str(VISIT), "web", question.input, BLOCKED_IP, view.ca_file]


def judge(document: bytes) -> list[Verdict]:
    """The judge of these tests."""
    reset = json.loads(document).get("failure") == "ConnectionResetError"
    state, layer, mechanism = (
        (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET) if reset else (State.OK, None, None)
    )
    return [Verdict("blocked.test", state, layer, mechanism, Evidence.NONE, "a.rule", "so", Control.ABSENT)]


def went(sandbox: Sandbox, **changes: object) -> Outcome:
    scenario = msgspec.structs.replace(SCENARIO, **changes)
    return run(scenario, sandbox, probe_command=visit, services=Services(), judge=judge)


def test_a_truth_that_is_told_is_right(sandbox: Sandbox) -> None:
    outcome = went(sandbox)
    assert (outcome.mistakes, outcome.right, outcome.fired) == ((), True, (1,))
    assert len(outcome.documents) == 1


def test_a_truth_that_is_missed_is_told(sandbox: Sandbox) -> None:
    assert went(sandbox, truth=Truth(State.OK)).mistakes[0] == "blocked.test: blocked, and not ok (a.rule)"


def test_a_censor_that_never_fired_is_a_mistake(sandbox: Sandbox) -> None:
    idle = Block(Name("other.test"), Drop())
    outcome = went(sandbox, censor=(*SCENARIO.censor, idle))
    assert outcome.mistakes == ("Name Drop at router 1 never fired",)


def test_a_censor_that_should_not_have_been_met_is_a_mistake(sandbox: Sandbox) -> None:
    assert went(sandbox, untouched=(0,)).mistakes == (
        "Sni Reset at router 2 fired 1 times, and should not have been met",
    )


def test_a_censor_that_blocks_the_control_name_too_is_a_mistake(sandbox: Sandbox) -> None:
    too_much = Block(Address("93.184.216.0/24"), Drop())
    (mistake,) = went(
        sandbox, censor=(too_much,), truth=Truth(State.OK), measure="https://blocked.test/"
    ).mistakes
    assert mistake == "http://free.test/ is not reachable: TimeoutError: timed out"


def test_a_probe_that_fails_is_told_with_its_complaint(sandbox: Sandbox) -> None:
    outcome = run(
        SCENARIO,
        sandbox,
        probe_command=lambda *_: ["sh", "-c", "echo broken >&2; exit 3"],
        services=Services(),
        judge=judge,
    )
    assert outcome.mistakes[0] == "the probe ended with status 3 and 0 documents: broken"


def test_a_service_runs_outside_and_is_reached_by_its_name_over_tls(sandbox: Sandbox) -> None:
    def control(_view: LabView, address: str, port: int) -> Sequence[str]:
        return [sys.executable, "-m", "http.server", str(port), "--bind", address]

    def ask(view: LabView, _question: Measure) -> Sequence[str]:
        return [sys.executable, str(VISIT), "web", view.control_url, "188.166.80.10", view.ca_file]

    scenario = msgspec.structs.replace(SCENARIO, censor=(), truth=Truth(State.OK))
    outcome = run(scenario, sandbox, probe_command=ask, services=Services(control), judge=judge)
    assert json.loads(outcome.documents[0])["got"]["status"] == 200


def test_many_run_side_by_side_and_each_is_told_once(sandbox: Sandbox) -> None:  # noqa: ARG001  needs labs
    impossible = msgspec.structs.replace(SCENARIO, name="impossible", censor=(Block(Everything(), Reset()),))
    outcomes = list(
        run_all(
            [SCENARIO, impossible, SCENARIO],
            parallel=2,
            probe_command=visit,
            services=Services(),
            judge=judge,
        )
    )
    assert sorted((o.scenario.name, o.right) for o in outcomes) == [
        ("impossible", False),
        ("reset", True),
        ("reset", True),
    ]
    (failed,) = [o for o in outcomes if not o.right]
    assert failed.mistakes == ("the lab failed: nothing does Reset to Everything",)
