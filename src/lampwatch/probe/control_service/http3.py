"""The page by HTTP/3, where the site speaks it at an address that was found for it."""

from lampwatch.formats.names import endpoint, is_address
from lampwatch.probe.control_service.endpoints import Connects
from lampwatch.probe.control_service.guard import is_permitted_port
from lampwatch.probe.control_service.lookup import Found
from lampwatch.probe.control_service.outpost import Outpost
from lampwatch.probe.control_service.page import Page, no_page
from lampwatch.probe.control_service.question import Question
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.network import joined
from lampwatch.probe.quic import connect_quic, fetch_quic
from lampwatch.probe.url import Url


async def http3_page(
    question: Question, found: Found, page: Page, connects: Connects, outpost: Outpost
) -> Page | None:
    """Fetch the URL once by HTTP/3; None where nothing says that the site speaks it. Redirects are not followed.

    It speaks it where its first response said so (Alt-Svc) for its own host, or where a QUIC handshake was completed.
    """
    place = _place(question, found, page, connects)
    if place is None:
        return None
    ip, port = place
    hostname = question.url.hostname
    kit = outpost.kit()
    sent_name = "" if is_address(hostname) else hostname
    link = await connect_quic(kit, ip, port, sent_name, kit.record.mark(), verified_name=hostname)
    if isinstance(link, Failed):
        return no_page(link)
    asked = Url("https", hostname, port, question.url.path)
    request = Request(scheme="https", host=asked.host, path=asked.path, headers=question.headers)
    return Page(await fetch_quic(kit, link, request))


def _place(question: Question, found: Found, page: Page, connects: Connects) -> tuple[str, int] | None:
    for ip in found.reachable:
        for port in (443, question.url.port):
            if connects.quic.get(joined(ip, port), {}).get("status"):
                return ip, port
    host, port = endpoint(page.h3_endpoint)
    if host != question.url.hostname or not is_permitted_port(port) or not found.reachable:
        return None
    return found.reachable[0], port
