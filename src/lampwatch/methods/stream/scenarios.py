"""Censors of live streams, and streams that stand still by themselves, that this method must judge rightly."""

from typing import Final

from lampwatch.lab.block import Address, Block, Bytes, Drop, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_LIVE: Final = World(services=("live",))
_IP: Final = "151.101.1.20"
_HLS: Final = Measure("stream", "https://live.test/live.m3u8")

SCENARIOS: Final[tuple[Scenario, ...]] = (
    Scenario(
        name="stream_goes_on",
        story="Nobody censors; the playlist advances and its pieces load.",
        world=_LIVE,
        measure=_HLS,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="stream_manifest_goes_on",
        story="Nobody censors; the manifest is reckoned by the time of day, and its newest piece loads.",
        world=_LIVE,
        measure=Measure("stream", "https://live.test/live.mpd"),
        truth=Truth(State.OK),
    ),
    Scenario(
        name="stream_station_plays",
        story="Nobody censors; a radio station plays.",
        world=_LIVE,
        measure=Measure("stream", "http://live.test:8000/radio"),
        truth=Truth(State.OK),
    ),
    Scenario(
        name="stream_stands_still",
        story="Nobody censors; the playlist can be had, and nobody feeds it any more.",
        world=_LIVE,
        measure=Measure("stream", "https://live.test/frozen.m3u8"),
        # Its server dates no playlist, so that the control cannot see it standing still.
        truth=Truth(State.UNKNOWN, Layer.HTTP, Mechanism.STREAM_INTERRUPTED)
        | Truth(State.DOWN, Layer.HTTP, Mechanism.STREAM_INTERRUPTED),
    ),
    Scenario(
        name="stream_blocked_by_name",
        story="A router resets TLS connections whose ClientHello names the station.",
        censor=(Block(Sni("live.test"), Reset(both=True), hop=2),),
        world=_LIVE,
        measure=_HLS,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
    ),
    Scenario(
        name="stream_blocked_by_address",
        story="A router drops all packets to the station's address.",
        censor=(Block(Address(_IP), Drop()),),
        world=_LIVE,
        measure=_HLS,
        truth=Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP),
    ),
    Scenario(
        name="stream_pieces_dropped",
        story="A router lets the unencrypted playlist pass, and drops requests for the pieces.",
        censor=(Block(Bytes("/segment-"), Drop(), hop=2),),
        world=_LIVE,
        measure=Measure("stream", "http://live.test/live.m3u8"),
        truth=Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_DROP),
    ),
)
