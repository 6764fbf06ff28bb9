"""The rule book of streams: can the playlist be had, as for a web site; do its pieces load; does time go on in it."""

from typing import Final

import msgspec

from lampwatch.formats.names import url_parts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide, decide_by_chapters
from lampwatch.judge.web.book import WEB_BOOK, WEB_RULES
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.page import REFUSALS
from lampwatch.methods.stream.facts import StreamFacts, moved, part_of, parts_of, stream_facts
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State

StreamRule = Rule[StreamFacts]

STREAM_RULES: Final[tuple[StreamRule, ...]] = (
    StreamRule(
        id="stream.unknown.no_stream",
        when=lambda stream: not stream.kind,
        state=State.UNKNOWN,
        because="what came is no playlist, manifest or station",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.ok.station_plays",
        when=lambda stream: stream.kind == "icy" and stream.heard_bytes > 0 and not stream.went_silent,
        state=State.OK,
        because="the station was heard for as long as was listened",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.ok.advances",
        when=lambda stream: stream.live and bool(stream.advanced) and stream.loaded,
        state=State.OK,
        because="time went on in the playlist, and a piece of the stream loaded",
        rests_on=("playlist", "segments"),
    ),
    StreamRule(
        id="stream.ok.reckoned_piece_loads",
        when=lambda stream: stream.live and stream.advanced is None and not stream.lost and stream.loaded,
        state=State.OK,
        because="the newest piece, as the time of day has it, loaded",
        rests_on=("playlist", "segments"),
    ),
    StreamRule(
        id="stream.ok.recorded",
        when=lambda stream: bool(stream.looks) and not stream.live and stream.loaded,
        state=State.OK,
        because="the stream is a recording that is complete, and a piece of it loaded",
        rests_on=("playlist", "segments"),
    ),
    StreamRule(
        id="stream.unknown.station_silent",
        layer=Layer.HTTP,
        when=lambda stream: stream.kind == "icy",
        state=State.UNKNOWN,
        mechanism=Mechanism.STREAM_INTERRUPTED,
        because="the station answered and then went silent, as one that has nothing to play does, or a line that "
        "is cut",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.down.stands_still",
        layer=Layer.HTTP,
        when=lambda stream: stream.stands_still and stream.outside_changes is False,
        state=State.DOWN,
        mechanism=Mechanism.STREAM_INTERRUPTED,
        because="the playlist can be had and time stands still in it, and from outside too it did not change",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.unknown.stands_still_here",
        layer=Layer.HTTP,
        # Over TLS the server itself wrote it: a copy nearby, cut off from its source, looks the same as another page
        # made for this country.
        when=lambda stream: stream.stands_still and bool(stream.outside_changes),
        state=State.UNKNOWN,
        mechanism=Mechanism.STREAM_INTERRUPTED,
        because="time stands still in the playlist that came here, and from outside the playlist changes: a copy that "
        "is cut off from its source may be what answers here",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.unknown.stands_still",
        layer=Layer.HTTP,
        when=lambda stream: stream.stands_still,
        state=State.UNKNOWN,
        mechanism=Mechanism.STREAM_INTERRUPTED,
        because="the playlist can be had and time stands still in it, and nobody knows whether it does so elsewhere",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.unknown.playlist_lost",
        layer=Layer.HTTP,
        when=lambda stream: stream.lost,
        state=State.UNKNOWN,
        because="the playlist could be had at first, and not any more at a later look",
        rests_on=("playlist",),
    ),
    StreamRule(
        id="stream.unknown.pieces_refused",
        layer=Layer.HTTP,
        when=lambda stream: not stream.loaded and stream.piece_status in REFUSALS,
        state=State.UNKNOWN,
        because="the server of the pieces turned the visitor away, as one does that asks for a token or a country",
        rests_on=("segments",),
    ),
    StreamRule(
        id="stream.unknown.pieces_missing",
        layer=Layer.HTTP,
        when=lambda stream: not stream.loaded and stream.piece_failure is None and stream.piece_status > 0,
        state=State.UNKNOWN,
        mechanism=Mechanism.STREAM_INTERRUPTED,
        because="the playlist names pieces that their server does not give",
        rests_on=("segments", "playlist"),
    ),
    StreamRule(
        id="stream.unknown.pieces_fail",
        layer=Layer.HTTP,
        when=lambda stream: not stream.loaded and stream.piece_failure is not None,
        state=State.UNKNOWN,
        because="the playlist can be had and its pieces cannot, and no control shows that they can be elsewhere",
        rests_on=("segments", "playlist"),
    ),
    StreamRule(
        id="stream.unknown.unexplained",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the playlist names nothing that could be fetched",
        rests_on=("playlist",),
    ),
)
RULES: Final[tuple[Rule[WebFacts] | StreamRule, ...]] = (*WEB_RULES, *STREAM_RULES)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict, on the host that the input URL names; a piece's own host is named in its hostname."""
    stream = stream_facts(measurement, observations)
    if not stream.kind:
        opened = _opened(measurement, observations, references)
        if opened.state is not State.OK:
            return [opened]
    elif stream.piece_failure is not None and not stream.loaded and not stream.piece_status:
        piece = _piece(measurement, observations, references, stream)
        if piece.state is State.BLOCKED:
            return [piece]
    return [decide(STREAM_RULES, stream)]


def _opened(measurement: Measurement, observations: Observations, references: References) -> Verdict:
    """The verdict of the web rules on what opened the stream: nothing came that could be read as one."""
    opening, _ = parts_of(observations.notes)
    probe = part_of(observations.probe, (0, 0, 0, 0), opening)
    outside = observations.control
    seen = WebFacts(measurement.input, measurement, Observations(probe, outside), references)
    return decide_by_chapters(WEB_BOOK, seen)


def _piece(
    measurement: Measurement, observations: Observations, references: References, stream: StreamFacts
) -> Verdict:
    """The verdict of the web rules on the piece that could not be fetched, told of the stream."""
    opening, pieces = parts_of(observations.notes)
    url = observations.notes.get("piece", "")
    told = observations.notes.get("outside.parts", "")
    before = tuple(map(int, told.split())) if told else None
    outside = None
    if before is not None and observations.control is not None:
        a, b, c, d = before
        outside = part_of(observations.control, (a, b, c, d), (2**31,) * 4)
    probe = part_of(observations.probe, opening, pieces)
    seen = WebFacts(url, measurement, Observations(probe, outside), references)
    found = decide_by_chapters(WEB_BOOK, seen)
    a, b, c, d = before or (0, 0, 0, 0)
    witnesses = tuple(moved(witness, opening, (a, b, c, d)) for witness in found.witnesses)
    hostname = found.hostname or url_parts(url).host
    return msgspec.structs.replace(found, target=stream.target, hostname=hostname, witnesses=witnesses)
