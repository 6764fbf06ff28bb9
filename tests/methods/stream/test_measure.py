"""The method stream end to end: measured over a script, written, read and judged."""

import pytest

from lampwatch.methods.stream import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.stream.stations import (
    HOST,
    IP,
    PIECES,
    PIECES_IP,
    SEGMENT_S,
    URL,
    Station,
    going_on,
    hls,
    measured,
    seen_outside,
    standing,
    verdict,
)
from tests.probe.scripted import saying
from tests.probe.servers import page, website

MASTER = (
    b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nhigh.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=200000\nlow.m3u8\n"
)


def elsewhere(path: str, now: float) -> bytes:
    """A live stream whose pieces lie on another host."""
    return page(body=hls(100 + int(now // SEGMENT_S), pieces=f"https://{PIECES}/")) if path else b""


def piece_url(n: int) -> str:
    return f"https://{PIECES}/{n}.ts"


def test_a_stream_that_goes_on_is_ok() -> None:
    found = verdict(Station())
    assert (found.target, found.state, found.rule_id) == (HOST, State.OK, "stream.ok.advances")
    assert found.witnesses


def test_it_is_looked_at_again_after_a_target_duration() -> None:
    site = Station()
    keys = measured(site)
    assert site.clock.slept == [SEGMENT_S]
    assert [look["newest"] for look in keys["x_stream"]["playlists"]] == [100, 101]
    first, second = (look["program_time"] for look in keys["x_stream"]["playlists"])
    assert second - first == SEGMENT_S


def test_the_newest_piece_is_loaded_and_its_content_left_out() -> None:
    keys = measured(Station())
    assert [piece["num_bytes"] for piece in keys["x_stream"]["segments"]] == [1000, 1000]
    pieces = [entry for entry in keys["requests"] if "stream=segment" in entry["tags"]]
    assert {(entry["response"]["body"], entry["response"]["code"]) for entry in pieces} == {("", 200)}


def test_the_variant_of_the_lowest_bandwidth_is_followed() -> None:
    def variants(path: str, now: float) -> bytes:
        return page(body=MASTER) if path == "/live.m3u8" else going_on(path, now)

    keys = measured(Station(variants))
    assert {look["url"] for look in keys["x_stream"]["playlists"]} == {f"https://{HOST}/low.m3u8"}
    assert verdict(Station(variants)).rule_id == "stream.ok.advances"


def test_redirects_are_followed() -> None:
    def moved(path: str, now: float) -> bytes:
        if path == "/live.m3u8":
            return page(302, b"", b"Location: /now/live.m3u8\r\n")
        return going_on(path, now)

    found = verdict(Station(moved))
    assert found.rule_id == "stream.ok.advances"


def test_redirects_without_end_are_given_up() -> None:
    keys = measured(Station(lambda path, _: page(302, b"", b"Location: %sx\r\n" % path.encode())))
    assert len(keys["requests"]) == 11
    assert keys["requests"][0]["failure"].startswith("unknown_failure")


def test_a_recording_is_not_waited_for() -> None:
    site = Station(lambda path, _: page(body=hls(9, ended=True)) if path.endswith("m3u8") else page())
    assert verdict(site).rule_id == "stream.ok.recorded"
    assert site.clock.slept == []


def test_a_stream_that_stands_still_everywhere_is_down() -> None:
    outside = {URL: seen_outside(**{"Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"})}
    found = verdict(Station(standing), outside)
    assert found.rule_id == "stream.down.stands_still"
    assert (found.state, found.layer, found.mechanism) == (
        State.DOWN,
        Layer.HTTP,
        Mechanism.STREAM_INTERRUPTED,
    )
    assert (found.evidence, found.control) == (Evidence.NONE, Control.WORKED)


def test_a_playlist_that_changes_only_outside_accuses_nobody() -> None:
    opening, before, after = seen_outside(), seen_outside(ETag='"a"'), seen_outside(ETag='"b"')
    found = verdict(Station(standing), {URL: [opening, before, after]})
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.stands_still_here")
    assert found.mechanism is Mechanism.STREAM_INTERRUPTED


def test_nobody_outside_knows_whether_it_stands_still_there() -> None:
    found = verdict(Station(standing))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.stands_still")


def test_a_date_of_the_content_outweighs_a_tag_of_the_machine() -> None:
    dated = {"Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"}
    said = [seen_outside(), seen_outside(ETag="1", **dated), seen_outside(ETag="2", **dated)]
    assert verdict(Station(standing), {URL: said}).rule_id == "stream.down.stands_still"


def test_waiting_has_an_end() -> None:
    site = Station(standing)
    measured(site, {URL: seen_outside()})
    assert site.clock.slept == [SEGMENT_S * share for share in (*measure.WAITS, 1.5)]


def test_a_playlist_cannot_make_us_wait_for_ever() -> None:
    slow = hls(5).replace(b"TARGETDURATION:4", b"TARGETDURATION:99999")
    site = Station(lambda path, _: page(body=slow) if path.endswith("m3u8") else page())
    measured(site)
    assert max(site.clock.slept) <= 15 * 1.5


def test_a_playlist_that_is_lost_later_accuses_nobody() -> None:
    def losing(path: str, now: float) -> bytes:
        return going_on(path, now) if now < 2 else page(500)

    found = verdict(Station(losing))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.playlist_lost")


def test_a_playlist_blocked_by_its_name_is_blocked_as_a_site() -> None:
    reset = website(HOST, instead={HOST: [Failure.CONNECTION_RESET]})
    found = verdict(Station(streams={f"{IP}:443": reset}), {URL: seen_outside()})
    assert found.rule_id == "web.tls.cut_after_client_hello.control_completes"
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.TLS_SNI_RESET)


def test_pieces_blocked_on_their_own_host_are_blocked() -> None:
    site = Station(elsewhere, pieces=[Failure.CONNECTION_RESET])
    outside = {URL: seen_outside(), **{piece_url(n): seen_outside(PIECES_IP) for n in range(95, 110)}}
    found = verdict(site, outside)
    assert (found.target, found.hostname) == (HOST, PIECES)
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.TLS_SNI_RESET)
    assert found.rule_id == "web.tls.cut_after_client_hello.control_completes"


def test_the_witnesses_of_a_blocked_piece_are_the_pieces_own() -> None:
    site = Station(elsewhere, pieces=[Failure.CONNECTION_RESET])
    outside = {URL: seen_outside(), **{piece_url(n): seen_outside(PIECES_IP) for n in range(95, 110)}}
    found = verdict(site, outside)
    # The playlist's own handshake is number 0, here and outside.
    assert "probe.handshake.1" in found.witnesses
    assert "control.handshake.1" in found.witnesses
    assert "probe.handshake.0" not in found.witnesses


def test_pieces_at_a_dropped_address_are_blocked() -> None:
    site = Station(elsewhere, pieces=Failure.TIMEOUT)
    outside = {URL: seen_outside(), **{piece_url(n): seen_outside(PIECES_IP) for n in range(95, 110)}}
    assert verdict(site, outside).mechanism is Mechanism.IP_DROP


def test_pieces_that_fail_without_a_control_accuse_nobody() -> None:
    found = verdict(Station(elsewhere, pieces=[Failure.CONNECTION_RESET]), {URL: seen_outside()})
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.pieces_fail")


def test_pieces_that_their_server_does_not_have() -> None:
    found = verdict(Station(elsewhere, pieces=lambda _path, _now: page(404)))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.pieces_missing")


def test_a_server_that_turns_the_visitor_away_is_no_censor() -> None:
    found = verdict(Station(elsewhere, pieces=lambda _path, _now: page(403)))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.pieces_refused")


def test_an_empty_playlist_says_nothing() -> None:
    site = Station(lambda *_: page(body=b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-ENDLIST\n"))
    assert verdict(site).rule_id == "stream.unknown.unexplained"


def test_a_page_is_no_stream() -> None:
    found = verdict(Station(lambda *_: page()))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.no_stream")


def test_a_manifest_reckoned_by_the_time_of_day_needs_its_newest_piece() -> None:
    manifest = (
        b'<MPD type="dynamic" availabilityStartTime="2026-11-23T00:00:00Z" minimumUpdatePeriod="PT2S"><Period>'
        b'<AdaptationSet><SegmentTemplate duration="4" media="p-$Number$.m4s"/>'
        b'<Representation id="v" bandwidth="1"/></AdaptationSet></Period></MPD>'
    )

    def dash(path: str, _now: float) -> bytes:
        return page(body=manifest) if path.endswith(".mpd") else page(body=b"x" * 10)

    url = f"https://{HOST}/live.mpd"
    keys = measured(Station(dash), url=url)
    assert keys["x_stream"]["segments"][0]["url"] == f"https://{HOST}/p-10800.m4s"
    assert verdict(Station(dash), url=url).rule_id == "stream.ok.reckoned_piece_loads"
    missing = Station(lambda path, now: dash(path, now) if path.endswith(".mpd") else page(404))
    assert verdict(missing, url=url).rule_id == "stream.unknown.pieces_missing"


def station(*says: bytes | Failure) -> Station:
    return Station(streams={f"{IP}:8000": saying(*says)})


RADIO = f"http://{HOST}:8000/radio"
HEAD = b"ICY 200 OK\r\ncontent-type: audio/mpeg\r\nicy-metaint: 100\r\n\r\n"


def test_a_station_is_heard_and_its_metadata_counted() -> None:
    block = bytes(100) + b"\x01" + b"StreamTitle='a';"
    site = station(HEAD, *[block] * 10, bytes(100) + b"\x00", b"")
    keys = measured(site, url=RADIO)
    assert keys["x_stream"]["kind"] == "icy"
    assert keys["x_stream"]["heard"]["metadata_blocks"] == 10
    assert keys["requests"][0]["response"]["body"] == ""
    assert verdict(station(HEAD, *[block] * 10, b""), url=RADIO).rule_id == "stream.ok.station_plays"


def test_a_station_is_left_after_a_while() -> None:
    site = station(HEAD, *[bytes(100)] * 20_000)
    assert measured(site, url=RADIO)["x_stream"]["heard"]["seconds"] == pytest.approx(6, abs=0.1)


def test_a_station_that_goes_silent_accuses_nobody() -> None:
    found = verdict(station(HEAD, bytes(500)), url=RADIO)
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stream.unknown.station_silent")
    assert found.mechanism is Mechanism.STREAM_INTERRUPTED


@pytest.mark.parametrize("target", ["", "live", "rtmp://live.test/x"])
def test_what_is_no_url_of_the_web_is_refused(target: str) -> None:
    with pytest.raises(UserError):
        measured(Station(), url=target)
