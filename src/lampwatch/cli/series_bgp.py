"""`lampwatch series bgp`: what the world's routers can reach, as series."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from lampwatch.cli.asked import Moment
from lampwatch.cli.place import Place, data_option, utc_now
from lampwatch.cli.series_bgp_run import BgpRun
from lampwatch.formats.mmdb_parts import CountryParts
from lampwatch.formats.places import country_code
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.signals.bgp import archives
from lampwatch.signals.bgp.bins import LEAST_PEERS
from lampwatch.signals.bgp.ris_live import ADDRESS
from lampwatch.store.references.snapshot import in_force

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_LIVE_FROM: Final = dt.timedelta(hours=8)
"""At most so old is the last table of a collector of RIS."""


def _country(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    code = country_code(value)
    if not code:
        raise click.BadParameter(f"{value!r} is no country; write two letters, as KZ")
    return code


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE|URL]…")
@data_option
@click.option("--country", callback=_country, help="Only this country and the networks in it, as KZ.")
@click.option(
    "--collector",
    metavar="NAME",
    help="A collector, as rrc00 or route-views.sydney: without FILE and URL, its archive is read.",
)
@click.option("--since", type=Moment(), help="Only bins from this time on (UTC).")
@click.option("--until", type=Moment(), help="Only bins before this time (UTC).")
@click.option(
    "--live", is_flag=True, help="Go on with what RIS Live tells of --collector, until interrupted."
)
@click.option("--live-url", default=ADDRESS, show_default=True, metavar="URL", help="Where RIS Live is.")
@click.option(
    "--least-peers",
    type=click.IntRange(1),
    default=LEAST_PEERS,
    show_default=True,
    help="With fewer peers that tell a whole table, a bin is a gap.",
)
def bgp(
    paths: tuple[str, ...],
    place: Place,
    country: str | None,
    collector: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    live_url: str,
    least_peers: int,
    *,
    live: bool,
) -> None:
    """Count the prefixes and the address space that routers announce, in 5-minute bins.

    FILE and URL are MRT files: table dumps and updates, plain, .gz or .bz2, in any order. Series are kept of each
    network, and, with address data (`lampwatch geoip update`), of each country and of each network in each country.
    Interrupt it at any time: what was counted is kept, and running it again adds only what is new.
    """
    if since and until and until <= since:
        raise UserError("--until is not after --since, so nothing lies between; until is exclusive")
    if collector and not _NAME.fullmatch(collector):
        raise UserError(f"{printable(collector)} is no collector; name one as rrc00 or route-views.sydney")
    if live and not collector:
        raise UserError("--live needs to know whose peers to hear; name a collector, as --collector rrc00")
    if not paths:
        paths = tuple(_of_collector(collector, since, until, live=live))
    countries = _countries(place.directory)
    if country and countries is None:
        raise UserError(
            f"there is no address data in {place.directory} to tell a country by; run `lampwatch geoip update`"
        )
    with BgpRun(
        place.directory,
        collector or "bgp",
        country=country,
        countries=countries,
        least_peers=least_peers,
        since=since,
        until=until,
    ) as run:
        run.read(paths, otherwise=collector or "")
        if live and collector:
            run.follow(live_url, collector)


def _of_collector(
    collector: str | None, since: dt.datetime | None, until: dt.datetime | None, *, live: bool
) -> Iterator[str]:
    """The addresses of a collector's files for a time."""
    if live:
        until = until or utc_now()
        since = since or until - _LIVE_FROM
    if not (collector and since and until):
        raise UserError("name FILES or URLs, or --collector with --since and --until")
    return archives.addresses(collector, since, until)


def _countries(directory: Path) -> CountryParts | None:
    """The address data in force, as far as they tell countries."""
    found = in_force(directory)
    path = found[0].path_of("country", found[1]) if found else None
    return CountryParts(path) if path else None
