"""Lampwatch's own `stream` measurements -> the share of live programmes that go on, by the hour, country and network.

Shape: OONI's format, JSON lines; methods/stream/README.md says what `x_stream` holds.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import instant
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import Options
from lampwatch.signals.naming import country

NAME: Final = "streams"
ABOUT: Final = "Lampwatch's own stream measurements: live programmes that go on, by the hour (JSON lines)"
LICENCE: Final = "CC BY-NC-SA 4.0"
DELAY_S: Final = 900
_HOUR: Final = 3600


class _Look(msgspec.Struct):
    live: bool | None = None
    by_clock: bool | None = None
    newest: int | None = None


class _Piece(msgspec.Struct):
    failure: str | None = None
    status: int | None = None
    num_bytes: int | None = None


class _Sound(msgspec.Struct):
    bytes: int | None = None


class _Stream(msgspec.Struct):
    kind: str | None = None
    playlists: list[_Look] | None = None
    segments: list[_Piece] | None = None
    heard: _Sound | None = None


class _Keys(msgspec.Struct):
    x_stream: _Stream | None = None


class _Document(msgspec.Struct):
    test_name: str
    probe_cc: str = ""
    probe_asn: str = ""
    input: str | None = None
    measurement_start_time: str = ""
    test_keys: _Keys = msgspec.field(default_factory=_Keys)


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """JSON lines of the test named stream."""
    return head.lstrip()[:1] == b"{" and (b'"test_name":"stream"' in head or b'"test_name": "stream"' in head)


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the share of programmes that went on, for each country and network, in each hour that was measured.

    A programme counts once an hour: it went on if any measurement of the hour saw it go on. One that is no live stream,
    or nobody's, says nothing. An hour without measurements is absent.
    """
    seen: dict[Entity, dict[int, dict[str, bool]]] = {}
    malformed = []
    decoder = msgspec.json.Decoder(_Document)
    for line, document in enumerate(content.split(b"\n"), start=1):
        if not document.strip():
            continue
        try:
            one = decoder.decode(document)
            goes_on = _goes_on(one)
            if goes_on is None:
                continue
            hour = instant(one.measurement_start_time) // _HOUR * _HOUR
            for entity in _entities(one):
                programmes = seen.setdefault(entity, {}).setdefault(hour, {})
                programmes[str(one.input)] = programmes.get(str(one.input), False) or goes_on
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            malformed.append(MalformedRow(name, line, printable(str(error))))
    for entity in sorted(seen):
        yield _values(entity, seen[entity], options)
    yield from malformed


def _goes_on(one: _Document) -> bool | None:
    """Whether a live programme advances; None where what was measured is none, or says nothing of it."""
    stream = one.test_keys.x_stream
    if one.test_name != "stream" or stream is None or not one.input:
        return None
    if stream.kind is None:
        return False
    if stream.heard is not None:
        return bool(stream.heard.bytes)
    looks = [look for look in stream.playlists or () if look.newest is not None]
    if any(look.live is False for look in stream.playlists or ()):
        return None
    if any(look.by_clock for look in looks):
        # Such a manifest advances by itself: only a piece that came shows life.
        return any(_came(piece) for piece in stream.segments or ())
    numbers = [look.newest for look in looks]
    return any(later != numbers[0] for later in numbers[1:])


def _came(piece: _Piece) -> bool:
    good = 200 <= (piece.status or 0) < 300  # noqa: PLR2004  success by RFC 9110
    return piece.failure is None and good and bool(piece.num_bytes)


def _entities(one: _Document) -> list[Entity]:
    """The country, and the network in it where it is known. Raises ValueError where neither is."""
    place = country(one.probe_cc)
    if not place:
        message = f"{printable(one.probe_cc[:20])!r} is no country"
        raise ValueError(message)
    number = one.probe_asn.upper().removeprefix("AS")
    return [Entity(place)] + (
        [Entity.of(f"AS{int(number)}@{place}")] if number.isdigit() and int(number) else []
    )


def _values(entity: Entity, hours: dict[int, dict[str, bool]], options: Options) -> Values:
    starts = np.array(sorted(hours), np.int64)
    shares = [sum(hours[int(start)].values()) / len(hours[int(start)]) for start in starts]
    series = Series(
        entity,
        options.source or "lampwatch",
        options.signal or "live-streams",
        Family.STREAM,
        options.unit or "share",
        Quantity.SHARE,
        _HOUR,
        LICENCE,
    )
    return Values(series, starts, np.array(shares, np.float64), np.zeros(len(starts), np.int64))
