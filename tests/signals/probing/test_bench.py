import runpy
from pathlib import Path

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[3] / "bench/probing.py"))


def test_simulated_outages_are_found_and_few_blocks_are_called_down_that_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert BENCH["bench"](300, 100, 3)
    assert "300 blocks, 100 rounds" in capsys.readouterr().out
