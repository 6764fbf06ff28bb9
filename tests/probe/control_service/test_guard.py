import asyncio
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.guard import (
    Guard,
    GuardedNetwork,
    canonical,
    is_permitted_port,
    is_public,
    is_public_name,
)
from lampwatch.probe.failed import Failed
from tests.probe.scripted import ScriptedNetwork, saying

INNER = [
    "0.0.0.0",  # noqa: S104  refused here, not bound
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:0808:0808::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
]
OUTER = ["8.8.8.8", "93.184.216.34", "203.0.114.9", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"]


@pytest.mark.parametrize("ip", INNER)
def test_an_address_that_is_no_public_server_s_is_refused(ip: str) -> None:
    assert not is_public(ip)
    assert not Guard().permits(ip)


@pytest.mark.parametrize("ip", OUTER)
def test_a_public_address_is_permitted(ip: str) -> None:
    assert Guard().permits(ip)


@pytest.mark.parametrize(
    "text", ["", "example.org", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "[::1]", "1.2.3.4 "]
)
def test_what_is_no_address_in_its_usual_spelling_is_refused(text: str) -> None:
    assert canonical(text) == ""
    assert not Guard(lambda _: True).permits(text)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_that_the_registry_says_is_not(address: ipaddress.IPv4Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "64:ff9b::", "64:ff9b:1::"]))
def test_no_ipv6_address_that_holds_an_ipv4_address_is_public(
    inner: ipaddress.IPv4Address, prefix: str
) -> None:
    assert not is_public(f"{prefix}{inner}")


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_the_global_range_is_public(address: ipaddress.IPv6Address) -> None:
    if int(address) >> 125 != 1:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_no_6to4_or_teredo_address_is_public(inner: ipaddress.IPv4Address) -> None:
    assert not is_public(str(ipaddress.IPv6Address(0x2002 << 112 | int(inner) << 80 | 1)))
    assert not is_public(str(ipaddress.IPv6Address(0x2001 << 112 | int(inner))))


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    Guard().permits(text)
    is_public_name(text)


@pytest.mark.parametrize("port", [80, 443, 1024, 8080, 8443, 65535])
def test_ports_of_web_sites_are_permitted(port: int) -> None:
    assert is_permitted_port(port)


@pytest.mark.parametrize(
    "port", [-1, 0, 1, 22, 25, 53, 79, 81, 444, 1023, 2375, 3306, 6379, 9200, 11211, 65536]
)
def test_other_low_ports_and_those_of_databases_are_refused(port: int) -> None:
    assert not is_permitted_port(port)


@pytest.mark.parametrize(
    "name", ["example.org", "a.b-c.example", "_x.example.org", "xn--80ak6aa92e.xn--p1ai"]
)
def test_names_of_the_public_dns_are_asked_for(name: str) -> None:
    assert is_public_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "intranet",
        "printer.local",
        "metadata.google.internal",
        "router.lan",
        "1.0.0.127.in-addr.arpa",
        "nas.home.arpa",
        "x.onion",
        "0x7f.1",
        "127.1",
        "example.0x7f",
        "example..org",
        "-x.example",
        "ex ample.org",
        "example.org\n",
        "a." * 130 + "org",
        "",
    ],
)
def test_names_that_tell_of_some_inner_network_are_not_even_asked_for(name: str) -> None:
    assert not is_public_name(name)


def test_a_lab_permits_its_own_addresses_and_no_others() -> None:
    guard = Guard(lambda ip: ip == "10.0.0.1")
    assert guard.permits("10.0.0.1")
    assert not guard.permits("10.0.0.2")


def test_what_is_refused_stays_refused_though_it_is_public_or_allowed() -> None:
    guard = Guard(lambda _: True, lambda ip: ip == "8.8.8.8")
    assert not guard.permits("8.8.8.8")


@pytest.mark.parametrize(("ip", "port"), [("127.0.0.1", 443), ("93.184.216.34", 22), ("example.org", 443)])
def test_a_guarded_network_connects_nowhere_else_whoever_asks(ip: str, port: int) -> None:
    under = ScriptedNetwork(streams={f"{ip}:{port}": saying(b"x")}, sockets={f"{ip}:{port}": saying(b"x")})
    network = GuardedNetwork(under, Guard())

    async def tried() -> list[object]:
        return [await network.connect(ip, port, timeout_s=1.0), await network.datagrams(ip, port)]

    refused = Failed(Failure.DNS_BOGON, Operation.CONNECT)
    assert asyncio.run(tried()) == [refused, refused]
    assert under.connected == []


def test_a_guarded_network_looks_up_no_name() -> None:
    network = GuardedNetwork(ScriptedNetwork(names={"example.org": ["8.8.8.8"]}), Guard())
    found = asyncio.run(network.resolve("example.org", timeout_s=1.0))
    assert found == Failed(Failure.DNS_REFUSED, Operation.RESOLVE)
