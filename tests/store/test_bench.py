import runpy
from pathlib import Path

import pytest


def test_the_benchmark_runs_on_few_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = runpy.run_path(str(Path(__file__).parents[2] / "bench/store.py"))["bench"]
    bench(tmp_path, 300)
    told = capsys.readouterr().out
    assert "ingest    300 verdicts" in told
    assert told.count("p95") == 9


def test_the_benchmark_of_votes_runs_on_few_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = runpy.run_path(str(Path(__file__).parents[2] / "bench/votes.py"))["bench"]
    bench(tmp_path, 300, 40)
    told = capsys.readouterr().out
    assert "arrival   of 40 measurements: " in told
    assert "presence" in told
