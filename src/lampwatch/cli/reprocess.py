"""`lampwatch reprocess`: judges the whole archive anew."""

import itertools
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from lampwatch.cli.ingest import SMALL_BYTES, summary_lines
from lampwatch.cli.place import (
    WRITING_MEMORY,
    Place,
    data_option,
    fingerprints_option,
    record_references,
    tell_trouble,
    workers_option,
)
from lampwatch.model.errors import UserError
from lampwatch.pipeline.ingest import Summary
from lampwatch.pipeline.reprocess import reprocess as rebuild


@click.command()
@data_option
@fingerprints_option
@workers_option
def reprocess(place: Place, fingerprints: tuple[Path, ...], workers: int) -> None:
    """Rebuild observations and verdicts from the raw archive, with today's rules and reference data.

    The same rules and reference data give the same rows again. The store may even be missing: the archive is enough.
    """
    with place.archive() as archive:
        total = sum(segment.stat().st_size for segment in archive.segments())
        if not total:
            raise UserError(f"the archive in {place.directory} is empty; run `lampwatch ingest PATH` first")
        recipe = place.recipe(fingerprints)
        summary = Summary()
        if total < SMALL_BYTES:
            workers = 1
        with (
            place.store(archive, memory=WRITING_MEMORY) as store,
            Progress(
                console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
            ) as progress,
        ):
            record_references(store, place, recipe.references)
            task = progress.add_task("judging anew", total=total)
            for rebuilt in rebuild(
                store=store, archive=archive, recipe=recipe, workers=workers, report=tell_trouble
            ):
                summary = rebuilt.summary
                progress.advance(task, rebuilt.locator.length)
    click.echo(f"{summary.added + summary.already_there} measurements judged anew")
    for line in itertools.islice(summary_lines(summary), 1, None):
        click.echo(line)
