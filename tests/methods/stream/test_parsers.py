"""Playlists, manifests and stations as they are written, and as hostile servers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.stream.dash import duration_s, read_dash
from lampwatch.methods.stream.hls import read_hls
from lampwatch.methods.stream.playlist import Playlist
from lampwatch.methods.stream.tuned import Tuned, tuned
from lampwatch.methods.stream.xml import read_xml
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.step import Send

HERE = "https://live.test/a/b.m3u8"
HLS_LINES = st.sampled_from(
    [
        "#EXTM3U",
        "#EXT-X-STREAM-INF:BANDWIDTH=",
        "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=5,BANDWIDTH=99999999999999999",
        "#EXT-X-TARGETDURATION:",
        "#EXT-X-TARGETDURATION:nan",
        "#EXT-X-TARGETDURATION:1e400",
        "#EXT-X-MEDIA-SEQUENCE:-1",
        "#EXT-X-MEDIA-SEQUENCE:99999999999999999999999999",
        "#EXT-X-PROGRAM-DATE-TIME:0001-01-01T00:00:00+23:59",
        "#EXT-X-PROGRAM-DATE-TIME:9999-12-31T23:59:59-23:59",
        "#EXTINF:inf,",
        "#EXT-X-ENDLIST",
        "x.ts",
        "http://[::1/x.ts",
        "\u202e.ts",
    ]
)
MPD = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="{kind}"
 availabilityStartTime="1970-01-01T00:00:00Z" minimumUpdatePeriod="PT2S"><BaseURL>c/</BaseURL><Period start="PT10S">
 <AdaptationSet><SegmentTemplate timescale="10" {how} media="$RepresentationID$-$Number%05d$-$Time$-$$.m4s">{line}
 </SegmentTemplate><Representation id="high" bandwidth="9"/><Representation id="low" bandwidth="3"/></AdaptationSet>
 </Period></MPD>"""


def dash(how: str = "", line: str = "", kind: str = "dynamic", now: float = 100.0) -> Playlist:
    found = read_dash(MPD.format(how=how, line=line, kind=kind).encode(), "https://live.test/a/b.mpd", now)
    assert found is not None
    return found


def test_a_media_playlist_tells_its_newest_piece_and_its_time() -> None:
    text = (
        "#EXTM3U\r\n#EXT-X-TARGETDURATION:6\r\n#EXT-X-MEDIA-SEQUENCE:7\r\n"
        "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:01:40.000Z\r\n#EXTINF:5.5,one\r\n7.ts\r\n#EXTINF:6,\r\n/8.ts?a=b\r\n"
    )
    assert read_hls(text, HERE) == Playlist(
        kind="hls",
        target_s=6.0,
        newest=8,
        program_time=111.5,
        segments=("https://live.test/a/7.ts", "https://live.test/8.ts?a=b"),
    )


def test_a_master_playlist_leads_to_its_variants() -> None:
    text = (
        '#EXTM3U\n#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=1,CODECS="a,b",BANDWIDTH=700\nhigh.m3u8\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=300\nhttps://other.test/low.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=500\n"
    )
    found = read_hls(text, HERE)
    assert found is not None
    assert found.lowest is not None
    assert found.lowest.url == "https://other.test/low.m3u8"
    assert [variant.bandwidth for variant in found.variants] == [700, 300]


@pytest.mark.parametrize("text", ["", "hello", "<html>", " #EXTM3U2\n"[1:3], "\x00#EXTM3U"])
def test_what_is_no_playlist_is_none(text: str) -> None:
    assert read_hls(text, HERE) is None


def test_an_ended_playlist_is_no_live_one() -> None:
    found = read_hls("#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST", HERE)
    assert found is not None
    assert not found.live


@given(st.lists(st.one_of(HLS_LINES, st.text(max_size=40)), max_size=30))
def test_no_playlist_is_fatal(lines: list[str]) -> None:
    found = read_hls("\n".join(["#EXTM3U", *lines]), HERE)
    assert found is not None
    assert 0 <= found.target_s <= 1e9
    assert len(found.segments) <= 2


def test_a_million_lines_are_not_all_read() -> None:
    found = read_hls("#EXTM3U\n" + "a.ts\n" * 1_000_000, HERE)
    assert found is not None
    assert found.newest is not None
    assert found.newest < 50_000


def test_a_timeline_tells_its_newest_piece() -> None:
    found = dash('startNumber="5"', '<SegmentTimeline><S t="100" d="20" r="3"/><S d="10"/></SegmentTimeline>')
    assert found.newest == 180
    assert found.program_time == pytest.approx(10 + 19)
    assert found.segments == ("https://live.test/a/c/low-00009-180-$.m4s",)
    assert (found.live, found.by_clock, found.target_s) == (True, False, 2.0)


def test_a_template_with_a_duration_is_reckoned_by_the_time_of_day() -> None:
    found = dash('duration="50"')
    assert (found.newest, found.by_clock, found.target_s) == (18, True, 5.0)
    assert dash('duration="50"', now=105.0).newest == 19
    assert dash('duration="50"', now=12.0).newest is None


def test_an_open_ended_timeline_is_reckoned_too() -> None:
    found = dash("", '<SegmentTimeline><S t="0" d="50" r="-1"/></SegmentTimeline>')
    assert found.by_clock
    assert found.segments[0].endswith("low-00018-850-$.m4s")


def test_a_recorded_manifest_begins_at_its_beginning() -> None:
    found = dash('duration="50"', kind="static")
    assert (found.live, found.newest) == (False, 0)
    assert found.segments == ("https://live.test/a/c/low-00001-0-$.m4s",)


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT2S", 2), ("P1DT1H1M1.5S", 90061.5), ("", 0), ("PT", 0), ("2", 0), ("P1Y", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<MPD",
        b"<html></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><MPD/>',
        b'<!DOCTYPE MPD SYSTEM "file:///etc/passwd"><MPD/>',
        '<!DOCTYPE x [<!ENTITY a "b">]><MPD>&a;</MPD>'.encode("utf-16"),
        b"<MPD>" * 100 + b"</MPD>" * 100,
        b"<MPD>" + b"<a/>" * 200_000 + b"</MPD>",
        b'<?xml version="1.0" encoding="nonsense"?><MPD/>',
        b"\xff\xfe<MPD/>",
    ],
)
def test_what_is_no_manifest_or_means_harm_is_none(content: bytes) -> None:
    assert read_dash(content, HERE, 0.0) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<MPD/>",
        b"<MPD><Period/></MPD>",
        b"<MPD><Period><AdaptationSet><Representation/></AdaptationSet></Period></MPD>",
        MPD.format(how='duration="x"', line="", kind="dynamic").encode(),
        MPD.format(
            how="", line='<SegmentTimeline><S d="0" r="9"/></SegmentTimeline>', kind="dynamic"
        ).encode(),
        MPD.format(how="", line="<BaseURL>http://[</BaseURL>", kind="dynamic").encode(),
    ],
)
def test_a_manifest_without_pieces_is_one_all_the_same(content: bytes) -> None:
    found = read_dash(content, HERE, 0.0)
    assert found is not None
    assert found.segments == ()


NUMBERS = st.sampled_from(["", "0", "-1", "1", "7", "99999999999999999999", "1e9", "nan", "x"])


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.floats(-1e12, 1e12))
def test_no_manifest_is_fatal(number: str, t: str, d: str, r: str, now: float) -> None:
    how = f'duration="{d}" startNumber="{number}" presentationTimeOffset="{t}"'
    line = f'<SegmentTimeline><S t="{t}" d="{d}" r="{r}"/><S d="{number}"/></SegmentTimeline>'
    for written in (MPD.format(how=how, line="", kind="dynamic"), MPD.format(how="", line=line, kind=r)):
        found = read_dash(written.encode(), HERE, now)
        assert found is not None
        assert len(found.segments) <= 1


@given(st.binary(max_size=300))
def test_no_bytes_are_fatal_as_xml(content: bytes) -> None:
    found = read_xml(content)
    assert found is None or found.name


def heard(*pieces: bytes | Failed, most_body: int = 1000, every_s: float = 1.0) -> Tuned:
    """What an exchange comes to whose answer arrives in pieces, one each second."""
    times = iter(range(10_000))
    step = tuned(
        Request(scheme="http", host="radio.test"),
        most_body=most_body,
        listen_s=5.0,
        now=lambda: next(times) * every_s,
    )
    assert isinstance(next(step), Send)
    coming = iter([b"", *pieces])
    try:
        while True:
            step.send(next(coming, b""))
    except StopIteration as end:
        found: Tuned = end.value
        return found


def test_an_old_station_s_greeting_is_understood_in_any_pieces() -> None:
    whole = b"ICY 200 OK\r\nicy-name: x\r\nContent-Type: audio/mpeg\r\n\r\n" + bytes(10)
    for cut in (1, 2, 3, 4, 5, 20):
        found = heard(whole[:cut], whole[cut:])
        assert found.exchange.response is not None
        assert found.exchange.response.status == 200
        assert found.heard is not None
        assert found.heard.bytes == 10


def test_a_playlist_in_sound_s_clothing_is_read_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpegurl\r\nContent-Length: 7\r\n\r\n"
    found = heard(head + b"#EXTM3U")
    assert found.heard is None
    assert found.exchange.response is not None
    assert found.exchange.response.body == b"#EXTM3U"


def test_a_body_is_cut_where_it_was_to_be() -> None:
    found = heard(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5000), most_body=1000)
    assert found.exchange.response is not None
    assert len(found.exchange.response.body) == 1000
    assert found.exchange.response.truncated


def test_silence_keeps_what_was_heard_before_it() -> None:
    silence = Failed(Failure.TIMEOUT, Operation.READ)
    found = heard(b"HTTP/1.0 200 OK\r\nContent-Type: audio/aac\r\n\r\n" + bytes(9), silence)
    assert found.exchange.failed == Failed(Failure.TIMEOUT, Operation.HTTP_ROUND_TRIP)
    assert found.heard is not None
    assert found.heard.bytes == 9


def test_the_longest_silence_is_measured() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: audio/aac\r\n\r\n"
    found = heard(head, bytes(1), bytes(1), bytes(1), bytes(1), bytes(1), bytes(1), every_s=1.0)
    assert found.heard is not None
    assert found.heard.longest_gap_s == pytest.approx(1.0)
    assert found.heard.seconds == pytest.approx(5.0)


@pytest.mark.parametrize("said", [b"", b"IC", b"SSH-2.0-x\r\n", b"ICY \r\n\r\n", b"\x00" * 100])
def test_what_is_no_http_is_a_failure(said: bytes) -> None:
    found = heard(said)
    assert found.exchange.response is None
    assert found.exchange.failed is not None


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(0, 300))
def test_whatever_a_station_sends_ends_in_an_answer_or_a_failure(pieces: list[bytes], every: int) -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: audio/aac\r\nicy-metaint: %d\r\n\r\n" % every
    found = heard(head, *[piece for piece in pieces if piece])
    assert found.heard is not None
    assert found.heard.bytes <= sum(map(len, pieces))


def test_a_request_that_cannot_be_spelled_is_a_failed_exchange() -> None:
    asked = Request(scheme="http", host="radio.test", path="/\u0416")
    step = tuned(asked, most_body=1000, listen_s=5.0, now=lambda: 0.0)
    with pytest.raises(StopIteration) as ended:
        next(step)
    assert ended.value.value.exchange.failed.failure is Failure.HTTP_REQUEST_FAILED
