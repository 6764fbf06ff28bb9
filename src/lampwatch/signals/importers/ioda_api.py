"""IODA by its API v2, chunk by chunk: https://api.ioda.inetintel.cc.gatech.edu/v2/ (signals/raw, entities/query)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.places import place_name, region_place
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importers import ioda
from lampwatch.signals.importing import Options
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Web

NAME: Final = "ioda-api"
ABOUT: Final = "IODA's API: BGP, active probing, telescope and Google traffic of a country, region or network"
LICENCE: Final = ioda.LICENCE
DELAY_S: Final = ioda.DELAY_S

BASE: Final = "https://api.ioda.inetintel.cc.gatech.edu/v2"
ASKED: Final = ("bgp", "ping-slash24", "merit-nt", "gtr")
"""What is asked for unless one signal is named."""
_CHUNK_S: Final = 7 * DAY_S
"""Longer spans come in coarser bins than were measured."""


class _Place(msgspec.Struct):
    """A region as entities/query lists it."""

    code: str
    name: str


class _Places(msgspec.Struct):
    data: list[_Place]


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the signals of one entity. Raises UserError where it is not said, or IODA does not know it."""
    span = asked_span(options, now=web.now(), default_s=_CHUNK_S)
    base = (options.address or BASE).rstrip("/")
    where = _path(web, base, options)
    if options.signal and options.signal not in ioda.DATASOURCES:
        raise UserError(f"IODA has no signal {options.signal[:40]}; there are {', '.join(ioda.DATASOURCES)}")
    # The names of the series are IODA's own, so that they are the same whichever way they came.
    plain = msgspec.structs.replace(options, signal="")

    return _found(
        web, f"{base}/signals/raw/{where}", span, plain, (options.signal,) if options.signal else ASKED
    )


def _found(
    web: Web, address: str, span: Span, options: Options, sources: Sequence[str]
) -> Iterator[Values | MalformedRow]:
    """Source after source, each joined from its chunks: what one has brought stands, whatever becomes of the next."""
    for source in sources:
        answers = (
            web.json(
                address,
                dict[str, Any],
                {"from": chunk.since, "until": chunk.until, "datasource": source},
            )
            for chunk in span.chunks(_CHUNK_S)
        )
        read = (one for answer in answers for one in ioda.read_answer(answer, source, options))
        yield from joined(read, span)


def _path(web: Web, base: str, options: Options) -> str:
    """The entity as IODA names it: `country/VE`, `region/4416`, `asn/8048`, `geoasn/8048-VE`."""
    place = options.place or options.country
    if not place:
        if not options.asn:
            raise UserError(
                "IODA is asked about one country, region or network: say --country, --place or --asn"
            )
        return f"asn/{options.asn}"
    code = place if place == place[:2] else _region(web, base, place)
    if options.asn:
        return f"geoasn/{options.asn}-{code}"
    return f"country/{code}" if code == place else f"region/{code}"


def _region(web: Web, base: str, place: str) -> str:
    """IODA's own number of a region, found by its name."""
    query = {"entityType": "region", "relatedTo": f"country/{place[:2]}"}
    for found in web.json(f"{base}/entities/query", _Places, query).data:
        if region_place(place[:2], found.name) == place:
            return found.code
    raise UserError(f"IODA has no region {place} ({place_name(place)})")
