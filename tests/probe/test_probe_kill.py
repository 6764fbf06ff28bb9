"""A kill -9 of a probe at any moment of measuring and sending, over a link that fails: all arrives, once."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import httpx

from lampwatch.probe.upload import Uploader
from tests.probe.collector import FaultyCollector, collecting
from tests.probe.spooling import StandingClock, spool_at

ROUNDS = 6
FAULTS: list[int | str] = ["drop_before", "drop_after", "truncate", 503, "", "", ""]
PROBE = """
import asyncio, itertools, sys
from pathlib import Path
from random import Random
import httpx
from lampwatch.probe.budget import Budget
from lampwatch.probe.schedule import Pace, Schedule, entry
from lampwatch.probe.schedule_run import Run
from lampwatch.probe.upload import Uploader
from tests.probe.spooling import StandingClock, document, spool_at

numbers = itertools.count(int(sys.argv[3]))
asked = {}

class Quick(StandingClock):
    async def sleep(self, seconds):
        self.move(min(seconds, 1))
        await asyncio.sleep(0.001)

class Printing:
    def begun(self, task): pass
    def ended(self, task, seen): print(asked[task.about], flush=True)
    def broke(self, task, why): print("broke", why, flush=True)

async def measure(task):
    asked[task.about] = next(numbers)
    await asyncio.sleep(0)
    return document(asked[task.about])

async def main():
    clock = Quick()
    with spool_at(Path(sys.argv[1]), clock) as spool:
        entries = [entry("web_connectivity", f"https://{n}.example/") for n in range(1000)]
        schedule = Schedule(entries, Pace(once=True), Budget(measurements=10**6, bytes=10**12),
                            random=Random(1), now_s=clock.utc().timestamp())
        run = Run(schedule, measure, spool, clock=clock, watcher=Printing())
        async with httpx.AsyncClient(trust_env=False) as client:
            uploader = Uploader(spool, client, sys.argv[2], clock=clock, random=Random(2))
            print("ready", flush=True)
            await asyncio.gather(run.to_its_end(), uploader.forever(lambda _: None))

asyncio.run(main())
"""


def killed_while_probing(directory: Path, address: str, first: int, lines: int, tearing: int) -> list[int]:
    """Start a probe, kill it after some measurements and a while more, and give those that it had in its spool."""
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    with subprocess.Popen(
        [sys.executable, "-c", PROBE, str(directory), address, str(first)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as probe:
        assert probe.stdout is not None
        told = [probe.stdout.readline() for _ in range(lines + 1)]
        sum(n * n for n in range(tearing))
        os.kill(probe.pid, signal.SIGKILL)
        told += probe.stdout.readlines()
    assert told[0] == "ready\n"
    return [int(line) for line in told[1:] if line.endswith("\n")]


def test_each_measurement_arrives_once_however_often_the_probe_is_killed(tmp_path: Path) -> None:
    chance = random.Random(1)
    collector = FaultyCollector()
    safe: list[int] = []
    with collecting(collector):
        for turn in range(ROUNDS):
            collector.faults = [chance.choice(FAULTS) for _ in range(30)]
            safe += killed_while_probing(
                tmp_path, collector.address, turn * 1_000_000, chance.randrange(60), chance.randrange(900_000)
            )
        collector.faults = []

        async def rest() -> None:
            clock = StandingClock()
            with spool_at(tmp_path, clock) as spool:
                async with httpx.AsyncClient(trust_env=False) as client:
                    uploader = Uploader(spool, client, collector.address, clock=clock, random=Random(1))
                    assert await uploader.drain() == ""
                assert spool.waiting().documents == 0
                assert spool.waiting().dropped_untold == 0

        asyncio.run(rest())
    numbers = collector.numbers()
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) >= set(safe)
    assert safe
    assert all(len(set(sent)) == 1 for sent in collector.keys.values())
