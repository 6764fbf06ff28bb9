"""Text of strangers -> text that is safe to show on a terminal, in a log and on a page."""

from typing import Final

SHOWN_CHARACTERS: Final = 1000


def printable(text: str) -> str:
    """Make text safe to show and to store: no control characters, no bytes that are no text, not endless."""
    if text.isprintable() and len(text) <= SHOWN_CHARACTERS:
        return text
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:SHOWN_CHARACTERS])
    return shown if len(text) <= SHOWN_CHARACTERS else shown + "…"
