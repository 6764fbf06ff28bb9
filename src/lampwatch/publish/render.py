"""Templates into pages. Everything that a template shows is escaped, unless the template itself wrote it."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import msgspec
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from lampwatch.formats.verdict_rows import published_source
from lampwatch.publish import words
from lampwatch.publish.countries import country_name
from lampwatch.publish.example import LABEL, is_example
from lampwatch.publish.site import Site

_LONGEST_SHOWN: Final = 300
_LONG_AGO: Final = 60


class Asset(msgspec.Struct, frozen=True):
    """A file shipped with the pages; version changes whenever its content does."""

    content: bytes
    media_type: str
    version: str


def _asset(name: str, media_type: str) -> Asset:
    content = files("lampwatch.publish").joinpath("static", name).read_bytes()
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:12])


ASSETS: Final[Mapping[str, Asset]] = {
    "lampwatch.css": _asset("lampwatch.css", "text/css"),
    "lampwatch.svg": _asset("lampwatch.svg", "image/svg+xml"),
}
"""Every file under /static, by name."""


def render(
    site: Site, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object
) -> HTMLResponse:
    """One page. Pass example=True where what it shows came from the shipped lab recording."""
    shown["example"] = site.example or shown.get("example", False)
    page = _ENVIRONMENT.get_template(template).render(clock=site.clock, **shown)
    return HTMLResponse(page, status, headers)


def day_in_words(time: dt.datetime) -> str:
    """`5 January 2022`."""
    return f"{time.day} {time:%B} {time.year}"


def time_in_words(time: dt.datetime) -> str:
    """`5 January 2022, 14:32 UTC`."""
    return f"{day_in_words(time)}, {time:%H:%M} UTC"


def age_in_words(time: dt.datetime, now: dt.datetime) -> str:
    """How long ago, in whole days, so that a page stays the same page all day: `today`, `yesterday`, `12 days ago`."""
    days = (now.date() - time.date()).days
    if days < 0:
        return "dated in the future"
    if days <= 1:
        return ("today", "yesterday")[days]
    if days <= _LONG_AGO:
        return f"{days} days ago"
    return f"{days // 30} months ago" if days < 2 * 365 else f"{days // 365} years ago"


def clipped(text: str, most: int = _LONGEST_SHOWN) -> str:
    """Text short enough to read; whoever sends a measurement chooses how long its texts are."""
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def network_in_words(asn: int, name: str) -> str:
    """`AS9198 Kazakhtelecom`; words where the network is not known."""
    if not asn:
        return "network not known"
    return f"AS{asn} {name}".rstrip()


def grouped(number: int) -> str:
    """`1 234 567`, with spaces that never break."""
    return f"{number:,}".replace(",", "\u202f")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lampwatch.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        assets=ASSETS,
        words=words,
        example_label=LABEL,
        country_name=country_name,
        is_example=is_example,
        network=network_in_words,
        age=age_in_words,
        group_in_words=words.group_in_words,
    )
    environment.filters.update(
        day=day_in_words,
        time=time_in_words,
        clipped=clipped,
        published=published_source,
        grouped=grouped,
        spoken=words.state_in_words,
    )
    return environment


_ENVIRONMENT: Final = _environment()
