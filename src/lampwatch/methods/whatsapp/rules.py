"""WhatsApp's rule books: one for the servers that the app talks to, one for registration and for the web site."""

from typing import Final

from lampwatch.judge.endpoint_rules import CAUSES, LAST_WORDS, NOT_MEASURED, PARTS, SITE, of_kind
from lampwatch.judge.endpoints import OF_CONNECT, Endpoints, Steps, leading
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.judge.seen import Seen
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State

TARGET: Final = "whatsapp"
REGISTRATION: Final = "v.whatsapp.net"
WEB: Final = "web.whatsapp.com"
ENDPOINTS: Final = tuple([f"e{n}.whatsapp.net" for n in range(1, 17)])
PORTS: Final = (443, 5222)
NETWORKS: Final = frozenset({32934, 54115, 63293, 36351})
"""Meta's networks, and SoftLayer's, where WhatsApp was until 2019. The app's endpoints have also been with Amazon, and
no certificate tells there: their addresses accuse nobody."""


class App(Endpoints, frozen=True, kw_only=True):
    """The app's endpoints. closed holds the connects to the one port that never worked while the other did."""

    closed: Steps


OF_APP: Final = (
    Rule[App](
        id="whatsapp.app.connects",
        when=lambda app: app.tcp.worked > 0,
        state=State.OK,
        because="at least one of WhatsApp's endpoints can be connected to, and the app needs no more",
        rests_on=("tcp",),
    ),
    Rule[App](
        id="whatsapp.app.port_dropped",
        when=lambda app: leading(app.closed.failures, OF_CONNECT) is Mechanism.IP_DROP,
        state=State.UNKNOWN,
        layer=Layer.IP,
        mechanism=Mechanism.IP_DROP,
        because="no connect to one of WhatsApp's two ports gets a reply, and the other port works",
        rests_on=("tcp",),
    ),
    Rule[App](
        id="whatsapp.app.port_refused",
        when=lambda app: leading(app.closed.failures, OF_CONNECT) is Mechanism.IP_REFUSE,
        state=State.UNKNOWN,
        layer=Layer.IP,
        mechanism=Mechanism.IP_REFUSE,
        because="every connect to one of WhatsApp's two ports is turned away, and the other port works",
        rests_on=("tcp",),
    ),
)
APP: Final = (
    *of_kind((NOT_MEASURED,), App),
    *OF_APP,
    *of_kind((*CAUSES, *PARTS, *LAST_WORDS), App),
)
RULES: Final = (*OF_APP, *SITE)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict for the app's endpoints, and one each for registration and the web site where they were tried."""
    seen = Seen(observations.probe, references, measurement.probe_cc, asn=measurement.probe_asn)
    verdicts = [decide(APP, _app(seen))]
    for host in (REGISTRATION, WEB):
        site = seen.site(host, NETWORKS)
        if site.measured:
            verdicts.append(decide(SITE, site))
    return verdicts


def _app(seen: Seen) -> App:
    names = seen.names(ENDPOINTS)
    addresses = names.addresses
    tcp = seen.connects(addresses, frozenset(PORTS))
    closed = Steps("tcp")
    if tcp.failures and tcp.worked:
        by_port = [seen.connects(addresses, frozenset({port})) for port in PORTS]
        closed = next((steps for steps in by_port if steps.all_failed), closed)
    return App(target=TARGET, at=TARGET, link=seen.link, dns=names, tcp=tcp, closed=closed)
