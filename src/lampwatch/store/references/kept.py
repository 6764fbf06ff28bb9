"""Fingerprint lists that a data directory keeps, so that judging anew rests on the very lists of the first time."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lampwatch.model.errors import UserError
from lampwatch.store.references.fingerprints import load_fingerprints

_HOME: Final = Path("references") / "fingerprints"


def kept_fingerprints(directory: Path) -> tuple[Path, ...]:
    """The lists in force in a data directory: one folder of them, or none."""
    home = directory / _HOME
    return (home,) if home.is_dir() else ()


def keep_fingerprints(directory: Path, paths: Sequence[Path]) -> None:
    """Copy lists into a data directory and put them in force together, in place of any before.

    Raises UserError where a list cannot be read or written; then what was in force stays so.
    """
    load_fingerprints(paths)
    lists = [file for path in paths for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path])]
    home = directory / _HOME
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="fingerprints-", dir=home.parent))
        for number, file in enumerate(lists):
            kept = made / f"{number:03d}-{file.stem}.csv"
            shutil.copyfile(file, kept)
            with kept.open("rb") as written:
                os.fsync(written.fileno())
        before = made.with_suffix(".before")
        if home.exists():
            home.rename(before)
        made.rename(home)
        shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        raise UserError(f"the fingerprints cannot be kept in {directory}: {error.strerror}") from error
