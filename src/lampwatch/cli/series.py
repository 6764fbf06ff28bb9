"""`lampwatch series`: connectivity over time, of countries, regions and networks."""

import click

from lampwatch.cli.series_bgp import bgp


@click.group()
def series() -> None:
    """Connectivity series: signals about countries, regions and networks over time."""


series.add_command(bgp)
