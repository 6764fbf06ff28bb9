import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.names import endpoint
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.answer import answer_to
from lampwatch.probe.control_service.guard import is_public
from lampwatch.probe.control_service.question import Question, question_of
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Datagrams, Stream
from tests.probe.control_service.asking import (
    BODY,
    NAME,
    OTHER,
    SITE,
    answered,
    outpost,
    page,
    plain,
    question,
    read,
    secure,
)
from tests.probe.scripted import ScriptedNetwork, saying
from tests.probe.servers import Page

HTTP = f"http://{NAME}/"
NAMES = {f"{NAME}.": [SITE], "www.example.net.": [OTHER]}


def redirecting(location: str, status: int = 302) -> ScriptedNetwork:
    """The example site, which sends everyone elsewhere."""
    streams = {
        f"{SITE}:80": plain(page(status, b"", Location=location)),
        f"{OTHER}:443": secure(page(), "www.example.net"),
    }
    return ScriptedNetwork(names=NAMES, streams=streams)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_another_host(status: int) -> None:
    told = answered(outpost(redirecting("https://www.example.net/", status)), HTTP)["http_request"]
    assert (told["status_code"], told["body_length"]) == (200, len(BODY))


def test_a_redirect_that_names_no_place_is_the_answer() -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": plain(page(302))})
    assert answered(outpost(network), HTTP)["http_request"]["status_code"] == 302


def test_a_redirect_to_a_name_that_does_not_exist_fails_there() -> None:
    told = answered(outpost(redirecting("https://gone.example.com/")), HTTP)["http_request"]
    assert (told["failure"], told["status_code"]) == ("dns_nxdomain_error", -1)


def test_a_redirect_that_is_no_url_is_told_so() -> None:
    told = answered(outpost(redirecting("https:///nowhere")), HTTP)["http_request"]
    assert told["failure"] == "http_invalid_redirect_location_host"


def test_endless_redirects_are_given_up_after_ten() -> None:
    network = redirecting("/again")
    told = answered(outpost(network), HTTP)["http_request"]
    assert told["failure"] == "unknown_failure: stopped after too many redirects"
    # Eleven requests, and one connect that measures the endpoint.
    assert network.connected.count(f"{SITE}:80") == 12
    assert network.left_open == []


def test_ten_redirects_are_followed() -> None:
    def handler(_method: str, path: str, _headers: dict[str, str], _body: bytes) -> Page:
        step = int(path[1:] or 0)
        return (302, {"Location": f"/{step + 1}"}, b"") if step < 10 else (200, {}, b"there")

    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": plain(handler)})
    assert answered(outpost(network), HTTP)["http_request"]["body_length"] == 5


def test_a_site_that_wants_its_cookie_back_gets_it() -> None:
    def handler(_method: str, _path: str, headers: dict[str, str], _body: bytes) -> Page:
        if headers.get("cookie") == "seen=1":
            return 200, {}, b"in"
        return 302, {"Location": "/", "Set-Cookie": "seen=1; Path=/"}, b""

    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": plain(handler)})
    assert answered(outpost(network), HTTP)["http_request"]["body_length"] == 2


INNER = [
    "http://127.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[fd00:ec2::254]/",
    "http://[2002:7f00:1::1]/",
    "http://inner.example.com/",
]
ODD = [
    "http://0x7f.1/",
    "http://2130706433/",
    "http://127.1/",
    "http://localhost/",
    "http://metadata.google.internal/",
    f"http://{SITE}:22/",
    f"http://{SITE}:6379/",
]


@pytest.mark.parametrize("location", INNER)
def test_a_redirect_into_an_inner_network_is_not_followed(location: str) -> None:
    network = redirecting(location)
    network.names = {**NAMES, "inner.example.com.": ["192.168.0.1", "::1"]}
    told = answered(outpost(network), HTTP)["http_request"]
    assert (told["failure"], told["status_code"], told["headers"]) == ("dns_bogon_error", -1, {})
    assert set(network.connected) == {f"{SITE}:80", f"{SITE}:443"}


@pytest.mark.parametrize("location", ODD)
def test_a_redirect_that_is_oddly_spelled_is_not_even_looked_up(location: str) -> None:
    network = redirecting(location)
    # As a system's resolver would: it takes such a spelling for an address.
    network.names = {**NAMES, "0x7f.1.": [OTHER], "2130706433.": [OTHER], "127.1.": [OTHER]}
    told = answered(outpost(network), HTTP)["http_request"]
    assert told["failure"] == "http_unexpected_redirect_url"
    assert set(network.connected) == {f"{SITE}:80", f"{SITE}:443"}


@pytest.mark.parametrize("scheme", ["ftp://x.example.com/", "file:///etc/passwd", "gopher://x.example.com/"])
def test_a_redirect_to_another_protocol_is_not_followed(scheme: str) -> None:
    told = answered(outpost(redirecting(scheme)), HTTP)["http_request"]
    assert told["failure"] == "http_invalid_redirect_location_host"


@pytest.mark.parametrize("url", [location for location in INNER if "inner." not in location])
def test_an_inner_address_asked_for_outright_is_never_connected_to(url: str) -> None:
    network = ScriptedNetwork()
    answer = answered(outpost(network), url)
    assert answer["http_request"]["failure"] == "dns_bogon_error"
    assert answer["tcp_connect"] == {}
    assert network.connected == []


def test_a_name_that_leads_to_an_inner_address_is_told_as_a_bogon_and_never_connected_to() -> None:
    network = ScriptedNetwork(names={f"{NAME}.": ["127.0.0.1", "169.254.169.254"]})
    answer = answered(outpost(network), HTTP, "127.0.0.1:80", "10.10.34.35:80")
    assert answer["dns"] == {"failure": None, "addrs": ["127.0.0.1", "169.254.169.254"]}
    flags = {ip: info["flags"] for ip, info in answer["ip_info"].items()}
    assert flags == {"127.0.0.1": 7, "10.10.34.35": 5, "169.254.169.254": 6}
    assert answer["http_request"]["failure"] == "dns_bogon_error"
    assert answer["tcp_connect"] == answer["tls_handshake"] == {}
    assert network.connected == []


def test_of_a_mixed_answer_only_the_public_addresses_are_connected_to() -> None:
    network = ScriptedNetwork(
        names={f"{NAME}.": ["10.0.0.1", SITE, "::1"]}, streams={f"{SITE}:80": plain(page())}
    )
    answer = answered(outpost(network), HTTP, "[::ffff:10.0.0.1]:80", "192.168.1.1:443")
    assert answer["http_request"]["status_code"] == 200
    assert set(network.connected) == {f"{SITE}:80", f"{SITE}:443"}


def test_quic_goes_to_no_inner_address_either() -> None:
    network = ScriptedNetwork(names={f"{NAME}.": ["10.0.0.1"]})
    answer = answered(outpost(network), f"https://{NAME}/", "10.0.0.1:443", quic=True)
    assert answer["quic_handshake"] == {}
    assert network.connected == []


def test_our_own_public_addresses_can_be_refused_too() -> None:
    network = redirecting("https://www.example.net/")
    answered(outpost(network, refuses=lambda ip: ip == OTHER), HTTP)
    assert set(network.connected) == {f"{SITE}:80", f"{SITE}:443"}


class Rebinding:
    """A network whose resolver gives a public address first, and inner ones from then on."""

    def __init__(self, under: ScriptedNetwork, answers: Sequence[str]) -> None:
        self.under = under
        self.answers = list(answers)
        self.asked = 0

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        return await self.under.connect(ip, port, timeout_s=timeout_s, ttl=ttl)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        return await self.under.datagrams(ip, port, ttl=ttl)

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        del timeout_s
        self.asked += 1
        if hostname != f"{NAME}.":
            return Failed(Failure.DNS_NXDOMAIN, Operation.RESOLVE)
        return [self.answers[min(self.asked, len(self.answers)) - 1]]


def test_a_name_is_looked_up_once_and_connects_go_to_what_was_checked() -> None:
    network = Rebinding(ScriptedNetwork(streams={f"{SITE}:80": plain(page())}), [SITE, "127.0.0.1"])
    answer = asyncio.run(answer_to(read(question(HTTP, quic=True)), outpost(network)))
    assert answer["http_request"]["status_code"] == 200
    assert network.asked == 1
    assert set(network.under.connected) == {f"{SITE}:80", f"{SITE}:443"}


def test_a_name_that_turns_inward_between_two_redirects_is_refused_there() -> None:
    under = ScriptedNetwork(streams={f"{SITE}:80": plain(page(302, b"", Location="/again"))})
    network = Rebinding(under, [SITE, SITE, "127.0.0.1"])
    answer = asyncio.run(answer_to(read(question(HTTP)), outpost(network)))
    assert answer["http_request"]["failure"] == "dns_bogon_error"
    assert network.asked == 3
    assert set(under.connected) == {f"{SITE}:80", f"{SITE}:443"}


ADDRESSES = st.ip_addresses().map(str) | st.sampled_from(
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1%eth0", "0x7f.1", "2130706433", SITE]
)


@given(
    host=ADDRESSES | st.just(NAME),
    told=st.lists(ADDRESSES, max_size=4),
    probe=st.lists(ADDRESSES, max_size=4),
    onward=ADDRESSES,
    port=st.sampled_from(["", ":80", ":443", ":22", ":8443"]),
)
def test_whatever_is_asked_told_or_redirected_to_only_public_web_servers_are_connected_to(
    host: str, told: list[str], probe: list[str], onward: str, port: str
) -> None:
    place = f"[{onward}]" if ":" in onward else onward
    network = ScriptedNetwork(names=AnyName(told), streams=AnyPlace(f"http://{place}{port}/"))
    written = f"[{host}]" if ":" in host else host
    endpoints = [f"[{ip}]:443" if ":" in ip else f"{ip}:80" for ip in probe]
    asking = question_of(json.dumps(question(f"http://{written}{port}/", *endpoints, quic=True)).encode())
    if isinstance(asking, Question):
        asyncio.run(answer_to(asking, outpost(network)))
    for address in network.connected:
        ip, at = endpoint(address)
        assert is_public(ip)
        assert at in {80, 443, 8443}
    assert network.left_open == []


class AnyName(dict[str, list[str]]):
    """Every name leads to the same addresses."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__()
        self.addresses = addresses

    def get(self, _name: str, _default: object = None) -> Any:
        return self.addresses


class AnyPlace(dict[str, Any]):
    """At every address is a server that sends everyone to the same place."""

    def __init__(self, location: str) -> None:
        super().__init__()
        head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        self.serving = saying(head.encode(), b"")

    def get(self, _address: str, _default: object = None) -> Any:
        return self.serving
