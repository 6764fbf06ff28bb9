"""`lampwatch ingest`: takes raw measurements in."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from lampwatch.cli.place import (
    WRITING_MEMORY,
    Place,
    data_option,
    fingerprints_option,
    record_references,
    workers_option,
)
from lampwatch.cli.settings import environment
from lampwatch.collect.discover import discover
from lampwatch.collect.source import Source
from lampwatch.formats.printable import printable
from lampwatch.model.measurement import EXPLANATIONS, Reason
from lampwatch.model.vocabulary import State
from lampwatch.pipeline.ingest import Summary
from lampwatch.pipeline.ingest import ingest as take_in

_LISTED_FIRST: Final = 20_000
"""So many sources are looked at before reading begins, to tell how much there is; more are read as they are found."""
SMALL_BYTES: Final = 8 * 1024 * 1024
"""Less than this is read before a pool of workers would have started."""


class _Bar:
    """Shows how a run goes on: bytes of all sources, rate, time left, documents."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("reading", total=total, documents=0, aside=0)
        self._sizes: dict[str, int] = {}
        self._before = 0
        self._current = ""
        self._documents = 0

    def source(self, source: Source, *, skipped: bool) -> None:
        """Name the source that is begun."""
        self._sizes[source.name] = source.size or 0
        if skipped:
            self._before += source.size or 0
            self._progress.update(self._task, completed=self._before)

    def done(self, source: str, *, bytes_read: int, documents: int, summary: Summary) -> None:
        """Move on to what is durable."""
        if source != self._current:
            # What lies between two batches' last sources has been read whole.
            for name in list(self._sizes):
                if name == source:
                    break
                self._before += self._sizes.pop(name)
            self._current = source
        self._documents += documents
        self._progress.update(
            self._task,
            completed=self._before + bytes_read,
            documents=self._documents,
            aside=sum(summary.set_aside.values()),
            description=_short(source),
        )


def _short(name: str) -> str:
    name = printable(name)
    return name if len(name) <= 40 else f"…{name[-39:]}"  # noqa: PLR2004  a bar must fit beside it


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@data_option
@fingerprints_option
@workers_option
@click.option(
    "--allow-http",
    is_flag=True,
    help="Read http:// addresses of other machines too: nobody vouches for them.",
)
def ingest(
    paths: tuple[str, ...], place: Place, fingerprints: tuple[Path, ...], workers: int, *, allow_http: bool
) -> None:
    """Take in measurements in the OONI data format.

    PATH is a .json, .jsonl, .jsonl.gz, .jsonl.zst or .tar.gz file, a folder of them, - for standard input, or an
    address: s3://bucket/prefix or https://… . Interrupt it at any time, and run it again to go on: each measurement is
    taken in once. What cannot be read is set aside with its reason (see `lampwatch quarantine`).
    """
    found = discover(paths, stdin=sys.stdin.buffer, environ=environment(), allow_http=allow_http)
    summary = take_in_shown(found, place, fingerprints, workers)
    for line in summary_lines(summary):
        click.echo(line)


def take_in_shown(
    found: Iterator[Source], place: Place, fingerprints: tuple[Path, ...], workers: int
) -> Summary:
    """Take sources in with a progress bar on standard error; an interrupt ends it in good order.

    Raises KeyboardInterrupt after an interrupt, when the summary so far has been printed.
    """
    first = list(itertools.islice(found, _LISTED_FIRST + 1))
    sizes = [source.size for source in first]
    known = len(first) <= _LISTED_FIRST and None not in sizes
    total = sum(size or 0 for size in sizes) if known else None
    if total is not None and total < SMALL_BYTES:
        workers = 1
    summary = Summary()
    recipe = place.recipe(fingerprints)
    with (
        place.archive() as archive,
        place.store(archive, memory=WRITING_MEMORY) as store,
        _progress() as progress,
    ):
        record_references(store, place, recipe.references)
        bar = _Bar(progress, total)
        try:
            for so_far in take_in(
                itertools.chain(first, found),
                store=store,
                archive=archive,
                recipe=recipe,
                workers=workers,
                watcher=bar,
            ):
                summary = so_far
        except KeyboardInterrupt:
            progress.stop()
            for line in summary_lines(summary):
                click.echo(line)
            raise
    return summary


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[documents]} documents, {task.fields[aside]} set aside"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def summary_lines(summary: Summary) -> Iterator[str]:
    """What a run did, for people: one line for each thing worth knowing."""
    yield (
        f"{summary.added} measurements taken in, {summary.already_there} were there already"
        + _counted(
            ", ",
            summary.skipped_sources,
            "source had been taken in before",
            "sources had been taken in before",
        )
    )
    states = [f"{summary.verdicts[state]} {state}" for state in State if summary.verdicts[state]]
    if states:
        yield f"verdicts: {', '.join(states)}"
    if summary.set_aside:
        yield f"{sum(summary.set_aside.values())} documents set aside (`lampwatch quarantine` lists them):"
        for reason, count in summary.set_aside.most_common():
            yield f"  {count:>8}  {reason}: {EXPLANATIONS[Reason(reason)]}"
    if summary.unfinished_sources:
        yield (
            f"{summary.unfinished_sources} sources could not be read to their end; run the command again to go on there"
        )


def _counted(before: str, count: int, one: str, many: str) -> str:
    return "" if not count else f"{before}{count} {one if count == 1 else many}"
