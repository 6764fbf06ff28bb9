"""Facebook Messenger's rule book."""

from typing import Final

from lampwatch.judge.endpoint_rules import CAUSES, LAST_WORDS, NOT_MEASURED, PARTS, of_kind
from lampwatch.judge.endpoints import Endpoints, Name, Standing, Steps
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.judge.seen import Seen
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State

TARGET: Final = "facebook_messenger"
MESSAGES: Final = "edge-mqtt.facebook.com"
"""The server that carries the messages; the others bring pictures, names and settings."""
HOSTS: Final = (
    MESSAGES,
    "b-api.facebook.com",
    "b-graph.facebook.com",
    "external.xx.fbcdn.net",
    "scontent.xx.fbcdn.net",
    "star.c10r.facebook.com",
)
CALLS: Final = "stun.fbsbx.com"
"""The server for calls, of which only the name is looked up."""
NETWORKS: Final = frozenset({32934, 54115, 63293})
"""Meta's networks: its own, its offices', and its caches at other providers'."""
_PORTS: Final = frozenset({443})


class Messenger(Endpoints, frozen=True, kw_only=True):
    """All hosts together, and those two that matter by themselves; None where they were not looked up."""

    messages: Name | None
    messages_tcp: Steps
    calls: Name | None

    @property
    def messages_fail(self) -> bool:
        """Whether the server that carries the messages is out of reach while others are not."""
        if self.messages is None or not self.tcp.worked:
            return False
        return self.messages.standing is not Standing.RESOLVED or self.messages_tcp.all_failed


OWN: Final = (
    Rule[Messenger](
        id="facebook_messenger.messages_fail",
        when=lambda app: app.messages_fail,
        state=State.UNKNOWN,
        because="the server that carries the messages is out of reach, and others of the service are not",
        rests_on=("dns", "tcp"),
    ),
    Rule[Messenger](
        id="facebook_messenger.connects",
        when=lambda app: app.tcp.worked > 0,
        state=State.OK,
        because="its servers, at addresses that its names lead to, can be connected to",
        rests_on=("tcp", "dns"),
    ),
)
CALLS_FORGED: Final = Rule[Messenger](
    id="facebook_messenger.calls_forged",
    when=lambda app: (
        app.calls is not None
        and app.calls.standing in {Standing.BOGON, Standing.INJECTED, Standing.ELSEWHERE}
    ),
    state=State.UNKNOWN,
    layer=Layer.DNS,
    mechanism=Mechanism.DNS_SPOOF,
    because="the name of the server for calls got a forged answer",
    rests_on=("dns",),
)
RULES: Final = (
    *of_kind((NOT_MEASURED,), Messenger),
    *OWN,
    *of_kind(CAUSES, Messenger),
    CALLS_FORGED,
    *of_kind((*PARTS, *LAST_WORDS), Messenger),
)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict for the service."""
    seen = Seen(observations.probe, references, measurement.probe_cc, asn=measurement.probe_asn)
    names = seen.names(HOSTS, NETWORKS)
    messages = seen.name(MESSAGES, NETWORKS)
    own = messages.addresses if messages and messages.standing is Standing.RESOLVED else ()
    facts = Messenger(
        target=TARGET,
        at=TARGET,
        link=seen.link,
        dns=names,
        tcp=seen.connects(names.addresses, _PORTS),
        messages=messages,
        messages_tcp=seen.connects(own, _PORTS),
        calls=seen.name(CALLS, NETWORKS),
    )
    return [decide(RULES, facts)]
