"""RIPE Atlas probes that are connected: now by the API, and day by day by the probe archive.

Shapes: https://atlas.ripe.net/docs/apis/rest-api-reference/probes/ and https://ftp.ripe.net/ripe/atlas/probes/archive/,
whose files `YYYY/MM/YYYYMMDD.json.bz2` hold every probe there was, with its status on that day.
"""

import bz2
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.places import country_code
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.points import Points
from lampwatch.signals.spans import DAY_S, asked_span
from lampwatch.signals.web import Web

NAME: Final = "ripe-atlas-api"
ABOUT: Final = "RIPE Atlas: connected probes by country and network; now, or day by day with --since"
LICENCE: Final = "RIPE NCC: RIPE Atlas terms of service, free with attribution"
DELAY_S: Final = DAY_S // 2
"""A day's file is there on the next morning."""

BASE: Final = "https://atlas.ripe.net/api/v2"
ARCHIVE: Final = "https://ftp.ripe.net/ripe/atlas/probes/archive"
_CONNECTED: Final = 1
_PAGE: Final = 500
_MOST_PAGES: Final = 200
_MOST_BYTES: Final = 512 * 1024 * 1024
_HOUR_S: Final = 3600
_NOT_THERE: Final = 404

Counts = Counter[Entity]


class _Status(msgspec.Struct):
    id: int = 0


class _Probe(msgspec.Struct):
    """A probe as both give it: its status is a number in the archive, and an object in the API."""

    country_code: str | None = None
    asn_v4: int | None = None
    status: _Status | int | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it was connected to RIPE."""
        return (self.status.id if isinstance(self.status, _Status) else self.status) == _CONNECTED


class _Page(msgspec.Struct):
    results: list[_Probe]
    next: str | None = None


class _Day(msgspec.Struct):
    objects: list[_Probe]


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give counts of one country and its networks, of one network, or of all, where nothing is said.

    Without since it is the count of this hour. Raises UserError for a region, which RIPE does not tell.
    """
    if options.place and options.place != options.place[:2]:
        raise UserError("RIPE Atlas tells a probe's country and network, no region: say --country or --asn")
    country = options.place or options.country
    if options.since is None and options.until is None:
        return _now(web, options, country)
    return _days(web, options, country)


def _now(web: Web, options: Options, country: str) -> Iterator[Values | MalformedRow]:
    query: dict[str, str | int] = {"status": _CONNECTED, "page_size": _PAGE}
    query |= {"country_code": country} if country else {}
    query |= {"asn_v4": options.asn} if options.asn else {}
    counts: Counts = Counter()
    for page in range(1, _MOST_PAGES + 1):
        address = f"{(options.address or BASE).rstrip('/')}/probes/"
        # Asked for by number: the address of the next page in the answer is the server's word, and is not followed.
        found = web.json(address, _Page, query | {"page": page})
        counts += _counted(found.results, country, options.asn)
        if found.next is None:
            break
    else:
        raise UserError(f"RIPE Atlas gives more than {_MOST_PAGES} pages; ask for one country")
    start = web.now() // _HOUR_S * _HOUR_S
    points = Points()
    for entity in {*counts, *_asked(country, options.asn)}:
        series = _series(entity, "connected-now", _HOUR_S, options)
        points.of(series).add(start, float(counts[entity]))
    yield from points.values()


def _days(web: Web, options: Options, country: str) -> Iterator[Values | MalformedRow]:
    span = asked_span(options, now=web.now() - DELAY_S, default_s=7 * DAY_S).ended(DAY_S)
    days: dict[int, Counts] = {}
    for chunk in span.chunks(DAY_S):
        day = dt.datetime.fromtimestamp(chunk.since, dt.UTC)
        address = f"{(options.address or ARCHIVE).rstrip('/')}/{day:%Y/%m/%Y%m%d}.json.bz2"
        answer = web.get(address, accept="*/*", also=(_NOT_THERE,))
        if answer.status == _NOT_THERE:
            yield MalformedRow(address, 1, "the archive has no file of this day")
            continue
        probes = web.decoded(_unpacked(answer.body, address), _Day, address).objects
        days[chunk.since] = _counted(filter(lambda probe: probe.is_connected, probes), country, options.asn)
    points = Points()
    for entity in {*_asked(country, options.asn), *(entity for counts in days.values() for entity in counts)}:
        series = _series(entity, "connected", DAY_S, options)
        for start, counts in days.items():
            # The file is of all probes: who is not in it on a day had none that was connected.
            points.of(series).add(start, float(counts[entity]))
    yield from points.values()


def _asked(country: str, asn: int) -> list[Entity]:
    """What was asked for: it has a value, even if that is zero."""
    return [Entity(country, asn)] if country or asn else []


def _counted(probes: Iterable[_Probe], country: str, asn: int) -> Counts:
    """Probes by country, and by network in it; of those in a country, or a network, where one is asked for."""
    counts: Counts = Counter()
    for probe in probes:
        place = country_code(probe.country_code or "")
        network = probe.asn_v4 or 0
        if not place or (country and place != country) or (asn and network != asn):
            continue
        if asn and not country:
            counts[Entity("", asn)] += 1
        elif not asn:
            counts[Entity(place)] += 1
        if 0 < network < 2**32:
            counts[Entity(place, network)] += 1
    return counts


def _series(entity: Entity, signal: str, resolution_s: int, options: Options) -> Series:
    source = options.source or "ripe-atlas"
    return Series(entity, source, signal, Family.PROBES, "probes", Quantity.COUNT, resolution_s, LICENCE)


def _unpacked(packed: bytes, address: str) -> bytes:
    unpack = bz2.BZ2Decompressor()
    try:
        content = unpack.decompress(packed, _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise UserError(f"{address} cannot be unpacked; try again later") from error
    if not unpack.eof:
        raise UserError(f"{address} is cut off, or larger than any honest file; try again later")
    return content
