"""`lampwatch series own`: series made from what Lampwatch itself received."""

from typing import Final

import click

from lampwatch.cli.place import Place, data_option, utc_now
from lampwatch.signals.job import recompute

OWN_DAYS: Final = 28
"""Days that are counted anew unless told: the backlog of a blackout of four weeks finds its hours."""
_MOST_DAYS: Final = 3650


@click.command()
@data_option
@click.option(
    "--days",
    type=click.IntRange(1, _MOST_DAYS),
    default=OWN_DAYS,
    show_default=True,
    help="So many days are counted anew, up to the last hour that has ended.",
)
def own(place: Place, days: int) -> None:
    """Make series from what was measured here: volume, heartbeats, late uploads, controls, what is left."""
    with place.archive() as archive, place.existing_store(archive) as store:
        made = recompute(store, place.series(), now=utc_now(), days=days)
    appended = made.appended
    click.echo(
        f"{made.measurements} measurements of {days} days  {made.series} series: "
        f"{appended.new} new, {appended.revised} revised, {appended.same} same"
    )
    if not made.series:
        click.echo("nothing was measured in that time; --days reaches further back")
