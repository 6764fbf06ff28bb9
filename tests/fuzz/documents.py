"""A small measurement of every method, with every part that its extract reads: what mutations begin from."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Keys = dict[str, Any]

BINARY = {"format": "base64", "data": base64.b64encode(b"<title>Binary \xff</title>").decode()}
CHAIN = [{"format": "base64", "data": base64.b64encode(b"Signal Messenger, a certificate").decode()}]
ADDRESSES = ("203.0.113.7", "2001:db8::7", "10.10.34.35")
HOST = "example.org"
TAGS = ["depth=0", "fetch_body=true"]


def _query(host: str = HOST, engine: str = "system", failure: str | None = None) -> Keys:
    answers = [
        {"answer_type": "A", "ipv4": ADDRESSES[0], "asn": 64500, "as_org_name": "Example"},
        {"answer_type": "AAAA", "ipv6": ADDRESSES[1], "asn": "AS64500"},
        {"answer_type": "CNAME", "hostname": f"www.{host}"},
    ]
    return {
        "hostname": host,
        "query_type": "A",
        "engine": engine,
        "failure": failure,
        "answers": None if failure else answers,
        "resolver_address": "198.51.100.53:53",
        "transaction_id": 1,
        "tags": TAGS,
        "t": 0.1,
    }


def _connect(port: int | str = 443, failure: str | None = None) -> Keys:
    status = {"failure": failure, "success": failure is None, "blocked": False}
    return {"ip": ADDRESSES[0], "port": port, "status": status, "transaction_id": 2, "tags": TAGS, "t": 0.2}


def _shake(host: str = HOST, failure: str | None = None) -> Keys:
    return {
        "address": f"{ADDRESSES[0]}:443",
        "server_name": host,
        "failure": failure,
        "no_tls_verify": False,
        "tls_version": "TLSv1.3",
        "peer_certificates": CHAIN,
        "transaction_id": 2,
        "tags": TAGS,
        "t": 0.3,
    }


def _exchange(
    url: str, code: int = 200, failure: str | None = None, body: Any = "<title>Home</title>"
) -> Keys:
    return {
        "request": {"url": url, "method": "GET", "headers": {"Host": HOST}},
        "response": {
            "code": code,
            "body": body,
            "body_is_truncated": False,
            "headers": {"Server": "example", "Location": "https://www.example.org/", "X": BINARY},
            "headers_list": [["Server", "example"], ["X", BINARY]],
        },
        "failure": failure,
        "address": f"{ADDRESSES[0]}:443",
        "transaction_id": 2,
        "tags": TAGS,
        "t": 0.4,
    }


def _flow(*hosts: str) -> Keys:
    """All that a method does which resolves names and speaks HTTP to them, some of it in vain."""
    return {
        "queries": [_query(host) for host in hosts] + [_query(engine="doh", failure="dns_no_answer")],
        "tcp_connect": [_connect(), _connect("80", "generic_timeout_error")],
        "tls_handshakes": [
            *[_shake(host) for host in hosts],
            _shake(hosts[0], "ssl_unknown_authority"),
        ],
        "requests": [
            *[_exchange(f"https://{host}/") for host in hosts],
            _exchange(f"http://{hosts[0]}/", 301, body=BINARY),
            _exchange(f"http://{hosts[0]}/", 0, "connection_reset", body=None),
        ],
    }


def _control() -> Keys:
    return {
        "dns": {"failure": None, "addrs": list(ADDRESSES[:2])},
        "tcp_connect": {f"{ADDRESSES[0]}:443": {"status": True, "failure": None}},
        "tls_handshake": {f"{ADDRESSES[0]}:443": {"server_name": HOST, "status": True, "failure": None}},
        "quic_handshake": {},
        "http_request": {
            "body_length": 1000,
            "failure": None,
            "title": "Home",
            "headers": {"Server": "example", "ETag": "1"},
            "status_code": 200,
        },
        "ip_info": {ADDRESSES[0]: {"asn": 64500, "flags": 11}},
    }


def _tor_target(protocol: str, failure: str | None = None) -> Keys:
    return {
        "failure": failure,
        "target_address": f"{ADDRESSES[0]}:9001",
        "target_name": "an authority",
        "target_protocol": protocol,
        "summary": {"connect": {"failure": failure}, "handshake": {"failure": failure}},
        "queries": [_query()],
        "tcp_connect": [_connect(9001, failure)],
        "tls_handshakes": [_shake("", failure)],
        "requests": [_exchange("http://example.org/tor/status-vote/current/consensus.z")],
    }


def _lookup(failure: str | None = None) -> Keys:
    return {
        "failure": failure,
        "queries": [_query(engine="doh", failure=failure)],
        "tcp_connect": [_connect()],
        "tls_handshakes": [_shake("dns.example", failure)],
        "requests": [_exchange("https://dns.example/dns-query")],
    }


def _vpn_handshake(failure: str | None = None) -> Keys:
    return {
        "handshake_time": 0.5,
        "endpoint": "openvpn://riseupvpn.corp/?address=203.0.113.7:1194&transport=tcp",
        "ip": ADDRESSES[0],
        "port": 1194,
        "transport": "tcp",
        "provider": "riseup",
        "failure": failure,
        "t0": 0.0,
        "t": 0.5,
        "tags": [],
        "transaction_id": 2,
    }


EVENT = {"operation": "read", "address": f"{ADDRESSES[0]}:3478", "failure": None, "num_bytes": 20, "t": 0.5}
SENT_HEADERS = {"User-Agent": "Mozilla/5.0", "Host": "abc.example", "aCCept": "*/*"}

KEYS: dict[str, Keys] = {
    "web_connectivity": {
        **_flow(HOST, "www.example.org"),
        "quic_handshakes": [_shake()],
        "x_dns_duplicate_responses": [_query(engine="udp")],
        "x_dns_late_replies": [_query(engine="udp")],
        "control": _control(),
        "control_failure": None,
    },
    "telegram": _flow("web.telegram.org"),
    "whatsapp": _flow("v.whatsapp.net", "web.whatsapp.com", "e1.whatsapp.net"),
    "signal": _flow("chat.signal.org", "storage.signal.org"),
    "facebook_messenger": _flow("stun.fbsbx.com", "edge-mqtt.facebook.com"),
    "tor": {
        "targets": {
            "one": _tor_target("or_port_dirauth"),
            "two": _tor_target("obfs4", "connection_refused"),
            "three": _tor_target("dir_port"),
        }
    },
    "vanilla_tor": {
        "success": False,
        "error": "timeout-reached",
        "failure": None,
        "transport_name": "vanilla",
    },
    "torsf": {"success": True, "failure": None, "transport_name": "snowflake", "bootstrap_time": 30.5},
    "openvpn": {
        "success": True,
        "openvpn_handshake": [_vpn_handshake(), _vpn_handshake("generic_timeout_error"), None],
        "tcp_connect": [_connect(1194)],
        "network_events": [EVENT, None],
    },
    "dnscheck": {
        "bootstrap": _lookup(),
        "bootstrap_failure": None,
        "lookups": {
            "https://203.0.113.7:443/dns-query": _lookup(),
            "dot://[2001:db8::7]:853": _lookup("generic_timeout_error"),
        },
    },
    "stunreachability": {
        "endpoint": "stun.example:3478",
        "failure": None,
        "network_events": [EVENT, None],
        "queries": [_query("stun.example")],
    },
    "echcheck": {
        "tls_handshakes": [
            {**_shake(), "echconfig": "GREASE", "outer_server_name": HOST},
            {
                **_shake(failure="connection_reset"),
                "echconfig": "AEX+DQ",
                "outer_server_name": "other.example",
            },
        ],
        "control": {**_shake(), "echconfig": None},
        "target": {**_shake(failure="eof_error"), "echconfig": "AEX+DQ"},
        "tcp_connect": [_connect()],
        "queries": [_query()],
    },
    "http_invalid_request_line": {
        "sent": ["GET / HTTP/1.1\n\r", BINARY],
        "received": ["GET / HTTP/1.1\n\r", BINARY],
        "failure_list": [None, "connection_reset"],
        "tampering": False,
    },
    "http_header_field_manipulation": {
        "requests": [
            {
                "request": {"url": "http://203.0.113.7", "method": "GET", "headers": SENT_HEADERS},
                "response": {
                    "code": 200,
                    "body": json.dumps(
                        {"request_line": "GET / HTTP/1.1", "headers_dict": {"Host": ["abc.example"]}}
                    ),
                    "headers": {"Server": "example"},
                },
                "failure": None,
            }
        ],
        "tampering": {"header_field_name": False, "header_name_diff": ["aCCept"], "total": False},
        "failure": None,
    },
    "connectivity": {
        "queries": [_query()],
        "tcp_connect": [_connect()],
        "tls_handshakes": [_shake()],
        "requests": [],
        "x_link": {"ipv4": None, "ipv6": "network_unreachable"},
        "x_domestic": ["egov.example"],
    },
    "throttle": {
        "queries": [_query()],
        "tcp_connect": [_connect()],
        "tls_handshakes": [_shake()],
        "runs": [
            {
                "side": side,
                "server_name": HOST if side == "target" else "vmyxb.example",
                "address": "93.184.216.34:443",
                "status": 200,
                "failure": None,
                "bytes": size,
                "seconds": 2.5,
                "samples": [[0.5, 1000], [2.5, size]],
                "t0": 0.1,
                "t": 2.6,
                "tags": [side],
                "transaction_id": number,
            }
            for number, (side, size) in enumerate([("target", 30_000), ("control", 900_000)] * 3, 3)
        ],
    },
    "trace": {
        "queries": [_query()],
        "tcp_connect": [_connect()],
        "protocol": "tls",
        "target_name": HOST,
        "control_name": "aveyog.example",
        "address": "93.184.216.34",
        "port": 443,
        "tries": [
            {
                "side": side,
                "name": HOST,
                "ttl": ttl,
                "failure": failure,
                "heard": [] if failure else [{"what": "answer", "t": 0.08, "ttl": 60, "hop": "192.0.2.1"}],
                "paused_s": 0.0,
                "t0": 0.1,
                "t": 0.2,
                "tags": [side],
                "transaction_id": ttl,
            }
            for ttl, (side, failure) in enumerate([("control", None), ("target", "connection_reset")] * 3)
        ],
    },
    "quic": {
        "queries": [_query()],
        "tcp_connect": [_connect()],
        "tls_handshakes": [_shake()],
        "quic_handshakes": [_shake(failure="generic_timeout_error")],
        "requests": [_exchange(f"https://{HOST}/")],
        "x_quic_versions": [
            {
                "address": "93.184.216.34:443",
                "failure": None,
                "versions": ["00000001"],
                "transaction_id": 5,
                "t": 1.0,
            }
        ],
        "control": _control(),
        "control_failure": None,
    },
    "stream": {
        "queries": [_query()],
        "tcp_connect": [_connect()],
        "tls_handshakes": [_shake()],
        "requests": [_exchange(f"https://{HOST}/live.m3u8")],
        "control": _control(),
        "control_failure": None,
        "x_stream": {
            "kind": "hls",
            "playlists": [
                {
                    "url": f"https://{HOST}/live.m3u8",
                    "failure": None,
                    "status": 200,
                    "live": True,
                    "newest": newest,
                }
                for newest in (7, 7)
            ],
            "segments": [{"url": f"https://{HOST}/7.ts", "failure": None, "status": 200, "num_bytes": 9000}],
            "outside": [{"failure": None, "status": 200, "last_modified": "Sun, 01 Mar 2026 12:00:00 GMT"}],
            "heard": None,
            "segment_control": None,
            "segment_control_failure": None,
        },
    },
}


def document(test_name: str, keys: Keys) -> bytes:
    """A whole measurement."""
    return json.dumps(
        {
            "annotations": {"engine_name": "ooniprobe-engine"},
            "data_format_version": "0.2.0",
            "input": "https://example.org/",
            "measurement_start_time": "2026-03-01 12:00:00",
            "probe_asn": "AS64500",
            "probe_cc": "KZ",
            "probe_ip": "127.0.0.1",
            "probe_network_name": "Example",
            "report_id": "20260301T120000Z_x_KZ_64500_n1_abcdefghijklmnop",
            "software_name": "lampwatch",
            "software_version": "0.1.0",
            "test_keys": keys,
            "test_name": test_name,
            "test_start_time": "2026-03-01 11:59:00",
            "test_version": "0.5.28",
        }
    ).encode()


def small() -> list[bytes]:
    """One document for each test name."""
    return [document(name, keys) for name, keys in KEYS.items()]


def found(paths: Iterable[Path]) -> list[bytes]:
    """The measurements in files and folders, in order: whole files, or the lines of .jsonl files."""
    documents = []
    for path in paths:
        for file in sorted({*path.rglob("*.json"), *path.rglob("*.jsonl")}) if path.is_dir() else [path]:
            raw = file.read_bytes()
            documents += [line for line in raw.splitlines() if line] if file.suffix == ".jsonl" else [raw]
    return [raw for raw in documents if b'"test_name"' in raw]
