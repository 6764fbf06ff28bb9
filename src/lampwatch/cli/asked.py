"""What several commands are asked for: networks, countries, targets and times, as people write them."""

import click

from lampwatch.formats.names import ascii_host, url_parts


class Network(click.ParamType[int]):
    """`AS9198` or `9198`."""

    name = "asn"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number alone."""
        text = str(value).upper().removeprefix("AS")
        if not (text.isascii() and text.isdigit()):
            self.fail(f"{value!r} is no network number; write AS9198 or 9198", param, ctx)
        return int(text)


class Country(click.ParamType[str]):
    """Two letters, in any case."""

    name = "country"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code in capitals."""
        text = str(value)
        if not (len(text) == 2 and text.isascii() and text.isalpha()):  # noqa: PLR2004  ISO 3166-1 alpha-2
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
