"""The active prober as a program of a lab, and what it says of each of its rounds while it runs."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.wire import Ran
from tests.cli.running import LONG_S, PROGRAM

PROBER = "prober"
ROUND_S = 1
MOST_ROUNDS = 20


class Rounds:
    """What a running prober says of its rounds, in order."""

    def __init__(self, lines: Iterator[str], ran: "Future[Ran]") -> None:
        self._lines = lines
        self._ran = ran
        self.starts: list[int] = []

    def next(self) -> dict[str, Any]:
        """Wait for the next round to end; what is said of it."""
        line = next(self._lines, "")
        if not line:
            ran = self._ran.result()
            raise AssertionError(f"the prober ended with status {ran.status}: {ran.stderr.decode()}")
        told: dict[str, Any] = json.loads(line)
        self.starts.append(told["start_s"])
        return told

    def until(self, *, most: int, **wanted: object) -> list[dict[str, Any]]:
        """Wait for a round of which this is said; all rounds up to it.

        Fails where it is none of so many, gaps not counted: on a busy machine a round can come too late.
        """
        found: list[dict[str, Any]] = []
        while sum(not told["gap"] for told in found) < most and len(found) < MOST_ROUNDS:
            found.append(self.next())
            if all(found[-1][name] == value for name, value in wanted.items()):
                return found
        raise AssertionError(f"none of {most} rounds has {wanted}: {found}")


@contextmanager
def prober(sandbox: Sandbox, listed: Path, data: Path, options: Sequence[str]) -> Iterator[Rounds]:
    """A prober at the client with short rounds; it is killed at the end of the block."""
    pipe = data.with_suffix(".told")
    os.mkfifo(pipe)
    argv = [
        str(PROGRAM), "series", "probe", str(listed), "--data", str(data), "--json", "--allow-private",
        "--i-have-permission", "--contact", "https://lab.test/", "--round", str(ROUND_S), "--timeout", "0.04",
        "--rate", "2000", "--block-rate", "100", "--seed", "7", *options,
    ]  # fmt: skip
    with ThreadPoolExecutor(1) as thread:
        told = ["sh", "-c", 'exec "$@" >"$0"', str(pipe), *argv]
        ran = thread.submit(sandbox.run, told, timeout_s=LONG_S, name=PROBER)
        with pipe.open(encoding="utf-8") as lines:
            try:
                yield Rounds(lines, ran)
            finally:
                sandbox.kill(PROBER)
                for _ in lines:
                    continue
    pipe.unlink()
