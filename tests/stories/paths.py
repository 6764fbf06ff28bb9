"""The test_keys of what is neither a site nor a messenger: Tor, VPN, STUN, resolvers, ECH, and the path itself."""

import hashlib
import json
from typing import Any

from tests.stories.steps import Entry, Keys, connect, query, shake

AUTHORITIES = 9
BRIDGES = 6
STUN_HOST = "stun.example"
RESOLVER_HOST = "dns.example"
ECH_HOST = "ech.example"


def tor(*, authorities: str | None = None, bridges: str | None = None) -> Keys:
    """Tor's test (ts-023): how connects to the authorities and to the obfs4 bridges fail."""
    targets: dict[str, Entry] = {}
    for n in range(1, AUTHORITIES + 1):
        address = f"93.184.216.{200 + n}:443"
        targets[address] = _tor_target(f"authority{n}", "or_port_dirauth", address, authorities)
    for n in range(1, BRIDGES + 1):
        name = hashlib.sha256(f"invented bridge {n}".encode()).hexdigest()
        targets[name] = _tor_target(name, "obfs4", "[scrubbed]", bridges)
    return {"targets": targets}


def _tor_target(name: str, protocol: str, address: str, failure: str | None) -> Entry:
    return {
        "failure": failure,
        "summary": {"connect": {"failure": failure}} | ({} if failure else {"handshake": {"failure": None}}),
        "target_address": address,
        "target_name": name,
        "target_protocol": protocol,
        "target_source": "",
    }


def bootstrap(*, success: bool) -> Keys:
    """A whole Tor client (ts-016, ts-030) that came up, or did not in time."""
    return {
        "bootstrap_time": 42.5 if success else 0,
        "error": None if success else "timeout-reached",
        "failure": None if success else "generic_timeout_error",
        "success": success,
        "timeout": 200,
    }


def openvpn(*, failure: str | None = None) -> Keys:
    """One OpenVPN handshake over TCP (ts-040); where it fails, nothing came back after the connect."""
    answered = [] if failure else [_packet("packet_in", "server_hello")]
    return {
        "success": failure is None,
        "tcp_connect": [connect("93.184.216.90", 1194, transaction_id=1)],
        "openvpn_handshake": [
            {
                "endpoint": "93.184.216.90:1194",
                "failure": failure,
                "ip": "93.184.216.90",
                "port": 1194,
                "provider": "samplevpn",
                "t": 1.0,
                "transaction_id": 1,
                "transport": "tcp",
            }
        ],
        "network_events": [_packet("packet_out", "client_hello"), *answered],
    }


def _packet(operation: str, tag: str) -> Entry:
    return {"operation": operation, "tags": [tag], "transaction_id": 1, "t": 0.5}


def stun(*, failure: str | None = None) -> Keys:
    """One STUN exchange (ts-025)."""
    return {
        "endpoint": f"{STUN_HOST}:3478",
        "failure": failure,
        "network_events": [{"operation": "connect", "address": "93.184.216.91:3478", "t": 0.1}],
        "queries": [query(STUN_HOST, "93.184.216.91")],
    }


def dnscheck(*, tls: str | None = None) -> Keys:
    """One resolver over HTTPS (ts-028); tls is how the handshake with each of its addresses fails."""
    lookups: dict[str, Any] = {}
    for ip in ("93.184.216.92", "93.184.216.93"):
        lookups[f"https://{ip}/dns-query"] = {
            "failure": tls,
            "queries": [
                query(
                    "example.org", *(() if tls else ("93.184.216.34",)), failure=tls, engine="doh",
                    resolver=f"https://{RESOLVER_HOST}/dns-query",
                )
            ],
            "tcp_connect": [connect(ip, 443)],
            "tls_handshakes": [shake(RESOLVER_HOST, f"{ip}:443", tls)],
        }  # fmt: skip
    bootstrap_lookup = {
        "failure": None,
        "queries": [query(RESOLVER_HOST, "93.184.216.92", "93.184.216.93", transaction_id=0)],
    }
    return {
        "bootstrap": bootstrap_lookup,
        "bootstrap_failure": None,
        "domain": "example.org",
        "lookups": lookups,
    }


def echcheck(*, failure: str | None = None) -> Keys:
    """Handshakes without and with an Encrypted Client Hello (ts-039); failure is of those with it."""
    address = "93.184.216.94:443"
    return {
        "queries": [query(ECH_HOST, "93.184.216.94")],
        "tcp_connect": [connect("93.184.216.94", 443)],
        "tls_handshakes": [
            shake(ECH_HOST, address),
            shake(ECH_HOST, address, failure, echconfig="GREASE", outer_server_name=ECH_HOST),
        ],
    }


def invalid_request_line(*, changed: bool = False) -> Keys:
    """Lines sent to an echo server (ts-007); changed where a middlebox answered one of them."""
    sent = [
        "ZQVX / HTTP/1.1\n\r",
        "a b c d e\n\r",
        "GET / HTTP/Qz7\n\r",
        "GET cache_object://localhost/ HTTP/1.0\n\r",
    ]
    answer = "HTTP/1.1 400 Bad Request\r\nServer: filter\r\n\r\n"
    return {
        "failure_list": [None] * len(sent),
        "received": [answer, *sent[1:]] if changed else sent,
        "sent": sent,
        "tampering": changed,
        "tampering_list": [changed, False, False, False],
    }


def header_manipulation(*, changed: bool = False) -> Keys:
    """A request in mixed capitals (ts-006); changed where its headers arrived otherwise."""
    sent = {"HoSt": "Kq3VwX.example", "AcCePt": "*/*", "uSeR-aGeNt": "lampwatch-example"}
    got = {name.title() if changed else name: [value] for name, value in sent.items()}
    answer = json.dumps({"headers_dict": got, "request_line": "GeT / HTTP/1.1"})
    return {
        "agent": "agent",
        "requests": [
            {
                "failure": None,
                "request": {"headers": sent, "method": "GeT", "url": "http://93.184.216.95:80"},
                "response": {"body": answer, "code": 200, "headers": {}},
            }
        ],
        "tampering": {"header_name_capitalization": changed, "total": False},
    }
