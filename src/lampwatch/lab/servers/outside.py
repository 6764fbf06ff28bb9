"""Everything that is outside, put together from a world: names, addresses and who listens."""

from collections.abc import Callable, Sequence

from lampwatch.lab import view
from lampwatch.lab.block import BlockPage
from lampwatch.lab.errors import LabError
from lampwatch.lab.servers import sites
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.dns import Resolver, UdpDns, Zone, doh, doq, tcp_dns
from lampwatch.lab.servers.http import ALPN, Request, Response, web
from lampwatch.lab.servers.listening import Listener, Tcp, Udp
from lampwatch.lab.servers.media import live
from lampwatch.lab.servers.relay import passed_on
from lampwatch.lab.servers.services import SERVICES, Population
from lampwatch.lab.world import Certificate, Dead, World
from lampwatch.model.neutral import NEUTRAL_NAME

_DNS, _DOT, _HTTPS = 53, 853, 443


class Outside:
    """What a world becomes: the zone, the resolvers by address, all listeners and all addresses they need."""

    def __init__(self, world: World, authority: Authority) -> None:
        self.zone = Zone(world.sites)
        self.resolvers = {
            view.PROVIDER_RESOLVER: Resolver(self.zone, view.PROVIDER_RESOLVER),
            view.PUBLIC_RESOLVER: Resolver(self.zone, view.PUBLIC_RESOLVER),
            view.OTHER_RESOLVER: Resolver(self.zone, view.OTHER_RESOLVER),
            view.CONTROL_RESOLVER: Resolver(self.zone, view.CONTROL_RESOLVER, control=True),
        }
        populations = [_service(name)(authority) for name in world.services]
        for population in populations:
            self.zone.add(population.names)
        self.zone.add({name: (address,) for name, address in view.DOH_NAMES.items()})
        self.zone.add({NEUTRAL_NAME: (view.NEUTRAL_ADDRESS,)})
        fronts = {
            view.CONTROL_NAME: view.CONTROL_ADDRESS,
            view.COLLECTOR_NAME: view.COLLECTOR_ADDRESS,
        }
        self.zone.add({name: (address,) for name, address in fronts.items()})
        self.listeners: list[Listener] = [
            *sites.listeners(world.sites, authority),
            *(listener for population in populations for listener in population.listeners),
            *_resolvers(self.resolvers, authority),
            *(_front(name, address, authority) for name, address in fronts.items() if world.control),
            Tcp(view.BLOCK_PAGE_ADDRESS, 80, web(_block_page, over_tls=False)),
        ]
        self.silent = tuple(
            ip for site in world.sites if site.dead is Dead.SILENT for ip in site.every_address()
        )
        self.addresses = tuple(
            dict.fromkeys(
                [
                    *(listener.address for listener in self.listeners),
                    *(ip for site in world.sites for ip in site.every_address() if sites.is_public(ip)),
                    *(ip for ips in _all_names(populations) for ip in ips if sites.is_public(ip)),
                    *fronts.values(),
                    view.NOTHING_ADDRESS,
                ]
            )
        )


def _all_names(populations: Sequence[Population]) -> list[tuple[str, ...]]:
    return [addresses for population in populations for addresses in population.names.values()]


def _service(name: str) -> Callable[[Authority], Population]:
    found = {**SERVICES, "live": live}.get(name)
    if found is None:
        raise LabError(f"no service of the lab is called {name}")
    return found


def _resolvers(resolvers: dict[str, Resolver], authority: Authority) -> list[Listener]:
    found: list[Listener] = []
    for address, resolver in resolvers.items():
        found.append(Udp(address, _DNS, lambda resolver=resolver: UdpDns(resolver)))  # type: ignore[misc]  # bound now
        found.append(Tcp(address, _DNS, tcp_dns(resolver)))
    for name, address in view.DOH_NAMES.items():
        resolver, identity = resolvers[address], (name, address)
        secure = authority.context(identity, Certificate.VALID, protocols=ALPN)
        dot = authority.context(identity, Certificate.VALID, protocols=("dot",))
        found += [
            Tcp(address, _HTTPS, web(doh(resolver), over_tls=True), secure),
            Tcp(address, _DOT, tcp_dns(resolver), dot),
            Udp(address, _DOT, doq(resolver, authority.leaf(identity, Certificate.VALID))),
        ]
    return found


def _block_page(_request: Request) -> Response:
    return Response(200, (("Content-Type", "text/html"),), BlockPage().body.encode())


def _front(name: str, address: str, authority: Authority) -> Listener:
    """TLS in front of a service that listens unencrypted on its own port of the same address."""
    context = authority.context((name,), Certificate.VALID, protocols=("http/1.1",))
    return Tcp(address, _HTTPS, passed_on(address, view.SERVICE_PORT), context)
