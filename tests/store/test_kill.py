"""A kill -9 at any moment leaves a store that opens and holds all that was acknowledged, once."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.store.samples import archive_at, document, store_at, uid_of

BATCH = 20
ROUNDS = 12

WRITER = """
import sys
from pathlib import Path
from tests.store.samples import archive_at, packed, simple, store_at

directory, first = Path(sys.argv[1]), int(sys.argv[2])
with archive_at(directory) as archive, store_at(directory) as store:
    print("ready", flush=True)
    while True:
        locator = archive.append(packed(first, 20))
        store.commit(simple(first, 20), locator)
        print(first, flush=True)
        first += 20
"""


def killed_while_writing(directory: Path, first: int, lines: int, tearing: int) -> list[int]:
    """Start a writer, kill it after some lines and a few bytes more, and give the batches it acknowledged."""
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), str(first)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(lines + 1)]
        # Work for an unequal while, so that the kill falls anywhere within archive, commit and checkpoint.
        sum(n * n for n in range(tearing))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.readlines()
    assert acknowledged[0] == "ready\n"
    return [int(line) for line in acknowledged[1:] if line.endswith("\n")]


def test_whatever_was_acknowledged_is_there_once_with_its_bytes(tmp_path: Path) -> None:
    chance = random.Random(1)
    acknowledged: list[int] = []
    for turn in range(ROUNDS):
        begin = 1_000_000 * turn
        acknowledged += killed_while_writing(
            tmp_path, begin, chance.randrange(4), chance.randrange(1_500_000)
        )
        with store_at(tmp_path) as store:
            held = {row.uid for row in store.measurements(limit=1_000_000)}
            assert len(held) == store.count_measurements() == store.count_verdicts()
            assert held >= {uid_of(first + n) for first in acknowledged for n in range(BATCH)}
            for first in acknowledged[-2:]:
                assert [store.raw(uid_of(first + n)) for n in (0, BATCH - 1)] == [
                    document(first),
                    document(first + BATCH - 1),
                ]
                facts = store.observations_of(uid_of(first))
                assert {kind: len(rows) for kind, rows in facts.items() if rows} == {
                    "dns": 1,
                    "tcp": 3,
                    "http": 1,
                }
    assert acknowledged
    with store_at(tmp_path) as store:
        verdicts = [
            len(store.verdicts_of(uid_of(first + n))) for first in acknowledged[-5:] for n in range(BATCH)
        ]
        assert set(verdicts) == {1}
    archived = {
        text for found in archive_at(tmp_path).batches(lambda _: None) for text in found.batch.documents
    }
    assert archived >= {document(first + n) for first in acknowledged for n in range(BATCH)}
