"""The log of sign-offs: each signed, and chained to the one before; appended and never changed.

One JSON object a line: `sign_off`, whose very bytes are signed, and `signature`. A line that was changed, and one that
follows a line that was changed, removed or put in, count for nothing. Who may write the file can take away its last
lines unseen: that needs a copy elsewhere.
"""

import fcntl
import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.signoff import Decision, Entry, SignOff
from lampwatch.store.durable import sync
from lampwatch.store.signers import Signer

_CONTEXT: Final = b"lampwatch sign-off, format 1\n"
"""Stands before what is signed, so that a signature made for another purpose is none of these."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to say; the log adds what makes it a `SignOff`. Fields as there."""

    incident: str
    revision: int
    decision: Decision
    at: int
    because: str
    order: str = ""


class _Line(msgspec.Struct, frozen=True):
    """A line of the file. The sign-off stays as it was written: its bytes are what was signed."""

    sign_off: msgspec.Raw
    signature: str


class SignOffLog:
    """Keeps sign-offs in one file."""

    def __init__(self, path: Path) -> None:
        """Name the file, which appending makes."""
        self._path = path

    def append(self, draft: Draft, signer: Signer, key: Ed25519PrivateKey) -> SignOff:
        """Sign a draft and keep it, behind all that is there by then; when this returns it is durable.

        signer is the one that key belongs to. Raises UserError where the file cannot be written.
        """
        is_new = not self._path.exists()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as out:
                # Two that sign at once must not both follow the same line.
                fcntl.flock(out, fcntl.LOCK_EX)
                sign_off = self._write(out, draft, signer, key)
            if is_new:
                sync(self._path.parent)
        except OSError as error:
            raise UserError(
                f"{self._path} cannot be written: {error.strerror}; nothing was signed"
            ) from error
        return sign_off

    def _write(self, out: IO[bytes], draft: Draft, signer: Signer, key: Ed25519PrivateKey) -> SignOff:
        there = self._path.read_bytes()
        sign_off = SignOff(
            **msgspec.structs.asdict(draft), by=signer.name, key=signer.key, previous=_last_of(there)
        )
        said = msgspec.json.encode(sign_off)
        line = _Line(msgspec.Raw(said), b64encode(key.sign(_CONTEXT + said)).decode())
        out.write((b"\n" if there and not there.endswith(b"\n") else b"") + msgspec.json.encode(line) + b"\n")
        out.flush()
        os.fsync(out.fileno())
        return sign_off

    def entries(self, signers: Sequence[Signer]) -> list[Entry]:
        """Every line, in order, each checked: whether its signature, its signer and its place in the chain hold.

        signers are those who may sign now. Raises UserError where the file cannot be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UserError(f"{self._path} cannot be read: {error.strerror}") from error
        found, previous = [], ""
        for number, line in enumerate(content.split(b"\n"), 1):
            if not line:
                continue
            read = _read(line)
            if read is None:
                whole = line.endswith(b"}")
                why = "it is no sign-off" if whole else "it was cut short while it was written"
                found.append(Entry(number, None, why))
                continue
            found.append(Entry(number, read[1], _fault(*read, previous, signers)))
            previous = _digest(line)
        return found

    def standing(self, signers: Sequence[Signer]) -> list[SignOff]:
        """The sign-offs that count, in order."""
        return [
            entry.sign_off
            for entry in self.entries(signers)
            if entry.sign_off is not None and not entry.invalid
        ]


def _read(line: bytes) -> tuple[_Line, SignOff] | None:
    try:
        written = msgspec.json.decode(line, type=_Line)
        return written, msgspec.json.decode(written.sign_off, type=SignOff)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _fault(line: _Line, sign_off: SignOff, previous: str, signers: Sequence[Signer]) -> str:
    """Why an entry counts for nothing, in a clause; empty where it counts."""
    of_key = [one for one in signers if one.key == sign_off.key]
    if not of_key:
        return f"its key {printable(sign_off.key)} is none of those who may sign"
    try:
        signature = b64decode(line.signature, validate=True)
    except ValueError:
        signature = b""
    signed_by = {one.name for one in of_key if one.signed(_CONTEXT + bytes(line.sign_off), signature)}
    if not signed_by:
        return "its signature does not hold: the line was changed, or signed by another key"
    if sign_off.by not in signed_by:
        return f"its key is not listed for {printable(sign_off.by)}"
    if sign_off.previous != previous:
        return "it does not follow the line before it: one was changed, removed or put in"
    return ""


def _last_of(content: bytes) -> str:
    """The digest of the last line that can be read; empty where there is none."""
    return next((_digest(line) for line in reversed(content.split(b"\n")) if line and _read(line)), "")


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
