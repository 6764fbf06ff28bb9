"""Packages of the npm registry: the newest version of one, checked by its hash, and the files in it."""

import base64
import binascii
import tarfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from lampwatch.model.errors import UserError
from lampwatch.store.references.web import Progress, Web

PUBLIC_REGISTRY: Final = "https://registry.npmjs.org"

MAX_METADATA: Final = 16 * 1024 * 1024
MAX_PACKED: Final = 256 * 1024 * 1024
MAX_UNPACKED: Final = 1024 * 1024 * 1024
MAX_LICENCE: Final = 64 * 1024
"""Bytes of one licence file that are kept."""

_SHORT_FORM: Final = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"


class _Dist(msgspec.Struct):
    tarball: str
    integrity: str = ""


class _Version(msgspec.Struct):
    dist: _Dist
    license: str | dict[str, object] = ""


class _Tags(msgspec.Struct):
    latest: str


class _Package(msgspec.Struct):
    tags: _Tags = msgspec.field(name="dist-tags")
    versions: dict[str, _Version]


class Unpacked(msgspec.Struct, frozen=True):
    """A package's wanted files by name, its version, its licence in its own words, and its licence files' text."""

    version: str
    files: dict[str, Path]
    licence: str
    licence_texts: str


def fetch_package(
    name: str, wanted: Collection[str], *, registry: str, into: Path, web: Web, progress: Progress
) -> Unpacked:
    """Fetch a package's newest version and take the wanted files out of it, into a folder.

    wanted are file names in the package's own folder. Raises UserError where the registry cannot be reached, the
    package is not what its hash says, or a wanted file is missing.
    """
    base = registry.rstrip("/")
    version, found = _latest(base, name, web)
    tarball = found.dist.tarball
    if tarball.startswith(f"{PUBLIC_REGISTRY}/"):
        # A mirror may hand on the public registry's own addresses; whoever named a mirror wants the mirror asked.
        tarball = base + tarball.removeprefix(PUBLIC_REGISTRY)
    packed = into / "package.tgz"
    saved = web.save(tarball, packed, limit=MAX_PACKED, progress=progress)
    _check(f"{name} {version}", saved.sha512, found.dist.integrity)
    files, texts = _unpack(packed, wanted, into)
    packed.unlink()
    missing = sorted(set(wanted) - set(files))
    if missing:
        message = (
            f"{name} {version} holds no {', '.join(missing)}: its layout has changed. Nothing was replaced."
        )
        raise UserError(message)
    licence = found.license if isinstance(found.license, str) else str(found.license.get("type", ""))
    return Unpacked(version, files, licence, texts)


def _latest(base: str, name: str, web: Web) -> tuple[str, _Version]:
    url = f"{base}/{name.replace('/', '%2f')}"
    body = web.read(url, limit=MAX_METADATA, accept=_SHORT_FORM)
    try:
        package = msgspec.json.decode(body, type=_Package)
        return package.tags.latest, package.versions[package.tags.latest]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        message = f"{url} did not answer as an npm registry does ({error}). Nothing was replaced."
        raise UserError(message) from error


def _check(package: str, sha512: bytes, integrity: str) -> None:
    """Raise UserError where a file is not what the registry says; a package without a SHA-512 is not trusted."""
    named = [part.removeprefix("sha512-") for part in integrity.split() if part.startswith("sha512-")]
    try:
        expected = [base64.b64decode(part, validate=True) for part in named]
    except binascii.Error:
        expected = []
    if sha512 not in expected:
        message = (
            f"{package} is not what its registry says: its SHA-512 differs. Nothing was replaced; try again."
        )
        raise UserError(message)


def _unpack(packed: Path, wanted: Collection[str], into: Path) -> tuple[dict[str, Path], str]:
    files: dict[str, Path] = {}
    texts: list[str] = []
    size = 0
    try:
        with tarfile.open(packed, "r|gz") as archive:
            for member in archive:
                size += member.size
                if size > MAX_UNPACKED:
                    message = f"it unpacks to more than {MAX_UNPACKED} bytes"
                    raise tarfile.TarError(message)  # noqa: TRY301  told in one place, below
                # Only the last part of a name is used, so that no package can write elsewhere.
                name = PurePosixPath(member.name).name
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                if "LICENSE" in name.upper() or "LICENCE" in name.upper():
                    texts.append(content.read(MAX_LICENCE).decode("utf-8", "replace").strip())
                elif name in wanted and name not in files:
                    files[name] = into / name
                    with files[name].open("wb") as out:
                        while block := content.read(1024 * 1024):
                            out.write(block)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        message = f"{packed.name} cannot be unpacked: {error}. Nothing was replaced."
        raise UserError(message) from error
    return files, "\n\n".join(texts)
