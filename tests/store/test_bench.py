import runpy
from pathlib import Path

import pytest


def test_the_benchmark_runs_on_few_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = runpy.run_path(str(Path(__file__).parents[2] / "bench/store.py"))["bench"]
    bench(tmp_path, 300)
    told = capsys.readouterr().out
    assert "ingest    300 verdicts" in told
    assert told.count("p95") == 9
