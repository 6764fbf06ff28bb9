"""Where the prober of `lampwatch series probe` keeps what it knows from one run to the next."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from lampwatch.model.errors import UserError
from lampwatch.signals.probing.memory import Memory, decoded, encoded

FOLDER: Final = "probing"
FILE: Final = "beliefs.json"


@contextmanager
def probing_folder(data: Path) -> Iterator[Path]:
    """The prober's folder in a data directory, held by one process at a time.

    Raises UserError where another has it, or it cannot be made.
    """
    folder = data / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}; name another with --data") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"another prober is at work in {folder}; end it, or name another --data"
            ) from error
        yield folder
    finally:
        os.close(lock)


def recalled(folder: Path, fresh_seed: int) -> Memory:
    """What was known when the last round ended; nothing yet, and a fresh seed, where there was none.

    A file that cannot be read is put aside and told of.
    """
    path = folder / FILE
    if not path.exists():
        return Memory(fresh_seed, {})
    found = decoded(path.read_bytes())
    if found is None:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        click.echo(f"lampwatch: {path} is damaged; it is now {aside.name}, and belief begins anew", err=True)
        return Memory(fresh_seed, {})
    return found


def remembered(folder: Path, memory: Memory) -> None:
    """Put what is known on the disk. Raises UserError where it cannot be written."""
    making = folder / f"{FILE}.new"
    try:
        with making.open("wb") as file:
            file.write(encoded(memory))
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / FILE)
    except OSError as error:
        raise UserError(f"{making} cannot be written: {error.strerror}; make room, and run again") from error
