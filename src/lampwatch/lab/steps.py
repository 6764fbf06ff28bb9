"""Finished steps of long work, each durable in a file of its own, so that work that was broken off goes on there."""

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import zstandard

from lampwatch.model.errors import UserError

_OF: Final = "of"
"""The file that says what the steps belong to; while it is locked, a program is at work on them."""
_SUFFIX: Final = ".jsonl.zst"
_UNFINISHED: Final = ".part"


class Steps:
    """The documents of each finished step, in a folder. Leave it to let it go; where nothing was kept, it is gone.

    Raises UserError where another program is at work on it, where it holds steps of other work, or where it cannot be
    written.
    """

    def __init__(self, folder: Path, work: str) -> None:
        """Open a folder for work, which names what is being done on one line: steps of other work are not taken."""
        self.folder = folder
        self.documents = self.documents_before = 0
        """How many are kept, as far as they were asked for; and how many of them an earlier program had kept."""
        try:
            folder.mkdir(exist_ok=True)
            self._of = (folder / _OF).open("a+", encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"{folder} cannot be written: {error.strerror}; name another file with --out"
            ) from error
        try:
            self._hold(work)
        except UserError:
            self._of.close()
            raise

    def _hold(self, work: str) -> None:
        try:
            fcntl.flock(self._of, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"another program is recording into {self.folder}; wait for it, or name another file with --out"
            ) from None
        self._of.seek(0)
        before = self._of.read().strip()
        if before != work:
            if any(self.folder.glob(f"*{_SUFFIX}")):
                raise UserError(
                    f"{self.folder} holds steps of another recording: other hours, another script or another version; "
                    "remove it, or name another file with --out"
                )
            self._of.truncate(0)
            self._of.write(f"{work}\n")
            self._of.flush()
            os.fsync(self._of.fileno())

    def kept(self, name: str, wanted: int) -> tuple[bytes, ...] | None:
        """The documents of a step; None where it was not finished, or is not the one with as many as wanted."""
        try:
            packed = (self.folder / f"{name}{_SUFFIX}").read_bytes()
            documents = zstandard.ZstdDecompressor().decompress(packed).splitlines()
        except (OSError, zstandard.ZstdError):
            return None
        if len(documents) != wanted:
            return None
        self.documents += wanted
        self.documents_before += wanted
        return tuple(documents)

    def keep(self, name: str, documents: Sequence[bytes]) -> None:
        """Keep a step's documents, each on one line; when this returns, a power cut does not lose them."""
        path = self.folder / f"{name}{_SUFFIX}"
        packer = zstandard.ZstdCompressor(write_checksum=True)
        write_durably(path, packer.compress(b"".join(document + b"\n" for document in documents)))
        self.documents += len(documents)

    def discard(self) -> None:
        """Remove all of it: the work is done, and stands elsewhere."""
        # What says whose the steps are goes last: a program that is killed in the middle of this leaves no riddle.
        for step in self.folder.glob(f"*{_SUFFIX}"):
            step.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not any(self.folder.glob(f"*{_SUFFIX}")):
            self.discard()
        self._of.close()


def write_durably(path: Path, content: bytes) -> None:
    """Write a file in the place of any before it; it is whole at any moment, and on the disk when this returns.

    Raises UserError where that fails.
    """
    beside = path.with_name(f"{path.name}{_UNFINISHED}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}; make room for it, or name another file with --out"
        ) from error
