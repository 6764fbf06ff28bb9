import io

import pytest
from rich.console import Console

from lampwatch.cli.layers import Layers, cell
from lampwatch.probe.record import Record
from tests.probe.conversation import ScriptedClock

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
        ("TCP", [None, TIMEOUT, TIMEOUT, "connection_refused"], "✓ 1 of 4 (timeout)"),
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


def test_what_carried_a_lookup_is_not_shown() -> None:
    seen = record()
    seen.queries.append(query("example.org", "93.184.216.34", engine="doh"))
    seen.tcp_connect.append({**connect("1.1.1.1", None), "transaction_id": 1})
    assert Layers(seen).rows() == {"example.org": {"DNS": [None]}}
