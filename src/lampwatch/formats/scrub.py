"""Text that may name a client -> the same without addresses, so that none is kept."""

from typing import Final

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

_ADDRESS: Final = re2.compile(
    r"(?i)\d{1,3}(?:(?:[.\-_]|%2E|&#46;)\d{1,3}){3}"
    r"|[0-9A-F]{0,4}(?:(?::|%3A)[0-9A-F]{0,4}){2,7}"
    r"|[0-9A-F]{2}(?:-[0-9A-F]{2}){5}"
)
"""IPv4, also inside host names and URLs; IPv6 and hardware addresses. Better a time of day too many than one missed."""
SCRUBBED: Final = "[scrubbed]"
_LONGEST_ADDRESS: Final = 64


def scrubbed(text: str, characters: int) -> str:
    """The beginning of a text, for reading, in which whatever looks like an address is replaced.

    What servers and middleboxes send back can name the client: its address must not be kept.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text to search
    if len(text) > characters:
        # An address that the cut would halve would no longer look like one: the cut goes before it.
        text = text[: characters + _LONGEST_ADDRESS]
        halved = [m.start() for m in _ADDRESS.finditer(text) if m.start() < characters < m.end()]
        text = text[: min(halved, default=characters)]
    return str(_ADDRESS.sub(SCRUBBED, text))[:characters]
