import io

import pytest
from rich.console import Console

from lampwatch.cli.layers import Layers, cell
from lampwatch.probe.record import Comparison, Record
from tests.probe.scripted import ScriptedClock

TIMEOUT = "generic_timeout_error"
RESET = "connection_reset"


def record() -> Record:
    return Record(ScriptedClock())


def connect(ip: str, failure: str | None, port: int = 443) -> dict[str, object]:
    return {
        "ip": ip,
        "port": port,
        "status": {"failure": failure, "success": failure is None},
        "transaction_id": 9,
    }


def query(name: str, *addresses: str, engine: str = "getaddrinfo", kind: str = "A") -> dict[str, object]:
    return {
        "hostname": name,
        "engine": engine,
        "query_type": kind,
        "resolver_address": "",
        "transaction_id": 1,
        "failure": None if addresses else "dns_no_answer",
        "answers": [{"ipv4": address} for address in addresses],
    }


@pytest.mark.parametrize(
    ("column", "outcomes", "words"),
    [
        ("TCP", [], "\u2013"),
        ("TCP", [None], "✓"),
        ("TCP", [None, None], "✓ 2 of 2"),
        ("TCP", [TIMEOUT], "✗ timeout"),
        ("TCP", [TIMEOUT] * 6, "✗ 0 of 6 (timeout)"),
        ("TCP", [None, TIMEOUT, TIMEOUT, "connection_refused"], "✗ 1 of 4 (timeout)"),
        ("TCP", [None, TIMEOUT], "✗ 1 of 2 (timeout)"),
        ("TCP", [None, None, TIMEOUT], "✓ 2 of 3 (timeout)"),
        ("TLS", [RESET], "✗ reset after ClientHello"),
        ("TLS", ["ssl_unknown_authority"], "✗ certificate of an unknown authority"),
        ("HTTP", [RESET], "✗ connection reset"),
    ],
)
def test_like_outcomes_in_a_few_words(column: str, outcomes: list[str | None], words: str) -> None:
    assert cell(column, outcomes) == words


def test_an_address_stands_under_the_name_that_led_to_it() -> None:
    seen = record()
    seen.queries.append(query("example.org", "93.184.216.34"))
    seen.tcp_connect.append(connect("93.184.216.34", None))
    assert Layers(seen).rows() == {"example.org": {"DNS": [None], "TCP": [None]}}


def test_a_name_without_ipv6_addresses_is_no_failure() -> None:
    seen = record()
    seen.queries += [
        query("example.org", "93.184.216.34", engine="udp"),
        query("example.org", engine="udp", kind="AAAA"),
    ]
    assert Layers(seen).rows() == {"example.org": {"DNS": [None]}}


def test_addresses_without_a_name_are_servers() -> None:
    seen = record()
    seen.tcp_connect += [connect("149.154.175.50", TIMEOUT), connect("149.154.167.51", TIMEOUT)]
    assert Layers(seen).rows() == {"servers": {"TCP": [TIMEOUT, TIMEOUT]}}


def handshake(name: str, ip: str, failure: str | None = None) -> dict[str, object]:
    return {"server_name": name, "address": f"{ip}:443", "failure": failure, "transaction_id": 9}


def test_a_handshake_stands_under_the_name_it_asked_for() -> None:
    seen = record()
    seen.queries.append(query("example.org", "93.184.216.34"))
    seen.tls_handshakes += [
        handshake("example.org", "93.184.216.34"),
        handshake("other.test", "93.184.216.34", RESET),
    ]
    rows = Layers(seen).rows()
    assert (rows["example.org"]["TLS"], rows["other.test"]["TLS"]) == ([None], [RESET])


def test_a_made_up_name_shown_to_a_server_without_a_name_has_no_row() -> None:
    seen = record()
    seen.tls_handshakes.append(handshake("www.mxuoj3mr3sx.com", "193.23.244.244"))
    assert Layers(seen).rows() == {"servers": {"TLS": [None]}}


def test_names_stay_whole_where_reasons_need_another_line() -> None:
    seen = record()
    name = "connectivitycheck.gstatic.com"
    seen.queries.append(query(name, "142.250.74.99"))
    seen.tcp_connect.append(connect("142.250.74.99", TIMEOUT))
    seen.tls_handshakes.append(handshake(name, "142.250.74.99", "ssl_unknown_authority"))
    out = io.StringIO()
    Console(file=out, width=60).print(Layers(seen).table())
    lines = out.getvalue().splitlines()
    assert lines[0].startswith(f"  {name}  DNS ✓")
    assert len(lines) > 1
    assert "…" not in out.getvalue()


def test_many_hosts_of_a_domain_share_a_row() -> None:
    seen = record()
    seen.queries += [query(f"e{n}.whatsapp.net", f"192.0.2.{n}") for n in range(1, 17)]
    assert Layers(seen).rows() == {"*.whatsapp.net": {"DNS": [None] * 16}}


def test_what_a_stranger_wrote_cannot_act_on_the_terminal() -> None:
    seen = record()
    seen.queries.append(query("[red]\x1b[2Jexample.org", "93.184.216.34"))
    out = io.StringIO()
    Console(file=out, force_terminal=False, width=120).print(Layers(seen).table())
    assert "\x1b" not in out.getvalue()
    assert "[red]" in out.getvalue()


def shown(seen: Record) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=160).print(Layers(seen).table())
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_what_the_control_said_stands_beside_the_host_it_was_asked_about() -> None:
    seen = record()
    seen.queries += [query("example.org", "93.184.216.34"), query("onward.test", "93.184.216.40")]
    seen.comparisons.append(Comparison({"http_request": "https://example.org/"}, {"http_request": {}}))
    assert shown(seen) == ["  example.org  DNS ✓  control ✓", "  onward.test  DNS ✓"]


def test_a_control_that_is_being_asked_has_a_row_before_anything_else_is_known() -> None:
    seen = record()
    seen.comparisons.append(Comparison({"http_request": "https://example.org/"}))
    assert shown(seen) == ["  example.org  control …"]


def test_without_a_question_to_a_control_there_is_no_column_of_it() -> None:
    seen = record()
    seen.queries.append(query("example.org", "93.184.216.34"))
    assert shown(seen) == ["  example.org  DNS ✓"]


def test_what_carried_a_lookup_is_not_shown() -> None:
    seen = record()
    seen.queries.append(query("example.org", "93.184.216.34", engine="doh"))
    seen.tcp_connect.append({**connect("1.1.1.1", None), "transaction_id": 1})
    assert Layers(seen).rows() == {"example.org": {"DNS": [None]}}
