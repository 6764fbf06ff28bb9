"""What every room's tests may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real measurements and articles; a test that asks for it skips where it is absent.

    It lies at ../shared/data beside the repository, or where LAMPWATCH_SHARED says.
    """
    folder = Path(os.environ.get("LAMPWATCH_SHARED") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}: name its folder in LAMPWATCH_SHARED")
    return folder
