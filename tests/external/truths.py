"""What Lampwatch's verdict must say of each of OONI's Web Connectivity cases, by the case's name.

The names are those of probe-cli's webconnectivityqa, and of the real measurements beside them. A case is a censor, or
none, between a probe and a site; the truth is what was really done to the connection, whatever OONI's keys say.
"""

from typing import Final

import msgspec

from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State


class Truth(msgspec.Struct, frozen=True):
    """What a right verdict may and must say.

    states holds every state that is right. by holds the mechanisms of which the verdict must name one, and is empty
    where it must name none. accuses holds every layer that the deciding rule or a finding must show.
    """

    states: frozenset[State]
    by: frozenset[Mechanism] = frozenset()
    accuses: frozenset[Layer] = frozenset()

    def mistakes(self, verdict: Verdict) -> list[str]:
        """What is wrong with a verdict; empty where it is true."""
        found = []
        if verdict.state not in self.states:
            found.append(f"state {verdict.state}, and not {_words(self.states)}")
        named = {verdict.mechanism} - {None}
        if named - self.by or (self.by and not named):
            found.append(f"mechanism {verdict.mechanism}, and not {_words(self.by)}")
        shown = {verdict.layer} | {finding.layer for finding in verdict.findings}
        if self.accuses - shown:
            found.append(f"nothing shown at {_words(self.accuses - shown)}")
        return found


def _words(values: frozenset[State] | frozenset[Mechanism] | frozenset[Layer]) -> str:
    return " or ".join(sorted(values)) or "none"


def blocked(by: Mechanism, *others: Mechanism, at: tuple[Layer, ...]) -> Truth:
    return Truth(frozenset({State.BLOCKED}), frozenset({by, *others}), frozenset(at))


def innocent(*states: State) -> Truth:
    """Nothing may be accused."""
    return Truth(frozenset(states))


OK: Final = innocent(State.OK)
DOWN: Final = innocent(State.DOWN)
NO_VERDICT: Final = innocent(State.UNKNOWN)
OK_OR_UNKNOWN: Final = innocent(State.OK, State.UNKNOWN)
DOWN_OR_UNKNOWN: Final = innocent(State.DOWN, State.UNKNOWN)
# The resolver lies and the page is right all the same: nothing is blocked, and the lie is named.
OK_DNS_TAMPERED: Final = Truth(
    frozenset({State.OK}), frozenset({Mechanism.DNS_SPOOF}), frozenset({Layer.DNS})
)
SLOWED: Final = Truth(frozenset({State.UNKNOWN}), frozenset({Mechanism.THROTTLING}))

NAME_DENIED: Final = blocked(Mechanism.DNS_NXDOMAIN, Mechanism.DNS_NO_ANSWER, at=(Layer.DNS,))
# The address of one case is a known injected one too: with fingerprints it is named so.
ADDRESS_BOGUS: Final = blocked(Mechanism.DNS_BOGON, Mechanism.DNS_SPOOF, at=(Layer.DNS,))
ADDRESS_FORGED: Final = blocked(Mechanism.DNS_SPOOF, at=(Layer.DNS,))
FORGED_AND_BLOCK_PAGE: Final = blocked(Mechanism.DNS_SPOOF, at=(Layer.DNS, Layer.HTTP))
FORGED_AND_SNI_RESET: Final = blocked(Mechanism.DNS_SPOOF, Mechanism.TLS_SNI_RESET, at=(Layer.DNS, Layer.TLS))
ADDRESS_DROPPED: Final = blocked(Mechanism.IP_DROP, at=(Layer.IP,))
ADDRESS_REFUSED: Final = blocked(Mechanism.IP_REFUSE, at=(Layer.IP,))
SNI_RESET: Final = blocked(Mechanism.TLS_SNI_RESET, at=(Layer.TLS,))
SNI_DROPPED: Final = blocked(Mechanism.TLS_SNI_DROP, at=(Layer.TLS,))
REQUEST_RESET: Final = blocked(Mechanism.HTTP_RESET, at=(Layer.HTTP,))
REQUEST_DROPPED: Final = blocked(Mechanism.HTTP_DROP, at=(Layer.HTTP,))
BLOCK_PAGE: Final = blocked(Mechanism.HTTP_BLOCK_PAGE, at=(Layer.HTTP,))

TRUTHS: Final[dict[str, Truth]] = {
    "badSSLWithExpiredCertificate": DOWN,
    "badSSLWithWrongServerName": DOWN,
    "badSSLWithUnknownAuthorityWithConsistentDNS": DOWN,
    "badSSLWithUnknownAuthorityWithInconsistentDNS": ADDRESS_FORGED,
    "cloudflareCAPTCHAWithHTTP": OK_OR_UNKNOWN,
    "cloudflareCAPTCHAWithHTTPS": OK,
    "controlFailureWithSuccessfulHTTPWebsite": NO_VERDICT,
    "controlFailureWithSuccessfulHTTPSWebsite": OK,
    "dnsBlockingAndroidDNSCacheNoData": NAME_DENIED,
    "dnsBlockingNXDOMAIN": NAME_DENIED,
    "dnsBlockingBOGON": ADDRESS_BOGUS,
    "dnsHijackingToLocalhostWithHTTP": ADDRESS_BOGUS,
    "dnsHijackingToLocalhostWithHTTPS": ADDRESS_BOGUS,
    "dnsHijackingToProxyWithHTTPURL": OK_DNS_TAMPERED,
    "dnsHijackingToProxyWithHTTPSURL": OK_DNS_TAMPERED,
    "ghostDNSBlockingWithHTTP": ADDRESS_FORGED,
    "ghostDNSBlockingWithHTTPS": ADDRESS_FORGED,
    "httpBlockingConnectionReset": REQUEST_RESET,
    "httpDiffWithConsistentDNS": BLOCK_PAGE,
    "httpDiffWithInconsistentDNS": FORGED_AND_BLOCK_PAGE,
    "idnaWithoutCensorshipLowercase": OK,
    "idnaWithoutCensorshipWithFirstLetterUppercase": OK,
    "largeFileWithHTTP": OK,
    "largeFileWithHTTPS": OK,
    "localhostWithHTTP": DOWN,
    "localhostWithHTTPS": DOWN,
    "redirectWithBrokenLocationForHTTP": DOWN_OR_UNKNOWN,
    "redirectWithBrokenLocationForHTTPS": DOWN_OR_UNKNOWN,
    "redirectWithConsistentDNSAndThenConnectionRefusedForHTTP": ADDRESS_REFUSED,
    "redirectWithConsistentDNSAndThenConnectionRefusedForHTTPS": ADDRESS_REFUSED,
    "redirectWithConsistentDNSAndThenConnectionResetForHTTP": REQUEST_RESET,
    "redirectWithConsistentDNSAndThenConnectionResetForHTTPS": SNI_RESET,
    "redirectWithConsistentDNSAndThenEOFForHTTP": REQUEST_RESET,
    "redirectWithConsistentDNSAndThenEOFForHTTPS": SNI_RESET,
    "redirectWithConsistentDNSAndThenTimeoutForHTTP": REQUEST_DROPPED,
    "redirectWithConsistentDNSAndThenTimeoutForHTTPS": SNI_DROPPED,
    "redirectWithConsistentDNSAndThenNXDOMAIN": NAME_DENIED,
    "redirectWithMoreThanTenRedirectsAndHTTP": DOWN,
    "redirectWithMoreThanTenRedirectsAndHTTPS": DOWN,
    "successWithHTTP": OK,
    "successWithHTTPS": OK,
    "tcpBlockingConnectTimeout": ADDRESS_DROPPED,
    "tcpBlockingConnectionRefusedWithInconsistentDNS": ADDRESS_FORGED,
    "throttlingWithHTTPS": SLOWED,
    "tlsBlockingConnectionResetWithConsistentDNS": SNI_RESET,
    "tlsBlockingConnectionResetWithInconsistentDNS": FORGED_AND_SNI_RESET,
    "websiteDownNXDOMAIN": DOWN,
    "websiteDownNoAddrs": DOWN,
    "websiteDownTCPConnect": DOWN,
    # Real measurements from Italy, of sites that nobody blocked: a resolver by its address, one that refuses
    # connections to port 80 from everywhere, and a page.
    "8844": OK,
    "dnsgoogle80": DOWN,
    "issue-2456": OK,
}
