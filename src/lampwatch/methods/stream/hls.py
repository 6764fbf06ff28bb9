"""HLS playlists (RFC 8216) -> what they say of the stream."""

import re
from typing import Final
from urllib.parse import urljoin

from lampwatch.methods.stream.playlist import Playlist, Variant, decimal, number, seconds_of

_MOST_LINES: Final = 50_000
_MOST_VARIANTS: Final = 64
_BANDWIDTH: Final = re.compile(r"(?:\A|[:,])BANDWIDTH=(\d{1,12})(?:,|\Z)")


def read_hls(text: str, url: str) -> Playlist | None:
    """A playlist fetched from url; None where it is none. Tags that say nothing of time are passed over."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").split("\n", _MOST_LINES)[:_MOST_LINES]]
    if not lines or not lines[0].startswith("#EXTM3U"):
        return None
    variants = _variants(lines, url)
    return Playlist(kind="hls", variants=variants) if variants else _media(lines, url)


def _variants(lines: list[str], url: str) -> tuple[Variant, ...]:
    found: list[Variant] = []
    bandwidth: int | None = None
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF:"):
            told = _BANDWIDTH.search(line)
            bandwidth = int(told[1]) if told else 0
        elif line and not line.startswith("#") and bandwidth is not None:
            found.append(Variant(bandwidth, _absolute(url, line)))
            bandwidth = None
    return tuple(variant for variant in found[:_MOST_VARIANTS] if variant.url)


def _media(lines: list[str], url: str) -> Playlist:
    first, ended, target_s = 0, False, 0.0
    count, duration = 0, 0.0
    program_time: float | None = None
    segments: list[str] = []
    for line in lines:
        if line.startswith("#EXTINF:"):
            duration = decimal(line[8:].partition(",")[0])
        elif line.startswith("#EXT-X-TARGETDURATION:"):
            target_s = decimal(line[22:])
        elif line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
            first = number(line[22:]) or 0
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            program_time = seconds_of(line[25:])
        elif line.startswith("#EXT-X-ENDLIST"):
            ended = True
        elif line and not line.startswith("#"):
            count += 1
            program_time = None if program_time is None else program_time + duration
            segments = [*segments[-1:], line]
    return Playlist(
        kind="hls",
        live=not ended,
        target_s=target_s,
        newest=first + count - 1 if count else None,
        program_time=program_time,
        segments=tuple(found for line in segments if (found := _absolute(url, line))),
    )


def _absolute(url: str, reference: str) -> str:
    """Where a reference leads; empty where nowhere."""
    try:
        return urljoin(url, reference)
    except ValueError:
        return ""
