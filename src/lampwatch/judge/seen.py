"""A measurement's facts sorted out by name, address and host, and the questions that services put to them."""

from collections.abc import Iterable, Mapping
from typing import Final

from lampwatch.formats.names import is_address, is_bogon, url_parts
from lampwatch.judge.endpoints import (
    OF_TLS,
    Endpoints,
    Link,
    Name,
    Names,
    Standing,
    Steps,
    names_of,
    steps_of,
)
from lampwatch.judge.references import References
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.model.observation import DnsLookup, Facts, HttpExchange

_NO_ROUTE: Final = frozenset({Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE})
_REPLIES: Final = frozenset({Failure.DNS_NXDOMAIN, Failure.DNS_NO_ANSWER, Failure.DNS_REFUSED})
_SILENCE: Final = frozenset({Failure.TIMEOUT, Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE})


class _Public(dict[str, bool | None]):
    """Whether a text is a public address; None where it is no address. Asked once for each, in one measurement."""

    def __missing__(self, ip: str) -> bool | None:
        self[ip] = public = not is_bogon(ip) if is_address(ip) else None
        return public


class Seen:
    """A measurement's facts by name, address and host, sorted out once; hosts and names in lower case."""

    def __init__(self, facts: Facts, references: References, country: str, *, asn: int = 0) -> None:
        self.facts = facts
        self.references = references
        self.country = country
        self.lookups: dict[str, list[int]] = {}
        self.tcp: dict[str, list[int]] = {}
        self.tls: dict[str, list[int]] = {}
        self.http: dict[str, list[int]] = {}
        for n, lookup in enumerate(facts.dns):
            if not lookup.late:
                self.lookups.setdefault(lookup.hostname.lower(), []).append(n)
        for n, connect in enumerate(facts.tcp):
            self.tcp.setdefault(connect.ip, []).append(n)
        for n, handshake in enumerate(facts.handshakes):
            self.tls.setdefault(handshake.server_name.lower(), []).append(n)
        for n, exchange in enumerate(facts.http):
            self.http.setdefault(url_parts(exchange.url).host, []).append(n)
        self._public = _Public()
        self.link = self._link(known_network=asn > 0)

    def _link(self, *, known_network: bool) -> Link:
        facts = self.facts
        verified = any(shake.failure is None and shake.verified for shake in facts.handshakes)
        resolved = any(self._answered(lookup) for lookup in facts.dns)
        failures = {
            step.failure for steps in (facts.dns, facts.tcp, facts.handshakes, facts.http) for step in steps
        }
        lost = Failure.NETWORK_DOWN in failures or (
            Failure.NETWORK_UNREACHABLE in failures
            and any(c.failure is Failure.NETWORK_UNREACHABLE and ":" not in c.ip for c in facts.tcp)
        )
        worked = (
            resolved
            or verified
            or any(connect.failure is None and not is_bogon(connect.ip) for connect in facts.tcp)
            or any(exchange.status > 0 for exchange in facts.http)
        )
        neutral = [self.facts.dns[n] for n in self.lookups.get(NEUTRAL_NAME, ())]
        given = frozenset([ip for lookup in neutral for ip in lookup.answers])
        return Link(
            worked=worked,
            resolved=resolved,
            verified=verified,
            # A probe that could not learn its network may be offline: some systems then say NXDOMAIN themselves.
            replied=known_network and any(lookup.failure in _REPLIES for lookup in facts.dns),
            silent=not failures.isdisjoint(_SILENCE),
            lost=lost,
            misnamed=bool(neutral) and not any(self._answered(lookup) for lookup in neutral),
            neutral=given,
        )

    def _answered(self, lookup: DnsLookup) -> bool:
        if lookup.failure is not None:
            return False
        if any(self._public[ip] for ip in lookup.answers):
            return True
        # A home router without a line answers with its own private address; a known injector shows a line.
        return self._injected(lookup.answers) is not None

    def _injected(self, answers: tuple[str, ...]) -> Fingerprint | None:
        known = self.references.fingerprints
        found = known.in_answers(answers, self.country) if known else None
        return found if found is not None and found.blocks else None

    def name(self, hostname: str, networks: frozenset[int] = frozenset()) -> Name | None:
        """What became of a name, None where nobody asked; networks are those that its addresses must lie in, if any."""
        numbers = self.lookups.get(hostname)
        if numbers is None:
            return None
        lookups = [self.facts.dns[n] for n in numbers]
        stated: dict[str, int] = {}
        for lookup in lookups:
            if lookup.failure is None:
                stated.update(zip(lookup.answers, lookup.asns or (0,) * len(lookup.answers), strict=False))
        known = self._public
        addresses = [ip for ip in stated if known[ip] is not None]
        places = tuple(numbers)
        if not addresses:
            return Name(hostname, Standing.FAILED, _failure_of(lookups), (), places)
        public = tuple([ip for ip in addresses if known[ip]])
        injected = self._injected(tuple(addresses))
        standing = Standing.RESOLVED
        if not public:
            standing = Standing.BOGON
        elif injected is not None:
            standing = Standing.INJECTED
        elif networks and self._elsewhere({ip: stated[ip] for ip in public}, networks):
            standing = Standing.ELSEWHERE
        return Name(hostname, standing, None, public, places, injected)

    def _elsewhere(self, answers: Mapping[str, int], networks: frozenset[int]) -> bool:
        """Whether the networks of all addresses are known, and by neither source are they the service's own."""
        for ip, stated in answers.items():
            held = self.references.asn_of(ip)
            if held in networks or stated in networks or not (held or stated):
                return False
        return True

    def names(self, hostnames: Iterable[str], networks: frozenset[int] = frozenset()) -> Names:
        """What became of those names that were looked up."""
        entries = [self.name(hostname, networks) for hostname in hostnames]
        return names_of([entry for entry in entries if entry is not None])

    def connects(self, addresses: Iterable[str], ports: frozenset[int]) -> Steps:
        """The connects to these addresses and ports. IPv6 without a route is the probe's own lack, and left out."""
        tcp = self.facts.tcp
        return steps_of(
            "tcp",
            [
                (n, tcp[n].failure)
                for n in sorted([n for ip in addresses for n in self.tcp.get(ip, ())])
                if tcp[n].port in ports and not (tcp[n].failure in _NO_ROUTE and ":" in tcp[n].ip)
            ],
        )

    def exchanges(self, hostname: str, *, over_tls: bool) -> Steps:
        """The exchanges with a host; an exchange worked where its response came through to the end."""
        http = self.facts.http
        places = [n for n in self.http.get(hostname, ()) if http[n].over_tls is over_tls]
        return steps_of("http", [(n, _missed(http[n])) for n in places])

    def site(self, hostname: str, networks: frozenset[int] = frozenset()) -> Endpoints:
        """What was seen of a site that is fetched over HTTPS, port 443. networks are its own, where they are known."""
        names = self.names((hostname,), networks)
        shakes = [(n, self.facts.handshakes[n]) for n in self.tls.get(hostname, ())]
        tls = steps_of(
            "handshake", [(n, shake.failure) for n, shake in shakes if shake.failure or shake.verified]
        )
        tcp = self.connects(names.addresses, frozenset({443}))
        https = self.exchanges(hostname, over_tls=True)
        if any(not shake.verified for _, shake in shakes):
            https = Steps("http")  # nobody looked at the certificate, so the page proves nothing
        if not (names.entries or shakes):
            tcp, tls = _steps_behind(https)
        plain = self.exchanges(hostname, over_tls=False)
        page = self.block_page(plain.numbers) if plain.worked else None
        return Endpoints(
            target=hostname,
            at=hostname,
            link=self.link,
            dns=names,
            tcp=tcp,
            tls=tls,
            http=https,
            plain=plain,
            page=page,
        )

    def block_page(self, numbers: Iterable[int]) -> Fingerprint | None:
        """The block page that the exchanges in these places got, None unless each response is a known one."""
        known, found = self.references.fingerprints, None
        if known is None:
            return None
        for n in numbers:
            exchange = self.facts.http[n]
            if exchange.status <= 0:
                continue
            found = known.in_page(exchange.headers, exchange.title, exchange.body, self.country)
            if found is None or not found.blocks:
                return None
        return found


def _failure_of(lookups: Iterable[DnsLookup]) -> Failure:
    """Why a name failed. A name without IPv6 says so in reply to AAAA: that counts only where it stands alone."""
    ordered = sorted(lookups, key=lambda lookup: lookup.query_type == "AAAA")
    return next((lookup.failure for lookup in ordered if lookup.failure is not None), Failure.UNKNOWN)


def _missed(exchange: HttpExchange) -> Failure | None:
    if exchange.failure is not None or exchange.status > 0:
        return exchange.failure
    return Failure.UNKNOWN


def _steps_behind(https: Steps) -> tuple[Steps, Steps]:
    """The connects and handshakes that can be told from an old probe's exchanges, which recorded no steps.

    A timeout may have been in any step, so it is told from nothing.
    """
    pairs = list(zip(https.numbers, https.failures, strict=False)) if https.all_failed else []
    tls = [(n, f) for n, f in pairs if f in OF_TLS and f is not Failure.TIMEOUT]
    return (
        steps_of("http", [(n, f) for n, f in pairs if f is Failure.CONNECTION_REFUSED]),
        steps_of("http", tls),
    )
