"""The fuzzer that runs for long, run for a short time."""

import subprocess
import sys
from pathlib import Path

from bench import fuzz
from tests.conftest import ROOT


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_runs_as_many_inputs_as_it_is_told(tmp_path: Path) -> None:
    run = bench("fuzz", "--runs", "130", "--workers", "1", "--save", str(tmp_path))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("130 inputs in ")
    assert run.stdout.endswith(" 0  exceptions, internal errors or broken tables\n")


def test_the_same_seed_gives_the_same_inputs(tmp_path: Path) -> None:
    assert fuzz.share(7, 100, (), tmp_path) == fuzz.share(7, 100, (), tmp_path)


def test_what_breaks_is_saved_as_it_was(tmp_path: Path) -> None:
    said = fuzz.saved(tmp_path / "found", [b"\xff{"], "ValueError: it broke")
    (file,) = (tmp_path / "found").iterdir()
    assert file.read_bytes() == b"\xff{"
    assert said == f"ValueError: it broke: {file}"


def test_a_benchmark_that_does_not_exist_is_refused() -> None:
    run = bench("nosuch")
    assert run.returncode == 2
    files = {file.stem for file in (ROOT / "bench").glob("[!_]*.py")}
    known = ", ".join(sorted(files | {file.parent.name for file in (ROOT / "bench").glob("*/__main__.py")}))
    assert run.stderr == f"lampwatch: there is no benchmark 'nosuch'; there are {known}\n"
