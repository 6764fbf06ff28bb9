"""`lampwatch demo`: the example set, taken in and served. It has a data directory of its own."""

from importlib import resources
from pathlib import Path
from typing import Final

import click

from lampwatch.cli.geoip import fetch_default
from lampwatch.cli.ingest import take_in_shown
from lampwatch.cli.place import Place
from lampwatch.cli.serve import serve_example
from lampwatch.cli.settings import DATA, HOST, PORT, default_directory, environment
from lampwatch.collect.local import File
from lampwatch.collect.source import Source
from lampwatch.model.errors import UserError
from lampwatch.store.references.snapshot import in_force

EXAMPLE_SET: Final = "example/measurements.jsonl"
"""The name under which the example set's measurements stand as their source."""


@click.command()
@click.option(
    "--host", envvar=HOST.envvar, default="127.0.0.1", show_default=True, help="The address to listen on."
)
@click.option(
    "--port",
    envvar=PORT.envvar,
    type=click.IntRange(0, 65535),
    default=8064,
    show_default=True,
    help="The port.",
)
@click.option("--no-geoip", is_flag=True, help="Do not fetch network names and countries.")
def demo(host: str, port: int, *, no_geoip: bool) -> None:
    """Take in the example set that ships with Lampwatch, and serve it.

    The measurements were written by Lampwatch's own tests, and say nothing about the world. They are kept apart from
    real ones, in a directory of their own.
    """
    place = Place(_directory())
    if not no_geoip and in_force(place.directory) is None:
        _fetch_networks(place.directory)
    with resources.as_file(resources.files("lampwatch.cli").joinpath("example.jsonl")) as path:
        file = File(str(path))
        example = Source(EXAMPLE_SET, path.name, file.identity(), path.stat().st_size, file)
        summary = take_in_shown(iter([example]), place, (), workers=1)
    if summary.added:
        click.echo(
            f"{summary.added} example measurements taken in (written by Lampwatch's own tests, not real ones)"
        )
    serve_example(place, host, port)


def _fetch_networks(directory: Path) -> None:
    """Fetch network names and countries once; where that fails, say so and do without."""
    click.echo("Fetching network names and countries (27 MB, once) …", err=True)
    try:
        fetch_default(directory)
    except UserError as error:
        click.echo(f"lampwatch: {error}", err=True)
        click.echo("lampwatch: going on without; `lampwatch geoip update` tries again", err=True)


def _directory() -> Path:
    """Beside the directory for real data, so that the two never mix."""
    given = environment().get(DATA.envvar, "")
    real = Path(given).expanduser() if given else default_directory(environment())
    return real.with_name(f"{real.name}-example")
