"""Who may sign, and with what: a plain file of names and public keys, and a private key in a file of its own."""

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

_KEY_BYTES: Final = 32
_LONGEST_NAME: Final = 80
_KEY_NAME_LENGTH: Final = 16


class Signer(msgspec.Struct, frozen=True):
    """One who may sign: the name that is printed, and the public key (Ed25519, 32 bytes)."""

    name: str
    public: bytes

    @property
    def key(self) -> str:
        """The key's name in sign-offs: the beginning of its SHA-256, in hex."""
        return hashlib.sha256(self.public).hexdigest()[:_KEY_NAME_LENGTH]

    @property
    def listed(self) -> str:
        """The signer's line in the file."""
        return f"{self.name} {b64encode(self.public).decode()}"

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Whether the signature over content was made with this signer's private key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, content)
        except InvalidSignature:
            return False
        return True


def signer_of(line: str) -> Signer:
    """Who a line `name base64key` lists. Raises ValueError, which says what is wrong with it."""
    name, _, written = line.strip().rpartition(" ")
    name = " ".join(name.split())
    try:
        public = b64decode(written, validate=True)
    except ValueError:
        public = b""
    if len(public) != _KEY_BYTES:
        message = "it does not end in a public key, which is 44 characters of base64"
        raise ValueError(message)
    if not name or len(name) > _LONGEST_NAME or name != printable(name):
        message = f"no name of at most {_LONGEST_NAME} letters stands before the key"
        raise ValueError(message)
    return Signer(name, public)


class Signers:
    """The file of those who may sign; blank lines and such as begin with # say nothing."""

    def __init__(self, path: Path) -> None:
        """Name the file, which adding makes."""
        self.path = path

    def all(self) -> list[Signer]:
        """Those listed, in order. Raises UserError for a line that lists nobody, since who may sign must be plain."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{self.path} cannot be read: {error}; mend it by hand") from error
        found = []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                found.append(signer_of(line))
            except ValueError as error:
                raise UserError(f"{self.path} line {number}: {error}; mend it by hand") from error
        return found

    def add(self, signer: Signer) -> bool:
        """List a signer; False where the line is there already. When this returns it is durable."""
        there = self.all()
        if signer in there:
            return False
        if any(one.name == signer.name for one in there):
            raise UserError(
                f"{self.path} lists another key for {signer.name}; choose another name, or add a second line by hand"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+", encoding="utf-8") as out:
            out.seek(0)
            before = out.read()
            out.write(("" if not before or before.endswith("\n") else "\n") + signer.listed + "\n")
            out.flush()
            os.fsync(out.fileno())
        return True


def make_key(path: Path, passphrase: str = "") -> bytes:
    """Make a private key in a new file that only its owner may read, and give its public key.

    It is encrypted where a passphrase is given. Raises UserError where the file is there already or cannot be made.
    """
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError as error:
        raise UserError(
            f"{path} is there already and is not written over; name another file with --key"
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be made: {error.strerror}; name another file") from error
    return key.public_key().public_bytes_raw()


def load_key(path: Path, ask: Callable[[], str]) -> Ed25519PrivateKey:
    """The private key in a file; ask gives its passphrase, and is called only where it has one.

    Raises UserError where there is none, where others may read it, or where the passphrase is wrong.
    """
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise UserError(
            f"there is no key at {path}; `lampwatch sign-off --make-key NAME` makes one"
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; only its owner may") from error
    if mode & 0o077:
        raise UserError(f"others may read or write {path}; run `chmod 600` on it, and sign again")
    try:
        key = _unlocked(content, ask)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UserError(f"{path} cannot be opened: a wrong passphrase, or no private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(f"{path} holds a key of another kind; `lampwatch sign-off --make-key NAME` makes one")
    return key


def _unlocked(content: bytes, ask: Callable[[], str]) -> object:
    locked = b"ENCRYPTED" in content
    return load_pem_private_key(content, ask().encode() if locked else None)
