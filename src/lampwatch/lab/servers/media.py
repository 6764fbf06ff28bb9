"""Live streams: HLS and DASH whose sequence and programme time advance with the clock, and an endless ICY station."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.http import ALPN, App, Request, Response, web
from lampwatch.lab.servers.listening import Tcp
from lampwatch.lab.servers.services import Population
from lampwatch.lab.world import Certificate

NAME: Final = "live.test"
ADDRESS: Final = "151.101.1.20"
RADIO_PORT: Final = 8000
SEGMENT_S: Final = 2
_WINDOW: Final = 5
_SEGMENT: Final = b"\x47" + b"\x1f\xff\x10" + b"\xff" * 184
"""A transport stream packet that holds nothing (ISO/IEC 13818-1)."""
_PER_SEGMENT: Final = 200
_META_EVERY: Final = 8000


def live(authority: Authority) -> Population:
    """A station: /live.m3u8 and /frozen.m3u8, which stands still; /live.mpd; and /radio on a port of its own."""
    context = authority.context((NAME,), Certificate.VALID, protocols=ALPN)
    app = station(time.time)
    there = (
        Tcp(ADDRESS, 80, web(app, over_tls=False)),
        Tcp(ADDRESS, 443, web(app, over_tls=True), context),
        Tcp(ADDRESS, RADIO_PORT, radio),
    )
    return Population({NAME: (ADDRESS,)}, there)


def station(clock: Callable[[], float]) -> App:
    """The station's web server; clock gives seconds since 1970."""
    begun = clock()

    def app(request: Request) -> Response:
        path = request.path.partition("?")[0]
        if path == "/live.m3u8":
            return _typed("application/vnd.apple.mpegurl", playlist(clock()))
        if path == "/frozen.m3u8":
            return _typed("application/vnd.apple.mpegurl", playlist(begun))
        if path == "/live.mpd":
            return _typed("application/dash+xml", manifest(begun))
        if path.endswith((".ts", ".m4s")):
            return Response(200, (("Content-Type", "video/mp2t"),), _SEGMENT * _PER_SEGMENT)
        return Response(404)

    return app


def playlist(now: float) -> str:
    """An HLS media playlist as it is at a time: the last five segments. Source: RFC 8216."""
    newest = int(now // SEGMENT_S)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{SEGMENT_S}",
        f"#EXT-X-MEDIA-SEQUENCE:{newest - _WINDOW + 1}",
    ]
    for number in range(newest - _WINDOW + 1, newest + 1):
        begins = datetime.fromtimestamp(number * SEGMENT_S, UTC).isoformat(timespec="milliseconds")
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{begins}", f"#EXTINF:{SEGMENT_S}.000,", f"segment-{number}.ts"]
    return "\n".join(lines) + "\n"


def manifest(begun: float) -> str:
    """A DASH manifest of a live programme that began then; segments follow from the clock. Source: ISO/IEC 23009-1."""
    start = datetime.fromtimestamp(begun - begun % SEGMENT_S, UTC).isoformat(timespec="seconds")
    return (
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" '
        f'availabilityStartTime="{start}" minimumUpdatePeriod="PT{SEGMENT_S}S" minBufferTime="PT2S" '
        'profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period id="1" start="PT0S"><AdaptationSet '
        f'mimeType="video/mp4"><SegmentTemplate timescale="1" duration="{SEGMENT_S}" startNumber="1" '
        'media="segment-$Number$.m4s"/><Representation id="v" bandwidth="200000"/></AdaptationSet></Period></MPD>\n'
    )


async def radio(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An ICY station: sound without end, with the song's name in between, at 128 kbit/s."""
    await reader.readuntil(b"\r\n\r\n")
    head = (
        f"ICY 200 OK\r\nicy-name: Lab Radio\r\nicy-metaint: {_META_EVERY}\r\ncontent-type: audio/mpeg\r\n\r\n"
    )
    writer.write(head.encode())
    song = 0
    while True:
        song += 1
        title = f"StreamTitle='Song {song}';".encode()
        blocks = -(-len(title) // 16)
        writer.write(
            b"\xff\xfb\x90\x00" * (_META_EVERY // 4) + bytes([blocks]) + title.ljust(blocks * 16, b"\0")
        )
        await writer.drain()
        await asyncio.sleep(_META_EVERY * 8 / 128_000)


def _typed(kind: str, text: str) -> Response:
    return Response(200, (("Content-Type", kind), ("Cache-Control", "no-cache")), text.encode())
