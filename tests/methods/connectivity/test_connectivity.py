from collections.abc import Callable
from typing import Any

import pytest

from lampwatch.methods.connectivity.domestic import SITES, domestic_sites
from lampwatch.methods.connectivity.places import NAMES, OUTSIDE, domestic
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.vocabulary import Layer, State
from lampwatch.probe.failed import Failed
from tests.methods.judging import Method
from tests.probe.scripted import ScriptedNetwork, Serving, kit_over, saying
from tests.probe.servers import Http1Server, over_tls, trusting

METHOD = Method("connectivity")
SILENT = Failed(Failure.TIMEOUT, Operation.CONNECT)
NO_ROUTE = Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT)
DEAD = Failed(Failure.DNS_TEMPORARY, Operation.RESOLVE)
ROUTES: dict[str, Serving] = {"198.51.100.1:9": saying(), "[2001:db8::1]:9": NO_ROUTE}
PORTAL_NAMES = {
    "detectportal.firefox.com": ["34.107.221.82"],
    "connectivitycheck.gstatic.com": ["142.250.1.94"],
}
NAMED = {name: ["142.250.1.1"] for name in NAMES}
HOME = {"egov.kz": ["195.12.113.1"]}


def page(status: int, body: bytes, headers: dict[str, str] | None = None) -> Callable[[], Http1Server]:
    return lambda: Http1Server(lambda *_: (status, headers or {}, body))


def outside() -> dict[str, Any]:
    return {f"{ip}:443": over_tls(lambda: Http1Server(lambda *_: (200, {}, b"")), ip) for ip in OUTSIDE}


def untouched() -> dict[str, Any]:
    return {"34.107.221.82:80": page(200, b"success\n"), "142.250.1.94:80": page(204, b"")}


def rule(network: ScriptedNetwork, sites: str = "egov.kz") -> tuple[str, State, Layer | None]:
    keys = METHOD.measured(kit_over(network, trust=trusting(network.clock)), sites)
    assert network.left_open == []
    verdict = METHOD.verdict(keys, sites)
    assert verdict.target == "internet"
    return verdict.rule_id, verdict.state, verdict.layer


def test_servers_outside_and_names_make_it_online() -> None:
    network = ScriptedNetwork(
        names={**NAMED, **PORTAL_NAMES}, sockets=ROUTES, streams={**outside(), **untouched()}
    )
    assert rule(network) == ("connectivity.online", State.OK, None)


def test_no_route_is_the_probes_own_link() -> None:
    network = ScriptedNetwork(sockets={"198.51.100.1:9": NO_ROUTE, "[2001:db8::1]:9": NO_ROUTE})
    assert rule(network) == ("connectivity.no_link", State.UNKNOWN, None)


@pytest.mark.parametrize(
    "answer",
    [
        page(302, b"", {"Location": "http://login.hotel.test/"}),
        page(200, b"<title>Welcome to our hotel</title>"),
    ],
)
def test_another_page_in_place_of_a_known_one_is_a_portal(answer: Callable[[], Http1Server]) -> None:
    network = ScriptedNetwork(
        names={**NAMED, **PORTAL_NAMES},
        sockets=ROUTES,
        streams={
            "34.107.221.82:80": answer,
            "142.250.1.94:80": SILENT,
            **{f"{ip}:443": SILENT for ip in OUTSIDE},
        },
    )
    assert rule(network) == ("connectivity.captive_portal", State.UNKNOWN, Layer.HTTP)


def test_a_portal_that_answers_tls_with_its_own_certificate_is_a_portal_still() -> None:
    server = over_tls(lambda: Http1Server(lambda *_: (200, {}, b"")), "login.hotel.test")
    network = ScriptedNetwork(
        names={**NAMED, **PORTAL_NAMES},
        sockets=ROUTES,
        streams={"34.107.221.82:80": page(200, b"hotel"), **{f"{ip}:443": server for ip in OUTSIDE}},
    )
    assert rule(network)[0] == "connectivity.captive_portal"


def test_servers_without_names_are_a_dead_resolver() -> None:
    network = ScriptedNetwork(names=dict.fromkeys(NAMES, DEAD), sockets=ROUTES, streams=outside())
    assert rule(network) == ("connectivity.resolver_dead", State.UNKNOWN, Layer.DNS)


def test_names_answered_with_private_addresses_only_are_no_names() -> None:
    network = ScriptedNetwork(names={name: ["10.0.0.1"] for name in NAMES}, sockets=ROUTES, streams=outside())
    assert rule(network)[0] == "connectivity.resolver_dead"


def test_domestic_sites_alone_mean_that_the_outside_is_gone() -> None:
    network = ScriptedNetwork(
        names=HOME,
        sockets=ROUTES,
        streams={
            "195.12.113.1:443": over_tls(lambda: Http1Server(lambda *_: (200, {}, b"")), "egov.kz"),
            **{f"{ip}:443": SILENT for ip in OUTSIDE},
        },
    )
    assert rule(network) == ("connectivity.outside_gone", State.UNKNOWN, Layer.IP)


def test_nothing_at_all_means_that_everything_is_gone() -> None:
    silent = {f"{ip}:443": SILENT for ip in OUTSIDE}
    network = ScriptedNetwork(names=dict.fromkeys(NAMES, DEAD), sockets=ROUTES, streams=silent)
    assert rule(network) == ("connectivity.everything_gone", State.UNKNOWN, Layer.IP)


def test_a_measurement_that_tried_nothing_outside_says_nothing() -> None:
    verdict = METHOD.verdict({"x_link": {"ipv4": None}})
    assert (verdict.rule_id, verdict.state) == ("connectivity.not_measured", State.UNKNOWN)


def test_no_more_than_a_few_domestic_sites_are_tried() -> None:
    assert len(domestic(",".join(f"site{n}.test" for n in range(50)))) == 4


@pytest.mark.parametrize("country", sorted(SITES))
def test_the_sites_of_each_country_are_read_back(country: str) -> None:
    assert domestic(domestic_sites(country)) == SITES[country]


def test_a_country_without_known_sites_has_none() -> None:
    assert domestic(domestic_sites("AQ")) == ()
