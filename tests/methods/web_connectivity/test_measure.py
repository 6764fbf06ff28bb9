import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lampwatch.methods.web_connectivity.measure import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.vocabulary import Layer, Mechanism, State
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import Stream
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from tests.methods.judging import Method
from tests.probe.scripted import ScriptedNetwork, kit_over, saying
from tests.probe.servers import DnsByUdp, Handler, Http1Server, Zone, dns_pages, over_tls, trusting

METHOD = Method("web_connectivity")
SITE = "93.184.216.34"
OTHER = "203.0.114.9"
PUBLIC = Resolver(Engine.UDP, "8.8.8.8:53")
SECURE = Resolver(Engine.DOH, "https://dns.test/dns-query", "1.1.1.1")
RESET = Failed(Failure.CONNECTION_RESET, Operation.READ)
SILENT = Failed(Failure.TIMEOUT, Operation.CONNECT)
BODY = b"<title>Example Domain</title>" + b"words " * 100


class Outside:
    """A control that reached the site at these addresses, and remembers what it was asked."""

    address = "https://control.test/"

    def __init__(self, *addresses: str, status: int = 200) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = {
            "dns": {"failure": None, "addrs": list(addresses)},
            "tcp_connect": {
                f"{a}:{p}": {"status": True, "failure": None} for a in addresses for p in (80, 443)
            },
            "tls_handshake": {
                f"{a}:443": {"server_name": "example.org", "status": True, "failure": None} for a in addresses
            },
            "http_request": {
                "body_length": len(BODY),
                "failure": None,
                "title": "Example Domain",
                "headers": {},
                "status_code": status,
            },
            "ip_info": {},
        }

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any] | Failed:
        del timeout_s
        self.asked.append(question)
        return self._answer


def served(handler: Handler) -> Callable[[], Http1Server]:
    return lambda: Http1Server(handler)


def page(*_: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, BODY


def secure(handler: Handler, name: str = "example.org") -> Any:
    """The handler behind TLS and HTTP/1.1."""
    return over_tls(served(handler), name, alpn=("http/1.1",))


def site(*, tls: Any = None) -> ScriptedNetwork:
    """example.org as it is, by the system's resolver, a public one and one over HTTPS."""
    zone: Zone = {("example.org", "A"): [SITE]}
    return ScriptedNetwork(
        names={"example.org": [SITE]},
        sockets={"8.8.8.8:53": lambda: DnsByUdp(zone)},
        streams={
            "1.1.1.1:443": secure(dns_pages(zone), "dns.test"),
            f"{SITE}:443": tls or secure(page),
            f"{SITE}:80": served(page),
        },
    )


def kit(network: ScriptedNetwork, control: Outside | None = None) -> Kit:
    return kit_over(
        network, trust=trusting(network.clock), resolvers=(SYSTEM, PUBLIC, SECURE), control=control
    )


def test_a_site_that_works_is_ok() -> None:
    network = site()
    keys = METHOD.measured(kit(network, Outside(SITE)), "https://example.org/")
    verdict = METHOD.verdict(keys, "https://example.org/")
    assert (verdict.target, verdict.state) == ("example.org", State.OK)
    assert network.left_open == []


def test_every_resolver_is_asked() -> None:
    keys = METHOD.measured(kit(site()), "https://example.org/")
    assert {query["engine"] for query in keys["queries"]} == {"getaddrinfo", "udp", "doh"}


def test_connections_to_resolvers_stand_apart_from_those_to_the_site() -> None:
    keys = METHOD.measured(kit(site()), "https://example.org/")
    assert {connect["ip"] for connect in keys["tcp_connect"]} == {SITE}
    assert {connect["ip"] for connect in keys["x_lookups"]["tcp_connect"]} == {"1.1.1.1"}


def test_the_control_is_told_every_address_and_port() -> None:
    control = Outside(SITE)
    METHOD.measured(kit(site(), control), "https://example.org/")
    [question] = control.asked
    assert question["tcp_connect"] == [f"{SITE}:80", f"{SITE}:443"]


def test_a_reset_after_the_client_hello_is_blocked() -> None:
    network = site(tls=saying(RESET))
    keys = METHOD.measured(kit(network, Outside(SITE)), "https://example.org/")
    verdict = METHOD.verdict(keys, "https://example.org/")
    assert (verdict.state, verdict.layer, verdict.mechanism) == (
        State.BLOCKED,
        Layer.TLS,
        Mechanism.TLS_SNI_RESET,
    )
    assert network.left_open == []


def test_a_reset_without_a_control_accuses_nobody() -> None:
    keys = METHOD.measured(kit(site(tls=saying(RESET))), "https://example.org/")
    verdict = METHOD.verdict(keys, "https://example.org/")
    assert verdict.state is State.UNKNOWN
    assert keys["control_failure"].startswith("unknown_failure")


def test_an_address_that_only_the_control_was_told_is_measured_and_fetched_from() -> None:
    network = site()
    network.names = {}
    network.sockets = {}
    network.streams = {f"{SITE}:443": secure(page)}
    keys = METHOD.measured(kit(network, Outside(SITE)), "https://example.org/")
    assert [connect["ip"] for connect in keys["tcp_connect"]] == [SITE]
    assert [request["response"]["code"] for request in keys["requests"]] == [200]


def test_the_page_is_fetched_once_from_the_first_address_that_can_be_reached() -> None:
    network = site()
    network.names = {"example.org": [OTHER, SITE]}
    network.streams = {**network.streams, f"{OTHER}:443": SILENT}
    keys = METHOD.measured(kit(network), "https://example.org/")
    assert [request["address"] for request in keys["requests"]] == [f"{SITE}:443"]


def test_redirects_are_followed_host_by_host_newest_first() -> None:
    network = site()
    network.streams = {
        **network.streams,
        f"{SITE}:80": served(lambda *_: (301, {"Location": "https://example.org/home"}, b"")),
    }
    keys = METHOD.measured(kit(network), "http://example.org/")
    assert [request["request"]["url"] for request in keys["requests"]] == [
        "https://example.org/home",
        "http://example.org/",
    ]
    assert keys["requests"][0]["tags"][0] == "depth=1"


def test_a_site_that_redirects_for_ever_is_left_after_ten() -> None:
    network = site(tls=secure(lambda *_: (302, {"Location": "/on"}, b"")))
    keys = METHOD.measured(kit(network), "https://example.org/")
    assert len(keys["requests"]) == 11
    assert keys["requests"][0]["failure"] == "unknown_failure: stopped after too many redirects"


def test_a_site_that_wants_its_cookie_back_gets_it() -> None:
    def picky(method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        del method, path, body
        if "seen=1" in headers.get("cookie", ""):
            return page()
        return 302, {"Location": "/", "Set-Cookie": "seen=1; Path=/; Secure"}, b""

    network = site(tls=secure(picky))
    keys = METHOD.measured(kit(network), "https://example.org/")
    assert [request["response"]["code"] for request in keys["requests"]] == [200, 302]


@pytest.mark.parametrize("location", ["http://", "ftp://example.org/", "http://[::1"])
def test_a_redirect_to_nowhere_is_a_failure_of_the_exchange(location: str) -> None:
    network = site(tls=secure(lambda *_: (302, {"Location": location}, b"")))
    keys = METHOD.measured(kit(network), "https://example.org/")
    assert keys["requests"][0]["failure"] == "http_invalid_redirect_location_host"


@pytest.mark.parametrize("own", ["127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1"])  # noqa: S104  never bound, only answered
def test_nothing_is_sent_to_the_probes_own_machine_or_link(own: str) -> None:
    network = ScriptedNetwork(names={"example.org": [own]})
    METHOD.measured(kit_over(network, control=Outside(own)), "https://example.org/")
    assert network.connected == []


def test_nothing_is_concluded_by_the_probe() -> None:
    keys = METHOD.measured(kit(site(), Outside(SITE)), "https://example.org/")
    assert keys["blocking"] is None
    assert keys["accessible"] is None


@pytest.mark.parametrize("target", ["", "telegram", "ftp://example.org/", "https://"])
def test_what_is_no_web_address_is_the_users_mistake(target: str) -> None:
    with pytest.raises(UserError, match="no web address"):
        METHOD.measured(kit(site()), target)


def test_breaking_off_leaves_nothing_open() -> None:
    network = site(tls=saying())
    network.hangs = True

    async def broken_off() -> None:
        measuring = asyncio.create_task(measure(kit(network), "https://example.org/"))
        await network.hanging.wait()
        measuring.cancel()
        await asyncio.wait({measuring})
        assert measuring.cancelled()

    asyncio.run(broken_off())
    assert network.left_open == []


def test_an_address_that_hangs_does_not_keep_an_open_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lampwatch.methods.web_connectivity.hops._PATIENCE_S", 0)
    asked = asyncio.Event()

    def answer(*_: object) -> tuple[int, dict[str, str], bytes]:
        asked.set()
        return 200, {}, BODY

    class HangingFirst(ScriptedNetwork):
        async def connect(
            self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
        ) -> Stream | Failed:
            if ip == OTHER:
                await asked.wait()
                return SILENT
            return await super().connect(ip, port, timeout_s=timeout_s, ttl=ttl)

    network = HangingFirst(names={"example.org": [OTHER, SITE]}, streams={f"{SITE}:8080": served(answer)})
    keys = METHOD.measured(kit_over(network), "http://example.org:8080/")
    assert {entry["ip"]: entry["status"]["failure"] for entry in keys["tcp_connect"]} == {
        OTHER: "generic_timeout_error",
        SITE: None,
    }
    assert keys["requests"][0]["failure"] is None
    assert network.left_open == []
