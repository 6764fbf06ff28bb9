"""Rules on the name: what the system's resolver said, beside the control and the other resolvers."""

from typing import Final

from lampwatch.judge.rule import Rule
from lampwatch.judge.web.dns import DENIALS, GIVES_ADDRESSES, Answered
from lampwatch.judge.web.facts import WebFacts
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

WebRule = Rule[WebFacts]


def _refused(name: str, answer: Answered, mechanism: Mechanism, because: str) -> WebRule:
    """The resolver gave no address, while the name has one for the control and is known to be alive."""
    return WebRule(
        id=f"web.dns.{name}.control_resolves",
        layer=Layer.DNS,
        when=lambda web: (
            web.first.system is answer
            and web.resolved_outside
            and web.resolved_elsewhere
            # Nobody on the path can write an encrypted answer: one that denies the name too clears the network.
            and web.first.encrypted not in DENIALS
            and web.link_worked
        ),
        state=State.BLOCKED,
        mechanism=mechanism,
        evidence=Evidence.COMPARED,
        because=because,
        rests_on=("dns", "control.dns"),
    )


FALSE_ADDRESS_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.dns.known_injected_answer",
        layer=Layer.DNS,
        when=lambda web: web.first.system is Answered.INJECTED and web.outside is not None,
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.DIRECT,
        because="the resolver answered with an address known to be injected by censors, and the control did not",
        rests_on=("dns", "control.dns"),
    ),
    WebRule(
        id="web.dns.bogon.control_resolves",
        layer=Layer.DNS,
        when=lambda web: web.first.system is Answered.BOGON and web.resolved_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_BOGON,
        evidence=Evidence.DIRECT,
        because="the resolver answered with an address that no public server can have, and outside the name has one",
        rests_on=("dns", "control.dns"),
    ),
)

NO_ADDRESS_RULES: Final[tuple[WebRule, ...]] = (
    _refused(
        "nxdomain",
        Answered.NXDOMAIN,
        Mechanism.DNS_NXDOMAIN,
        "the system's resolver has no such name, or no data for it, and outside it resolves",
    ),
    _refused(
        "no_answer",
        Answered.NO_ANSWER,
        Mechanism.DNS_NO_ANSWER,
        "the resolver gave no address for the name, and outside it has one",
    ),
    _refused(
        "refused",
        Answered.REFUSED,
        Mechanism.DNS_REFUSED,
        "the resolver refused to answer for the name, and outside it resolves",
    ),
    WebRule(
        id="web.dns.servfail.others_resolve",
        layer=Layer.DNS,
        # SERVFAIL is a resolver's own trouble as often as not: another one must have answered the same probe meanwhile.
        when=lambda web: (
            web.first.system is Answered.TROUBLED
            and web.worked_outside
            and web.first.other in (Answered.GENUINE, Answered.VOUCHED)
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_REFUSED,
        evidence=Evidence.COMPARED,
        because="the system's resolver failed on the name, while another resolver and the control did not",
        rests_on=("dns", "control.dns"),
    ),
    WebRule(
        id="web.dns.timeout.others_resolve",
        layer=Layer.DNS,
        # A resolver that is slow once is no censor: another one must have answered the same probe meanwhile.
        when=lambda web: (
            web.first.system is Answered.TIMEOUT
            and web.worked_outside
            and web.first.other in (Answered.GENUINE, Answered.VOUCHED)
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_TIMEOUT,
        evidence=Evidence.COMPARED,
        because="the system's resolver never answered for the name, while another resolver and the control did",
        rests_on=("dns", "control.dns"),
    ),
)

FOREIGN_ADDRESS_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.dns.address_for_a_dead_name",
        layer=Layer.DNS,
        when=lambda web: (
            web.nameless_outside
            and web.first.system in GIVES_ADDRESSES
            and web.first.encrypted not in GIVES_ADDRESSES
            and (web.first.encrypted in DENIALS or web.first.other in DENIALS)
            and not web.certified_page
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.INFERRED,
        because="the resolver gave an address for a name that another resolver and the control were told has none",
        rests_on=("dns", "control.dns", "http"),
    ),
    WebRule(
        id="web.dns.foreign_answer.leads_nowhere",
        layer=Layer.DNS,
        when=lambda web: web.foreign_answer and web.foreign_failed and web.worked_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.COMPARED,
        because="the resolver gave addresses that no one else knows and that do not serve the site, "
        "and from outside the site works",
        rests_on=("dns", "control.dns", "tcp", "tls"),
    ),
    WebRule(
        id="web.dns.foreign_answer.serves_another_page",
        layer=Layer.DNS,
        when=lambda web: web.foreign_answer and web.foreign_page_differs,
        state=State.BLOCKED,
        mechanism=Mechanism.DNS_SPOOF,
        evidence=Evidence.COMPARED,
        because="the resolver gave addresses that no one else knows, and they serve another page than the control got",
        rests_on=("dns", "http", "control.dns", "control.http"),
    ),
)
