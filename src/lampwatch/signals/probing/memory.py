"""What a prober remembers from one run to the next, as bytes. No address is in it."""

import msgspec

from lampwatch.signals.probing.belief import HIGHEST, LOWEST, Standing

VERSION = 1


class Memory(msgspec.Struct):
    """The seed of the walks, and what is known of each block, by its name."""

    seed: int
    standings: dict[str, Standing]
    version: int = VERSION


def encoded(memory: Memory) -> bytes:
    """A memory as JSON."""
    return msgspec.json.encode(memory) + b"\n"


def decoded(content: bytes) -> Memory | None:
    """A memory read back; None where it is none of ours. A block of which nonsense is told is forgotten."""
    try:
        found = msgspec.json.decode(content, type=Memory)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if found.version != VERSION:
        return None
    return Memory(found.seed, {name: one for name, one in found.standings.items() if _is_sound(one)})


def _is_sound(one: Standing) -> bool:
    return (
        LOWEST / 2 < one.belief < (1 + HIGHEST) / 2
        and 0 < one.answered <= one.asked
        and one.pending >= 0
        and one.position >= 0
    )
