"""A GTFS-Realtime feed at its address: one snapshot, one value of what is on the move now.

Shape: https://gtfs.org/documentation/realtime/reference/. Feeds keep no past: fetch one every few minutes.
"""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importers import transport
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import asked_entity
from lampwatch.signals.spans import DAY_S
from lampwatch.signals.web import Web

NAME: Final = "transport-api"
ABOUT: Final = "a GTFS-Realtime feed (--address): trips and vehicles that are on the move now"
LICENCE: Final = ""
"""That of whoever publishes it."""
DELAY_S: Final = transport.DELAY_S


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give what a feed says now. Raises UserError without an address or a place, and where the snapshot is none.

    A snapshot that says it is of another day is no value of today: a feed that hangs is left out, and told.
    """
    if not options.address:
        raise UserError("a feed is fetched at an address: say --address")
    if asked_entity(options) is None:
        raise UserError("a feed does not say where it is: say --country or --place")
    if options.since is not None or options.until is not None:
        raise UserError("a feed tells of now alone: leave out --since and --until")
    content = web.get(options.address, accept="application/x-protobuf, */*").body
    for one in transport.read(content, options.address, options):
        if isinstance(one, Values) and abs(int(one.starts[-1]) - web.now()) > DAY_S:
            yield MalformedRow(options.address, 1, "the feed's last snapshot is of another day: it hangs")
        else:
            yield one
