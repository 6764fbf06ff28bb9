"""Measurements of web sites, written step by step in the OONI data format, and the way from their bytes to a verdict.

The example site is www.example.com at SITE; BLOCKER is a censor's web server; both are in networks of their own.
"""

from typing import Any

from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.methods import judging
from tests.methods.judging import verdict_in

Keys = dict[str, Any]

HOST = "www.example.com"
HTTPS = "https://www.example.com/"
HTTP = "http://www.example.com/"
SITE = "93.184.216.34"
SITE_ASN = 15133
BLOCKER = "130.192.182.17"
BLOCKER_ASN = 137
SHORTENER = "bit.ly"
SHORTENER_IP = "67.199.248.11"
SHORTENER_ASN = 396982
ASNS = {SITE: SITE_ASN, BLOCKER: BLOCKER_ASN, SHORTENER_IP: SHORTENER_ASN}

PAGE = (
    "<!doctype html><html><head><title>Default Web Page</title></head><body>"
    + "words " * 240
    + "</body></html>"
)
PAGE_HEADERS = {"Alt-Svc": 'h3=":443"', "Content-Type": "text/html; charset=utf-8", "Server": "ECS (dcb)"}
BLOCK_PAGE = "<!doctype html><html><head><title>Access Denied</title></head><body>By order.</body></html>"
BLOCK_HEADERS = {"Content-Type": "text/html"}

NXDOMAIN = "dns_nxdomain_error"
NO_ANSWER = "dns_no_answer"
TIMEOUT = "generic_timeout_error"
RESET = "connection_reset"
REFUSED = "connection_refused"
EOF = "eof_error"


def query(
    host: str,
    *addresses: str,
    engine: str = "getaddrinfo",
    failure: str | None = None,
    depth: int = 0,
    kind: str = "",
    asn: int | None = None,
) -> Keys:
    return {
        "hostname": host,
        "query_type": kind or ("ANY" if engine == "getaddrinfo" else "A"),
        "engine": engine,
        "failure": failure,
        "answers": [
            {
                "answer_type": "AAAA" if ":" in ip else "A",
                "ipv6" if ":" in ip else "ipv4": ip,
                "asn": ASNS.get(ip, 0) if asn is None else asn,
            }
            for ip in addresses
        ]
        or None,
        "tags": [f"depth={depth}"],
        "transaction_id": 1,
    }


def resolved(
    host: str,
    *system: str,
    udp: tuple[str, ...] | str | None = None,
    doh: tuple[str, ...] | str | None = None,
    failure: str | None = None,
) -> Keys:
    """What the three resolvers said: addresses, or a failure as text. udp and doh say what system does, if not told."""
    keys = [query(host, *system, failure=failure)]
    for engine, told in (("udp", udp), ("doh", doh)):
        said = (failure or system) if told is None else told
        if isinstance(said, str):
            keys += [query(host, engine=engine, failure=said, kind=kind) for kind in ("A", "AAAA")]
        else:
            keys.append(query(host, *said, engine=engine))
            keys.append(query(host, engine=engine, failure=NO_ANSWER, kind="AAAA"))
    return {"queries": keys}


def connect(ip: str, port: int = 443, failure: str | None = None, depth: int = 0) -> Keys:
    status = {"failure": failure, "success": failure is None}
    return {"tcp_connect": [{"ip": ip, "port": port, "status": status, "tags": [f"depth={depth}"]}]}


def shake(ip: str, failure: str | None = None, host: str = HOST, depth: int = 0) -> Keys:
    entry = {
        "network": "tcp",
        "address": f"{ip}:443",
        "server_name": host,
        "failure": failure,
        "no_tls_verify": False,
        "tags": [f"depth={depth}"],
    }
    return {"tls_handshakes": [entry]}


def fetch(
    url: str,
    ip: str,
    body: str = PAGE,
    *,
    code: int = 200,
    headers: dict[str, str] | None = None,
    failure: str | None = None,
    truncated: bool = False,
    depth: int = 0,
) -> Keys:
    """One exchange; without a failure, or with a code beside one, a response began."""
    response: Keys = {"code": 0, "body": "", "headers": {}, "body_is_truncated": False}
    if failure is None or code != 200 or truncated:
        sent = PAGE_HEADERS if headers is None else headers
        response = {"code": code, "body": body, "headers": sent, "body_is_truncated": truncated}
    port = 443 if url.startswith("https:") else 80
    entry = {
        "address": f"{ip}:{port}",
        "request": {"url": url, "method": "GET"},
        "response": response,
        "failure": failure,
        "tags": [f"depth={depth}", "fetch_body=true"],
    }
    return {"requests": [entry]}


def redirect(url: str, ip: str, to: str, code: int = 302, depth: int = 0) -> Keys:
    return fetch(url, ip, "", code=code, headers={"Location": to, "Content-Length": "0"}, depth=depth)


def block_page(url: str, ip: str, depth: int = 0) -> Keys:
    return fetch(url, ip, BLOCK_PAGE, headers=BLOCK_HEADERS, depth=depth)


def control(
    *addresses: str,
    host: str = HOST,
    dns_failure: str | None = None,
    tcp: dict[str, str | None] | None = None,
    tls: dict[str, str | None] | None = None,
    code: int = 200,
    body_length: int = len(PAGE),
    title: str = "Default Web Page",
    headers: dict[str, str] | None = None,
    failure: str | None = None,
) -> Keys:
    """The test helper's answer. tcp and tls name endpoints and how they ended; by default all of addresses work."""
    found = {f"{ip}:443" if ":" not in ip else f"[{ip}]:443": None for ip in addresses}
    ends = {f"{ip}:{port}": None for ip in addresses for port in (80, 443)} if tcp is None else tcp
    http = {
        "body_length": -1 if failure else body_length,
        "failure": failure,
        "title": "" if failure else title,
        "headers": {} if failure else PAGE_HEADERS if headers is None else headers,
        "status_code": -1 if failure else code,
    }
    answer = {
        "dns": {"failure": dns_failure, "addrs": list(addresses)},
        "tcp_connect": {end: {"status": said is None, "failure": said} for end, said in ends.items()},
        "tls_handshake": {
            end: {"server_name": host, "status": said is None, "failure": said}
            for end, said in (found if tls is None else tls).items()
        },
        "quic_handshake": {},
        "http_request": http,
        "ip_info": {ip: {"asn": asn, "flags": 11} for ip, asn in ASNS.items()},
    }
    return {"control": answer, "control_failure": None}


NO_CONTROL: Keys = {"control": None, "control_failure": "unknown_failure: httpapi: all endpoints failed"}


def joined(*parts: Keys) -> Keys:
    """One measurement's keys out of several parts; exchanges stand newest first, as probes write them."""
    keys: Keys = {"queries": [], "tcp_connect": [], "tls_handshakes": [], "requests": []}
    for part in parts:
        for name, value in part.items():
            if name == "requests":
                keys[name] = [*value, *keys[name]]
            elif isinstance(value, list):
                keys.setdefault(name, []).extend(value)
            else:
                keys[name] = value
    return keys


def served(url: str, ip: str, body: str = PAGE) -> Keys:
    """The way to a page that works, at one address."""
    steps = [connect(ip), shake(ip)] if url.startswith("https:") else [connect(ip, 80)]
    return joined(*steps, fetch(url, ip, body))


def document(url: Any, keys: Any, *, version: str = "0.5.28", country: str = "IT", **header: Any) -> bytes:
    given = {
        "probe_asn": "AS30722",
        "probe_cc": country,
        "report_id": "20261123T095958Z_webconnectivity_IT_30722_n1_hgaz7lvokwXybYSG",
        "software_name": "ooniprobe",
        "software_version": "3.26.0",
        "test_version": version,
    }
    return judging.document("web_connectivity", keys, url, **given | header)


def judged(url: str, *parts: Keys, references: References = NO_REFERENCES, **header: Any) -> Verdict:
    """The verdict on one measurement of a URL, put together from parts."""
    return verdict_in(document(url, joined(*parts), **header), references)


def truth(verdict: Verdict) -> tuple[State, Layer | None, Mechanism | None]:
    """What a verdict says, without how it came about."""
    return verdict.state, verdict.layer, verdict.mechanism
