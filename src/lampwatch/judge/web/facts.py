"""From one site's observations to the facts that web rules read."""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final, TypeVar

from lampwatch.formats.domains import site_of
from lampwatch.formats.names import is_bogon, is_ipv6, url_parts
from lampwatch.judge.references import References
from lampwatch.judge.web.control import ControlView
from lampwatch.judge.web.dns import GIVES_ADDRESSES, Answered
from lampwatch.judge.web.foreign import ForeignAnswer
from lampwatch.judge.web.hop import CUT_OFF, SILENCE, TIMEOUT, Hop
from lampwatch.judge.web.page import REFUSALS, identical, same_page, same_server
from lampwatch.judge.web.trusted import Trusted, same_name
from lampwatch.judge.web.witness import witnesses_of
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import DnsLookup, Facts, HttpExchange, Observations, Witness
from lampwatch.model.vocabulary import Control

_E = TypeVar("_E", DnsLookup, HttpExchange)

_depth: Final = attrgetter("depth")

_ABSENT: Final = Control.ABSENT
_WORKED: Final = Control.WORKED
_FAILED: Final = Control.FAILED
_NO_ANSWER: Final = SILENCE | {Failure.DNS_TEMPORARY}
_FOREIGN: Final = frozenset({Answered.FOREIGN, Answered.VOUCHED})
_EXISTS: Final = frozenset({Answered.GENUINE, Answered.VOUCHED})
_NAMELESS: Final = frozenset({None, Failure.DNS_NXDOMAIN, Failure.DNS_NO_ANSWER})


class WebFacts:
    """One URL as the probe and its control found it. first is the hop of the URL itself, last the final redirect's.

    They are the same hop where no redirect was followed. outside is the control's view, None where none answered.
    worked_outside says that the control got a page. final is the deepest exchange; page is its response where it came
    whole. certified_page says that it came over TLS from the site asked for, so that nobody on the path can have
    written it; plain_detour that an unencrypted response, which anybody on the path can write, led to another site.
    """

    _seen_answer: Fingerprint | None = None

    def __init__(self, url: str, measurement: Measurement, observed: Observations, refs: References) -> None:
        self.url = url_parts(url)
        self.target = self.url.host or url[:253]
        self.observations = observed
        self._country = measurement.probe_cc
        self._refs = refs
        probe, control = observed.probe, observed.control
        outside = self.outside = ControlView(control, refs.asn_of) if control is not None else None
        self.worked_outside = outside is not None and outside.page is not None
        self.trusted = (
            Trusted(self.target, outside, probe.handshakes, refs.asn_of)
            if outside is not None and outside.dns is not None
            else None
        )
        depth = max([0, *map(_depth, probe.http), *map(_depth, probe.dns)])
        self.first = self._hop(probe, 0, self.target, self.url.port)
        self.last = self._last_hop(probe, depth) if depth else self.first
        self.redirected = depth > 0
        self.foreign = (
            ForeignAnswer(self.target, self.url.port, probe, outside)
            if self.first.system in _FOREIGN
            else None
        )
        # The document has the newest first: of several exchanges of the deepest redirect it is the first.
        final = self.final = max(probe.http, key=_depth, default=None)
        self.response_began = final is not None and final.status > 0
        self.final_over_tls = final is not None and final.over_tls
        whole = final is not None and final.failure is None and final.status > 0 and final.depth >= depth
        self.page = final if whole else None
        self.plain_detour = len(probe.http) > 1 and self._plain_detour(probe.http)
        self.certified_page = self.page is not None and self.page.over_tls and not self.plain_detour
        self.known_page = self._known_page(probe.http)

    @property
    def control(self) -> Control:
        """Whether the control got the page, failed too, or never answered."""
        if self.outside is None:
            return _ABSENT
        return _WORKED if self.worked_outside else _FAILED

    @property
    def resolved_outside(self) -> bool:
        """The control found a public address for the name."""
        return self.outside is not None and any([not is_bogon(a) for a in self.outside.addresses])

    @property
    def bogon_outside(self) -> bool:
        """The control found addresses for the name, and no public server can have any of them."""
        return self.outside is not None and bool(self.outside.addresses) and not self.resolved_outside

    @property
    def nameless_outside(self) -> bool:
        """The control was told that the name, or any address of it, does not exist."""
        # A control whose own resolver failed otherwise was told nothing of the name.
        outside = self.outside
        return (
            outside is not None
            and outside.dns is not None
            and outside.dns.failure in _NAMELESS
            and not outside.addresses
        )

    @property
    def resolved_elsewhere(self) -> bool:
        """Another resolver asked by the probe, or the control's page, shows that the name does exist."""
        return self.worked_outside or self.first.other in _EXISTS

    @property
    def foreign_answer(self) -> bool:
        """The system resolver stands alone with its addresses, or the control got nowhere at them either.

        A network that gives every visitor another address (a CDN's rotation) is foreign by every resolver.
        """
        if self.foreign is None:
            return False
        return self.foreign.denied or self.first.other not in _FOREIGN

    @property
    def foreign_failed(self) -> bool:
        """The foreign addresses led nowhere, and nothing vouches for them."""
        return self.foreign is not None and self.first.system is Answered.FOREIGN and self.foreign.failed

    @property
    def foreign_page_differs(self) -> bool:
        """The foreign addresses served, unencrypted, something else than the control got."""
        page = self.foreign.page if self.foreign is not None else None
        if page is None or not self.control_got_content or page.status in REFUSALS:
            return False
        return not same_page(page, self._control_page) and not same_server(page, self._control_page)

    @property
    def link_worked(self) -> bool:
        """Something in this measurement got an answer from outside, so the probe was not simply offline."""
        probe = self.observations.probe
        for kind in (probe.dns, probe.tcp, probe.handshakes, probe.http):
            for entry in kind:
                if entry.failure not in _NO_ANSWER:
                    return True
        return False

    @property
    def nothing_measured(self) -> bool:
        """The probe made no observation at all."""
        probe = self.observations.probe
        return not (probe.dns or probe.tcp or probe.handshakes or probe.http)

    def plain_failed_in(self, failures: Collection[Failure]) -> bool:
        """The exchange with the site itself was unencrypted and failed in one of these ways."""
        final = self.final
        return (
            final is not None
            and not self.redirected
            and not final.over_tls
            and final.failure in failures
            and self.first.connect is None
            and self.last.connect is None
        )

    def last_plain_failed_in(self, failures: Collection[Failure]) -> bool:
        """The exchange with the host that a redirect led to was unencrypted and failed so, before any response."""
        exchange = self.last.exchange
        return (
            exchange is not None
            and not exchange.over_tls
            and not exchange.status
            and exchange.failure in failures
            and self.last.connect is None
        )

    @property
    def broke_off(self) -> bool:
        """The final exchange was never completed in time, or cut off over TLS where no censor reads."""
        return self.final is not None and (
            self.final.failure is TIMEOUT or (self.final.over_tls and self.final.failure in CUT_OFF)
        )

    @property
    def known_refusal(self) -> bool:
        """A response matches the fingerprint of a page by which servers themselves turn visitors away."""
        return self.known_page is not None and self.known_page.absolves

    @property
    def known_block_page(self) -> bool:
        """A response matches the fingerprint of somebody's block page, and the control was not given the same one."""
        if self.known_page is None or not self.known_page.blocks:
            return False
        return self.page is None or not self.worked_outside or not identical(self.page, self._control_page)

    @property
    def same_page(self) -> bool:
        """The control got the same page."""
        return self.page is not None and self.worked_outside and same_page(self.page, self._control_page)

    @property
    def same_server(self) -> bool:
        """The response's headers speak for the server that the control met."""
        return self.page is not None and self.worked_outside and same_server(self.page, self._control_page)

    @property
    def refused_by_server(self) -> bool:
        """The response's status is one by which servers turn visitors away, and the control was let in."""
        return self.page is not None and self.page.status in REFUSALS and self.worked_outside

    @property
    def control_got_content(self) -> bool:
        """The control's response is a success with something in it, so that a page can be held against it."""
        return self.worked_outside and 200 <= self._control_page.status < 300  # noqa: PLR2004  success by RFC 9110

    @property
    def another_page(self) -> bool:
        """A page came that is not the control's, nor from its server, nor one that turns visitors away."""
        return (
            self.page is not None
            and self.control_got_content
            and not self.same_page
            and not self.same_server
            and not self.refused_by_server
            and self.page.status < 500  # noqa: PLR2004  from there on it is the server that says it failed, RFC 9110
        )

    @property
    def _control_page(self) -> HttpExchange:
        assert self.outside is not None  # noqa: S101  every caller has asked worked_outside
        assert self.outside.page is not None  # noqa: S101  as above
        return self.outside.page

    def hostname(self, group: str) -> str:
        """The name at which the group's facts happened."""
        if group == "http" and self.final is not None:
            return url_parts(self.final.url).host or self.target
        return self.last.host if group.startswith("last.") else self.target

    def fingerprint(self, group: str) -> str:
        """The recognised answer or page behind a group."""
        # Vague words and a server's own refusal are no block page: named beside an accusation they would confirm it.
        if self.known_page is not None and self.known_page.blocks and group.endswith("http"):
            return self.known_page.name
        return self._seen_answer.name if self._seen_answer is not None and group == "dns" else ""

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations of a group: `dns`, `tcp`, `tls`, `http`, each also under `last.` and `control.`."""
        return witnesses_of(group, self.observations)

    def _all_addresses(self) -> frozenset[str]:
        probe = self.observations.probe
        return frozenset([*[e.ip for e in probe.tcp], *[e.ip for e in probe.handshakes]])

    def _genuine_addresses(self) -> frozenset[str]:
        trusted, probe = self.trusted, self.observations.probe
        if trusted is None:
            return self._all_addresses()
        named = {a: n for e in probe.dns if e.depth == 0 for a, n in zip(e.answers, e.asns, strict=True)}
        tried = {c.ip: named.get(c.ip, 0) for c in probe.tcp}
        return frozenset([ip for ip, asn in tried.items() if trusted.own(ip, asn) or ip in trusted.certified])

    def _injected(self, answers: tuple[str, ...]) -> Fingerprint | None:
        known = self._refs.fingerprints
        if known is None:
            return None
        seen = known.in_answers(answers, self._country)
        if seen is None or not seen.blocks:
            return None
        self._seen_answer = self._seen_answer or seen
        return seen

    def _hop(self, probe: Facts, depth: int, host: str, port: int) -> Hop:
        hop = Hop(host)
        trusted = self.trusted if depth == 0 else None
        lookups = [
            e for e in probe.dns if e.depth == depth and (e.hostname == host or same_name(e.hostname, host))
        ]
        hop.resolve(lookups, trusted, self._injected)
        weighed = trusted is not None and hop.system in GIVES_ADDRESSES
        hop.reach(
            [e for e in probe.tcp if e.depth == depth and e.port == port],
            [e for e in probe.handshakes if e.depth == depth and e.port == port and e.protocol == "tls"],
            self._genuine_addresses if weighed else self._all_addresses,
            self.outside if depth == 0 else None,
            self._ipv6_works,
        )
        hop.read_exchange(_at(depth, probe.http))
        return hop

    def _ipv6_works(self) -> bool:
        """Some step of the probe over IPv6 got an answer."""
        probe = self.observations.probe
        return any([c.failure not in SILENCE and is_ipv6(c.ip) for c in probe.tcp])

    def _last_hop(self, probe: Facts, depth: int) -> Hop:
        exchange, before = _at(depth, probe.http), _at(depth - 1, probe.http)
        lookup = _at(depth, probe.dns)
        parts = url_parts(exchange.url) if exchange is not None else None
        if parts is None and before is not None:
            parts = url_parts(before.headers.get("location", ""))
        host = parts.host if parts and parts.host else lookup.hostname if lookup else self.target
        port = parts.port if parts and parts.port else self.url.port
        return self._hop(probe, depth, host, port)

    def _plain_detour(self, exchanges: Sequence[HttpExchange]) -> bool:
        final = self.final
        if final is None or site_of(url_parts(final.url).host) == site_of(self.target):
            return False
        return any([not exchange.over_tls for exchange in exchanges if exchange is not final])

    def _known_page(self, exchanges: Sequence[HttpExchange]) -> Fingerprint | None:
        """The first block page that is recognised, else the first page that is known for anything else."""
        known = self._refs.fingerprints
        first: Fingerprint | None = None
        if known is None:
            return None
        for exchange in exchanges:
            # What came over a verified TLS session was written by the server, whatever words it uses; but it may be
            # the block page's own server, where an unencrypted answer led there.
            if exchange.status and (not exchange.over_tls or (self.plain_detour and exchange is self.final)):
                found = known.in_page(exchange.headers, exchange.title, exchange.body, self._country)
                if found is not None and found.blocks:
                    return found
                first = first or found
        return first


def _at(depth: int, entries: Sequence[_E]) -> _E | None:
    """The first entry after so many redirects."""
    for entry in entries:
        if entry.depth == depth:
            return entry
    return None
