import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.names import (
    UrlParts,
    ascii_host,
    endpoint,
    is_address,
    is_bogon,
    is_ipv6,
    url_parts,
)

NOTHING = UrlParts("", "", 0)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://www.example.org/a?b#c", UrlParts("https", "www.example.org", 443)),
        ("http://www.example.org", UrlParts("http", "www.example.org", 80)),
        ("HTTPS://WWW.Example.ORG:8443/", UrlParts("https", "www.example.org", 8443)),
        ("http://user:secret@example.org/", UrlParts("http", "example.org", 80)),
        ("https://8.8.4.4/dns-query", UrlParts("https", "8.8.4.4", 443)),
        ("https://[2001:db8::1]:8443/", UrlParts("https", "2001:db8::1", 8443)),
        ("http://example.org./", UrlParts("http", "example.org", 80)),
        ("http://яндекс.рф/", UrlParts("http", "xn--d1acpjx3f.xn--p1ai", 80)),
        ("ftp://example.org/", UrlParts("ftp", "example.org", 0)),
        ("example.org", NOTHING),
        ("", NOTHING),
        ("https://", UrlParts("https", "", 443)),
        ("http://[::1", NOTHING),
        ("http://example.org:99999/", NOTHING),
        ("http://example.org:port/", NOTHING),
    ],
)
def test_a_url_has_a_scheme_a_host_and_a_port(url: str, parts: UrlParts) -> None:
    assert url_parts(url) == parts


def test_a_long_url_is_read_like_a_short_one() -> None:
    assert url_parts(f"https://example.org/{'a' * 2000}") == UrlParts("https", "example.org", 443)


@pytest.mark.parametrize(
    ("host", "ascii_name"),
    [
        ("Example.ORG.", "example.org"),
        ("ЯНДЕКС.РФ", "xn--d1acpjx3f.xn--p1ai"),
        ("XN--D1ACPJX3F.xn--p1ai", "xn--d1acpjx3f.xn--p1ai"),
        ("bücher.example", "xn--bcher-kva.example"),
        # IDNA2008, which probes and registries follow: the sharp s is a letter of its own.
        ("straße.de", "xn--strae-oqa.de"),
        ("www。example。com", "www.example.com"),
        ("\uff45\uff58\uff41mple.com", "example.com"),
    ],
)
def test_a_host_has_one_ascii_name(host: str, ascii_name: str) -> None:
    assert ascii_host(host) == ascii_name


@given(st.text(max_size=300))
def test_no_text_is_too_strange_for_a_host_or_a_url(text: str) -> None:
    assert ascii_host(text) == ascii_host(text)
    assert url_parts(f"http://{text}/").port >= 0
    assert url_parts(text).port >= 0


@given(st.text(max_size=60))
def test_an_ascii_name_stays_as_it_is(text: str) -> None:
    once = ascii_host(text)
    assert ascii_host(once) == once


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("93.184.216.34:443", ("93.184.216.34", 443)),
        ("[2001:db8::1]:443", ("2001:db8::1", 443)),
        ("example.org:80", ("example.org", 80)),
        ("93.184.216.34:x", ("93.184.216.34", 0)),
        ("93.184.216.34:٤٤٣", ("93.184.216.34", 0)),
        ("93.184.216.34:1234567", ("93.184.216.34", 0)),
    ],
)
def test_an_endpoint_has_an_address_and_a_port(text: str, parts: tuple[str, int]) -> None:
    assert endpoint(text) == parts


@given(st.text(max_size=200))
def test_no_text_is_too_strange_for_an_endpoint_or_an_address(text: str) -> None:
    assert endpoint(text)[1] >= 0
    assert is_bogon(text) in {True, False}
    assert not is_ipv6(text) or is_address(text)


@pytest.mark.parametrize(
    "ip",
    [
        "10.10.34.35",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104  an answer that censors give, bound to by nobody
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "ff02::1",
    ],
)
def test_no_public_server_can_have_such_an_address(ip: str) -> None:
    assert is_bogon(ip)


@pytest.mark.parametrize(
    "ip", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::5db8:d822"]
)
def test_a_public_server_can_have_such_an_address(ip: str) -> None:
    # 64:ff9b::/96 is how a network without IPv4 names public IPv4 addresses (RFC 6052).
    assert not is_bogon(ip)


@pytest.mark.parametrize("text", ["", "example.org", "1.2.3", "1.2.3.4.5", "x" * 100, "[::1]"])
def test_what_is_no_address_is_no_bogon_either(text: str) -> None:
    assert not is_address(text)
    assert not is_bogon(text)


@pytest.mark.parametrize(("ip", "sixth"), [("::1", True), ("127.0.0.1", False), ("a:b", False)])
def test_ipv6_is_told_from_ipv4(ip: str, sixth: bool) -> None:
    assert is_ipv6(ip) is sixth
