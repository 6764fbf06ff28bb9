import signal
from pathlib import Path

import pytest

from tests.cli.running import ended, rows, serving
from tests.cli.test_serve import got


@pytest.fixture(autouse=True)
def own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What would be the user's data directory."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "lampwatch"


def test_it_serves_the_lab_recording_and_says_that_it_is_one(own_directory: Path) -> None:
    with serving("demo", "--no-geoip", "--port", 0) as (_, address):
        _, page = got(address)
    assert "not measurements of any real network" in page
    assert "telegram" in page
    assert not own_directory.exists()


def test_it_keeps_apart_what_was_made_in_a_lab(own_directory: Path) -> None:
    for _ in range(2):
        with serving("demo", "--no-geoip", "--port", 0) as (program, _):
            program.send_signal(signal.SIGTERM)
            assert ended(program)[0] == 0
    found = rows(own_directory.with_name("lampwatch-lab-recording"))
    assert {row["source"] for row in found} == {"example/lab-recording.jsonl.zst"}
