"""What several commands are asked for: networks, countries, targets and times, as people write them."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from lampwatch.formats.instants import seconds_of
from lampwatch.formats.names import ascii_host, url_parts
from lampwatch.wording.language import LOCALES, language

C = TypeVar("C", bound=Callable[..., Any])

_ASN: Final = re.compile("(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_COUNTRY: Final = re.compile("[A-Za-z]{2}")


class Network(click.ParamType[int]):
    """`AS9198` or `9198`; 0, which stands for networks that nobody knows, where least is 0."""

    name = "asn"

    def __init__(self, least: int = 0) -> None:
        self._least = least

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number alone."""
        found = _ASN.fullmatch(str(value))
        if found is None or not self._least <= int(found[1]) < 2**32:
            self.fail(f"{value!r} is no network number; write AS9198 or 9198", param, ctx)
        return int(found[1])


class Country(click.ParamType[str]):
    """Two letters, in any case."""

    name = "country"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code in capitals."""
        text = str(value)
        if not _COUNTRY.fullmatch(text):
            self.fail(f"{value!r} is no country code; write two letters, as KZ", param, ctx)
        return text.upper()


class Target(click.ParamType[str]):
    """A target's name, in any case; of a URL its host."""

    name = "target"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  click's form
        """The name as verdicts have it."""
        text = str(value)
        return url_parts(text).host if "://" in text else ascii_host(text)


class Moment(click.DateTime):
    """A time in UTC, to the day, the minute or the second."""

    def __init__(self) -> None:
        super().__init__(
            ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"]
        )


class Instant(click.ParamType[int]):
    """The same, as seconds since 1970."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a time as `Moment` does."""
        if isinstance(value, int):
            return value
        found = Moment().convert(value, param, ctx)
        assert isinstance(found, dt.datetime)  # noqa: S101  what click's type gives
        return seconds_of(found)


def language_option(command: C) -> C:
    """`--language CODE`, as locale: what sentences are written in. A wrong one is told before the work."""
    return click.option(
        "--language",
        "locale",
        default="en",
        show_default=True,
        metavar="CODE",
        callback=lambda _ctx, _option, code: _spoken(code),
        help=f"What sentences are written in: {', '.join(LOCALES)}.",
    )(command)


def _spoken(code: str) -> str:
    language(code)
    return code
