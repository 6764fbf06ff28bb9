"""A probe, a control and a collector as programs of a lab, and the link between them: for ending them at any moment."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lampwatch.cli.lab import control_command
from lampwatch.lab.block import Block, Drop, Everything
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Stage, Topology
from lampwatch.lab.view import COLLECTOR_ADDRESS, CONTROL_ADDRESS, SERVICE_PORT
from lampwatch.lab.wire import Ran
from lampwatch.lab.world import World
from tests.cli.running import LONG_S, PROGRAM

PROBE = "probe"


class Outage:
    """A lab whose collector and probe keep their data directories however often they are killed.

    The data are in folders of the machine, so that a test reads there what has arrived and what waits.
    """

    def __init__(self, sandbox: Sandbox, world: World, folder: Path) -> None:
        self.collected, self.own = folder / "collector", folder / "probe"
        self._sandbox = sandbox
        self._pipe = folder / "told"
        self.view = sandbox.build(Stage(Topology(), world, (Block(Everything(), Drop()),)))
        self.link(up=True)
        control = control_command(self.view, CONTROL_ADDRESS, SERVICE_PORT)
        sandbox.start(control, CONTROL_ADDRESS, SERVICE_PORT)
        self.start_collector()
        os.mkfifo(self._pipe)

    def link(self, *, up: bool) -> None:
        """Cut the client off from all there is, or bring it back."""
        self._sandbox.switch(0, on=not up)

    def start_collector(self) -> None:
        argv = [str(PROGRAM), "serve", "--data", str(self.collected)]
        where = ["--host", COLLECTOR_ADDRESS, "--port", str(SERVICE_PORT)]
        self._sandbox.start([*argv, *where], COLLECTOR_ADDRESS, SERVICE_PORT)

    def kill_collector(self) -> None:
        self._sandbox.kill(COLLECTOR_ADDRESS)

    @contextmanager
    def probing(self, *options: str) -> Iterator["Told"]:
        """A probe at the client, killed at the end of the block unless it has ended by itself."""
        argv = [
            str(PROGRAM), "probe", "--yes", "--data", str(self.own), "--collector", self.view.collector_url,
            "--ca-file", self.view.ca_file, "--resolver", "none", "--timeouts", "0.05", "--country", "XA",
            "--asn", "64512", *options,
        ]  # fmt: skip
        with ThreadPoolExecutor(1) as thread:
            # What it prints is read while it runs: so the test acts at a moment of the run, and not after some time.
            told = ["sh", "-c", 'exec "$@" >"$0"', str(self._pipe), *argv]
            ran = thread.submit(self._sandbox.run, told, timeout_s=LONG_S, name=PROBE)
            with self._pipe.open(encoding="utf-8") as lines:
                probe = Told(lines, ran)
                try:
                    yield probe
                finally:
                    if not probe.has_ended:
                        self._sandbox.kill(PROBE)
                        probe.rest()


class Told:
    """What a running probe prints, line by line."""

    def __init__(self, lines: Iterator[str], ran: "Future[Ran]") -> None:
        self._lines = lines
        self._ran = ran
        self.measured: list[str] = []
        self.has_ended = False

    def until_measured(self, count: int) -> Sequence[str]:
        """Wait until so many more measurements are in the spool; what they were about."""
        before = len(self.measured)
        while len(self.measured) < before + count:
            self._read()
        return self.measured[before:]

    def until(self, said: str) -> None:
        """Wait until it has said something."""
        while said not in self._read():
            continue

    def rest(self) -> None:
        """Read what it said before it was killed. A line that was torn off tells nothing."""
        for line in self._lines:
            self._note(line)

    def ended(self) -> str:
        """Wait until it has ended by itself; the last line that it printed."""
        line = ""
        for line in self._lines:
            self._note(line)
        ran = self._ran.result()
        assert ran.status == 0, ran.stderr.decode()
        self.has_ended = True
        return line

    def _read(self) -> str:
        line = next(self._lines, "")
        if not line:
            ran, self.has_ended = self._ran.result(), True
            raise AssertionError(f"the probe ended with status {ran.status}: {ran.stderr.decode()}")
        self._note(line)
        return line

    def _note(self, line: str) -> None:
        about = line.partition(" ")[2].rpartition(": ")[0]
        if line.endswith("\n") and about.startswith(("web_connectivity ", "connectivity")):
            self.measured.append(about)
