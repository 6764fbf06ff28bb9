"""Names in the first bytes of a connection, as a censor's parser finds them: ClientHello and Host header."""

import re
from typing import Final

_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_NAME: Final = 0
_HOST: Final = re.compile(rb"^host:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class IncompleteError(Exception):
    """The bytes so far do not suffice to tell."""


def server_name(stream: bytes) -> str:
    """The name in a TLS stream's ClientHello; empty where there is none or where it is no TLS.

    Raises IncompleteError where more bytes are needed.
    """
    handshake = b""
    at = 0
    while at + 5 <= len(stream):
        if stream[at] != _HANDSHAKE:
            break
        size = int.from_bytes(stream[at + 3 : at + 5], "big")
        handshake += stream[at + 5 : at + 5 + size]
        at += 5 + size
    if not handshake:
        if stream[:1] in {b"", bytes([_HANDSHAKE])}:
            raise IncompleteError
        return ""
    return hello_name(handshake)


def hello_name(handshake: bytes) -> str:
    """The name in a ClientHello message; empty and IncompleteError as for server_name."""
    if handshake[:1] not in {b"", bytes([_CLIENT_HELLO])}:
        return ""
    if len(handshake) < 4 or len(handshake) < 4 + int.from_bytes(handshake[1:4], "big"):  # noqa: PLR2004  its header
        raise IncompleteError
    try:
        at = 4 + 2 + 32
        at += 1 + handshake[at]
        at += 2 + int.from_bytes(handshake[at : at + 2], "big")
        at += 1 + handshake[at]
        end = at + 2 + int.from_bytes(handshake[at : at + 2], "big")
        at += 2
        while at + 4 <= end:
            kind, size = (int.from_bytes(handshake[at + n : at + n + 2], "big") for n in (0, 2))
            if kind == _SERVER_NAME:
                return handshake[at + 9 : at + 4 + size].decode("ascii", "replace").lower()
            at += 4 + size
    except IndexError:
        return ""
    return ""


def host_header(stream: bytes) -> str:
    """The Host of an HTTP request, without its port; raises IncompleteError until there is one or the head ends."""
    found = _HOST.search(stream)
    if found is not None and stream.find(b"\n", found.end()) >= 0:
        return found[1].decode("latin-1").partition(":")[0].lower()
    if b"\r\n\r\n" in stream or not stream[:1].isalpha():
        return ""
    raise IncompleteError


def names(wanted: str, name: str) -> bool:
    """Whether a name is the wanted one or below it; `*` wants every name."""
    return wanted in {"*", name} or name.endswith(f".{wanted}")
