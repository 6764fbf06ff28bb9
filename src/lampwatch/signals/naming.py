"""Countries as tables and file names give them -> places, and words -> the parts of a series' name."""

import re
from functools import cache
from pathlib import PurePath
from typing import Final

import pycountry

from lampwatch.formats.places import country_code, region_place
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.signals.importing import Options

_WORDS: Final = re.compile(r"[^a-z0-9]+")
_SPLIT: Final = re.compile(r"[\s_\-.,()]+")
_ENDINGS: Final = re.compile(r"(\.(csv|tsv|txt|json|jsonl|ndjson|pb|bin|gz|zst|bz2|xz))+$", re.IGNORECASE)
_SHORTEST_NAME: Final = 4
"""Letters of a word that may be a country's name in a file name: shorter ones are words of a language too often."""
_ALPHA_2: Final = 2
_LONGEST_NAME: Final = 100


@cache
def country(text: str) -> str:
    """The place of a country by its code or name; empty where it is none.

    Codes that ISO 3166-1 no longer has (AN, CS) stay, for old tables have them; so does XK, which it never had.
    """
    plain = text.strip()
    if found := country_code(plain):
        return found
    upper = plain.upper()
    if upper == "XK" or (
        len(upper) == _ALPHA_2 and pycountry.historic_countries.get(alpha_2=upper) is not None
    ):
        return upper
    return ""


def part_of(land: str, *names: str) -> str:
    """The place that names of strangers lead to within a country or region, from the largest."""
    return region_place(land, *(printable(name)[:_LONGEST_NAME] for name in names))


def stem(name: str) -> str:
    """A file's name without its folder and its endings."""
    return _ENDINGS.sub("", PurePath(name).name)


def country_in(name: str) -> str:
    """The country that a file is named after (`tor-data-cn.csv`, `ioda-iran-(islamic-republic-of)-…`); else empty."""
    words = [word for word in _SPLIT.split(stem(name)) if word]
    for length in range(min(len(words), 6), 0, -1):
        for begin in range(len(words) - length + 1):
            candidate = " ".join(words[begin : begin + length])
            if len(candidate) >= _SHORTEST_NAME and (found := country(candidate)):
                return found
    for word in words[-1:] + words[:1]:
        if len(word) == _ALPHA_2 and (found := country(word)):
            return found
    return ""


def asked_entity(options: Options) -> Entity | None:
    """The entity that options name; None where they name none. Raises UserError where it can be none."""
    place = options.place or options.country
    if not place and not options.asn:
        return None
    try:
        return Entity.of(f"AS{options.asn}@{place}" if options.asn and place else place or f"AS{options.asn}")
    except ValueError as error:
        raise UserError(str(error)) from error


def entity_of(name: str, options: Options) -> Entity:
    """The entity that a file with one entity is about: the one asked for, or the country in its name.

    Raises UserError where neither says.
    """
    if asked := asked_entity(options):
        return asked
    if found := country_in(name):
        return Entity(found)
    raise UserError(
        f"{printable(name)} does not say which country it is about; name it with --country or --place"
    )


def word(text: str) -> str:
    """Text as a part of a series' name: lower-case words with hyphens."""
    return _WORDS.sub("-", text.lower()).strip("-")
