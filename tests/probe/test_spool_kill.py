"""A kill -9 at any moment leaves a spool that opens and holds all that put returned from, once."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.probe.spooling import contents, number_of, spool_at

ROUNDS = 15
PUTTER = """
import sys
from pathlib import Path
from lampwatch.probe.spool_worth import Worth
from tests.probe.spooling import document, spool_at

number = int(sys.argv[2])
with spool_at(Path(sys.argv[1])) as spool:
    print("ready", flush=True)
    while True:
        spool.put(document(number, padding=800), worth=Worth.OK, about="telegram", outcome="ok")
        print(number, flush=True)
        number += 1
"""


def killed_while_putting(directory: Path, first: int, lines: int, tearing: int) -> list[int]:
    """Start a process that puts, kill it after some lines and a while more, and give what it was told is safe."""
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    with subprocess.Popen(
        [sys.executable, "-c", PUTTER, str(directory), str(first)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as putter:
        assert putter.stdout is not None
        told = [putter.stdout.readline() for _ in range(lines)]
        # Work for an unequal while, so that the kill falls anywhere within opening, insert and commit.
        sum(n * n for n in range(tearing))
        os.kill(putter.pid, signal.SIGKILL)
        told += putter.stdout.readlines()
    return [int(line) for line in told if line.endswith("\n") and line != "ready\n"]


def test_every_put_that_returned_is_there_once(tmp_path: Path) -> None:
    chance = random.Random(1)
    safe: list[int] = []
    for turn in range(ROUNDS):
        safe += killed_while_putting(
            tmp_path, turn * 1_000_000, chance.randrange(4), chance.randrange(600_000)
        )
        told: list[str] = []
        with spool_at(tmp_path, told=told) as spool:
            found = [number_of(content) for content in contents(spool)]
            assert spool.waiting().documents == len(found) == spool.spent(spool._clock.utc().date())[0]
        assert told == []
        assert len(set(found)) == len(found)
        assert set(found) >= set(safe)
    assert safe
