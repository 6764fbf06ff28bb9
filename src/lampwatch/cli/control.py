"""`lampwatch control`: the control service alone."""

from pathlib import Path
from typing import Final

import click

from lampwatch.cli.controlling import USUAL_RESOLVERS, Controlling
from lampwatch.cli.listening import address_of, listening, run_until_interrupted
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.references import load_references
from lampwatch.probe.control_service.limits import Limits
from lampwatch.probe.control_service.service import control_app

_MOST_CONNECTIONS: Final = 512
"""Held open by all clients together, of whom only some are answered at once."""


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8065, show_default=True, help="The port.")
@click.option(
    "--resolver",
    multiple=True,
    metavar="ADDRESS",
    default=USUAL_RESOLVERS,
    show_default=True,
    help="A resolver to ask for names: address:port, tls://, quic://, or https:// with @ADDRESS to find it at; "
    "system for the machine's own. May be given again: the next is asked where one fails.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1),
    default=Limits().per_minute,
    show_default=True,
    metavar="QUESTIONS",
    help="How many questions one client may ask in a minute.",
)
@click.option(
    "--refuse-network",
    multiple=True,
    metavar="CIDR",
    help="Public addresses that are never connected to, such as your own. May be given again.",
)
@click.option(
    "--allow-network",
    multiple=True,
    metavar="CIDR",
    help="Addresses that may be connected to though they are not public. For labs only: it opens that network to "
    "everyone who can ask. May be given again.",
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path),
    help="A PEM file of the authorities to believe, in place of Mozilla's. For labs.",
)
def control(
    place: Place,
    host: str,
    port: int,
    resolver: tuple[str, ...],
    rate: float,
    refuse_network: tuple[str, ...],
    allow_network: tuple[str, ...],
    ca_file: Path | None,
) -> None:
    """Tell probes what web sites look like from here. Stop it with Ctrl-C.

    Run it where nothing is blocked. It speaks the protocol of OONI's Web Connectivity test helper, connects to public
    web servers only, and keeps neither questions nor addresses of those who ask.
    """
    controlling = Controlling(
        resolver=resolver,
        ca_file=ca_file,
        allow_network=allow_network,
        refuse_network=refuse_network,
        rate=rate,
    )
    service = controlling.service(load_references(place.directory).references.asn_of)
    with listening(host, port) as taken:
        said = f"The control is at {address_of(taken, host)} (stop it with Ctrl-C)"
        run_until_interrupted(
            control_app(service), taken, said, endings=[service.end], most_connections=_MOST_CONNECTIONS
        )
