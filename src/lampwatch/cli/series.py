"""`lampwatch series`: connectivity signals of countries, regions and networks over time."""

import click

from lampwatch.cli.series_bgp import bgp
from lampwatch.cli.series_probe import probe


@click.group()
def series() -> None:
    """Connectivity series: how much of a country, a region or a network is to be seen, over time."""


series.add_command(bgp)
series.add_command(probe)
