"""URLs as a probe follows them: to whom, over what, and what is asked there."""

from typing import Final
from urllib.parse import urljoin, urlsplit

import msgspec

from lampwatch.formats.names import url_parts
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed

PORTS: Final = {"http": 80, "https": 443}


class Url(msgspec.Struct, frozen=True):
    """A URL that can be fetched: http or https, a host in ASCII, a port, and a path with its query."""

    scheme: str
    hostname: str
    port: int
    path: str

    @property
    def host(self) -> str:
        """The host as the Host header spells it: with the port where it is not the usual one."""
        name = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


def read_url(text: str) -> Url | None:
    """A URL's parts; None where it cannot be fetched."""
    parts = url_parts(text.strip())
    if parts.scheme not in PORTS or not parts.host or " " in parts.host:
        return None
    split = urlsplit(text.strip())
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return Url(parts.scheme, parts.host, parts.port, _quoted(path))


def asked_url(text: str) -> Url:
    """The URL that a person asked for. Raises UserError where it is none."""
    found = read_url(text)
    if found is None:
        raise UserError(f"{text!r} is no web address; write it as https://example.org/")
    return found


def redirected(url: Url, location: str) -> Url | Failed:
    """Where a Location header leads from here."""
    try:
        # Headers are read as Latin-1; servers that write other letters there mean UTF-8.
        location = location.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        location = location.strip()
    try:
        split = urlsplit(location)
        # Python would fill the missing host in, where every other client fails.
        found = None if split.scheme and not split.netloc else read_url(urljoin(str(url), location))
    except ValueError:
        found = None
    if found is None:
        return Failed(Failure.HTTP_INVALID_REDIRECT, Operation.HTTP_ROUND_TRIP)
    return found


def _quoted(path: str) -> str:
    """A path in which nothing stands that HTTP forbids there; what is quoted already stays as it is."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}"  # noqa: PLR2004  the printable characters of ASCII
        for byte in path.encode("utf-8", "replace")
    )
