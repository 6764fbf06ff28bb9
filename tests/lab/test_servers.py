"""What is outside answers as it should, to a plain client at the other end of two routers."""

import json
from typing import Any

import pytest

from lampwatch.lab import view
from lampwatch.lab.networks import LabNetworks
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Topology
from lampwatch.lab.servers import media, services
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.http import Request
from lampwatch.lab.servers.outside import Outside
from lampwatch.lab.servers.services import SERVICES
from lampwatch.lab.world import Certificate, Dead, Page, Site, World
from tests.lab.visiting import BLOCKED_IP, FREE_IP, Visitor, stage

EVERYTHING = World(services=(*SERVICES, "live"))


def got(visitor: Visitor, *words: str) -> Any:
    told = visitor.visit(*words)
    assert "got" in told, told
    return told["got"]


def test_everything_of_the_outside_answers(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(world=EVERYTHING))
    ca = visitor.view.ca_file
    jobs: dict[str, tuple[list[str], Any]] = {
        "the provider's resolver": (["system", "free.test"], [FREE_IP]),
        "DNS over TCP": (["dns_over", "tcp", "free.test", "8.8.8.8", ca], [FREE_IP]),
        "DNS over TLS": (["dns_over", "tls", "free.test", "8.8.8.8", ca], [FREE_IP]),
        "DNS over HTTPS": (["dns_over", "https", "free.test", "8.8.8.8", ca], [FREE_IP]),
        "DNS over QUIC": (["dns_over", "quic", "free.test", "1.1.1.1", ca], [FREE_IP]),
        "a data centre of Telegram": (["post", services.TELEGRAM[0], "80"], 501),
        "the same on its other port": (["post", services.TELEGRAM[5], "443"], 501),
        "WhatsApp's endpoint": (["tcp", "157.240.20.16", "5222"], "connected"),
        "Facebook's endpoint": (["tcp", "31.13.64.6", "443"], "connected"),
        "STUN": (["stun", "74.125.250.129", "19302"], "10.0.0.1"),
        "the echo": (["echo", services.TCP_ECHO, "80", "NOT HTTP"], "NOT HTTP"),
    }
    told = dict(zip(jobs, visitor.visits(*(words for words, _ in jobs.values())), strict=True))
    wrong = {what: told[what] for what, (_, expected) in jobs.items() if told[what].get("got") != expected}
    assert wrong == {}


def test_http2_is_spoken_where_the_client_speaks_it(sandbox: Sandbox) -> None:
    site = Site("large.test", ("93.184.216.70",), pages={"/": Page(size=700_000)})
    visitor = Visitor(sandbox, stage(world=World(sites=(site,))))
    answer = got(visitor, "http2", "https://large.test/", "93.184.216.70", visitor.view.ca_file)
    assert answer == {"version": "HTTP/2", "status": 200, "bytes": 700_000}


def test_signal_answers_under_a_certificate_that_is_trusted(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(world=World(services=("signal",))))
    answer = got(visitor, "web", "https://chat.signal.org/", "76.223.92.166", visitor.view.ca_file)
    assert answer["status"] == 404


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (Certificate.EXPIRED, "expired"),
        (Certificate.WRONG_NAME, "Hostname mismatch"),
        (Certificate.UNKNOWN_ISSUER, "unable to get local issuer"),
    ],
)
def test_a_bad_certificate_is_bad_in_its_own_way(
    sandbox: Sandbox, certificate: Certificate, why: str
) -> None:
    site = Site("blocked.test", (BLOCKED_IP,), certificate=certificate)
    assert why in Visitor(sandbox, stage(world=World(sites=(site,)))).blocked()["why"]


@pytest.mark.parametrize(
    ("dead", "failure"),
    [(Dead.REFUSED, "ConnectionRefusedError"), (Dead.SILENT, "TimeoutError")],
)
def test_a_dead_site_is_dead_for_the_outside_too(sandbox: Sandbox, dead: Dead, failure: str) -> None:
    visitor = Visitor(sandbox, stage(world=World(sites=(Site("blocked.test", (BLOCKED_IP,), dead=dead),))))
    assert visitor.visit("tcp", BLOCKED_IP, "443")["failure"] == failure
    assert visitor.visit("tcp", BLOCKED_IP, "443", outside=True)["failure"] == failure


def test_a_site_may_turn_away_the_client_alone(sandbox: Sandbox) -> None:
    site = Site("blocked.test", (BLOCKED_IP,), for_probe=Page(status=451))
    visitor = Visitor(sandbox, stage(world=World(sites=(site,))))
    words = visitor.page("https://blocked.test/", BLOCKED_IP)
    statuses = [visitor.visit(*words, outside=outside)["got"]["status"] for outside in (False, True)]
    assert statuses == [451, 200]


def test_a_rotating_answer_is_another_each_time_and_the_control_gets_its_own(sandbox: Sandbox) -> None:
    site = Site("cdn.test", ("104.16.1.1", "104.16.2.1"), control_addresses=("104.17.9.9",), rotating=True)
    visitor = Visitor(sandbox, stage(world=World(sites=(site,))))
    told = visitor.visits(*(["dns_answers", "cdn.test", "8.8.8.8", "0.1"] for _ in range(3)))
    assert [answer["got"][0]["addresses"] for answer in told] == [
        ["104.16.1.1"],
        ["104.16.2.1"],
        ["104.16.1.1"],
    ]
    assert got_outside(visitor, "system", "cdn.test") == ["104.17.9.9"]


def got_outside(visitor: Visitor, *words: str) -> Any:
    return visitor.visit(*words, outside=True)["got"]


def test_headers_are_told_as_they_were_sent(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(world=World(services=("middlebox_echo",))))
    answer = got(visitor, *visitor.page("http://header-echo.test/", services.HTTP_ECHO))
    assert json.loads(answer["text"])["request_headers"] == [
        ["Host", "header-echo.test"],
        ["Connection", "close"],
    ]


def test_a_large_file_comes_whole(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(world=World(services=("origin",))))
    name, address = services.ORIGIN
    assert got(visitor, *visitor.page(f"https://{name}/?bytes=1000000", address))["bytes"] == 1_000_000


def test_the_radio_plays(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(world=World(services=("live",))))
    request = "GET /radio HTTP/1.0\r\n\r\n"
    assert got(visitor, "echo", media.ADDRESS, str(media.RADIO_PORT), request).startswith("ICY 200 OK")


def test_the_live_programme_advances_with_the_clock_and_the_frozen_one_does_not() -> None:
    now = [1000.0]
    station = media.station(lambda: now[0])
    first = [station(_asked(path)).body for path in ("/live.m3u8", "/frozen.m3u8")]
    now[0] += 2 * media.SEGMENT_S
    second = [station(_asked(path)).body for path in ("/live.m3u8", "/frozen.m3u8")]
    assert [b"MEDIA-SEQUENCE:496" in first[0], b"MEDIA-SEQUENCE:498" in second[0]] == [True, True]
    assert first[1] == second[1]


def _asked(path: str) -> Any:
    return Request("GET", path, media.NAME, (), b"", "10.0.0.1", media.ADDRESS, over_tls=False)


def test_a_long_line_delays_and_a_bad_one_loses(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(topology=Topology(hops=4, delay_ms=100)))
    assert visitor.visit("tcp", FREE_IP, "80")["seconds"] >= 0.1
    visitor = Visitor(sandbox, stage(topology=Topology(hops=1, loss=1.0)))
    assert visitor.visit("tcp", FREE_IP, "80")["failure"] == "TimeoutError"


def test_ipv6_leads_outside_where_the_client_has_it(sandbox: Sandbox) -> None:
    site = Site("six.test", ("2606:2800:21f:cb07::34",))
    visitor = Visitor(sandbox, stage(topology=Topology(hops=3, ipv6=True), world=World(sites=(site,))))
    assert visitor.visit("tcp", site.addresses[0], "443")["got"] == "connected"


def test_every_address_of_the_outside_is_in_a_known_network() -> None:
    networks = LabNetworks()
    unknown = [ip for ip in Outside(EVERYTHING, Authority()).addresses if not networks.network_of(ip).asn]
    assert unknown == []
    assert networks.name_of(networks.network_of(view.PROVIDER_RESOLVER).asn) == "Lab Telecom"
