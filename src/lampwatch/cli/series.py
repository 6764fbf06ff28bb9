"""`lampwatch series`: connectivity series, taken in from files and services, listed, shown and given out."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lampwatch.cli.asked import Instant
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.series_bgp import bgp
from lampwatch.cli.series_files import files_in
from lampwatch.cli.series_intake import Intake
from lampwatch.cli.series_options import options_of, source_options, with_span
from lampwatch.cli.series_own import own
from lampwatch.cli.series_probe import probe
from lampwatch.cli.series_shown import export, listed, show
from lampwatch.cli.settings import RADAR_TOKEN, environment
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.signals.importing import network_importers
from lampwatch.signals.web import Web


@click.group()
def series() -> None:
    """Connectivity series: signals of countries, regions and networks over time."""


@series.command(name="import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--fetch", default="", metavar="IMPORTER", help="Ask this service in place of reading files.")
@click.option("--address", default="", help="Where the service is, if anyone can run it.")
@click.option("--query", default="", help="What to ask the service, in its own language.")
@click.option(
    "--allow-http", is_flag=True, help="Ask a service also over http, which can be read on the way."
)
@source_options
@click.option("--since", type=Instant(), help="From this time on (UTC).")
@click.option("--until", type=Instant(), help="Before this time (UTC).")
@click.option(
    "--arrival",
    type=click.Choice(["now", "published"]),
    default="now",
    show_default=True,
    help="When values of the past count as arrived: now, or when their source published them.",
)
@data_option
def import_(
    paths: tuple[Path, ...],
    place: Place,
    fetch: str,
    arrival: str,
    wanted: str,
    **given: Any,  # noqa: ANN401  as click gives them
) -> None:
    """Take in series from files, or folders of them, or from a service."""
    options = msgspec.structs.replace(
        with_span(options_of(given), given["since"], given["until"]),
        address=given["address"],
        query=given["query"],
    )
    if bool(paths) == bool(fetch):
        raise UserError("name files or folders to read, or a service with --fetch, and not both")
    intake = Intake(place.series(), options, published=arrival == "published")
    if fetch:
        _fetch(intake, fetch, allow_http=bool(given["allow_http"]))
    else:
        _read_all(intake, paths, wanted)
    if not intake.files:
        raise UserError("nothing could be read; the lines above say why")


series.add_command(listed)
series.add_command(show)
series.add_command(export)
series.add_command(own)
series.add_command(bgp)
series.add_command(probe)


def _read_all(intake: Intake, paths: Sequence[Path], wanted: str) -> None:
    """Read file after file; none stops the others, and what was read before an interrupt is kept."""
    chosen: list[tuple[Path, bool]] = []
    for path in paths:
        try:
            chosen += [(file, file == path) for file in files_in(path)]
        except UserError as error:
            intake.miss(error)
    try:
        with _progress() as progress:
            task = progress.add_task("reading", total=len(chosen))
            for path, named in chosen:
                progress.update(task, description=printable(path.name)[:40])
                intake.read(path, wanted, named=named)
                progress.advance(task)
    finally:
        intake.finish()


def _fetch(intake: Intake, name: str, *, allow_http: bool) -> None:
    known = network_importers()
    if name not in known:
        raise UserError(f"no service is named {printable(name)}; there are {', '.join(known) or 'none'}")
    tokens = {"cloudflare-radar-api": environment().get(RADAR_TOKEN.envvar, "")}
    with Web(clock=time.time, sleep=time.sleep, tokens=tokens, allow_http=allow_http) as web:
        intake.fetch(known[name], web)
    intake.finish()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
