"""Facts over a service's endpoints and names: tried, worked, why not, and whether the probe's own link worked.

A service runs on several servers and no control tries the very same steps, so two questions stand before every
accusation: did all of its servers fail, and did anything else in the measurement work?
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.observation import Witness, witnessed
from lampwatch.model.vocabulary import Control, Mechanism

MOST_WITNESSES: Final = 16
"""A verdict names this many witnesses of a group at most; the rest are in the measurement all the same."""

OWN_SIDE: Final = frozenset(
    {Failure.INTERRUPTED, Failure.NETWORK_DOWN, Failure.NETWORK_UNREACHABLE, Failure.NETWORK_RESET}
)
"""Failures of the probe's own side: a step that ended so was not tried, as far as the service is concerned."""

OF_DNS: Final[Mapping[Failure, Mechanism]] = {
    Failure.DNS_NXDOMAIN: Mechanism.DNS_NXDOMAIN,
    Failure.DNS_NO_ANSWER: Mechanism.DNS_NO_ANSWER,
    Failure.ANDROID_DNS_NO_DATA: Mechanism.DNS_NO_ANSWER,
    Failure.DNS_REFUSED: Mechanism.DNS_REFUSED,
    Failure.DNS_BOGON: Mechanism.DNS_BOGON,
    Failure.TIMEOUT: Mechanism.DNS_TIMEOUT,
}
"""What a failed lookup looks like when it was interfered with. SERVFAIL and the like are a resolver's own trouble."""
OF_CONNECT: Final[Mapping[Failure, Mechanism]] = {
    Failure.TIMEOUT: Mechanism.IP_DROP,
    Failure.CONNECTION_REFUSED: Mechanism.IP_REFUSE,
    Failure.CONNECTION_RESET: Mechanism.IP_REFUSE,
    Failure.CONNECTION_ABORTED: Mechanism.IP_REFUSE,
    Failure.HOST_UNREACHABLE: Mechanism.IP_REFUSE,
}
"""What a failed connect looks like when it was interfered with."""
OF_TLS: Final[Mapping[Failure, Mechanism]] = {
    Failure.TIMEOUT: Mechanism.TLS_SNI_DROP,
    Failure.CONNECTION_RESET: Mechanism.TLS_SNI_RESET,
    Failure.CONNECTION_ABORTED: Mechanism.TLS_SNI_RESET,
    Failure.EOF: Mechanism.TLS_SNI_RESET,
    Failure.TLS_INVALID_HOSTNAME: Mechanism.TLS_INTERCEPTION,
    Failure.TLS_UNKNOWN_AUTHORITY: Mechanism.TLS_INTERCEPTION,
    Failure.TLS_INVALID_CERTIFICATE: Mechanism.TLS_INTERCEPTION,
}
"""What a failed TLS handshake looks like when it was interfered with."""
OF_HTTP: Final[Mapping[Failure, Mechanism]] = {
    Failure.TIMEOUT: Mechanism.HTTP_DROP,
    Failure.CONNECTION_RESET: Mechanism.HTTP_RESET,
    Failure.CONNECTION_ABORTED: Mechanism.HTTP_RESET,
    Failure.CONNECTION_ALREADY_CLOSED: Mechanism.HTTP_RESET,
    Failure.EOF: Mechanism.HTTP_RESET,
}
"""What an HTTP exchange without a response looks like when it was interfered with."""
CERTIFICATE_FAILURES: Final = frozenset(
    {Failure.TLS_INVALID_HOSTNAME, Failure.TLS_UNKNOWN_AUTHORITY, Failure.TLS_INVALID_CERTIFICATE}
)


def leading(failures: Iterable[Failure], meaning: Mapping[Failure, Mechanism]) -> Mechanism | None:
    """The mechanism that most failures look like; None unless at least half of them look like any at all."""
    counted = Counter(failures)
    if len(counted) == 1:
        return meaning.get(next(iter(counted)))
    mechanisms: Counter[Mechanism] = Counter()
    for failure, times in counted.items():
        mechanism = meaning.get(failure)
        if mechanism is not None:
            mechanisms[mechanism] += times
    if 2 * mechanisms.total() < counted.total() or not mechanisms:
        return None
    return mechanisms.most_common(1)[0][0]


class Steps(msgspec.Struct, frozen=True, gc=False):
    """One kind of step over a group: how often tried, how often it worked, why it failed.

    numbers are the places of the tried ones among the measurement's observations of that kind.
    """

    kind: str
    tried: int = 0
    worked: int = 0
    failures: tuple[Failure, ...] = ()
    numbers: tuple[int, ...] = ()

    @property
    def all_failed(self) -> bool:
        """Whether it was tried and never worked."""
        return self.tried > 0 and self.worked == 0

    @property
    def half_failed(self) -> bool:
        """Whether it worked somewhere, and failed in at least half of the tries."""
        return self.worked > 0 and 2 * len(self.failures) >= self.tried

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The first of the observations it counts."""
        return tuple([witnessed("probe", self.kind, n) for n in self.numbers[:MOST_WITNESSES]])


def steps_of(kind: str, outcomes: Iterable[tuple[int, Failure | None]]) -> Steps:
    """Count steps, given by their places and failures; those that failed on the probe's own side are left out."""
    counted = [outcome for outcome in outcomes if outcome[1] not in OWN_SIDE]
    failures = tuple([failure for _, failure in counted if failure is not None])
    return Steps(
        kind, len(counted), len(counted) - len(failures), failures, tuple([number for number, _ in counted])
    )


class Standing(StrEnum):
    """What became of a name."""

    FAILED = "failed"
    BOGON = "bogon"
    INJECTED = "injected"
    ELSEWHERE = "elsewhere"
    RESOLVED = "resolved"


class Name(msgspec.Struct, frozen=True, gc=False):
    """One name: whether it resolved, and to what.

    addresses are the public ones answered; they are the service's as far as one can tell only where it is RESOLVED.
    failure is None unless it is FAILED. fingerprint is the known injected answer, where it is one.
    """

    hostname: str
    standing: Standing
    failure: Failure | None
    addresses: tuple[str, ...]
    numbers: tuple[int, ...]
    fingerprint: Fingerprint | None = None


class Names(msgspec.Struct, frozen=True, gc=False):
    """The names of a group that were looked up; made by names_of.

    forgery is the plainest kind of forgery, where no name got a true answer and at least half got forged ones.
    some_forged is true where some names got forged answers and others true ones. failure is what the failures look
    like, where every name failed.
    """

    entries: tuple[Name, ...] = ()
    forgery: Standing | None = None
    some_forged: bool = False
    failure: Mechanism | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that are the service's, as far as one can tell."""
        return frozenset(
            [ip for name in self.entries if name.standing is Standing.RESOLVED for ip in name.addresses]
        )

    @property
    def told(self) -> frozenset[str]:
        """Every public address that was answered, the service's or not."""
        return frozenset([ip for name in self.entries for ip in name.addresses])

    @property
    def fingerprint(self) -> str:
        """The first known injected answer."""
        return next((name.fingerprint.name for name in self.entries if name.fingerprint is not None), "")

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The first of the lookups."""
        numbers = [n for name in self.entries for n in name.numbers]
        return tuple([witnessed("probe", "dns", n) for n in numbers[:MOST_WITNESSES]])


_PLAINEST: Final = (Standing.BOGON, Standing.INJECTED, Standing.ELSEWHERE)


def names_of(entries: Iterable[Name]) -> Names:
    """Put the names of a group together, and see what they have in common."""
    names = tuple(entries)
    counted = Counter([name.standing for name in names])
    resolved, failed = counted[Standing.RESOLVED], counted[Standing.FAILED]
    forged = len(names) - resolved - failed
    forgery = next((kind for kind in _PLAINEST if counted[kind]), None)
    return Names(
        names,
        forgery if not resolved and forged >= failed else None,
        resolved > 0 and forged > 0,
        leading([name.failure for name in names if name.failure], OF_DNS) if failed == len(names) else None,
    )


class Link(msgspec.Struct, frozen=True, gc=False):
    """Signs of life of the probe's own link, over the whole measurement.

    worked      something from the public Internet answered: an address for a name, a connect, a handshake, a response
    resolved    a name got a public address, so the resolver as such works
    verified    a certificate was found in order, so the probe's clock and roots are
    replied     a resolver said no, which is a reply
    silent      something got no answer at all
    lost        the probe said that its own network was gone
    misnamed    a name that nobody blocks got no public address either: this resolver treats every name so
    neutral     the addresses that such a name got
    """

    worked: bool
    resolved: bool
    verified: bool
    replied: bool
    silent: bool
    lost: bool
    misnamed: bool = False
    neutral: frozenset[str] = frozenset()


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of one target's servers. There is never a control: the methods that use it carry none.

    at is the name at which things happened. http counts the exchanges that the target needs, plain those over bare
    HTTP beside them. page is the block page that every response was, where it is known.
    """

    target: str
    at: str
    link: Link
    dns: Names = Names()
    tcp: Steps = Steps("tcp")
    tls: Steps = Steps("handshake")
    http: Steps = Steps("http")
    plain: Steps = Steps("http")
    page: Fingerprint | None = None

    @property
    def control(self) -> Control:
        """Always absent."""
        return Control.ABSENT

    def hostname(self, group: str) -> str:  # noqa: ARG002  every group of one target happened at the same name
        """The name at which it happened; empty where it is the target's own."""
        return "" if self.at == self.target else self.at

    def fingerprint(self, group: str) -> str:
        """The injected answer, for `dns`, or the block page, for `http` and `plain`."""
        if group == "dns":
            return self.dns.fingerprint
        return self.page.name if self.page is not None and group in {"http", "plain"} else ""

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations of `dns`, `tcp`, `tls`, `http` or `plain`."""
        if group == "dns":
            return self.dns.witnesses
        return {"tcp": self.tcp, "tls": self.tls, "http": self.http, "plain": self.plain}[group].witnesses

    @property
    def measured(self) -> bool:
        """Whether anything at all was tried."""
        return bool(
            self.dns.entries or self.tcp.tried or self.tls.tried or self.http.tried or self.plain.tried
        )

    @property
    def vouched(self) -> bool:
        """Whether the service proved itself by its certificate, whatever resolver gave the address."""
        return self.tls.worked > 0 or self.http.worked > 0
