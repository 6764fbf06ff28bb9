"""What leaves and enters by the importers' way out, against a server on this machine."""

import datetime as dt
import gzip
import itertools
from collections.abc import Callable
from email.utils import format_datetime

import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.retrying import asked_wait_s
from lampwatch.signals.web import AGENT, Limits, Web
from tests.signals.replaying import NOON, Asked, Clock, Reply, as_json, replaying, web

RADAR_KEY = "what-nobody-may-see"


def replies(*given: Reply) -> Callable[[Asked], Reply]:
    """Each reply once, the last one from then on."""
    waiting = list(given)
    return lambda _asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def test_an_answer_comes_with_its_query_and_says_who_asks() -> None:
    with replaying(lambda _: as_json({"a": 1})) as server, web() as out:
        assert out.json(f"{server.url}/v2/x", dict[str, int], {"from": 5, "until": "6"}) == {"a": 1}
    assert server.asked[0].path == "/v2/x"
    assert server.asked[0].query == {"from": "5", "until": "6"}
    assert server.asked[0].headers["User-Agent"] == AGENT


def test_a_second_request_to_a_host_waits_its_turn() -> None:
    clock = Clock()
    with replaying(lambda _: Reply(b"{}")) as server, web(clock) as out:
        for _ in range(3):
            out.get(server.url)
    assert clock.slept == [1.0, 1.0]


def test_a_clock_that_was_set_back_delays_nobody() -> None:
    clock = Clock()
    with replaying(lambda _: Reply(b"{}")) as server, web(clock) as out:
        out.get(server.url)
        clock.now -= 1e6
        out.get(server.url)
    assert clock.slept == [1.0]


def test_a_failing_server_is_asked_again_after_longer_and_longer_waits() -> None:
    clock = Clock()
    bad = Reply(status=503)
    with replaying(replies(bad, bad, Reply(b"{}"))) as server, web(clock) as out:
        assert out.get(server.url).body == b"{}"
    assert clock.slept == [2.0, 6.0]


def test_a_server_that_keeps_failing_is_told_in_one_line() -> None:
    with (
        replaying(lambda _: Reply(status=502)) as server,
        web() as out,
        pytest.raises(UserError, match=r"/v2: the server is busy or failing \(502\)$"),
    ):
        out.get(f"{server.url}/v2")
    assert len(server.asked) == 4


def test_retry_after_is_done_as_told() -> None:
    clock = Clock()
    busy = Reply(status=429, headers={"Retry-After": "40"})
    with replaying(replies(busy, Reply(b"{}"))) as server, web(clock) as out:
        out.get(server.url)
    assert clock.slept == [40.0]


def test_who_asks_for_a_longer_wait_than_anyone_would_wait_is_not_asked_again() -> None:
    clock = Clock()
    with (
        replaying(lambda _: Reply(status=429, headers={"Retry-After": "3601"})) as server,
        web(clock) as out,
        pytest.raises(UserError, match="try again in 61 minutes"),
    ):
        out.get(server.url)
    assert clock.slept == []
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        ("30", 30.0),
        (format_datetime(dt.datetime.fromtimestamp(NOON + 90, dt.UTC), usegmt=True), 90.0),
        ("Wed, 05 Jan 2022 11:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, waited: float) -> None:
    assert asked_wait_s(said, NOON) == waited


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_not_asked_twice(status: int) -> None:
    with replaying(lambda _: Reply(status=status)) as server, web() as out:
        with pytest.raises(UserError, match=str(status)):
            out.get(server.url)
        assert out.get(server.url, also=(status,)).status == status
    assert len(server.asked) == 2


def test_a_token_goes_in_a_header_and_in_nothing_else() -> None:
    with replaying(lambda _: Reply(status=403)) as server, web(tokens={"radar": RADAR_KEY}) as out:
        with pytest.raises(UserError) as told:
            out.get(server.url, {"a": "b"}, bearer="radar")
        with pytest.raises(UserError):
            out.get(server.url, bearer="another")
    assert server.asked[0].headers["Authorization"] == f"Bearer {RADAR_KEY}"
    assert server.asked[0].query == {"a": "b"}
    assert RADAR_KEY not in str(told.value)
    assert "Authorization" not in server.asked[1].headers


def test_a_token_that_can_be_none_is_refused_without_showing_it() -> None:
    with pytest.raises(UserError, match="radar") as told, web(tokens={"radar": f"{RADAR_KEY}\nx: y"}):
        raise AssertionError
    assert RADAR_KEY not in str(told.value)


def test_an_empty_token_is_none() -> None:
    with web(tokens={"radar": " "}) as out:
        assert not out.has_token("radar")


def test_a_redirect_is_followed_and_takes_no_token_to_another_server() -> None:
    with replaying(lambda _: Reply(b"{}")) as there:
        with (
            replaying(lambda _: Reply(status=302, headers={"Location": f"{there.url}/moved"})) as server,
            web(tokens={"radar": RADAR_KEY}) as out,
        ):
            out.get(server.url, bearer="radar")
        assert there.asked[0].path == "/moved"
        assert "Authorization" not in there.asked[0].headers


def test_a_redirect_to_plain_http_elsewhere_is_refused() -> None:
    with (
        replaying(lambda _: Reply(status=302, headers={"Location": "http://192.0.2.1/"})) as server,
        web() as out,
        pytest.raises(UserError, match="http can be read and changed"),
    ):
        out.get(server.url)


def test_redirects_in_a_circle_end() -> None:
    with (
        replaying(lambda _: Reply(status=302, headers={"Location": "/again"})) as server,
        web() as out,
        pytest.raises(UserError, match="without end"),
    ):
        out.get(server.url)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://192.0.2.1/", "Use https, or allow it with --allow-http"),
        ("https://user:pass@example.org/", "may not hold a password"),
        ("ftp://example.org/", "is no address"),
        ("example.org", "is no address"),
        ("https://", "is no address"),
        ("https://example.org:port/", "is no address"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(address: str, why: str) -> None:
    with web() as out, pytest.raises(UserError, match=why) as told:
        out.get(address)
    assert "pass@" not in str(told.value)


def test_what_is_packed_is_unpacked() -> None:
    packed = Reply(gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})
    with replaying(lambda _: packed) as server, web() as out:
        assert out.get(server.url).body == b'{"a": 1}'


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 2000),
        Reply(gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_answer_without_measure_is_given_up(reply: Reply) -> None:
    limits = Limits(packed_bytes=1000, unpacked_bytes=10_000)
    with (
        replaying(lambda _: reply) as server,
        web(limits=limits) as out,
        pytest.raises(UserError, match="larger than any honest one"),
    ):
        out.get(server.url)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(gzip.compress(b"x" * 1000)[:-9], headers={"Content-Encoding": "gzip"}), "ends in the middle"),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "cannot be unpacked"),
        (Reply(b"ab", length=50), "cannot be reached"),
    ],
)
def test_an_answer_that_is_cut_off_is_asked_for_again(reply: Reply, why: str) -> None:
    with replaying(replies(reply, Reply(b"whole"))) as server, web() as out:
        assert out.get(server.url).body == b"whole"
    with replaying(lambda _: reply) as server, web() as out, pytest.raises(UserError, match=why):
        out.get(server.url)


def test_a_packing_that_was_not_asked_for_is_told() -> None:
    with (
        replaying(lambda _: Reply(b"?", headers={"Content-Encoding": "br"})) as server,
        web() as out,
        pytest.raises(UserError, match="packed as br"),
    ):
        out.get(server.url)


def test_nobody_at_the_address_is_told_in_one_line() -> None:
    with replaying(lambda _: Reply()) as server:
        gone = server.url
    with web() as out, pytest.raises(UserError, match="cannot be reached") as told:
        out.get(gone)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("body", [b"<html>", b'{"a": "x"}', b"\xff", b"[" * 100_000])
def test_an_answer_of_another_kind_is_told(body: bytes) -> None:
    with (
        replaying(lambda _: Reply(body)) as server,
        web() as out,
        pytest.raises(UserError, match="not as documented"),
    ):
        out.json(server.url, dict[str, int])


def test_an_answer_that_drips_without_end_is_given_up() -> None:
    looks = itertools.count(NOON, 180)
    with (
        replaying(lambda _: Reply(b"x" * 1_000_000)) as server,
        Web(clock=lambda: float(next(looks)), sleep=lambda _: None) as out,
        pytest.raises(UserError, match="took longer than 300 seconds"),
    ):
        out.get(server.url)
