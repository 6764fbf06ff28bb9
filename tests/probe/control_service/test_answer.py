import asyncio

import pytest

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.answer import answer_to
from lampwatch.probe.control_service.endpoints import Connects, Endpoint
from lampwatch.probe.control_service.outpost import Spans
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import MOST_BODY
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from tests.methods.judging import Method
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
from tests.probe.servers import DnsByUdp, Page

HTTPS, HTTP = f"https://{NAME}/", f"http://{NAME}/"
REFUSED = Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)
NAMES = {f"{NAME}.": [SITE]}


def site(**headers: str) -> ScriptedNetwork:
    """The example site, by HTTP and over TLS."""
    handler = page(200, BODY, **headers)
    streams = {f"{SITE}:80": plain(handler), f"{SITE}:443": secure(handler, NAME)}
    return ScriptedNetwork(names=NAMES, streams=streams)


def test_a_site_that_works_is_told_layer_by_layer() -> None:
    network = site(content_type="text/html", server="ECS")
    assert answered(outpost(network), HTTPS, f"{SITE}:443") == {
        "tcp_connect": {f"{SITE}:443": {"status": True, "failure": None}},
        "tls_handshake": {f"{SITE}:443": {"server_name": NAME, "status": True, "failure": None}},
        "quic_handshake": {},
        "http_request": {
            "body_length": len(BODY),
            "discovered_h3_endpoint": "",
            "failure": None,
            "title": "An example page",
            "headers": {"Content-Type": "text/html", "Server": "ECS"},
            "status_code": 200,
        },
        "http3_request": None,
        "dns": {"failure": None, "addrs": [SITE]},
        "ip_info": {SITE: {"asn": 15133, "flags": 11}},
    }
    assert network.left_open == []


def test_a_plain_site_is_measured_at_both_usual_ports() -> None:
    answer = answered(outpost(site()), HTTP, f"{SITE}:80")
    assert set(answer["tcp_connect"]) == {f"{SITE}:80", f"{SITE}:443"}
    assert set(answer["tls_handshake"]) == {f"{SITE}:443"}
    assert answer["http_request"]["status_code"] == 200


def test_addresses_of_the_probe_and_of_the_control_are_both_measured_and_told_apart() -> None:
    network = site()
    network.streams = {**network.streams, f"{OTHER}:443": REFUSED}
    answer = answered(outpost(network), HTTPS, f"{OTHER}:443")
    assert answer["tcp_connect"][f"{OTHER}:443"] == {"status": False, "failure": "connection_refused"}
    assert answer["tcp_connect"][f"{SITE}:443"]["status"]
    assert {ip: info["flags"] for ip, info in answer["ip_info"].items()} == {OTHER: 1, SITE: 10}


def test_a_foreign_address_with_a_valid_certificate_is_vouched_for() -> None:
    network = site()
    network.streams = {**network.streams, f"{OTHER}:443": secure(page(), NAME)}
    assert answered(outpost(network), HTTPS, f"{OTHER}:443")["ip_info"][OTHER]["flags"] == 9


def test_a_port_of_the_url_is_measured_in_place_of_the_usual_ones() -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:8443": secure(page(), NAME)})
    answer = answered(outpost(network), f"https://{NAME}:8443/", f"{SITE}:8443")
    assert answer["tls_handshake"] == {f"{SITE}:8443": {"server_name": NAME, "status": True, "failure": None}}
    assert answer["http_request"]["status_code"] == 200
    assert answer["ip_info"][SITE]["flags"] == 11


def test_a_certificate_for_another_name_fails_the_handshake_and_the_page() -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:443": secure(page(), "other.example")})
    answer = answered(outpost(network), HTTPS)
    assert answer["tcp_connect"][f"{SITE}:443"]["status"]
    assert answer["tls_handshake"][f"{SITE}:443"]["failure"] == "ssl_invalid_hostname"
    assert answer["http_request"] == {
        "body_length": -1,
        "discovered_h3_endpoint": "",
        "failure": "ssl_invalid_hostname",
        "title": "",
        "headers": {},
        "status_code": -1,
    }
    assert answer["ip_info"][SITE]["flags"] == 2
    assert network.left_open == []


@pytest.mark.parametrize(
    ("serving", "failure"),
    [
        (REFUSED, "connection_refused"),
        (Failed(Failure.TIMEOUT, Operation.CONNECT), "generic_timeout_error"),
        (saying(Failed(Failure.CONNECTION_RESET, Operation.READ)), "connection_reset"),
        (saying(b""), "eof_error"),
    ],
)
def test_a_dead_site_is_told_by_the_closed_list(serving: object, failure: str) -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:443": serving})  # type: ignore[dict-item]  # of many kinds
    answer = answered(outpost(network), HTTPS)
    assert answer["http_request"]["failure"] == failure
    assert network.left_open == []


def test_an_address_of_the_name_that_is_dead_leaves_the_page_to_the_next() -> None:
    network = site()
    network.names = {f"{NAME}.": [OTHER, SITE]}
    network.streams = {**network.streams, f"{OTHER}:443": REFUSED}
    assert answered(outpost(network), HTTPS)["http_request"]["status_code"] == 200


def test_a_name_that_does_not_exist_is_told_by_the_word_that_probes_look_for() -> None:
    answer = answered(outpost(ScriptedNetwork()), HTTPS)
    assert answer["dns"] == {"failure": "dns_name_error", "addrs": []}
    assert answer["http_request"]["failure"] == "dns_nxdomain_error"
    assert answer["tcp_connect"] == answer["ip_info"] == {}


def test_a_name_without_an_address_has_not_failed() -> None:
    answer = answered(outpost(ScriptedNetwork(names={f"{NAME}.": []})), HTTPS)
    assert answer["dns"] == {"failure": None, "addrs": []}
    assert answer["http_request"]["failure"] == "dns_no_answer"


def test_an_address_in_place_of_a_name_is_not_looked_up() -> None:
    network = ScriptedNetwork(streams={f"{SITE}:80": plain(page())})
    answer = answered(outpost(network), f"http://{SITE}/", f"{SITE}:80")
    assert answer["dns"] == {"failure": None, "addrs": []}
    assert answer["http_request"]["status_code"] == 200
    assert answer["ip_info"][SITE]["flags"] == 1


def test_the_next_resolver_is_asked_only_where_one_says_nothing_of_the_name() -> None:
    mute, public = Resolver(Engine.UDP, "9.9.9.9:53"), Resolver(Engine.UDP, "8.8.8.8:53")
    network = site()
    network.sockets = {"8.8.8.8:53": lambda: DnsByUdp({(NAME, "A"): [SITE]})}
    assert answered(outpost(network, resolvers=[mute, public]), HTTPS)["dns"]["addrs"] == [SITE]
    network.names = {}
    answer = answered(outpost(network, resolvers=[SYSTEM, public]), HTTPS)
    assert answer["dns"]["failure"] == "dns_name_error"


def test_the_probe_s_browser_is_sent_on_and_its_cookies_are_not() -> None:
    heard: list[dict[str, str]] = []

    def handler(_method: str, _path: str, headers: dict[str, str], _body: bytes) -> Page:
        heard.append(headers)
        return 200, {}, b""

    answered(outpost(ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": plain(handler)})), HTTP)
    (headers,) = heard
    assert headers["user-agent"] == "Tester"
    assert "cookie" not in headers


def test_no_more_of_a_body_is_fetched_than_is_counted() -> None:
    network = ScriptedNetwork(
        names=NAMES, streams={f"{SITE}:80": plain(page(200, b"x" * (MOST_BODY + 70_000)))}
    )
    assert answered(outpost(network), HTTP)["http_request"]["body_length"] == MOST_BODY


def test_a_body_that_breaks_off_is_told_with_what_came() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<title>Half</title>"
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": saying(said, b"")})
    told = answered(outpost(network), HTTP)["http_request"]
    assert (told["status_code"], told["title"], told["failure"]) == (200, "Half", "eof_error")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b"<TITLE lang=ru>\xd0\x94\xd0\xb0</TITLE>", "Да"),
        (b"<p><title>\xff broken</title>", "\ufffd broken"),
        (b"<title>" + b"long " * 1000 + b"</title>", ("long " * 1000)[:512]),
        (b"<title>never closed", ""),
        (b"<title" * 80_000, ""),
        (b"", ""),
    ],
    ids=["foreign", "broken", "long", "open", "hostile", "none"],
)
def test_the_title_of_any_page_is_found(body: bytes, title: str) -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:80": plain(page(200, body))})
    assert answered(outpost(network), HTTP)["http_request"]["title"] == title


def test_headers_of_a_response_are_bounded() -> None:
    network = site(**{f"x_{n}": "v" * 9000 for n in range(20)})
    told = answered(outpost(network), HTTP)["http_request"]["headers"]
    assert max(len(value) for value in told.values()) == 4096


def test_where_http3_is_spoken_is_told() -> None:
    answer = answered(outpost(site(alt_svc='h3=":443"; ma=86400, h3-29=":443"')), HTTPS)
    assert answer["http_request"]["discovered_h3_endpoint"] == f"{NAME}:443"
    assert answer["http3_request"] is None


def test_quic_is_tried_where_it_is_asked_for() -> None:
    answer = answered(outpost(site(alt_svc='h3=":443"')), HTTPS, quic=True)
    failed = {"server_name": NAME, "status": False, "failure": "network_unreachable"}
    assert answer["quic_handshake"] == {f"{SITE}:443": failed}
    assert answer["http3_request"]["failure"] == "network_unreachable"


def test_a_site_that_speaks_no_quic_is_not_asked_for_a_page_by_it() -> None:
    assert answered(outpost(site()), HTTPS, quic=True)["http3_request"] is None


def test_what_is_not_over_when_time_is_up_is_a_timeout_and_the_rest_is_told() -> None:
    network = site()
    network.streams = {**network.streams, f"{OTHER}:443": saying()}
    network.hangs = True
    connects = Connects()

    async def cut_short() -> None:
        both = [
            Endpoint(SITE, 443, over_tls=True, over_udp=True),
            Endpoint(OTHER, 443, over_tls=True, over_udp=True),
        ]
        measuring = asyncio.create_task(connects.measure(both, NAME, outpost(network), wants_quic=False))
        while not network.hanging.is_set() or not connects.tls[f"{SITE}:443"]["status"]:  # noqa: ASYNC110  no event tells of the other
            await asyncio.sleep(0)
        measuring.cancel()
        await asyncio.wait({measuring})

    asyncio.run(cut_short())
    assert connects.tcp[f"{OTHER}:443"] == {"status": True, "failure": None}
    assert connects.tls[f"{OTHER}:443"]["failure"] == "generic_timeout_error"
    assert network.left_open == []


def test_an_answer_comes_though_nothing_is_over_in_time() -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:443": saying()}, hangs=True)
    answer = answered(outpost(network, spans=Spans(measure_s=0.0)), HTTPS)
    assert answer["http_request"]["failure"] == "generic_timeout_error"
    assert answer["dns"]["addrs"] == [SITE]
    assert network.left_open == []


def test_a_question_that_is_broken_off_leaves_nothing_open() -> None:
    network = ScriptedNetwork(names=NAMES, streams={f"{SITE}:443": saying()}, hangs=True)

    async def broken_off() -> None:
        asking = asyncio.create_task(answer_to(read(question(HTTPS)), outpost(network)))
        await network.hanging.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(broken_off())
    assert network.connected
    assert network.left_open == []


def test_only_so_many_endpoints_are_measured() -> None:
    network = ScriptedNetwork(names=NAMES)
    asked = [f"8.8.{n}.8:443" for n in range(120)]
    assert len(answered(outpost(network), HTTP, *asked)["tcp_connect"]) == 64


def test_our_own_extract_reads_the_answer() -> None:
    answer = answered(outpost(site(server="ECS")), HTTPS, f"{SITE}:443")
    control = Method("web_connectivity").observed({"control": answer}, HTTPS).control
    assert control is not None
    assert [(c.ip, c.port, c.failure) for c in control.tcp] == [(SITE, 443, None)]
    assert [(s.ip, s.failure) for s in control.handshakes] == [(SITE, None)]
    assert control.dns[0].answers == (SITE,)
    assert (control.http[0].status, control.http[0].title) == (200, "An example page")
