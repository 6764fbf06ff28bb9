"""Fetches files over HTTPS with limits: to the disk, in bounded time and size, and never to a worse scheme."""

import hashlib
import http.client
import ipaddress
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, Final
from urllib.parse import urlsplit

import msgspec

from lampwatch.model.errors import UserError

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and of how much where that is known."""

_BLOCK: Final = 256 * 1024


class Saved(msgspec.Struct, frozen=True):
    """A file that was fetched: its size in bytes, its SHA-512, and its Last-Modified header, empty where none."""

    size: int
    sha512: bytes
    modified: str


class Web:
    """The way out: HTTPS, and plain HTTP to this machine only. A silent peer is given up after timeout_s.

    Every failure is a UserError of one line that names the address and the reason.
    """

    def __init__(self, *, timeout_s: float = 30.0, agent: str = "lampwatch") -> None:
        self._timeout_s = timeout_s
        self._agent = agent
        self._opener = urllib.request.build_opener(_NoDowngrade())

    def read(self, url: str, *, limit: int, accept: str) -> bytes:
        """The body at an address, at most limit bytes."""
        try:
            with self._open(url, accept) as response:
                body: bytes = response.read(limit + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UserError(_cannot(url, error)) from error
        if len(body) > limit:
            raise UserError(_cannot(url, f"more than the {limit} bytes allowed"))
        return body

    def save(self, url: str, to: Path, *, limit: int, progress: Progress) -> Saved:
        """Write the body at an address to a file, at most limit bytes, telling progress as it comes."""
        try:
            with self._open(url, "*/*") as response, to.open("wb") as out:
                length = response.headers.get("Content-Length", "")
                total = int(length) if length.isascii() and length.isdigit() else None
                size, digest = _copy(response, out, limit, lambda done: progress("download", done, total))
                if total is not None and size != total:
                    message = f"{size} of {total} bytes came"
                    raise http.client.HTTPException(message)  # noqa: TRY301  told in one place, below
                return Saved(size, digest, response.headers.get("Last-Modified", ""))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UserError(_cannot(url, error)) from error

    def _open(self, url: str, accept: str) -> http.client.HTTPResponse:
        check_address(url)
        request = urllib.request.Request(  # noqa: S310  the scheme was checked in the line above
            url, headers={"Accept": accept, "User-Agent": self._agent}
        )
        response: http.client.HTTPResponse = self._opener.open(request, timeout=self._timeout_s)
        return response


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to addresses that could have been given in the first place."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(url: str) -> None:
    """Raise UserError where an address is neither HTTPS, nor HTTP on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise UserError(_cannot(url, error)) from error
    if (parts.scheme != "https" or not host) and not (parts.scheme == "http" and _is_here(host)):
        raise UserError(_cannot(url, "only https addresses are fetched"))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _copy(source: IO[bytes], out: BinaryIO, limit: int, tell: Callable[[int], None]) -> tuple[int, bytes]:
    size, digest = 0, hashlib.sha512()
    while block := source.read(_BLOCK):
        size += len(block)
        if size > limit:
            message = f"more than the {limit} bytes allowed"
            raise ValueError(message)
        digest.update(block)
        out.write(block)
        tell(size)
    return size, digest.digest()


def _cannot(url: str, why: object) -> str:
    if isinstance(why, urllib.error.HTTPError):
        reason: object = f"the server answers {why.code} {why.reason}"
    else:
        reason = why.reason if isinstance(why, urllib.error.URLError) else why
    return f"cannot fetch {url[:200]}: {' '.join(str(reason).split()) or type(why).__name__}"
