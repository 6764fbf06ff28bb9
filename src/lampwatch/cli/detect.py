"""`lampwatch detect`: shutdowns and blocks, as they stand now or as they would have been known at a time."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from lampwatch.cli.asked import language_option
from lampwatch.cli.detecting import Asked, blocking, kept_blocking
from lampwatch.cli.facts import facts_options, read_facts
from lampwatch.cli.incident_shown import names_of, public_incident, told, write_objects
from lampwatch.cli.place import Place, data_option, utc_now
from lampwatch.cli.series_options import options_of, source_options, span_options
from lampwatch.cli.series_sources import load_series
from lampwatch.detect.connectivity.detector import Tell
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.job import detect as detect_and_keep
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import seconds_of
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.revision import AnyIncident
from lampwatch.model.series import Values
from lampwatch.wording.said import Said
from lampwatch.wording.sentence import sentence


@click.command()
@data_option
@click.option(
    "--series",
    "names",
    multiple=True,
    metavar="NAME",
    help="A series' id, a pattern of ids (VE*:ioda:*), or a file or folder that an importer reads; may be given again.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="All series that were imported; what changed is kept as revisions.",
)
@span_options
@facts_options
@click.option("--insufficient", is_flag=True, help="Also what lies below the evidence floor.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "lines", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="text tells all of each incident, lines a sentence.",
)
@language_option
@source_options
def detect(
    place: Place,
    names: tuple[str, ...],
    *,
    everything: bool,
    since: int | None,
    until: int | None,
    as_of: int | None,
    occasion_files: tuple[Path, ...],
    size_files: tuple[Path, ...],
    insufficient: bool,
    shape: str,
    locale: str,
    **source: Any,  # noqa: ANN401  as click gives them
) -> None:
    """Find out what went dark, and with --all also what is blocked: where, since when, how sure.

    Series of the same place are joined, and the more independent signals agree, the surer it is called; what is blocked
    is found in the verdicts that are stored. Nothing is kept unless --all is given alone: then each change of an
    incident is a new revision.
    """
    if everything == bool(names):
        raise UserError(
            "name series with --series NAME, or say --all; `lampwatch series list` shows which there are"
        )
    facts = read_facts(size_files, occasion_files)
    if everything and since is until is as_of is None:
        now = seconds_of(utc_now())
        with shown() as tell:
            done = detect_and_keep(
                place.series(),
                place.incidents(),
                facts.beside_series,
                now=now,
                sign_offs=place.signed,
                tell=tell,
            )
            blocked = kept_blocking(place, facts)
        found = [*done.incidents, *blocked.incidents]
        if shape in {"text", "lines"}:
            click.echo(f"{len(done.revisions) + len(blocked.revisions)} revisions kept", err=True)
    else:
        chosen = ("*",) if everything else names
        given = chosen_series(place, chosen, since, until, as_of, source)
        with shown() as tell:
            cut_off = incidents(given, facts.beside_series, tell)
        asked = Asked(since, until, as_of)
        found = [*cut_off, *(blocking(place, asked, cut_off, facts) if everything else ())]
    write(found if insufficient else [one for one in found if not one.insufficient], shape, locale)


@contextmanager
def shown() -> Iterator[Tell]:
    """Show on a terminal how many values have been looked at, by what is to be told of it."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("detecting", total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def chosen_series(
    place: Place,
    names: Sequence[str],
    since: int | None,
    until: int | None,
    as_of: int | None,
    source: dict[str, Any],
) -> list[Values]:
    """The series that a command line names. What is left out of files is told on standard error, ten rows at most.

    source is what `source_options` took, for files that do not say it themselves.
    """
    left_out: list[MalformedRow] = []
    given = load_series(
        place,
        names,
        since=since,
        until=until,
        as_of=as_of,
        options=options_of(source),
        importer=source["wanted"],
        tell=left_out.append,
    )
    for row in left_out[:10]:
        click.echo(
            f"note: {printable(row.source)} line {row.line} is left out: {printable(row.reason)}", err=True
        )
    if len(left_out) > 10:  # noqa: PLR2004  enough to see what it is about
        click.echo(f"note: and {len(left_out) - 10} more rows", err=True)
    return given


def write(found: Sequence[AnyIncident], shape: str, locale: str) -> None:
    """Print incidents in the shape asked for, their sentences in the language asked for."""
    worded = [(one, sentence(Said(one), locale, names_of(one))) for one in found]
    if shape in {"json", "jsonl"}:
        write_objects((public_incident(one, headline) for one, headline in worded), shape)
        return
    if not worded:
        click.echo("No incident. Where nothing was measured, that says nothing.")
    for one, headline in worded:
        click.echo(headline if shape == "lines" else "\n".join(told(one, headline)) + "\n")
