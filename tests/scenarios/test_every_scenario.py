"""The real probe, in every scenario of every method, is judged to have seen what is really done there."""

import pytest

from lampwatch.cli.lab import SERVICES, LabJudge, probe_command, scenarios
from lampwatch.lab.run import run
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Scenario
from lampwatch.lab.view import LabView
from tests.scenarios.ooni_format import departures

CLIENT = LabView(ca_file="").client_address


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: str(scenario.name))
def test_the_truth_is_told(sandbox: Sandbox, scenario: Scenario) -> None:
    outcome = run(
        scenario, sandbox, probe_command=probe_command, services=SERVICES, judge=LabJudge().verdicts
    )
    assert outcome.mistakes == ()
    assert [line for document in outcome.documents for line in departures(document)] == []
    assert not any(CLIENT.encode() in document for document in outcome.documents)
