"""`lampwatch lab`, as a person uses it."""

import json
import os
import pty
import select
import subprocess

import pytest

from lampwatch.cli import lab as module
from lampwatch.cli.lab import scenarios
from lampwatch.lab.sandbox import available
from lampwatch.pipeline.methods import discover
from tests.cli.running import LONG_S, PROGRAM, lampwatch, said


@pytest.fixture
def _labs() -> None:
    if reason := available():
        if os.environ.get("CI"):
            pytest.fail(f"the lab must run in CI, and cannot: {reason}")
        pytest.skip(f"no lab: {reason}")


def test_every_scenario_is_listed_with_its_truth() -> None:
    listed = said("lab", "list")
    assert [scenario.name for scenario in scenarios() if scenario.name not in listed] == []
    assert "blocked tls_sni_reset" in listed


def test_scenarios_have_names_of_their_own_and_measure_by_a_method_there_is() -> None:
    there = scenarios()
    assert len({scenario.name for scenario in there}) == len(there)
    methods = {method.name for method in discover()}
    assert [scenario.name for scenario in there if scenario.question.method not in methods] == []


@pytest.mark.usefixtures("_labs")
def test_a_scenario_that_tells_the_truth_ends_well() -> None:
    result = lampwatch("lab", "run", "sni_reset", "--json")
    row = json.loads(result.stdout)
    assert (result.exit_code, row["right"], row["mistakes"]) == (0, True, [])
    assert row["verdicts"][0]["mechanism"] == "tls_sni_reset"


@pytest.mark.usefixtures("_labs")
def test_a_truth_that_is_missed_ends_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.LabJudge, "verdicts", lambda *_: ())
    result = lampwatch("lab", "run", "well_http", "--repeat", 2, "--parallel", 2)
    assert result.exit_code == 1
    assert result.stdout.count("no verdict was reached") == 2
    assert result.stdout.endswith("0 of 2 told the truth\n")


@pytest.mark.usefixtures("_labs")
def test_an_interruption_says_how_far_it_came_and_that_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_show", interrupted)
    result = lampwatch("lab", "run", "well_http", "--repeat", 2, "--parallel", 1)
    assert (result.exit_code, result.stderr) == (
        130,
        "lampwatch: interrupted; 1 of 2 runs had ended, 1 told the truth; the same command begins anew\n",
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["no_such"], "no scenario is called 'no_such'"),
        ([], "name a scenario, or say --all"),
        (["--method", "no_such"], "no scenario is of a method 'no_such'"),
    ],
)
def test_what_cannot_be_run_is_told(words: list[str], complaint: str) -> None:
    result = lampwatch("lab", "run", *words)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_a_machine_without_namespaces_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda: "namespaces cannot be made here: not permitted")
    result = lampwatch("lab", "run", "sni_reset")
    assert (result.exit_code, result.stderr) == (
        2,
        "lampwatch: no lab can be built on this machine: namespaces cannot be made here: not permitted\n",
    )


def until(terminal: int, awaited: bytes) -> bytes:
    """All that a terminal shows until it shows this, or until its program has ended or hangs."""
    seen = b""
    while awaited not in seen and select.select([terminal], [], [], LONG_S)[0]:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            break
    return seen


@pytest.mark.usefixtures("_labs")
def test_a_shell_opens_at_the_client() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "SHELL": "/bin/sh", "PS1": "inside> "}
    with subprocess.Popen(
        [PROGRAM, "lab", "shell", "sni_reset"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as program:
        os.close(theirs)
        said_first = until(ours, b"inside> ")
        os.write(ours, b"ip -o -4 addr show dev out0; cat /etc/resolv.conf; exit\n")
        said_then = until(ours, b"no such text")
        assert program.wait(LONG_S) == 0
    os.close(ours)
    assert b"blocked.test (93.184.216.34)" in said_first
    assert b"inet 10.0.0.1/30" in said_then
    assert b"nameserver 195.82.146.53" in said_then
