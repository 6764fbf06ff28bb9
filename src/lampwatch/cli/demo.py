"""`lampwatch demo`: the lab recording that ships as example data, taken in and served in a directory of its own."""

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
from lampwatch.lab.week import CATEGORIES
from lampwatch.model.errors import UserError
from lampwatch.store.references.snapshot import in_force

EXAMPLE: Final = "example.jsonl.zst"
"""The file beside this module, made by `lampwatch lab record`."""
SOURCE: Final = "example/lab-recording.jsonl.zst"
"""The name under which its measurements stand as their source, by which pages know what they are."""


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
    """Take in the lab recording that ships with Lampwatch, and serve it.

    It is a week in a country that does not exist, measured by the real probe in Lampwatch's own laboratory; it says
    nothing about the world. It is kept apart from real measurements, in a directory of its own.
    """
    place = Place(_directory())
    if not no_geoip and in_force(place.directory) is None:
        _fetch_networks(place.directory)
    with resources.as_file(resources.files("lampwatch.cli").joinpath(EXAMPLE)) as path:
        file = File(str(path))
        example = Source(SOURCE, path.name, file.identity(), path.stat().st_size, file)
        summary = take_in_shown(iter([example]), place, (), workers=1)
    with place.archive() as archive, place.store(archive) as store:
        store.set_categories(sorted(CATEGORIES.items()))
    if summary.added:
        click.echo(
            f"{summary.added} measurements of a lab recording taken in (made in Lampwatch's own laboratory, on no real "
            "network)"
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
    return real.with_name(f"{real.name}-lab-recording")
