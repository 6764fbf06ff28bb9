"""`lampwatch quarantine`: what was set aside, and why."""

import click

from lampwatch.cli.place import Place, data_option
from lampwatch.formats.printable import printable
from lampwatch.model.measurement import EXPLANATIONS, Reason


@click.command()
@data_option
@click.option("--reason", type=click.Choice([str(reason) for reason in Reason]), help="Only this reason.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="List at most so many documents."
)
def quarantine(place: Place, reason: str | None, limit: int) -> None:
    """List the documents that were set aside: where each stood, and why it could not be judged."""
    with place.archive() as archive, place.existing_store(archive) as store:
        for count in store.quarantine_summary():
            if reason in {None, count.reason}:
                click.echo(f"{count.documents:>8}  {count.reason}: {EXPLANATIONS[Reason(count.reason)]}")
        listed = store.quarantine(limit, reason)
        for row in listed:
            at = f"{row.source}:{row.position}" if row.position else row.source
            click.echo(printable(f"{at}  {row.reason}: {row.detail}"))
        if not listed:
            click.echo("Nothing is set aside" + (f" as {reason}." if reason else "."))
