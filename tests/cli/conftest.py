"""One data directory with documents of every kind in it, for commands that only read."""

from pathlib import Path

import pytest

from tests.cli.running import example_lines, said, written


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that holds the documents of all stories. Tests must not write to it."""
    folder = tmp_path_factory.mktemp("example")
    path = written(folder / "set.jsonl", [*example_lines(), b"no JSON", b'{"test_name": "web_connectivity"}'])
    said("ingest", path, "--data", folder / "data")
    return folder / "data"
