"""The order in which a block's addresses are asked: pseudo-random, and the same for the same seed."""

from functools import lru_cache
from random import Random

from lampwatch.signals.probing.targets import Block


@lru_cache(maxsize=65_536)
def walk(name: str, octets: bytes, seed: int) -> bytes:
    """The last octets of a block's addresses, each once, in the order of a seed."""
    order = list(octets)
    Random(f"{seed} {name}").shuffle(order)  # noqa: S311  an order that can be repeated, and no secret
    return bytes(order)


def address_at(block: Block, seed: int, position: int) -> str:
    """The address at a position of the endless walk over a block: after the last one comes the first."""
    order = walk(block.name, block.octets, seed)
    return f"{block.name.rpartition('.')[0]}.{order[position % len(order)]}"
