import json
import os
import random
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.running import LONG_S, ended, killed, many, ran, rows, said, started, written

DOCUMENTS = 4000
"""Over 8 MB, so that a pool of workers is used, in batches of 500."""


class Whole(NamedTuple):
    """A large file, what one undisturbed run makes of it, and how large its archive is."""

    path: Path
    data: Path
    size: int


def segments_size(data: Path) -> int:
    return sum(path.stat().st_size for path in (data / "raw").glob("*.zst"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    path = written(folder / "large.jsonl", many(DOCUMENTS))
    status, _, err = ran("ingest", path, "--data", folder / "data", "--workers", 2)
    assert status == 0, err
    return Whole(path, folder / "data", segments_size(folder / "data"))


def begun(path: Path, data: Path) -> "subprocess.Popen[bytes]":
    return started("ingest", path, "--data", data, "--workers", 2)


def wait_for_bytes(program: "subprocess.Popen[bytes]", data: Path, size: int) -> bool:
    """Wait until so much is in the archive; false where the program ended before that."""
    for _ in range(LONG_S * 500):
        if segments_size(data) >= size:
            return True
        try:
            program.wait(timeout=0.002)
        except subprocess.TimeoutExpired:
            continue
        return False
    message = f"the archive never grew to {size} bytes"
    raise AssertionError(message)


def taken_in(out: str) -> int:
    match = re.search(r"^(\d+) measurements taken in", out, flags=re.MULTILINE)
    assert match is not None, out
    return int(match[1])


def measurements(data: Path) -> int:
    """How many measurements a copy of the store holds, so that looking changes nothing."""
    if not (data / "lampwatch.duckdb").exists():
        return 0
    look = data.with_name("look")
    shutil.rmtree(look, ignore_errors=True)
    shutil.copytree(data, look)
    return len({row["measurement_uid"] for row in rows(look)})


def children(program: "subprocess.Popen[bytes]") -> list[str]:
    return Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text(encoding="ascii").split()


def test_an_interrupt_ends_in_good_order_and_the_next_run_goes_on(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    program = begun(whole.path, data)
    assert wait_for_bytes(program, data, whole.size // 3)
    # As a terminal does it: to every process of the group, workers included.
    os.killpg(program.pid, signal.SIGINT)
    status, out, err = ended(program)
    assert status == 130, err
    assert err.splitlines() == ["lampwatch: interrupted; run the same command again to go on from here"]
    held = measurements(data)
    assert 0 < taken_in(out) <= held < DOCUMENTS
    status, out, _ = ran("ingest", whole.path, "--data", data, "--workers", 2)
    assert (status, taken_in(out)) == (0, DOCUMENTS - held)
    assert "0 were there already" in out
    assert rows(data) == rows(whole.data)


def test_an_interrupt_while_the_workers_start_is_told_in_one_line(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    program = begun(whole.path, data)
    # The first child is multiprocessing's own tracker, the second a worker that still imports what it needs.
    for _ in range(LONG_S * 500):
        if len(children(program)) > 1:
            break
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(timeout=0.002)
    os.killpg(program.pid, signal.SIGINT)
    status, _, err = ended(program)
    assert status == 130
    assert err.splitlines() == ["lampwatch: interrupted; run the same command again to go on from here"]


def test_an_interrupt_at_the_very_beginning_leaves_nothing_broken(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    program = begun(whole.path, data)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(timeout=0.05)
    program.send_signal(signal.SIGINT)
    assert ended(program)[0] != 0
    status, out, _ = ran("ingest", whole.path, "--data", data, "--workers", 2)
    assert (status, taken_in(out)) == (0, DOCUMENTS)


def test_kills_at_any_moment_leave_what_one_undisturbed_run_leaves(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    moments = random.Random(20261123)
    held = 0
    for _ in range(4):
        reach = segments_size(data) + moments.randint(1, whole.size // 4)
        program = begun(whole.path, data)
        wait_for_bytes(program, data, reach)
        killed(program)
        now = measurements(data)
        assert now >= held
        held = now
    status, out, err = ran("ingest", whole.path, "--data", data, "--workers", 2)
    assert status == 0, err
    # Rows and progress are committed together, so what was committed is not even met again.
    assert taken_in(out) == DOCUMENTS - held
    assert rows(data) == rows(whole.data)
    assert measurements(data) == DOCUMENTS


def test_a_rebuild_after_kills_gives_the_same_rows(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    for part in (8, 2):
        program = begun(whole.path, data)
        wait_for_bytes(program, data, whole.size // part)
        killed(program)
    said("ingest", whole.path, "--data", data, "--workers", 2)
    (data / "lampwatch.duckdb").unlink()
    (data / "lampwatch.duckdb.wal").unlink(missing_ok=True)
    said("reprocess", "--data", data, "--workers", 2)
    assert rows(data) == rows(whole.data)


def test_what_is_there_after_a_kill_has_its_raw_bytes(tmp_path: Path, whole: Whole) -> None:
    data = tmp_path / "data"
    program = begun(whole.path, data)
    assert wait_for_bytes(program, data, whole.size // 2)
    killed(program)
    uids = sorted({row["measurement_uid"] for row in rows(data)})
    assert uids
    for uid in random.Random(1).sample(uids, 3):
        assert json.loads(said("explain", uid, "--raw", "--data", data))["annotations"]


def test_workers_do_not_outlive_a_program_that_was_killed(tmp_path: Path, whole: Whole) -> None:
    program = begun(whole.path, tmp_path / "data")
    assert wait_for_bytes(program, tmp_path / "data", 1)
    try:
        program.kill()
        # The workers hold the other end of these pipes: the pipes end with the last of them.
        program.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        pytest.fail("20 seconds after their parent was killed, workers are still there")
    finally:
        killed(program)
