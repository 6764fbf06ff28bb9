"""What the scenarios share: the site that is blocked, the worlds it stands in, and what can be true of it."""

from typing import Final

from lampwatch.lab.block import Action, Block, Match, Name
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import FREE, Certificate, Dead, Page, Site, World
from lampwatch.model.vocabulary import Layer, Mechanism, State

OK: Final = Truth(State.OK)
DOWN: Final = Truth(State.DOWN)
UNKNOWN: Final = Truth(State.UNKNOWN)
TAMPERED: Final = Truth(State.OK, Layer.DNS, Mechanism.DNS_SPOOF)
SLOWED: Final = Truth(State.UNKNOWN, Layer.HTTP, Mechanism.THROTTLING)
SPOOFED: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)
NO_NAME: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)
BOGON: Final = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)
DROPPED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
REFUSED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)
SNI_RESET: Final = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)
SNI_DROPPED: Final = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_DROP)
REQUEST_RESET: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET)
REQUEST_DROPPED: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_DROP)
PAGE: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE)
ELSEWHERE: Final = Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_REDIRECT)

IP: Final = "93.184.216.34"
BOGUS: Final = "10.10.34.35"
PARKED_IP: Final = "195.82.146.90"
"""An address of the provider's, where somebody has put up a server of his own."""
HTTP: Final = "http://blocked.test/"
HTTPS: Final = "https://blocked.test/"
NAME: Final = Name("blocked.test")


def world_with(site: Site, *others: Site) -> World:
    """An outside with these sites, and the one that must stay reachable."""
    return World(sites=(FREE, site, *others))


def the_site(
    certificate: Certificate = Certificate.VALID,
    dead: Dead = Dead.NO,
    for_probe: Page | None = None,
    pages: dict[str, Page] | None = None,
    unlisted: tuple[str, ...] = (),
) -> Site:
    """The site that is measured, in good order unless told; for_probe is what the client alone is shown."""
    return Site(
        "blocked.test", (IP,), certificate=certificate, dead=dead, for_probe=for_probe, pages=pages or {},
        unlisted=unlisted,
    )  # fmt: skip


def one_block(match: Match, action: Action, hop: int = 1) -> tuple[Block, ...]:
    """A censor that does one thing, at one router."""
    return (Block(match, action, hop=hop),)


PARKED: Final = Site("parked.test", (PARKED_IP,), certificate=Certificate.UNKNOWN_ISSUER)
CAPTCHA: Final = Page("Attention Required!", 503, headers=(("CF-RAY", "7c1a2b3c4d5e6f70-LAB"),))
REFUSAL: Final = Page("Unavailable For Legal Reasons", 451)
DENIED: Final = Page(body="<html><head><title>Denied by order</title></head><body>Article 5.</body></html>")
LARGE: Final = world_with(the_site(pages={"/": Page("A large page", size=1_000_000)}))
_CHAIN: Final = {f"/{n}": Page("Moved", 302, location=f"/{n + 1}") for n in range(30)}
ENDLESS: Final = world_with(the_site(pages={**_CHAIN, "/": Page("Moved", 302, location="/0")}))


def leading_to(url: str) -> World:
    """A site that leads on to the blocked one."""
    first = Site("first.test", ("93.184.216.50",), pages={"/": Page("Moved", 302, location=url)})
    return world_with(the_site(), first)
