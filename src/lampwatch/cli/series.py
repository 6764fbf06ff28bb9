"""`lampwatch series`: connectivity series, taken in from files and services, listed, shown and given out."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lampwatch.cli.place import Place, data_option
from lampwatch.cli.series_files import files_in, read_file
from lampwatch.cli.series_options import Moment, options_of, source_options, with_span
from lampwatch.cli.series_own import own
from lampwatch.cli.series_shown import export, listed, show
from lampwatch.cli.series_sources import now, within
from lampwatch.cli.settings import RADAR_TOKEN, environment
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importing import Options, UnrecognisedError, arrived, network_importers
from lampwatch.signals.web import Web
from lampwatch.store.series import Appended, SeriesStore

_REASONS: Final = 3
"""So many reasons are told for each file, the most frequent first."""


class _Taken(msgspec.Struct):
    """What an import has done so far."""

    series: set[str] = msgspec.field(default_factory=set)
    files: int = 0
    new: int = 0
    revised: int = 0
    same: int = 0
    unread: int = 0
    passed_over: list[str] = msgspec.field(default_factory=list)

    def add(self, series: Sequence[Values], appended: Appended) -> None:
        """Count what one file brought."""
        self.series |= {one.series.id for one in series}
        self.files += 1
        self.new += appended.new
        self.revised += appended.revised
        self.same += appended.same


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
@click.option("--since", type=Moment(), help="From this time on (UTC).")
@click.option("--until", type=Moment(), help="Before this time (UTC).")
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
    store, taken = place.series(), _Taken()
    if fetch:
        allowed = bool(given["allow_http"])
        _fetch(store, fetch, options, taken, published=arrival == "published", allow_http=allowed)
    else:
        _read_all(store, paths, wanted, options, taken, published=arrival == "published")
    _tell_summary(taken)
    if not taken.files:
        raise UserError("nothing could be read; the lines above say why")


series.add_command(listed)
series.add_command(show)
series.add_command(export)
series.add_command(own)


def _read_all(
    store: SeriesStore,
    paths: Sequence[Path],
    wanted: str,
    options: Options,
    taken: _Taken,
    *,
    published: bool,
) -> None:
    """Read file after file; each is durable before the next is begun, and none stops the others."""
    chosen: list[tuple[Path, bool]] = []
    for path in paths:
        try:
            chosen += [(file, file == path) for file in files_in(path)]
        except UserError as error:
            taken.unread += 1
            click.echo(f"lampwatch: {error}", err=True)
    with _progress() as progress:
        task = progress.add_task("reading", total=len(chosen))
        for path, named in chosen:
            progress.update(task, description=printable(path.name)[:40])
            try:
                read = read_file(path, options, wanted)
            except UnrecognisedError as error:
                if named:
                    taken.unread += 1
                    progress.console.print(
                        f"lampwatch: {error}", markup=False, highlight=False, soft_wrap=True
                    )
                else:
                    taken.passed_over.append(printable(path.name))
            except UserError as error:
                taken.unread += 1
                progress.console.print(f"lampwatch: {error}", markup=False, highlight=False, soft_wrap=True)
            else:
                appended = _keep(store, read.series, options, read.importer.DELAY_S, published=published)
                taken.add(read.series, appended)
                for line in _told(path.name, read.importer.NAME, read.series, appended, read.malformed):
                    click.echo(line)
            progress.advance(task)


def _fetch(
    store: SeriesStore, name: str, options: Options, taken: _Taken, *, published: bool, allow_http: bool
) -> None:
    """Ask one service. What it brought before it failed is kept."""
    known = network_importers()
    if name not in known:
        raise UserError(f"no service is named {printable(name)}; there are {', '.join(known) or 'none'}")
    tokens = {"cloudflare-radar-api": environment().get(RADAR_TOKEN.envvar, "")}
    found: list[Values] = []
    malformed: list[MalformedRow] = []
    failed = None
    with Web(clock=time.time, sleep=time.sleep, tokens=tokens, allow_http=allow_http) as web:
        try:
            for one in known[name].fetch(web, options):
                if isinstance(one, MalformedRow):
                    malformed.append(one)
                elif len(one):
                    found.append(one)
        except UserError as error:
            failed = error
    if found:
        appended = _keep(store, found, options, known[name].DELAY_S, published=published)
        taken.add(found, appended)
        for line in _told(name, name, found, appended, malformed):
            click.echo(line)
    if failed is not None:
        if not found:
            raise failed
        click.echo(f"lampwatch: {failed}", err=True)


def _keep(
    store: SeriesStore, found: Sequence[Values], options: Options, delay_s: int, *, published: bool
) -> Appended:
    came = [arrived(one, now=now(), published=published, delay_s=delay_s) for one in found]
    return store.append(within(one, since=options.since, until=options.until, as_of=None) for one in came)


def _told(
    name: str, importer: str, found: Sequence[Values], appended: Appended, malformed: Sequence[MalformedRow]
) -> Iterator[str]:
    """What one file brought: a line, and one more for what was left out."""
    count = len({one.series.id for one in found})
    yield (
        f"{printable(name)}  {importer}  {count} series: "
        f"{appended.new} new, {appended.revised} revised, {appended.same} same"
    )
    if malformed:
        reasons = Counter(row.reason for row in malformed)
        lines: dict[str, int] = {}
        for row in malformed:
            lines.setdefault(row.reason, row.line)
        told = "; ".join(
            f"{reason} (line {lines[reason]}{f', {number} times' if number > 1 else ''})"
            for reason, number in reasons.most_common(_REASONS)
        )
        more = f"; and {len(reasons) - _REASONS} more reasons" if len(reasons) > _REASONS else ""
        yield f"  {len(malformed)} left out: {printable(told)}{more}"


def _tell_summary(taken: _Taken) -> None:
    if taken.passed_over:
        shown = ", ".join(taken.passed_over[:5]) + (", …" if len(taken.passed_over) > 5 else "")  # noqa: PLR2004  as shown
        click.echo(f"{len(taken.passed_over)} files of no source that is known were passed over: {shown}")
    if taken.files:
        click.echo(
            f"{len(taken.series)} series from {taken.files} {'file' if taken.files == 1 else 'files'}: "
            f"{taken.new} new values, {taken.revised} revised, {taken.same} same"
            + (f"; {taken.unread} could not be read" if taken.unread else "")
        )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
