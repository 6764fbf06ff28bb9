"""A question answered: the name looked up, its addresses and those of the probe measured, the page fetched."""

import asyncio
from typing import Any, Final

from lampwatch.formats.names import is_address
from lampwatch.model.failure import Failure
from lampwatch.probe.control_service.endpoints import NO_TIME, Connects, endpoints_of
from lampwatch.probe.control_service.http3 import http3_page
from lampwatch.probe.control_service.lookup import Found, found_for
from lampwatch.probe.control_service.outpost import Outpost, within
from lampwatch.probe.control_service.page import no_page, page_of
from lampwatch.probe.control_service.question import Question
from lampwatch.probe.network import joined

# What is known of an address, bit by bit (OONI probe-cli, THIPInfo).
RESOLVED_BY_PROBE: Final = 1
RESOLVED_BY_CONTROL: Final = 2
IS_BOGON: Final = 4
VALID_FOR_NAME: Final = 8

_NO_SUCH_NAME: Final = "dns_name_error"
"""NXDOMAIN as controls spell it: OONI's probes look for this very word to tell that a site is gone."""


async def answer_to(question: Question, outpost: Outpost) -> dict[str, Any]:
    """The answer in the protocol's form. Takes no longer than the outpost's spans together; never raises.

    An address that may not be connected to is named in ip_info as a bogon, and measured nowhere; where the URL leads
    only to such, http_request has failed with dns_bogon_error.
    """
    url = question.url
    found = await found_for(url.hostname, outpost)
    connects = Connects()
    measuring = connects.measure(
        endpoints_of(question, found, outpost), url.hostname, outpost, wants_quic=question.wants_quic
    )
    span = outpost.spans.measure_s
    _, page = await asyncio.gather(
        within(span, measuring, None),
        within(span, page_of(url, question.headers, found, outpost), no_page(NO_TIME)),
    )
    http3 = None
    if question.wants_quic:
        fetching = http3_page(question, found, page, connects, outpost)
        http3 = await within(outpost.spans.http3_s, fetching, no_page(NO_TIME))
    return {
        "tcp_connect": connects.tcp,
        "tls_handshake": connects.tls,
        "quic_handshake": connects.quic,
        "http_request": page.as_told(),
        "http3_request": http3.as_told() if http3 else None,
        "dns": _dns(url.hostname, found),
        "ip_info": _ip_info(question, found, connects, outpost),
    }


def _dns(hostname: str, found: Found) -> dict[str, Any]:
    if is_address(hostname):
        return {"failure": None, "addrs": []}
    failed = found.failed
    # As controls have always told it: a name without an address has not failed.
    failure = None if failed is None or failed.failure is Failure.DNS_NO_ANSWER else failed.text
    spelled = _NO_SUCH_NAME if failure == str(Failure.DNS_NXDOMAIN) else failure
    return {"failure": spelled, "addrs": list(found.addresses)}


def _ip_info(
    question: Question, found: Found, connects: Connects, outpost: Outpost
) -> dict[str, dict[str, int]]:
    flags: dict[str, int] = {}
    for ip, _ in question.endpoints:
        flags[ip] = flags.get(ip, 0) | RESOLVED_BY_PROBE
    if not is_address(question.url.hostname):
        for ip in found.addresses:
            flags[ip] = flags.get(ip, 0) | RESOLVED_BY_CONTROL
    valid = {name for name, told in connects.tls.items() if told["status"]}
    ports = {443, question.url.port}
    for ip in flags:
        if not outpost.guard.permits(ip):
            flags[ip] |= IS_BOGON
        if any(joined(ip, port) in valid for port in ports):
            flags[ip] |= VALID_FOR_NAME
    return {ip: {"asn": outpost.asn_of(ip), "flags": known} for ip, known in flags.items()}
