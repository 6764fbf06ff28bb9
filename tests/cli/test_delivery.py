"""A probe's spool and a collector, both killed at any moment: each measurement arrives exactly once."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from lampwatch.probe.spool_worth import Worth
from tests.cli.running import ended, many, rows, serving
from tests.cli.test_serve_collecting import archived, by_ingest, without_source
from tests.probe.spooling import spool_at

DOCUMENTS = 300
KILLS = 6
SENDER = """
import asyncio, sys
from pathlib import Path
from random import Random
import httpx
from lampwatch.probe.upload import Uploader
from tests.probe.spooling import StandingClock, spool_at

async def sends():
    with spool_at(Path(sys.argv[1])) as spool:
        async with httpx.AsyncClient(trust_env=False) as client:
            uploader = Uploader(spool, client, sys.argv[2], clock=StandingClock(), random=Random(1))
            return await uploader.drain(patience=3, tell=lambda attempt: print(attempt.delivered, flush=True))

sys.exit(1 if asyncio.run(sends()) else 0)
"""


def sending(spool: Path, address: str) -> "subprocess.Popen[bytes]":
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, str(spool), address], env=environment, stdout=subprocess.PIPE
    )


def at_any_moment(sender: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    """Wait until some batches have gone, and an unequal while more, so that the kill falls anywhere in the next."""
    assert sender.stdout is not None
    for _ in range(chance.randrange(5)):
        sender.stdout.readline()
    sum(n * n for n in range(chance.randrange(600_000)))


def test_whichever_side_is_killed_each_measurement_arrives_exactly_once(tmp_path: Path) -> None:
    data, waiting, chance = tmp_path / "data", tmp_path / "spool", random.Random(20261123)
    documents = list(many(DOCUMENTS))
    with spool_at(waiting) as spool:
        for document in documents:
            spool.put(document, worth=Worth.OK)
    delivered, kills = False, 0
    while not delivered:
        with serving("serve", "--data", data, "--port", 0) as (program, address):
            while not delivered and program.poll() is None:
                with sending(waiting, address) as sender:
                    if kills < KILLS:
                        at_any_moment(sender, chance)
                        (sender, program)[kills % 2].kill()
                        kills += 1
                    sender.communicate()
                delivered = sender.returncode == 0
    assert kills == KILLS
    with serving("serve", "--data", data, "--port", 0) as (program, _):
        program.send_signal(signal.SIGTERM)
        ended(program)
    with spool_at(waiting) as spool:
        assert spool.waiting().documents == 0
        assert spool.refusals() == []
    assert set(archived(data)) == set(documents)
    assert without_source(rows(data)) == by_ingest(tmp_path, documents)
