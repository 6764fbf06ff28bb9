"""The sandbox keeps what happens in it inside, and leaves nothing behind."""

import contextlib
import os
import re
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lampwatch.lab import sandbox as module
from lampwatch.lab.block import Address, Block, Close, Drop, Sni
from lampwatch.lab.errors import LabError
from lampwatch.lab.sandbox import Sandbox, available
from lampwatch.lab.scenario import Stage
from tests.lab.visiting import LONG_S, Visitor, stage

HOLDER = """
import sys
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Stage
held = Sandbox()
held.build(Stage())
print(held._process.pid, flush=True)
sys.stdin.read()
"""


def children(pid: int) -> list[int]:
    """A process with all that descend from it."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += children(int(child))
    return found


def test_nothing_outside_the_lab_can_be_reached(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage())
    links = sandbox.run(["ip", "-o", "link"], timeout_s=10).stdout.decode()
    assert re.findall(r"^\d+: ([^@:]+)", links, re.MULTILINE) == ["lo", "out0"]
    assert visitor.visit("tcp", "192.0.2.1", "80")["failure"] == "TimeoutError"


def test_a_program_that_fails_is_told_with_what_it_printed(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    ran = sandbox.run(["sh", "-c", "echo out; echo err >&2; exit 7"], timeout_s=10)
    assert (ran.status, ran.stdout, ran.stderr) == (7, b"out\n", b"err\n")


def test_a_program_that_hangs_is_ended(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    ran = sandbox.run(["sleep", "1000"], timeout_s=0.1)
    assert ran.status == -9
    assert b"ended after" in ran.stderr


def test_a_fresh_lab_takes_the_place_of_the_one_before(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    sandbox.build(Stage())
    namespaces = sandbox.run(["ls", "/run/netns"], timeout_s=10).stdout.split()
    assert len(namespaces) == 4


def test_a_lab_that_cannot_be_built_leaves_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(LabError, match="nothing does Close to Address"):
        sandbox.build(Stage(censor=(Block(Address("93.184.216.34"), Close()),)))
    with pytest.raises(LabError, match="there is no lab"):
        sandbox.fired()
    sandbox.build(Stage())
    assert len(sandbox.run(["ls", "/run/netns"], timeout_s=10).stdout.split()) == 4


def test_a_censor_beyond_the_path_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(LabError, match="there is no router 3 on a path of 2"):
        sandbox.build(Stage(censor=(Block(Sni("blocked.test"), Drop(), hop=3),)))


def test_a_service_that_does_not_listen_is_told(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    with pytest.raises(LabError, match=r"nothing listens on 188\.166\.80\.10:8000"):
        sandbox.start(["sh", "-c", "echo no use >&2"], "188.166.80.10", 8000)


def test_a_program_is_killed_by_its_name(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    with ThreadPoolExecutor(1) as thread:
        ran = thread.submit(sandbox.run, ["sleep", "1000"], timeout_s=LONG_S, name="sleeper")
        _until_killed(sandbox, "sleeper")
        assert ran.result().status == -9
    with pytest.raises(LabError, match="nothing that is called sleeper is running"):
        sandbox.kill("sleeper")


def test_a_service_that_is_killed_can_be_started_again(sandbox: Sandbox) -> None:
    sandbox.build(Stage())
    serving = [sys.executable, "-m", "http.server", "8000", "--bind", "188.166.80.10"]
    for _ in range(2):
        sandbox.start(serving, "188.166.80.10", 8000)
        sandbox.kill("188.166.80.10")
    with pytest.raises(LabError, match=r"nothing that is called 188\.166\.80\.10 is running"):
        sandbox.kill("188.166.80.10")


def _until_killed(sandbox: Sandbox, name: str) -> None:
    """Kill a program that is being started."""
    for _ in range(2000):
        with contextlib.suppress(LabError):
            return sandbox.kill(name)
    raise AssertionError(f"{name} never ran")


def test_everything_dies_with_a_holder_that_is_killed(sandbox: Sandbox) -> None:  # noqa: ARG001  needs a machine with labs
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as holder:
        assert holder.stdout is not None
        inside = children(int(holder.stdout.readline()))
        assert len(inside) >= 2
        watches = [os.pidfd_open(pid) for pid in inside]
        holder.kill()
        holder.wait()
    for watch in watches:
        # A process's descriptor can be read once it has ended; the wait is for the kernel, not for a time.
        assert _ended(watch)
        os.close(watch)


def _ended(watch: int) -> bool:
    ready, _, _ = select.select([watch], [], [], 30)
    return bool(ready)


def test_a_sandbox_that_is_closed_says_so() -> None:
    if available():
        pytest.skip("no lab on this machine")
    with Sandbox() as closed:
        closed.build(Stage())
    with pytest.raises(LabError, match="has ended"):
        closed.fired()


def test_a_machine_without_namespaces_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = ["sh", "-c", "echo unshare: Operation not permitted >&2; exit 1"]
    monkeypatch.setattr(module, "_unshared", lambda *_argv: refusing)
    available.cache_clear()
    try:
        assert available() == "namespaces cannot be made here: unshare: Operation not permitted"
    finally:
        available.cache_clear()


def test_a_machine_without_a_tool_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = ["sh", "-c", "echo no nft; echo works"]
    monkeypatch.setattr(module, "_unshared", lambda *_argv: lacking)
    available.cache_clear()
    try:
        assert "no nft" in available()
    finally:
        available.cache_clear()
