"""HTTP messages, whatever version carries them."""

from typing import Final

import msgspec

from lampwatch.probe.failed import Failed

MOST_BODY: Final = 2**19
"""Bytes of a body that are kept, as in OONI Web Connectivity; the rest is not even fetched."""

BROWSER: Final = (
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.9"),
    (
        "User-Agent",
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36"
        ),
    ),
)
"""The headers of a common browser: a server that treats robots otherwise would look like a censor."""

Headers = tuple[tuple[str, str], ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. host is the Host header or authority; path begins with a slash and holds the query."""

    method: str = "GET"
    scheme: str
    host: str
    path: str = "/"
    headers: Headers = BROWSER
    body: bytes = b""

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.host}{self.path}"


class Response(msgspec.Struct, frozen=True):
    """What was answered; body holds what came, at most the cap."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    truncated: bool = False

    def header(self, name: str) -> str:
        """The first value of a header, whatever its case; empty where there is none."""
        wanted = name.lower().encode()
        for found, value in self.headers:
            if found.lower() == wanted:
                return value.decode("latin-1")
        return ""


class Exchange(msgspec.Struct, frozen=True):
    """What came of a request: a response, a failure, or both where it broke off within the body."""

    response: Response | None
    failed: Failed | None
