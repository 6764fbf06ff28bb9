"""Cloudflare Radar by its API: https://developers.cloudflare.com/api/resources/radar/ (netflows and http timeseries).

Radar scales each answer to its own largest value, so the whole span is one request: a later import of another span is
on another scale, and says so by revising what it overlaps with.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import iso
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importers import cloudflare_radar
from lampwatch.signals.importing import Options
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Query, Web

NAME: Final = "cloudflare-radar-api"
ABOUT: Final = "Cloudflare Radar's API: traffic of a country or network; asks for LAMPWATCH_RADAR_TOKEN"
LICENCE: Final = cloudflare_radar.LICENCE
DELAY_S: Final = cloudflare_radar.DELAY_S

BASE: Final = "https://api.cloudflare.com/client/v4/radar"
ENDPOINTS: Final = ("netflows", "http")
"""Bytes of all traffic, and requests for pages."""
_INTERVALS: Final = {900: "15m", 3600: "1h", DAY_S: "1d", 7 * DAY_S: "1w"}
_DEFAULT_S: Final = 28 * DAY_S


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the traffic of one country or network. Raises UserError without a token, or where neither is said."""
    if not web.has_token(NAME):
        raise UserError("Cloudflare Radar asks for a token: make one at dash.cloudflare.com (permission Account, "
                        "Radar, Read), and set LAMPWATCH_RADAR_TOKEN")  # fmt: skip
    interval_s = options.resolution_s or 3600
    if interval_s not in _INTERVALS:
        raise UserError(f"Radar has bins of {', '.join(_INTERVALS.values())}, none of {interval_s} seconds")
    if options.signal and options.signal not in ENDPOINTS:
        raise UserError(f"Radar is asked for {' or '.join(ENDPOINTS)}, not for {options.signal[:40]}")
    span = asked_span(options, now=web.now() - DELAY_S, default_s=_DEFAULT_S).ended(interval_s)
    query: Query = {
        "name": "main",
        "format": "JSON",
        "aggInterval": _INTERVALS[interval_s],
        "dateStart": iso(span.since),
        "dateEnd": iso(span.until),
        **_where(options),
    }
    base = (options.address or BASE).rstrip("/")

    return _found(web, base, query, span, options)


def _found(
    web: Web, base: str, query: Query, span: Span, options: Options
) -> Iterator[Values | MalformedRow]:
    source = options.source or cloudflare_radar.NAME
    for endpoint in (options.signal,) if options.signal else ENDPOINTS:
        answer = web.json(f"{base}/{endpoint}/timeseries", dict[str, Any], query, bearer=NAME)
        asked = msgspec.structs.replace(options, signal=endpoint, source=source)
        yield from joined(cloudflare_radar.read_answer(answer, endpoint, asked), span)


def _where(options: Options) -> Query:
    """A network or a country, which Radar does not tell apart further."""
    if options.place and options.place != options.place[:2]:
        raise UserError("Radar's API is asked about a country or a network: say --country or --asn")
    if options.asn:
        if options.place or options.country:
            raise UserError("Radar knows a network in all countries together: say --asn alone")
        return {"asn": options.asn}
    if found := options.place or options.country:
        return {"location": found}
    raise UserError("Radar is asked about one country or network: say --country or --asn")
