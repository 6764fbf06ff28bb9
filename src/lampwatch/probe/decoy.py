"""A name that nobody has a reason to block, in the place of one that somebody may: as long, and made alike."""

from random import Random
from string import ascii_lowercase, digits
from typing import Final

_MOST_TRIES: Final = 16


def scrambled(name: str, random: Random) -> str:
    """The name with its letters and digits replaced at random, but for the last label; never the name itself.

    A name without a letter to replace is given one more label.
    """
    labels = name.split(".")
    for _ in range(_MOST_TRIES):
        changed = ".".join(
            [*("".join(_other(sign, random) for sign in label) for label in labels[:-1]), labels[-1]]
        )
        if changed != name:
            return changed
    return f"{random.choice(ascii_lowercase)}.{name}"


def _other(sign: str, random: Random) -> str:
    if sign in digits:
        return random.choice(digits)
    return random.choice(ascii_lowercase) if sign.isalpha() else sign
