"""What a resolver's answers for one name are worth, beside what the control and the other resolvers say."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from lampwatch.formats.names import is_bogon
from lampwatch.judge.web.trusted import Trusted
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.observation import DnsLookup


class Answered(StrEnum):
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


# Python 3.11 takes ten times as long to find a member in its class, and these are asked for in every measurement.
NOT_ASKED: Final = Answered.NOT_ASKED
GENUINE: Final = Answered.GENUINE

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
            if not lookup.late and not own.isdisjoint(lookup.answers):
                return GENUINE
    asked = [lookup for lookup in lookups if lookup.query_type in ADDRESS_TYPES and not lookup.late]
    if not asked:
        return NOT_ASKED
    addresses = [pair for lookup in asked for pair in zip(lookup.answers, lookup.asns, strict=True)]
    if not addresses:
        return _without_addresses(asked)
    if trusted is not None and any([trusted.own(*pair) for pair in addresses]):
        return GENUINE
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
