"""The outside as data: web sites with their names, addresses, certificates and pages, and the services beside them."""

from enum import StrEnum

import msgspec


class Certificate(StrEnum):
    """What a site shows in its TLS handshake."""

    VALID = "valid"
    EXPIRED = "expired"
    WRONG_NAME = "wrong_name"
    UNKNOWN_ISSUER = "unknown_issuer"


class Dead(StrEnum):
    """How a site fails for everybody."""

    NO = "no"
    NXDOMAIN = "nxdomain"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    SILENT = "silent"
    SERVFAIL = "servfail"


_TEXT = "This paragraph stands for all that a site has to say, so that its page is as long as pages are."


class Page(msgspec.Struct, frozen=True):
    """One response. size pads the body to so many bytes; pause_s is how long the server thinks before it answers."""

    title: str = "A page of the lab"
    status: int = 200
    body: str = ""
    size: int = 0
    location: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    pause_s: float = 0.0

    def content(self) -> bytes:
        """The body as it is sent."""
        text = self.body or (
            f"<html><head><title>{self.title}</title></head><body><h1>{self.title}</h1>"
            + "".join(f"<p>{n}. {_TEXT}</p>" for n in range(12))
            + "</body></html>"
        )
        return text.encode().ljust(self.size, b"\n")


class Site(msgspec.Struct, frozen=True):
    """A web site.

    name is in ASCII; aliases are other names of it. addresses are what resolvers answer with, to the control with
    control_addresses where they are given (a CDN sends it elsewhere); with rotating, each answer holds one of them,
    in turn. unlisted are addresses that serve it too but that no resolver tells. pages are by path, `/` for any other;
    pages_plain are those over unencrypted HTTP where they differ; for_probe is what visitors from the client's network
    get in the place of every page. plain, tls and http3 say which ports are open.
    """

    name: str
    addresses: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    control_addresses: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    rotating: bool = False
    certificate: Certificate = Certificate.VALID
    dead: Dead = Dead.NO
    pages: dict[str, Page] = {}
    pages_plain: dict[str, Page] = {}
    for_probe: Page | None = None
    plain: bool = True
    tls: bool = True
    http3: bool = False
    server: str = "lab"

    def every_address(self) -> tuple[str, ...]:
        """All addresses that serve it, each once."""
        return tuple(dict.fromkeys([*self.addresses, *self.control_addresses, *self.unlisted]))

    def page(self, path: str, *, over_tls: bool) -> Page:
        """What a visitor gets for a path."""
        pages = {**self.pages, **({} if over_tls else self.pages_plain)}
        return pages.get(path) or pages.get("/") or Page(title=f"Welcome to {self.name}")


FREE: Site = Site(name="free.test", addresses=("93.184.216.40",), http3=True)
BLOCKED: Site = Site(name="blocked.test", addresses=("93.184.216.34",), http3=True)
SITES: tuple[Site, ...] = (FREE, BLOCKED)


class World(msgspec.Struct, frozen=True):
    """All that is outside. services names populations of servers: see `servers.population`.

    resolvers (provider, public, DoH, DoT, DoQ) and the control's address are always there; control is False where the
    control cannot be reached by anybody. answering are prefixes of which every address answers when pinged.
    """

    sites: tuple[Site, ...] = SITES
    services: tuple[str, ...] = ()
    control: bool = True
    answering: tuple[str, ...] = ()
