import pytest

from lampwatch.cli.resolvers import resolver_named, with_system
from lampwatch.model.errors import UserError
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver


@pytest.mark.parametrize(
    ("text", "resolver"),
    [
        ("system", SYSTEM),
        ("8.8.8.8", Resolver(Engine.UDP, "8.8.8.8")),
        ("[2001:4860:4860::8888]:53", Resolver(Engine.UDP, "[2001:4860:4860::8888]:53")),
        ("tcp://8.8.8.8:53", Resolver(Engine.TCP, "8.8.8.8:53")),
        ("tls://dns.example@192.0.2.1", Resolver(Engine.DOT, "dns.example", "192.0.2.1")),
        ("quic://dns.example:853", Resolver(Engine.DOQ, "dns.example:853")),
        (
            "https://dns.example/dns-query@192.0.2.1",
            Resolver(Engine.DOH, "https://dns.example/dns-query", "192.0.2.1"),
        ),
    ],
)
def test_a_resolver_is_named_in_many_ways(text: str, resolver: Resolver) -> None:
    assert resolver_named(text) == resolver


@pytest.mark.parametrize("text", ["", "dns.example", "ftp://8.8.8.8", "https://x.example/@nowhere"])
def test_what_is_no_resolver_is_told(text: str) -> None:
    with pytest.raises(UserError):
        resolver_named(text)


def test_a_probe_asks_the_system_first_and_then_the_others() -> None:
    named = ("tls://dns.example@192.0.2.1", "8.8.8.8:53", "8.8.8.8:53", "system")
    others = (Resolver(Engine.DOT, "dns.example", "192.0.2.1"), Resolver(Engine.UDP, "8.8.8.8:53"))
    assert with_system(named) == (SYSTEM, *others)


def test_none_is_no_other_resolver() -> None:
    assert with_system(("none",)) == (SYSTEM,)


def test_none_beside_another_is_told() -> None:
    with pytest.raises(UserError, match="none"):
        with_system(("none", "8.8.8.8:53"))
