"""Measurements of messengers, written step by step, and others with anything in them."""

import base64
from typing import Any

from hypothesis import strategies as st

Keys = dict[str, Any]


def query(host: str, *addresses: str, failure: str | None = None, asn: int | None = None) -> Keys:
    answers = [
        {"answer_type": "AAAA" if ":" in ip else "A", "ipv6" if ":" in ip else "ipv4": ip, "asn": asn}
        for ip in addresses
    ]
    return {"hostname": host, "query_type": "A", "engine": "system", "failure": failure, "answers": answers}


def connect(ip: str, port: int = 443, failure: str | None = None) -> Keys:
    return {"ip": ip, "port": port, "status": {"failure": failure, "success": failure is None}}


def shake(host: str, ip: str, failure: str | None = None, chain: bytes = b"") -> Keys:
    certificates = [{"data": base64.b64encode(chain).decode(), "format": "base64"}] if chain else []
    return {
        "server_name": host,
        "address": f"{ip}:443",
        "failure": failure,
        "no_tls_verify": False,
        "peer_certificates": certificates,
    }


def exchange(
    url: str, code: int = 0, failure: str | None = None, method: str = "GET", body: str = ""
) -> Keys:
    response = {"code": code, "body": body, "headers": {}} if code else None
    return {"request": {"url": url, "method": method}, "response": response, "failure": failure}


def site(host: str, ip: str, path: str = "/") -> Keys:
    """A site that works."""
    return {
        "queries": [query(host, ip)],
        "tcp_connect": [connect(ip)],
        "tls_handshakes": [shake(host, ip)],
        "requests": [exchange(f"https://{host}{path}", 200)],
    }


def joined(*parts: Keys) -> Keys:
    """One measurement's keys out of several parts."""
    keys: Keys = {}
    for part in parts:
        for name, entries in part.items():
            keys.setdefault(name, []).extend(entries)
    return keys


FAILURES = st.sampled_from(
    [
        None,
        False,
        True,
        "",
        "generic_timeout_error",
        "connection_refused",
        "connection_reset",
        "eof_error",
        "network_unreachable",
        "network_down",
        "interrupted",
        "host_unreachable",
        "dns_nxdomain_error",
        "dns_no_answer",
        "dns_refused_error",
        "dns_bogon_error",
        "ssl_unknown_authority",
        "ssl_invalid_certificate",
        "ssl_failed_handshake",
        "unknown_failure: x",
    ]
)
ADDRESSES = st.sampled_from(
    ["149.154.175.50", "157.240.1.1", "10.10.34.35", "127.0.0.2", "2a03:2880::1", "", "x", None, "1.2.3.4.5"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _entry(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    shaped = st.fixed_dictionaries({}, optional=fields)
    return st.lists(shaped | st.builds(dict, shaped, more=ANYTHING), max_size=5) | st.none()


def hostile_keys(hosts: list[str]) -> st.SearchStrategy[Any]:
    """Keys in the shape of a messenger's measurement, with anything in them; and now and then no such shape."""
    names = st.sampled_from([*hosts, "", None])
    urls = st.sampled_from(
        [f"{scheme}://{host}/" for host in [*hosts, "149.154.175.50", "[::1"] for scheme in ("http", "https")]
    )
    answer = st.fixed_dictionaries(
        {}, optional={"ipv4": ADDRESSES, "ipv6": ADDRESSES, "asn": st.integers(0, 70000)}
    )
    shaped = st.fixed_dictionaries(
        {},
        optional={
            "queries": _entry(
                {"hostname": names, "failure": FAILURES, "answers": st.lists(answer, max_size=3) | st.none()}
            ),
            "tcp_connect": _entry(
                {
                    "ip": ADDRESSES,
                    "port": st.sampled_from([80, 443, 5222, "443", None, -1]),
                    "status": st.none() | st.fixed_dictionaries({}, optional={"failure": FAILURES}),
                }
            ),
            "tls_handshakes": _entry(
                {
                    "server_name": names,
                    "failure": FAILURES,
                    "no_tls_verify": st.booleans() | st.none(),
                    "peer_certificates": ANYTHING,
                }
            ),
            "requests": _entry(
                {
                    "failure": FAILURES,
                    "request": st.none() | st.fixed_dictionaries({"url": urls}),
                    "response": st.none()
                    | st.fixed_dictionaries(
                        {}, optional={"code": st.integers(-1, 1000), "body": st.text(max_size=5)}
                    ),
                }
            ),
        },
    )
    return shaped | ANYTHING
