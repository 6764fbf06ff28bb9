"""A folder of reference data, renewed by one at a time, and all or nothing."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lampwatch.model.errors import UserError

MADE: Final = ".new-"
"""What the names of files and folders begin with that are still being made."""


@contextmanager
def alone(home: Path, command: str, what: str) -> Iterator[Path]:
    """A new, empty folder in home to build in, gone afterwards unless it was put in force; one renewal at a time.

    command is the one that renews, as its user types it; what names the data. Raises UserError where another is at
    work, or where the disk fails.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        with (home / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"another `{command}` is at work in {home}; wait until it ends") from None
            for left in home.glob(f"{MADE}*"):
                # What a renewal that was killed has left; nobody else can be building while the lock is held.
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            made = home / f"{MADE}snapshot"
            made.mkdir()
            try:
                yield made
            finally:
                shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise UserError(f"nothing was replaced of the {what} in {home}: {error}") from error
