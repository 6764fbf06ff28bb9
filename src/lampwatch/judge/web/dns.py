"""What a resolver's answers for one name are worth, beside what the control and the other resolvers say."""

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import Final

from lampwatch.formats.names import embedded_ipv4, is_bogon
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.observation import DnsLookup


class Answered(Enum):
    """One resolver's answer for one name, best known first."""

    NOT_ASKED = "not asked"
    GENUINE = "an address that the control, its network or a certificate vouches for"
    VOUCHED = "a foreign address that nevertheless proved itself by a certificate"
    FOREIGN = (
        "addresses that share neither address nor network with the control's, and that nothing vouches for"
    )
    UNCOMPARED = "addresses, and nothing to compare them with"
    INJECTED = "a known injected address"
    BOGON = "an address that no public server can have"
    NXDOMAIN = "no such name"
    NO_ANSWER = "no addresses"
    REFUSED = "the resolver would not say"
    TROUBLED = "the resolver failed by itself"
    TIMEOUT = "no reply"
    FAILED = "another failure"


BY_FAILURE: Final[dict[Failure, Answered]] = {
    Failure.DNS_NXDOMAIN: Answered.NXDOMAIN,
    Failure.ANDROID_DNS_NO_DATA: Answered.NXDOMAIN,
    Failure.DNS_NO_ANSWER: Answered.NO_ANSWER,
    Failure.DNS_REFUSED: Answered.REFUSED,
    Failure.DNS_SERVFAIL: Answered.TROUBLED,
    Failure.DNS_MISBEHAVING: Answered.TROUBLED,
    Failure.DNS_BOGON: Answered.BOGON,
    Failure.TIMEOUT: Answered.TIMEOUT,
    Failure.DNS_TEMPORARY: Answered.TIMEOUT,
}

GIVES_ADDRESSES: Final = frozenset(
    {
        Answered.GENUINE,
        Answered.VOUCHED,
        Answered.FOREIGN,
        Answered.UNCOMPARED,
        Answered.INJECTED,
        Answered.BOGON,
    }
)
DENIALS: Final = frozenset({Answered.NXDOMAIN, Answered.NO_ANSWER})
"""What is said of a name that does not exist, or has no address."""
ADDRESS_TYPES: Final = frozenset({"A", "AAAA", "ANY"})


class Trusted:
    """The addresses and networks that are known to be the name's own."""

    __slots__ = ("_certified", "_certify", "_networks", "addresses", "asn_of")

    def __init__(
        self,
        addresses: Collection[str],
        networks: Callable[[], Collection[int]],
        certify: Callable[[], frozenset[str]],
        asn_of: Callable[[str], int],
    ) -> None:
        """Networks gives the control's networks, certify the addresses that a certificate vouches for.

        Both are asked only where an address is not one that the control was given.
        """
        self.addresses = addresses
        self._networks = networks
        self.asn_of = asn_of
        self._certify = certify
        self._certified: frozenset[str] | None = None

    @property
    def certified(self) -> frozenset[str]:
        """The addresses that proved themselves to the probe or the control by a certificate for the name."""
        if self._certified is None:
            self._certified = self._certify()
        return self._certified

    def own(self, address: str, asn: int) -> bool:
        """Whether the control found this address, or another one of its network."""
        if address in self.addresses:
            return True
        number = self.asn_of(address) or asn
        if number != 0 and number in self._networks():
            return True
        # A network without IPv4 gives out the site's own address inside an IPv6 one.
        return embedded_ipv4(address) in self.addresses


def answered(
    lookups: Sequence[DnsLookup],
    trusted: Trusted | None,
    injected: Callable[[tuple[str, ...]], Fingerprint | None],
) -> Answered:
    """Weigh one resolver's lookups of one name; trusted is None where there is nothing to compare with.

    One genuine address among many makes the answer genuine: a censor replaces answers, it does not mix them.
    """
    if trusted is not None:
        # The common case first, and without building anything.
        own = trusted.addresses
        for lookup in lookups:
            if not lookup.late and any([address in own for address in lookup.answers]):
                return Answered.GENUINE
    asked = [lookup for lookup in lookups if lookup.query_type in ADDRESS_TYPES and not lookup.late]
    if not asked:
        return Answered.NOT_ASKED
    addresses = [pair for lookup in asked for pair in zip(lookup.answers, lookup.asns, strict=True)]
    if not addresses:
        return _without_addresses(asked)
    if trusted is not None and any([trusted.own(*pair) for pair in addresses]):
        return Answered.GENUINE
    if injected(tuple([address for address, _ in addresses])) is not None:
        return Answered.INJECTED
    if all([is_bogon(address) for address, _ in addresses]):
        return Answered.BOGON
    if trusted is None:
        return Answered.UNCOMPARED
    return Answered.VOUCHED if any([a in trusted.certified for a, _ in addresses]) else Answered.FOREIGN


def _without_addresses(asked: Sequence[DnsLookup]) -> Answered:
    # The lack of an IPv6 address is the normal state of the web, and says nothing beside another failure.
    failures = [e.failure for e in asked if e.failure is not None and e.query_type != "AAAA"]
    failure = failures[0] if failures else next((e.failure for e in asked if e.failure is not None), None)
    return BY_FAILURE.get(failure, Answered.FAILED) if failure is not None else Answered.NO_ANSWER
