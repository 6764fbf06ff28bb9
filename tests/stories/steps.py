"""Single steps of a measurement, as OONI's data format 0.2.0 writes them (df-001 to df-006)."""

from typing import Any

Entry = dict[str, Any]
Keys = dict[str, Any]

EXAMPLE_COM_ASN = 15133
"""The network in which example.com has long been; the invented sites are put beside it."""


def query(
    host: str,
    *addresses: str,
    failure: str | None = None,
    asn: int = EXAMPLE_COM_ASN,
    engine: str = "getaddrinfo",
    resolver: str = "",
    transaction_id: int = 1,
    depth: int = 0,
) -> Entry:
    """One lookup of a name; asn is the network of every answer, 0 where it is not known."""
    return {
        "answers": [{"answer_type": "A", "asn": asn, "ipv4": address, "ttl": None} for address in addresses],
        "engine": engine,
        "failure": failure,
        "hostname": host,
        "query_type": "A" if engine != "getaddrinfo" else "ANY",
        "resolver_address": resolver,
        "t": 0.02 * transaction_id,
        "tags": [f"depth={depth}"],
        "transaction_id": transaction_id,
    }


def connect(
    ip: str, port: int, failure: str | None = None, *, transaction_id: int = 3, depth: int = 0
) -> Entry:
    """One TCP connect."""
    return {
        "ip": ip,
        "port": port,
        "status": {"failure": failure, "success": failure is None},
        "t": 0.1,
        "tags": [f"depth={depth}"],
        "transaction_id": transaction_id,
    }


def shake(
    host: str, address: str, failure: str | None = None, *, transaction_id: int = 3, **more: object
) -> Entry:
    """One TLS (or QUIC) handshake; address has its port."""
    return {
        "address": address,
        "failure": failure,
        "negotiated_protocol": "" if failure else "http/1.1",
        "no_tls_verify": False,
        "peer_certificates": [],
        "server_name": host,
        "t": 0.3,
        "tags": ["depth=0"],
        "tls_version": "" if failure else "TLSv1.3",
        "transaction_id": transaction_id,
    } | more


def exchange(
    url: str,
    code: int = 0,
    *,
    body: str = "",
    failure: str | None = None,
    headers: dict[str, str] | None = None,
    address: str = "",
    method: str = "GET",
    truncated: bool = False,
    transaction_id: int = 3,
    depth: int = 0,
) -> Entry:
    """One HTTP exchange; code 0 where no response began."""
    return {
        "address": address,
        "failure": failure,
        "request": {"headers": {}, "method": method, "url": url},
        "response": {
            "body": body,
            "body_is_truncated": truncated,
            "code": code,
            "headers": headers or {},
        },
        "t": 0.6,
        "tags": [f"depth={depth}"],
        "transaction_id": transaction_id,
    }


def joined(*parts: Keys) -> Keys:
    """One measurement's keys out of several parts, list by list."""
    keys: Keys = {}
    for part in parts:
        for name, entries in part.items():
            keys[name] = [*keys.get(name, []), *entries]
    return keys
