"""`lampwatch incident`: all there is to say of one incident, what it rests on, and what speaks against it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from lampwatch.cli import blocking_shown
from lampwatch.cli.asked import Instant, language_option
from lampwatch.cli.blocking_shown import clock
from lampwatch.cli.incident_shown import names_of, told, write_objects
from lampwatch.cli.incidents import public_revision, revisions_of, standing_at, worded, worded_together
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.witnesses import witnesses
from lampwatch.detect.episodes import episodes
from lampwatch.formats.printable import printable
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.revision import Revision, Status
from lampwatch.wording.paragraph import paragraph
from lampwatch.wording.said import Said


@click.command()
@click.argument("incident_id")
@data_option
@click.option("--as-of", type=Instant(), help="As it was known at this time (UTC).")
@language_option
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json has earlier revisions under `revisions`.",
)
@click.option(
    "--recheck", is_flag=True, help="Judge its witnesses' bytes again, and check their certificates here."
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --recheck: a PEM file of authorities to believe beside Mozilla's. For labs, and for old measurements.",
)
def incident(
    incident_id: str,
    place: Place,
    as_of: int | None,
    locale: str,
    shape: str,
    *,
    recheck: bool,
    ca_file: Path | None,
) -> None:
    """Print one incident: sentence and paragraph, networks, evidence, what speaks against it, and every revision."""
    history = revisions_of(place, incident_id, as_of)
    standing = standing_at(place, as_of)
    named = episodes([one.incident for one in standing if one.status is not Status.RETRACTED])
    episode = named.get(incident_id, "")
    if shape == "json":
        shown = [public_revision(one, locale, episode) for one in history]
        write_objects([shown[-1] | {"revisions": shown[:-1]}], "jsonl")
        return
    others = [one for one in standing if episode and named.get(one.incident.id) == episode]
    for line in _lines(history, others, locale):
        click.echo(line)
    subject = history[-1].incident
    if recheck and isinstance(subject, BlockingIncident):
        called = dict(subject.network_names)
        click.echo("\nWitnesses, re-checked from their raw bytes")
        for line in witnesses(place, subject, lambda asn: called.get(asn, ""), ca_file):
            click.echo(printable(line))


def _lines(history: Sequence[Revision], others: Sequence[Revision], locale: str) -> Iterator[str]:
    last = history[-1]
    subject = last.incident
    head = told(subject, paragraph(Said.of(last), locale, names_of(subject)))
    yield f"{next(head)}\n"
    yield from head
    if isinstance(subject, BlockingIncident):
        yield "\nNetworks"
        called = dict(subject.network_names)
        yield from (
            printable(line) for line in blocking_shown.networks(subject, lambda asn: called.get(asn, ""))
        )
    if len(others) > 1:
        yield "\nBelongs together with"
        for one in others:
            if one.incident.id != subject.id:
                yield f"  {worded(one, locale)}"
                yield printable(f"      lampwatch incident {one.incident.id}")
        yield f"  Together: {worded_together(others, locale)}"
    yield "\nRevisions"
    yield from (printable(line) for line in _revisions(history))


def _revisions(history: Sequence[Revision]) -> Iterator[str]:
    for one in history:
        rules = f", rules {one.inputs.rules}" if one.inputs.rules else ""
        until = f", data until {clock(one.inputs.until)}" if one.inputs.until else ""
        yield f"  {one.number}  {clock(one.made_at)}  {one.because} (detector {one.detector}{rules}{until})"
