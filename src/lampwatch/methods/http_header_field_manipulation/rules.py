"""The rule book of HTTP header field manipulation: a middlebox shows where a request arrives other than it was sent."""

from typing import Final

from lampwatch.judge.reachability import ReachFacts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.http_header_field_manipulation.extract import FLAG, OTHER_PAGE
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class Request(ReachFacts, frozen=True, kw_only=True):
    """What differs in the request that arrived, and whether anything came back at all."""

    changed: tuple[str, ...]
    arrived: bool

    @property
    def flagged(self) -> bool:
        """Only the probe's own flags speak of a change."""
        return bool(self.changed) and self.changed[0].startswith(FLAG)

    @property
    def other_page(self) -> bool:
        """What came back is no echo."""
        return OTHER_PAGE in self.changed


RequestRule = Rule[Request]

RULES: Final = (
    RequestRule(
        id="http_header_field_manipulation.other_page",
        layer=Layer.PATH,
        when=lambda request: request.other_page,
        state=State.OK,
        mechanism=Mechanism.MIDDLEBOX,
        evidence=Evidence.INFERRED,
        because="a page came back instead of the server's account of the request: somebody else answered",
        rests_on=("echo",),
    ),
    RequestRule(
        id="http_header_field_manipulation.flagged",
        layer=Layer.PATH,
        when=lambda request: request.flagged,
        state=State.OK,
        mechanism=Mechanism.MIDDLEBOX,
        evidence=Evidence.INFERRED,
        because="the probe found the request changed; what came back is not on record",
        rests_on=("echo",),
    ),
    RequestRule(
        id="http_header_field_manipulation.changed",
        layer=Layer.PATH,
        when=lambda request: bool(request.changed) and not request.flagged and not request.other_page,
        state=State.OK,
        mechanism=Mechanism.MIDDLEBOX,
        evidence=Evidence.DIRECT,
        because="the request arrived with other headers or another request line than it was sent with",
        rests_on=("echo",),
    ),
    RequestRule(
        id="http_header_field_manipulation.equal",
        when=lambda request: request.arrived and not request.changed,
        state=State.OK,
        because="the request arrived as it was sent",
        rests_on=("echo",),
    ),
    RequestRule(
        id="http_header_field_manipulation.nothing_came_back",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="nothing came back, so the path cannot be judged",
        rests_on=("echo",),
    ),
)


def assess(_measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on `path`. A middlebox is not blocking: the state is `ok` and the mechanism says what was seen."""
    echoes = observations.probe.echoes
    facts = Request(
        target="path",
        changed=echoes[0].changed if echoes else (),
        arrived=bool(echoes) and echoes[0].failure is None,
        groups={"echo": (witnessed("probe", "echo", 0),) if echoes else ()},
    )
    return [decide(RULES, facts)]
