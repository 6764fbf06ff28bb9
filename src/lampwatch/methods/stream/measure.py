"""A live stream: its playlist, its newest pieces, and its playlist again as time goes on; or a station, listened to.

Facts only: whether time stood still is for `rules` to say. README.md tells what is written.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from lampwatch.methods.stream.dash import read_dash
from lampwatch.methods.stream.fetching import MOST_ADDRESSES, OPENING, Fetched, Fetcher
from lampwatch.methods.stream.hls import read_hls
from lampwatch.methods.stream.playlist import Playlist
from lampwatch.probe.asking import control_keys, control_says, only_told, question_about
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import joined
from lampwatch.probe.url import Url, asked_url, read_url

TEST_NAME: Final = "stream"
TEST_VERSION: Final = "0.1.0"

WAITS: Final = (1.0, 1.5, 1.5)
"""How long is waited before each new look at the playlist, in target durations. A server has to bring something new
within one and a half of them (RFC 8216, section 6.2.1)."""
_SHORTEST_S: Final = 1.0
_LONGEST_S: Final = 15.0
_USUAL_S: Final = 6.0
_MOST_PLAYLIST: Final = 2**19
_MOST_SEGMENT: Final = 65_536
_MOST_SEGMENTS: Final = 3
_PLAYLIST: Final = "stream=playlist"
_SEGMENT: Final = "stream=segment"


class _Watch(msgspec.Struct):
    """What is written of one stream; tried are the pieces that were fetched."""

    playlists: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    outside: list[dict[str, Any]]
    tried: set[str]


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Measure a stream by the URL of its playlist, manifest or station; test_keys as README.md has them.

    Raises UserError where target is no URL of the web.
    """
    url = asked_url(target)
    fetcher = Fetcher(kit)
    addresses = await fetcher.addresses(url.hostname, "depth=0", OPENING)
    question = question_about(str(url), _endpoints(url, addresses))
    # The control is asked while the probe measures: an address that only it was told is tried where no other works.
    asking = asyncio.create_task(control_says(kit, question))
    try:
        first = await fetcher.fetch(url, OPENING, most_body=_MOST_PLAYLIST)
        answer = await asking
    finally:
        asking.cancel()
    new = only_told(answer, addresses, MOST_ADDRESSES)
    if first.exchange.response is None and first.url == url and new:
        first = await fetcher.fetch(url, OPENING, most_body=_MOST_PLAYLIST, only_at=new)
    seen = await _watched(kit, fetcher, first)
    return {
        **kit.record.test_keys_with_lookups_apart(),
        "x_dns_duplicate_responses": kit.record.duplicate_answers,
        **control_keys(question, answer),
        "x_stream": seen,
    }


async def _watched(kit: Kit, fetcher: Fetcher, first: Fetched) -> dict[str, Any]:
    """All that a stream does after its URL was fetched."""
    if first.heard is not None:
        return {"kind": "icy", "heard": msgspec.structs.asdict(first.heard)}
    playlist = _read(kit, first)
    if playlist is None:
        return {"kind": None}
    kind, watch, here = playlist.kind, _Watch([], [], [], set()), first
    if playlist.lowest is not None:
        variant = read_url(playlist.lowest.url)
        if variant is None:
            return {"kind": kind, "playlists": [], "segments": []}
        here, playlist = await _look(kit, fetcher, variant, watch)
    else:
        watch.playlists.append(_noted(kit, first, playlist))
    failing = await _follow(kit, fetcher, here.url, playlist, watch)
    told = {} if failing is None else await _ask_for_segment(kit, fetcher, failing)
    return {
        "kind": kind,
        "playlists": watch.playlists,
        "segments": watch.segments,
        "outside": watch.outside,
        **told,
    }


async def _follow(
    kit: Kit, fetcher: Fetcher, url: Url, playlist: Playlist | None, watch: _Watch
) -> Fetched | None:
    """Look again until time went on, or the waits are over. The last piece that could not be fetched, if any."""
    failing = await _load(kit, fetcher, playlist, watch)
    if playlist is None or not playlist.live:
        return failing
    before, wait_s = playlist, _wait_s(playlist)
    for share in WAITS:
        await kit.clock.sleep(wait_s * share)
        _, after = await _look(kit, fetcher, url, watch)
        if after is None or after.newest != before.newest:
            return await _load(kit, fetcher, after, watch) or failing
    await _look_from_outside(kit, url, wait_s, watch)
    return failing


async def _look(kit: Kit, fetcher: Fetcher, url: Url, watch: _Watch) -> tuple[Fetched, Playlist | None]:
    """Fetch a playlist, and note what it says."""
    fetched = await fetcher.fetch(url, _PLAYLIST, most_body=_MOST_PLAYLIST)
    playlist = _read(kit, fetched)
    watch.playlists.append(_noted(kit, fetched, playlist))
    return fetched, playlist


async def _load(kit: Kit, fetcher: Fetcher, playlist: Playlist | None, watch: _Watch) -> Fetched | None:
    """Fetch the beginning of the newest pieces until one comes; the last one that could not be fetched at all."""
    failing: Fetched | None = None
    for piece in reversed(playlist.segments if playlist else ()):
        url = read_url(piece)
        if url is None or str(url) in watch.tried or len(watch.tried) >= _MOST_SEGMENTS:
            continue
        watch.tried.add(str(url))
        got = await fetcher.fetch(url, _SEGMENT, most_body=_MOST_SEGMENT)
        response, failed = got.exchange.response, got.exchange.failed
        watch.segments.append(
            {
                "url": str(got.url),
                "failure": failure_text(failed),
                "status": response.status if response else 0,
                "num_bytes": len(response.body) if response else 0,
                "t": kit.record.now(),
            }
        )
        _forget_body(kit, got)
        if failed is None:
            return None
        failing = got
    return failing


def _forget_body(kit: Kit, got: Fetched) -> None:
    """Leave a piece's pictures and sound out of the measurement: only that they came is a fact for us."""
    if got.exchange.response is not None and kit.record.requests:
        kit.record.requests[-1]["response"] |= {"body": "", "body_is_truncated": True}


def _read(kit: Kit, fetched: Fetched) -> Playlist | None:
    content = fetched.content
    if content is None:
        return None
    now = kit.clock.utc().replace(tzinfo=dt.UTC).timestamp()
    url = str(fetched.url)
    return read_hls(content.decode("utf-8", "replace"), url) or read_dash(content, url, now)


def _noted(kit: Kit, fetched: Fetched, playlist: Playlist | None) -> dict[str, Any]:
    response = fetched.exchange.response
    return {
        "url": str(fetched.url),
        "failure": failure_text(fetched.exchange.failed),
        "status": response.status if response else 0,
        "live": playlist.live if playlist else None,
        "by_clock": playlist.by_clock if playlist else False,
        "target_duration_s": playlist.target_s if playlist else 0.0,
        "newest": playlist.newest if playlist else None,
        "program_time": playlist.program_time if playlist else None,
        "t": kit.record.now(),
    }


def _wait_s(playlist: Playlist) -> float:
    return min(max(playlist.target_s or _USUAL_S, _SHORTEST_S), _LONGEST_S)


async def _look_from_outside(kit: Kit, url: Url, wait_s: float, watch: _Watch) -> None:
    """Ask the control twice for a playlist that stands still: by its headers one sees whether it changes there."""
    for last in (False, True):
        answer = await control_says(kit, question_about(str(url), ()))
        page = None if isinstance(answer, Failed) else answer.get("http_request")
        page = page if isinstance(page, dict) else {}
        headers = page.get("headers")
        told = (
            {str(name).lower(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
        )
        watch.outside.append(
            {
                "failure": failure_text(answer) or page.get("failure"),
                "status": page.get("status_code"),
                "last_modified": told.get("last-modified"),
                "etag": told.get("etag"),
                "t": kit.record.now(),
            }
        )
        if isinstance(answer, Failed):
            return
        if not last:
            await kit.clock.sleep(wait_s * WAITS[-1])


async def _ask_for_segment(kit: Kit, fetcher: Fetcher, failing: Fetched) -> dict[str, Any]:
    """What the control finds at a piece that could not be fetched: its host may be another than the playlist's."""
    addresses = await fetcher.addresses(failing.url.hostname, "depth=0", _SEGMENT)
    question = question_about(str(failing.url), _endpoints(failing.url, addresses))
    answer = await control_says(kit, question)
    return {
        "segment_control": None if isinstance(answer, Failed) else answer,
        "segment_control_failure": failure_text(answer),
        "segment_control_request": question,
    }


def _endpoints(url: Url, addresses: Sequence[str]) -> list[str]:
    return [joined(address, url.port) for address in addresses]
