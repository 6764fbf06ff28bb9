"""What a command line says about series, beside the files and ids themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from lampwatch.cli.asked import Instant, Network
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country

C = TypeVar("C", bound=Callable[..., Any])


class CountryCode(click.ParamType[str]):
    """A country by its code or name, in any case; as ISO 3166-1 alpha-2."""

    name = "country"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Find the country's code."""
        found = country(str(value))
        if not found:
            self.fail(f"{value!r} is no country; write its code, as VE", param, ctx)
        return found


class _Place(click.ParamType[str]):
    """A country, a region, or a named part of one."""

    name = "place"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            entity = Entity.of(str(value))
        except ValueError:
            entity = None
        if entity is None or entity.asn:
            self.fail(f"{value!r} is no place; write VE, VE-B or US-LA/Calcasieu", param, ctx)
        return entity.place


def span_options(command: C) -> C:
    """`--since`, `--until` and `--as-of`, in seconds since 1970."""
    for option in (
        click.option("--as-of", type=Instant(), help="Only what had arrived by this time (UTC)."),
        click.option("--until", type=Instant(), help="Before this time (UTC)."),
        click.option("--since", type=Instant(), help="From this time on (UTC)."),
    ):
        command = option(command)
    return command


def source_options(command: C) -> C:
    """What files and services do not say themselves: they arrive as one Options in `options`, and `wanted`."""
    for option in reversed(
        (
            click.option(
                "--as", "wanted", metavar="IMPORTER", default="", help="The source the files are of."
            ),
            click.option(
                "--map",
                "mapping",
                type=click.Path(path_type=Path),
                help="A TOML file that says what a table's columns mean.",
            ),
            click.option("--country", type=CountryCode(), help="The country it is about, as VE."),
            click.option("--place", "about_place", type=_Place(), help="The place it is about, as VE-B."),
            click.option("--asn", type=Network(1), help="The network it is about, as AS8048."),
            click.option("--source", default="", help="What to call the source."),
            click.option("--signal", default="", help="What to call the signal."),
            click.option(
                "--family", type=click.Choice([str(one) for one in Family]), help="What kind it is."
            ),
            click.option("--unit", default="", help="What is counted, in the plural."),
            click.option(
                "--quantity", type=click.Choice([str(one) for one in Quantity]), help="How it varies."
            ),
            click.option("--resolution", type=click.IntRange(1), help="Seconds in a bin."),
            click.option("--timezone", default="", help="The zone of times that name none, as Asia/Yangon."),
        )
    ):
        command = option(command)
    return command


def options_of(given: dict[str, Any]) -> Options:
    """The options that source_options took, as one. Raises UserError where they contradict each other."""
    options = Options(
        country=given["country"] or "",
        place=given["about_place"] or "",
        asn=given["asn"] or 0,
        source=given["source"],
        signal=given["signal"],
        family=Family(given["family"]) if given["family"] else None,
        unit=given["unit"],
        quantity=Quantity(given["quantity"]) if given["quantity"] else None,
        resolution_s=given["resolution"] or 0,
        timezone=given["timezone"],
        mapping=_read(given["mapping"]) if given["mapping"] else b"",
    )
    if options.place and options.country and options.place[:2] != options.country:
        raise UserError(f"--place {options.place} is not in --country {options.country}")
    for name, text in (("--source", options.source), ("--signal", options.signal)):
        if ":" in text or not text.isprintable():
            raise UserError(f"{name} {text!r} cannot be a part of a series' id; use words and hyphens")
    return options


def with_span(options: Options, since: int | None, until: int | None) -> Options:
    """The options with a span. Raises UserError where it holds nothing."""
    if since is not None and until is not None and until <= since:
        raise UserError("--until is not after --since, so nothing lies between; until is exclusive")
    return msgspec.structs.replace(options, since=since, until=until)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() or b"\n"
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; name a mapping file with --map") from error
