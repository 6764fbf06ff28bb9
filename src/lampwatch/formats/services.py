"""Targets -> services and categories, by the catalogue that ships beside this module.

The way up: endpoint -> domain -> service -> category. `service_of`, `service_named` and
`category_of` are the only ones to ask.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import msgspec

from lampwatch.formats.domains import site_of
from lampwatch.formats.names import ascii_host
from lampwatch.model.service import Kind, Service

CATALOGUE: Final = "services.toml"
"""One table a service, named after its id."""
OF_THE_PATH: Final = frozenset({"internet", "path", "echcheck", "trace"})
"""Targets that say something of the way to every service, and of none."""
_LONGEST_REMEMBERED: Final = 253
"""No host name is longer; what is gets its answer anew each time, so that hostile input cannot fill the memory."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service as the catalogue's file has it: see `model.service.Service`."""

    name: str
    kind: Kind
    category: str
    domains: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    shared: bool = False


def read_services(text: str) -> tuple[Service, ...]:
    """The services of a catalogue's text (TOML), in its order. Raises msgspec.MsgspecError where it is none."""
    entries = msgspec.toml.decode(text, type=dict[str, _Entry])
    return tuple([Service(id=name, **msgspec.structs.asdict(entry)) for name, entry in entries.items()])


class Catalogue:
    """Services, found by the names they are measured under. Raises ValueError where two claim the same name."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services = tuple(services)
        self._by_id = {service.id: service for service in self.services}
        self._targets = _index((target, service) for service in self.services for target in service.targets)
        self._domains = _index((domain, service) for service in self.services for domain in service.domains)
        self._hosts = _index((host, service) for service in self.services for host in service.hosts)

    def with_id(self, name: str) -> Service | None:
        """The service of that id."""
        return self._by_id.get(name)

    def service_of(self, target: str) -> Service:
        """The service that a target belongs to; where none is known, a site of its own, named after its domain."""
        name = ascii_host(target)
        if name in OF_THE_PATH:
            return Service(id=name, name=name, kind=Kind.PATH, category="", targets=(name,))
        return self._of_method(name) or self._of_host(name) or _site(site_of(name))

    def _of_method(self, name: str) -> Service | None:
        """The service of a name that only methods give: in full, or else by the longest beginning."""
        if name in self._targets:
            return self._targets[name]
        beginnings = [
            target for target in self._targets if target.endswith("*") and name.startswith(target[:-1])
        ]
        return self._targets[max(beginnings, key=len)] if beginnings else None

    def _of_host(self, host: str) -> Service | None:
        """The service of the nearest name above a host. What lies below a shared domain is another's."""
        site = site_of(host)
        below = host
        for name in _upwards(host, site):
            if name in self._hosts:
                return self._hosts[name]
            if (found := self._domains.get(name)) is not None:
                is_own = not found.shared or below in {name, f"www.{name}"}
                return found if is_own else _site(below)
            below = name
        return None


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with Lampwatch."""
    text = resources.files("lampwatch.formats").joinpath(CATALOGUE).read_text(encoding="utf-8")
    return Catalogue(read_services(text))


@lru_cache(maxsize=16_384)
def _service_of(target: str) -> Service:
    return catalogue().service_of(target)


def service_of(target: str) -> Service:
    """The service that a target belongs to: `v.whatsapp.net` -> WhatsApp, `www.news.kz` -> the site news.kz."""
    return _service_of(target) if len(target) <= _LONGEST_REMEMBERED else _service_of.__wrapped__(target)


def service_named(name: str) -> Service:
    """The service of an id, as incidents name them; of any other name, the one that it belongs to as a target."""
    return catalogue().with_id(name) or service_of(name)


def category_of(target: str, listed: Mapping[str, str]) -> str:
    """A target's category, in the codes of the test lists; empty where nothing tells.

    A service of the catalogue has one, so that all its targets stand together whatever lists say of single names. Of
    any other target, listed (host -> category) tells by its own name, else by its site's or the site's `www.`.
    """
    service = service_of(target)
    if service.is_in_catalogue or service.kind is Kind.PATH:
        return service.category
    return next((listed[name] for name in names_that_tell(target) if name in listed), "")


def names_that_tell(target: str) -> tuple[str, ...]:
    """The names by which lists may tell a target's category, the best first."""
    site = service_of(target).id
    return target, site, f"www.{site}"


def _site(domain: str) -> Service:
    return Service(id=domain, name=domain, kind=Kind.SITE, category="", domains=(domain,))


def _upwards(host: str, site: str) -> Iterator[str]:
    """The host, and each name above it up to its site."""
    name = host
    while name != site and "." in name:
        yield name
        name = name.partition(".")[2]
    yield name


def _index(names: Iterable[tuple[str, Service]]) -> dict[str, Service]:
    found: dict[str, Service] = {}
    for name, service in names:
        if name in found:
            message = f"{name} is a name of two services: {found[name].id} and {service.id}"
            raise ValueError(message)
        found[name] = service
    return found
