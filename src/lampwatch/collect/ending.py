"""File names -> what is inside, by their endings."""

from enum import Enum, auto
from typing import Final, NamedTuple


class Kind(Enum):
    """How documents lie in a file."""

    LINES = auto()
    DOCUMENT = auto()
    ARCHIVE = auto()
    UNTOLD = auto()


class Shape(NamedTuple):
    """What a name promises. compressed is "gzip", "zstd" or empty."""

    kind: Kind
    compressed: str


UNTOLD: Final = Shape(Kind.UNTOLD, "")
"""For standard input, which has no name: what it holds shows in its first bytes."""

ENDINGS: Final[dict[str, Shape]] = {
    ".jsonl": Shape(Kind.LINES, ""),
    ".jsonl.gz": Shape(Kind.LINES, "gzip"),
    ".jsonl.zst": Shape(Kind.LINES, "zstd"),
    ".json": Shape(Kind.DOCUMENT, ""),
    ".json.gz": Shape(Kind.DOCUMENT, "gzip"),
    ".json.zst": Shape(Kind.DOCUMENT, "zstd"),
    ".tar": Shape(Kind.ARCHIVE, ""),
    ".tar.gz": Shape(Kind.ARCHIVE, "gzip"),
    ".tgz": Shape(Kind.ARCHIVE, "gzip"),
    ".tar.zst": Shape(Kind.ARCHIVE, "zstd"),
}


def shape_of(name: str) -> Shape | None:
    """Say what a file of this name holds; None where it is none of ours, which includes every hidden file."""
    last = name.rpartition("/")[2].lower()
    if last.startswith("."):
        return None
    return next((shape for ending, shape in ENDINGS.items() if last.endswith(ending)), None)
