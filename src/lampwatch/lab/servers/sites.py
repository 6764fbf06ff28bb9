"""Web sites of a world as listeners: who answers at each address, by which name, with which certificate and page."""

from collections.abc import Sequence
from typing import Final

from lampwatch.lab.servers.authority import Authority, by_name
from lampwatch.lab.servers.http import ALPN, App, Request, Response, web
from lampwatch.lab.servers.http3 import http3
from lampwatch.lab.servers.listening import Listener, Tcp, Udp
from lampwatch.lab.world import Dead, Page, Site

_FROM_CLIENTS: Final = ("10.", "2a02:27ac:")


def listeners(sites: Sequence[Site], authority: Authority) -> list[Listener]:
    """All ports of all sites. Sites that share an address share its ports, and are told apart by name."""
    by_address: dict[str, list[Site]] = {}
    for site in sites:
        for address in served(site):
            by_address.setdefault(address, []).append(site)
    return [listener for address, there in by_address.items() for listener in _at(address, there, authority)]


def served(site: Site) -> tuple[str, ...]:
    """The addresses at which a site has a server; loopback and private ones have none."""
    if site.dead is not Dead.NO:
        return ()
    return tuple(ip for ip in site.every_address() if is_public(ip))


def is_public(ip: str) -> bool:
    """Whether the outside may hold an address: loopback is everybody's own."""
    return not ip.startswith(("127.", "10.", "::1"))


def _at(address: str, sites: Sequence[Site], authority: Authority) -> list[Listener]:
    found: list[Listener] = []
    app = sites_app(sites)
    if any(site.plain for site in sites):
        found.append(Tcp(address, 80, web(app, over_tls=False)))
    secure = [site for site in sites if site.tls]
    if secure:
        contexts = {
            name: authority.context((site.name, *site.aliases), site.certificate, protocols=ALPN)
            for site in secure
            for name in (site.name, *site.aliases)
        }
        first = secure[0]
        # A context of its own for each address: the choice by name is set on it.
        own = authority._context((first.name, *first.aliases), first.certificate, protocols=ALPN)  # noqa: SLF001  the uncached one
        found.append(Tcp(address, 443, web(app, over_tls=True), by_name(own, contexts)))
    quick = [site for site in sites if site.http3]
    if quick:
        leaf = authority.leaf((quick[0].name, *quick[0].aliases), quick[0].certificate)
        found.append(Udp(address, 443, http3(app, leaf, address)))
    return found


def sites_app(sites: Sequence[Site]) -> App:
    """Answers as the site that the request names, or as the first."""
    named = {name: site for site in sites for name in (site.name, *site.aliases)}

    def app(request: Request) -> Response:
        site = named.get(request.host, sites[0])
        if site.for_probe is not None and request.peer.startswith(_FROM_CLIENTS):
            return page_response(site.for_probe, site)
        return page_response(site.page(request.path.partition("?")[0], over_tls=request.over_tls), site)

    return app


def page_response(page: Page, site: Site) -> Response:
    """A page as a response of its site."""
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Server", site.server), *page.headers]
    if page.location:
        headers.append(("Location", page.location))
    return Response(page.status, tuple(headers), page.content(), page.pause_s)
