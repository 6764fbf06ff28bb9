"""Paths on which interference must be located rightly."""

from typing import Final

from lampwatch.lab.block import Block, Drop, Forge, Host, Name, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario, Topology
from lampwatch.lab.truth import Truth
from lampwatch.lab.view import PUBLIC_RESOLVER
from lampwatch.model.vocabulary import Layer, Mechanism, State

_FAR: Final = Topology(hops=4)
_HELLO: Final = Measure("trace", "https://blocked.test/")
_REQUEST: Final = Measure("trace", "http://blocked.test/")
_QUESTION: Final = Measure("trace", f"dns://{PUBLIC_RESOLVER}/blocked.test")

SCENARIOS: Final = (
    Scenario(
        name="trace_finds_nothing",
        story="Nobody does anything to the name on a path of four routers.",
        topology=_FAR,
        measure=_HELLO,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="trace_of_a_reset",
        story="The second of four routers resets connections whose ClientHello names the site.",
        topology=_FAR,
        censor=(Block(Sni("blocked.test"), Reset(), hop=2),),
        measure=_HELLO,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
    ),
    Scenario(
        name="trace_of_a_drop",
        story="The third of four routers drops hellos that name the site: silence shows where, and accuses nobody.",
        topology=_FAR,
        censor=(Block(Sni("blocked.test"), Drop(), hop=3),),
        measure=_HELLO,
        truth=Truth(State.UNKNOWN, Layer.TLS, Mechanism.TLS_SNI_DROP),
    ),
    Scenario(
        name="trace_of_a_request",
        story="The first of four routers resets connections whose request names the site.",
        topology=_FAR,
        censor=(Block(Host("blocked.test"), Reset(), hop=1),),
        measure=_REQUEST,
        truth=Truth(State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET),
    ),
    Scenario(
        name="trace_of_a_forged_answer",
        story="The second of four routers answers questions for the name falsely, and takes the question away.",
        topology=_FAR,
        censor=(
            Block(
                Name("blocked.test"), Forge(addresses=("10.10.34.35",), by="injection", drop_true=True), hop=2
            ),
        ),
        measure=_QUESTION,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF),
    ),
    Scenario(
        name="trace_of_an_injected_answer",
        story="The second of four routers writes a false answer first, and lets the true one come after.",
        topology=_FAR,
        censor=(Block(Name("blocked.test"), Forge(addresses=("10.10.34.35",), by="injection"), hop=2),),
        measure=_QUESTION,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF),
    ),
)
