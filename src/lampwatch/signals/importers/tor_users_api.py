"""Tor Metrics by its CSV addresses: https://metrics.torproject.org/stats.html (users by country, relay and bridge)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importers import tor_users
from lampwatch.signals.importing import Options
from lampwatch.signals.spans import DAY_S, Span, asked_span, joined
from lampwatch.signals.web import Query, Web

NAME: Final = "tor-users-api"
ABOUT: Final = "Tor Metrics' CSV addresses: daily users by country, of relays and of bridges"
LICENCE: Final = tor_users.LICENCE
DELAY_S: Final = tor_users.DELAY_S

BASE: Final = "https://metrics.torproject.org"
_FILES: Final = {"relay-users": "userstats-relay-country.csv", "bridge-users": "userstats-bridge-country.csv"}
_DEFAULT_S: Final = 30 * DAY_S


def fetch(web: Web, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the users of one country, or of all. Raises UserError for what Tor Metrics does not tell apart."""
    if options.asn or (options.place and options.place != options.place[:2]):
        raise UserError("Tor Metrics counts users by country: say --country, or nothing for all of them")
    if options.signal and options.signal not in _FILES:
        raise UserError(f"Tor Metrics is asked for {' or '.join(_FILES)}, not for {options.signal[:40]}")
    span = asked_span(options, now=web.now(), default_s=_DEFAULT_S).widened(DAY_S)
    country = options.country or options.place
    # Without a country it answers for each; `all` would be their sum alone.
    query: Query = {"start": _date(span.since), "end": _date(span.until - 1)} | (
        {"country": country.lower()} if country else {}
    )
    asked = msgspec.structs.replace(options, country=country, place="", signal="")

    return _found(web, query, span, asked, (options.signal,) if options.signal else tuple(_FILES))


def _found(
    web: Web, query: Query, span: Span, options: Options, signals: Sequence[str]
) -> Iterator[Values | MalformedRow]:
    for signal in signals:
        address = f"{(options.address or BASE).rstrip('/')}/{_FILES[signal]}"
        content = web.get(address, query, accept="text/csv").body
        yield from joined(tor_users.read(content, _FILES[signal], options), span)


def _date(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d}"
