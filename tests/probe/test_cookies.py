import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.probe.cookies import Cookies
from lampwatch.probe.http import Response


def kept(*set_cookie: str, at: str = "www.example.org") -> Cookies:
    cookies = Cookies()
    cookies.take(
        at, Response(200, tuple((b"Set-Cookie", value.encode("latin-1")) for value in set_cookie), b"")
    )
    return cookies


def test_a_cookie_goes_back_to_its_host() -> None:
    assert kept("a=1; Path=/").header("www.example.org") == (("Cookie", "a=1"),)


def test_a_cookie_goes_to_no_other_host() -> None:
    assert kept("a=1").header("example.org") == ()


def test_a_cookie_for_a_domain_goes_to_all_its_hosts() -> None:
    assert kept("a=1; Domain=example.org").header("shop.example.org") == (("Cookie", "a=1"),)


def test_a_domain_the_host_is_not_in_is_not_believed() -> None:
    cookies = kept("a=1; Domain=bank.test")
    assert cookies.header("bank.test") == ()
    assert cookies.header("www.example.org") == (("Cookie", "a=1"),)


def test_a_later_cookie_of_the_same_name_takes_the_place() -> None:
    assert kept("a=1", "a=2", "b=3").header("www.example.org") == (("Cookie", "a=2; b=3"),)


@pytest.mark.parametrize("value", ["", "=1", "no pair", "; Path=/"])
def test_what_is_no_cookie_is_passed_over(value: str) -> None:
    assert kept(value).header("www.example.org") == ()


def test_a_host_cannot_fill_the_memory() -> None:
    cookies = kept(*(f"c{n}=x" for n in range(1000)), "long=" + "x" * 10_000)
    [(_, header)] = cookies.header("www.example.org")
    assert header.count("=") == 64


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_is_taken_or_passed_over(value: str) -> None:
    assert len(kept(value).header("www.example.org")) <= 1
