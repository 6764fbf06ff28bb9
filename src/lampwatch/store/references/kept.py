"""Fingerprint lists that a data directory keeps, so that judging anew rests on the very lists of the first time.

Each snapshot is a folder of its own, never changed; `current` names the one in force: no moment is without one.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lampwatch.model.errors import UserError
from lampwatch.store.durable import sync
from lampwatch.store.references.fingerprints import lists_in, load_fingerprints

_HOME: Final = Path("references") / "fingerprints"
_CURRENT: Final = "current"


def kept_fingerprints(directory: Path) -> tuple[Path, ...]:
    """The lists in force in a data directory: one folder of them, or none."""
    home = directory / _HOME
    try:
        folder = home / Path((home / _CURRENT).read_text("utf-8").strip()).name
    except OSError:
        return ()
    return (folder,) if folder.is_dir() else ()


def keep_fingerprints(directory: Path, paths: Sequence[Path]) -> None:
    """Copy lists into a data directory and put them in force together, in place of any before.

    Raises UserError where a list cannot be read or written; then what was in force stays so.
    """
    version = load_fingerprints(paths).version
    home = directory / _HOME
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / version).is_dir():
            made = Path(tempfile.mkdtemp(prefix="making-", dir=home))
            for number, file in enumerate(sorted({file for path in paths for file in lists_in(path)})):
                kept = made / f"{number:03d}-{file.stem}.csv"
                shutil.copyfile(file, kept)
                sync(kept)
            sync(made)
            made.rename(home / version)
        pointer = home / f"{_CURRENT}.new"
        pointer.write_text(version + "\n", "utf-8")
        sync(pointer)
        pointer.replace(home / _CURRENT)
        sync(home)
    except OSError as error:
        raise UserError(f"the fingerprints cannot be kept in {directory}: {error.strerror}") from error
