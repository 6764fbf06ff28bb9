"""Web Connectivity's test_keys (ts-017, version 0.5): a site, how a network treats it, and what the control saw."""

from typing import Any

import msgspec

from tests.stories.steps import EXAMPLE_COM_ASN, Keys, connect, exchange, query, shake

RESOLVER = "https://dns.example/dns-query"


class Site(msgspec.Struct, frozen=True):
    """An invented site: where it is, and what it says."""

    url: str
    host: str
    ip: str
    title: str

    @property
    def port(self) -> int:
        """443 for https, 80 for http."""
        return 443 if self.url.startswith("https") else 80

    @property
    def address(self) -> str:
        """Address and port."""
        return f"{self.ip}:{self.port}"

    @property
    def body(self) -> str:
        """A small page."""
        words = f"<p>{self.title} is an invented site for Lampwatch's tests.</p>" * 3
        return f"<!doctype html><html><head><title>{self.title}</title></head><body>{words}</body></html>"


class Treatment(msgspec.Struct, frozen=True, kw_only=True):
    """What a network does to a fetch, step by step; nothing given is nothing done.

    answers are what the system's resolver gives, None for the site's own address. page is put in the place of the
    site's; detour is the address that an unencrypted answer leads to, with page as what is there.
    """

    answers: tuple[str, ...] | None = None
    lookup: str | None = None
    connect: str | None = None
    tls: str | None = None
    http: str | None = None
    begins: bool = False
    page: str = ""
    detour: str = ""


FREE = Treatment()


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What the control met: whether it answered at all, and where it failed."""

    answers: bool = True
    lookup: str | None = None
    connect: str | None = None


WORKS = Outside()
DEAD = Outside(connect="generic_timeout_error")
NO_NAME = Outside(lookup="dns_name_error")
NO_CONTROL = Outside(answers=False)

_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Server": "example-server", "X-Example-Site": "yes"}
_CENSOR_HEADERS = {"Content-Type": "text/html", "Server": "filter"}


def fetch(site: Site, treatment: Treatment = FREE, outside: Outside = WORKS) -> Keys:
    """The test_keys of one fetch under this treatment."""
    system = _system_answers(site, treatment, outside)
    own = EXAMPLE_COM_ASN if site.ip in system else 0
    queries = [query(site.host, *system, failure=_lookup_failure(treatment, outside), asn=own)]
    known = {*system, *(() if outside.lookup else (site.ip,))}
    if not outside.lookup:
        queries.append(query(site.host, site.ip, engine="doh", resolver=RESOLVER, transaction_id=2))
    tcp, tls = [], []
    for number, ip in enumerate(sorted(known), 3):
        failure = (treatment.connect or outside.connect) if ip == site.ip else "generic_timeout_error"
        tcp.append(connect(ip, site.port, failure, transaction_id=number))
        if site.port == 443 and failure is None:
            tls.append(shake(site.host, f"{ip}:443", treatment.tls, transaction_id=number))
    return {
        "agent": "redirect",
        "queries": queries,
        "tcp_connect": tcp,
        "tls_handshakes": tls,
        "requests": _requests(site, treatment, outside),
        "control_failure": None if outside.answers else "generic_timeout_error",
        "control": _control(site, outside) if outside.answers else None,
    }


def _system_answers(site: Site, treatment: Treatment, outside: Outside) -> tuple[str, ...]:
    if treatment.lookup or outside.lookup:
        return ()
    return (site.ip,) if treatment.answers is None else treatment.answers


def _lookup_failure(treatment: Treatment, outside: Outside) -> str | None:
    return treatment.lookup or ("dns_nxdomain_error" if outside.lookup else None)


def _requests(site: Site, treatment: Treatment, outside: Outside) -> list[dict[str, Any]]:
    forged = treatment.answers is not None and site.ip not in treatment.answers
    early = (
        _lookup_failure(treatment, outside)
        or treatment.connect
        or outside.connect
        or ("generic_timeout_error" if forged else None)
        or treatment.tls
    )
    address = site.address
    if early:
        return [exchange(site.url, failure=early, address=address)]
    if treatment.begins:
        return [
            exchange(
                site.url, 200, body=site.body[:120], failure=treatment.http, headers=_HEADERS, truncated=True,
                address=address,
            )
        ]  # fmt: skip
    if treatment.http:
        return [exchange(site.url, failure=treatment.http, address=address)]
    if treatment.detour:
        away = exchange(site.url, 302, headers={"Location": treatment.detour}, address=address)
        page = exchange(
            treatment.detour, 200, body=treatment.page, headers=_CENSOR_HEADERS, transaction_id=9, depth=1
        )
        return [page, away]
    if treatment.page:
        return [exchange(site.url, 200, body=treatment.page, headers=_CENSOR_HEADERS, address=address)]
    return [exchange(site.url, 200, body=site.body, headers=_HEADERS, address=address)]


def _control(site: Site, outside: Outside) -> dict[str, Any]:
    addresses = [] if outside.lookup else [site.ip]
    failed = outside.lookup or outside.connect
    worked = failed is None
    tried = {site.address: {"failure": outside.connect, "status": outside.connect is None}}
    shakes = {site.address: {"failure": None, "server_name": site.host, "status": True}}
    return {
        "dns": {"addrs": addresses, "failure": outside.lookup},
        "http_request": {
            "body_length": len(site.body) if worked else -1,
            "failure": failed,
            "headers": _HEADERS if worked else {},
            "status_code": 200 if worked else -1,
            "title": site.title if worked else "",
        },
        "ip_info": {address: {"asn": EXAMPLE_COM_ASN, "flags": 2} for address in addresses},
        "quic_handshake": {},
        "tcp_connect": tried if addresses else {},
        "tls_handshake": shakes if worked and site.port == 443 else {},
    }
