"""A known block page or injected answer."""

from enum import StrEnum
from typing import Final

import msgspec


class Pattern(StrEnum):
    """How a fingerprint's pattern is compared with the text."""

    FULL = "full"
    PREFIX = "prefix"
    CONTAINS = "contains"
    REGEXP = "regexp"


class Scope(StrEnum):
    """Who serves what a fingerprint recognises, in the order in which one match is preferred to another.

    nat   a state's block page          isp   a provider's
    inst  an institution's, as a school's or an office's
    prod  a filtering product's, whoever runs it
    prov  the service's own page, shown because a state demanded it
    injb  put into pages on the way and harmless, as a router's notice
    fp    a page that looks like a block page and is none: a server's own refusal, a parked domain
    vbw   vague words that block pages use, and other pages too
    """

    NAT = "nat"
    ISP = "isp"
    INST = "inst"
    PROD = "prod"
    PROV = "prov"
    INJB = "injb"
    FP = "fp"
    VBW = "vbw"


_CONFIRMING: Final = frozenset({Scope.NAT, Scope.ISP})
_BLOCKING: Final = frozenset({Scope.NAT, Scope.ISP, Scope.INST, Scope.PROD})
_ABSOLVING: Final = frozenset({Scope.FP, Scope.PROV, Scope.INJB})


class Fingerprint(msgspec.Struct, frozen=True, gc=False):
    """One known block page or injected answer, and where it has been seen.

    location is `dns`, `body`, or `header.NAME` in lower case. countries are ISO 3166-1 alpha-2 codes, empty for
    anywhere. confidence is 0 to 10: how sure its collectors are that no innocent page matches.
    """

    name: str
    scope: Scope
    location: str
    pattern_type: Pattern
    pattern: str
    confidence: int
    countries: frozenset[str]

    @property
    def blocks(self) -> bool:
        """A match shows that the network blocks, be it a state, a provider, an institution or a product there."""
        return self.scope in _BLOCKING

    @property
    def absolves(self) -> bool:
        """A match shows that this very page is nobody's block page; it says nothing of what other layers did."""
        return self.scope in _ABSOLVING

    def expected_in(self, country: str) -> bool:
        """The fingerprint belongs to this country, or to none in particular."""
        return not self.countries or country in self.countries

    def confirms_in(self, country: str) -> bool:
        """A match by a probe in this country confirms censorship by a state or a provider.

        A page of a school, an office or a product proves that this network blocks, not that anybody ordered it; and
        one that belongs to another country, as where traffic passes through it, is reported but confirms nothing.
        """
        return self.scope in _CONFIRMING and self.expected_in(country)
