"""Real packets through the lab: not only that a name is interfered with, but after how many hops, and how."""

import os
from collections.abc import Iterator

import pytest

from lampwatch.cli.lab import LabJudge, probe_command
from lampwatch.lab.run import Services, run
from lampwatch.lab.sandbox import Sandbox, available
from lampwatch.methods.trace.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    if reason := available():
        if os.environ.get("CI"):
            pytest.fail(f"the lab must run in CI, and cannot: {reason}")
        pytest.skip(f"no lab: {reason}")
    with Sandbox() as held:
        yield held


@pytest.mark.parametrize(
    ("name", "where"),
    [
        # In the chain of the second router it fires at packets that would live beyond it: three hops.
        ("trace_of_a_reset", "after 3 of 5 hops"),
        ("trace_of_a_drop", "after 4 of 5 hops, from a device in the path"),
        ("trace_of_a_forged_answer", "after 3 of 5 hops, from a device in the path"),
        ("trace_of_an_injected_answer", "after 3 of 5 hops, from a device beside the path"),
    ],
)
def test_interference_is_located_by_real_packets(sandbox: Sandbox, name: str, where: str) -> None:
    [scenario] = [scenario for scenario in SCENARIOS if scenario.name == name]
    outcome = run(
        scenario, sandbox, probe_command=probe_command, services=Services(), judge=LabJudge().verdicts
    )
    assert outcome.mistakes == ()
    [verdict] = outcome.verdicts
    assert verdict.because.endswith(f"it first shows {where}")
