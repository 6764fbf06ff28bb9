"""How much memory a large ingest takes, over all its processes.

`python -m bench memory [--gigabytes 1.5] [--workers 2]` writes so much JSON, the shipped lab recording again and again
under other report ids, into one zstd file, takes it in, and adds up the most that each process of the tree ever had
resident (VmHWM). That is at least what they had together at any one moment. Ends with status 1 over LIMIT_MB.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

import zstandard

LIMIT_MB: Final = 500
_MARK: Final = b'"report_id":"'
_LOOK_S: Final = 0.05


def lines() -> Iterator[bytes]:
    """Different documents without end."""
    packed = resources.files("lampwatch.cli").joinpath("example.jsonl.zst").read_bytes()
    example = zstandard.ZstdDecompressor().decompress(packed).splitlines(keepends=True)
    number = 0
    while True:
        for line in example:
            before, mark, after = line.partition(_MARK)
            yield before + mark + b"%d_" % number + after
            number += 1


def write(path: Path, size: int) -> tuple[int, int]:
    """Write documents of so many bytes together; give how many they are, and how many bytes they take packed."""
    count = written = 0
    with (
        path.open("wb") as file,
        zstandard.ZstdCompressor(level=1).stream_writer(file, closefd=False) as packed,
    ):
        for line in lines():
            packed.write(line)
            count += 1
            written += len(line)
            if written >= size:
                break
    return count, path.stat().st_size


def tree(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def resident_kb(pid: int, name: str) -> int:
    """A process's VmRSS (now) or VmHWM (at most ever) in kB; 0 where it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    except OSError:
        return 0
    return 0


def watched(command: list[str]) -> tuple[int, dict[int, int], int]:
    """Run a command; give its status, each process's VmHWM, and the most they had resident at one look, in kB."""
    most: dict[int, int] = {}
    together = 0
    program = subprocess.Popen(command)
    while program.poll() is None:
        pids = list(tree(program.pid))
        for pid in pids:
            most[pid] = max(most.get(pid, 0), resident_kb(pid, "VmHWM"))
        together = max(together, sum(resident_kb(pid, "VmRSS") for pid in pids))
        time.sleep(_LOOK_S)
    return program.returncode, most, together


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="How much memory a large ingest takes.")
    parser.add_argument("--gigabytes", type=float, default=1.5)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jsonl.zst"
        count, packed = write(path, int(given.gigabytes * 1e9))
        print(f"{count} documents, {given.gigabytes} GB of JSON, {packed / 1e6:.1f} MB packed", flush=True)
        began = time.monotonic()
        ingest = ["ingest", str(path), "--data", str(Path(folder) / "data"), "--workers", str(given.workers)]
        status, most, together = watched([str(Path(sys.executable).with_name("lampwatch")), *ingest])
        took = time.monotonic() - began
    figures = ", ".join(f"{kb / 1024:.0f}" for kb in most.values())
    total = sum(most.values()) / 1024
    print(f"{took:.0f} s, {count / took:.0f} documents a second")
    print(
        f"most resident: {total:.0f} MB over {len(most)} processes ({figures}); at one moment {together / 1024:.0f} MB"
    )
    assert status == 0, f"ingest ended with status {status}"
    return 0 if total <= LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
