"""Names of countries and regions, as people and tables write them -> codes of ISO 3166, and back.

Source: ISO 3166-1 and 3166-2 as in pycountry; names that other sources use are added where they differ.
"""

import re
import unicodedata
from functools import cache
from typing import Any, Final

import pycountry

_OTHER_NAMES: Final = {
    "bolivia": "BO",
    "bonaire sint eustatius saba": "BQ",
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "congo brazzaville": "CG",
    "congo kinshasa": "CD",
    "congo republic": "CG",
    "cote divoire": "CI",
    "democratic republic of congo": "CD",
    "democratic republic of the congo": "CD",
    "dr congo": "CD",
    "drc": "CD",
    "east timor": "TL",
    "gambia the": "GM",
    "hong kong": "HK",
    "iran": "IR",
    "ivory coast": "CI",
    "kosovo": "XK",
    "laos": "LA",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "moldova": "MD",
    "myanmar burma": "MM",
    "north korea": "KP",
    "palestine": "PS",
    "democratic republic of": "CD",
    "great britain": "GB",
    "palestinian territories": "PS",
    "palestinian territory": "PS",
    "republic of congo": "CG",
    "republic of the congo": "CG",
    "russia": "RU",
    "saint martin": "MF",
    "south korea": "KR",
    "swaziland": "SZ",
    "syria": "SY",
    "taiwan": "TW",
    "tanzania": "TZ",
    "turkey": "TR",
    "uk": "GB",
    "united states": "US",
    "usa": "US",
    "vatican": "VA",
    "venezuela": "VE",
    "vietnam": "VN",
    "xk": "XK",
    "xkx": "XK",
}
"""Folded names that ISO 3166-1 does not have, or has in a longer form."""
_NOT_LETTERS: Final = re.compile(r"[^0-9a-z]+")
_PARTS: Final = re.compile(r"[/@\x00-\x1f]")
"""What no name in a place may have: it divides places, or no terminal should see it."""
_KINDS: Final = re.compile(
    r"\b(state|province|region|governorate|district|prefecture|oblast|voivodeship|county|department|division|of|the)\b"
)


_LEAST_STEM: Final = 4
"""Names of fewer letters are the beginning of too many others."""


def folded(name: str) -> str:
    """A name without marks, case and punctuation, so that two spellings of it are equal."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("\u2019", "").replace("&", " and "))
    return _NOT_LETTERS.sub(" ", "".join(c for c in plain if not unicodedata.combining(c)).lower()).strip()


def _subdivisions(**asked: str) -> Any:  # noqa: ANN401  as in pycountry: one, many or none
    return pycountry.subdivisions.get(**asked)  # type: ignore[no-untyped-call]  # as in pycountry


@cache
def _countries() -> dict[str, str]:
    known = {}
    for country in pycountry.countries:
        for key in ("name", "official_name", "common_name", "alpha_2", "alpha_3"):
            if name := getattr(country, key, ""):
                known[folded(name)] = country.alpha_2
    return known | _OTHER_NAMES


@cache
def _regions(country: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for region in _subdivisions(country_code=country) or ():
        name = folded(region.name)
        for key in (name, folded(_KINDS.sub(" ", name)), folded(region.code)):
            known.setdefault(key, region.code)
    return known


def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name or code (alpha-2 or alpha-3, any case); empty where nobody knows it.

    Of a name with another one in brackets, either will do.
    """
    before, bracket, inside = name.partition("(")
    for part in (name, before, inside) if bracket else (name,):
        if code := _countries().get(folded(part), ""):
            return code
    return ""


def region_code(country: str, name: str) -> str:
    """ISO 3166-2 of a region's name or code within a country (alpha-2); empty where nobody knows it.

    A city is not meant where the name says what else it is: `Kyiv Oblast` is the land around Kyiv.
    """
    regions = _regions(country)
    plain = folded(name)
    bare = folded(_KINDS.sub(" ", plain))
    found = regions.get(plain) or regions.get(bare, "")
    if bare == plain or not bare or (found and not _is_city(found)):
        return found
    return _adjective(country, bare)


def _is_city(code: str) -> bool:
    return "city" in _subdivisions(code=code).type.lower()


def _adjective(country: str, bare: str) -> str:
    """The only region, and no city, whose name begins with that of its main town, as `Kyivska oblast` does."""
    alike = {code for name, code in _regions(country).items() if name.startswith(bare) and not _is_city(code)}
    return alike.pop() if len(alike) == 1 and len(bare) >= _LEAST_STEM else ""


def region_place(country: str, *names: str) -> str:
    """The place that names lead to, from the largest: by ISO 3166-2 as far as it goes, by name from there on.

    `region_place("US", "Louisiana", "Calcasieu")` is `US-LA/Calcasieu`.
    """
    place = country
    for name in filter(None, (" ".join(_PARTS.sub(" ", name).split()) for name in names)):
        code = region_code(country, name) if place == country else ""
        place = code or f"{place}/{name}"
    return place


def place_name(place: str) -> str:
    """What people call a place: the name in its code, or ISO's; the code itself where nobody knows it."""
    _, slash, name = place.rpartition("/")
    if slash:
        return name
    found = _subdivisions(code=place) if "-" in place else pycountry.countries.get(alpha_2=place)
    if found is None:
        return place
    return str(getattr(found, "common_name", "") or found.name)
