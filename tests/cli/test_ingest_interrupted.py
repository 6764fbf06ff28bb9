import json
import random
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import LONG_S, ended, killed, many, ran, rows, said, started, written

DOCUMENTS = 4000
"""Over 8 MB, so that a pool of workers is used, in batches of 500."""


def source(folder: Path) -> Path:
    return written(folder / "large.jsonl", many(DOCUMENTS))


def segments_size(data: Path) -> int:
    return sum(path.stat().st_size for path in (data / "raw").glob("*.zst"))


def wait_for_bytes(program: "subprocess.Popen[bytes]", data: Path, size: int) -> bool:
    """Wait until so much is in the archive; false where the program ended before that."""
    for _ in range(LONG_S * 200):
        if segments_size(data) >= size:
            return True
        try:
            program.wait(timeout=0.005)
        except subprocess.TimeoutExpired:
            continue
        return False
    message = f"the archive never grew to {size} bytes"
    raise AssertionError(message)


def taken_in(out: str) -> int:
    match = re.search(r"^(\d+) measurements taken in", out, flags=re.MULTILINE)
    assert match is not None, out
    return int(match[1])


def test_an_interrupt_ends_in_good_order_and_the_next_run_goes_on(tmp_path: Path) -> None:
    path, data = source(tmp_path), tmp_path / "data"
    program = started("ingest", path, "--data", data, "--workers", 2)
    assert wait_for_bytes(program, data, 1)
    program.send_signal(signal.SIGINT)
    status, out, err = ended(program)
    assert status == 130, err
    assert err.splitlines() == ["lampwatch: interrupted; run the same command again to go on from here"]
    before = taken_in(out)
    assert 0 < before < DOCUMENTS
    assert len({row["measurement_uid"] for row in rows(data)}) == before
    status, out, _ = ran("ingest", path, "--data", data, "--workers", 2)
    assert status == 0
    assert taken_in(out) == DOCUMENTS - before
    assert "0 were there already" in out


def test_an_interrupt_at_the_very_beginning_leaves_nothing_broken(tmp_path: Path) -> None:
    path, data = source(tmp_path), tmp_path / "data"
    program = started("ingest", path, "--data", data, "--workers", 2)
    try:
        program.wait(timeout=0.05)
    except subprocess.TimeoutExpired:
        program.send_signal(signal.SIGINT)
    status, _, _ = ended(program)
    assert status != 0
    status, out, _ = ran("ingest", path, "--data", data, "--workers", 2)
    assert (status, taken_in(out)) == (0, DOCUMENTS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A large file and what one undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    path = source(folder)
    status, _, err = ran("ingest", path, "--data", folder / "data", "--workers", 2)
    assert status == 0, err
    return path, folder / "data"


def test_kills_at_any_moment_leave_what_one_undisturbed_run_leaves(
    tmp_path: Path, undisturbed: tuple[Path, Path]
) -> None:
    path, whole = undisturbed
    data, size = tmp_path / "data", segments_size(whole)
    moments = random.Random(20261123)
    held = 0
    for _ in range(4):
        reach = segments_size(data) + moments.randint(1, size // 4)
        program = started("ingest", path, "--data", data, "--workers", 2)
        killed = wait_for_bytes(program, data, reach)
        killed(program)
        now = measurements(data, tmp_path / "look")
        assert now >= held
        held = now
        if not killed:
            break
    status, out, err = ran("ingest", path, "--data", data, "--workers", 2)
    assert status == 0, err
    # Where progress and rows were committed, they are not even met again: a batch is all there, or not at all.
    assert taken_in(out) == DOCUMENTS - held
    assert rows(data) == rows(whole)
    assert measurements(data, tmp_path / "look") == DOCUMENTS


def test_a_rebuild_after_kills_gives_the_same_rows(tmp_path: Path, undisturbed: tuple[Path, Path]) -> None:
    path, whole = undisturbed
    data = tmp_path / "data"
    for part in (8, 2):
        program = started("ingest", path, "--data", data, "--workers", 2)
        wait_for_bytes(program, data, segments_size(whole) // part)
        killed(program)
    said("ingest", path, "--data", data, "--workers", 2)
    (data / "lampwatch.duckdb").unlink()
    (data / "lampwatch.duckdb.wal").unlink(missing_ok=True)
    said("reprocess", "--data", data, "--workers", 2)
    assert rows(data) == rows(whole)


def test_what_is_reported_after_a_kill_is_there_with_its_raw_bytes(tmp_path: Path) -> None:
    path, data = source(tmp_path), tmp_path / "data"
    program = started("ingest", path, "--data", data, "--workers", 2)
    assert wait_for_bytes(program, data, 200_000)
    killed(program)
    uids = sorted({row["measurement_uid"] for row in rows(data)})
    for uid in random.Random(1).sample(uids, min(3, len(uids))):
        raw = json.loads(said("explain", uid, "--raw", "--data", data))
        assert raw["annotations"]


def measurements(data: Path, look: Path) -> int:
    """How many measurements a copy of the store holds, so that looking changes nothing."""
    shutil.rmtree(look, ignore_errors=True)
    shutil.copytree(data, look)
    if not (look / "lampwatch.duckdb").exists():
        return 0
    found: int = len({row["measurement_uid"] for row in rows(look)})
    return found
