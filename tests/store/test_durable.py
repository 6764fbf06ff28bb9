"""What was synced was asked of the system: files and folders, and what is not there is told."""

import os
from pathlib import Path

import pytest

from lampwatch.store.durable import sync


def test_a_file_and_its_folder_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept"
    file.write_bytes(b"words")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    sync(file)
    sync(tmp_path)
    assert synced == [file.stat().st_ino, tmp_path.stat().st_ino]


def test_what_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "gone")
