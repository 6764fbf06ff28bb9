"""What a reader finds in bytes, for people to compare."""

from collections.abc import Iterator

from lampwatch.formats.mrt import MrtItem, MrtReader
from lampwatch.formats.mrt.prefix import text
from lampwatch.formats.mrt.records import Key

CHUNK = 65_536


def pieces(content: bytes, size: int = CHUNK) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def read(content: bytes, size: int = CHUNK) -> tuple[list[MrtItem], MrtReader]:
    reader = MrtReader(pieces(content, size))
    return list(reader), reader


def texts(keys: list[Key], *, ipv6: bool = False) -> list[str]:
    return [text(key, ipv6=ipv6) for key in keys]
