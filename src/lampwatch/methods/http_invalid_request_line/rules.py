"""The rule book of HTTP invalid request lines: a middlebox shows where a line comes back other than it was sent."""

from typing import Final

from lampwatch.judge.reachability import MOST_WITNESSES, ReachFacts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, Witness, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

_CUT: Final = frozenset({Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED, Failure.EOF})


class Lines(ReachFacts, frozen=True, kw_only=True):
    """How many lines came back changed, equal, not at all because the connection was cut, or not at all otherwise."""

    changed: int
    equal: int
    cut: int
    lost: int


LinesRule = Rule[Lines]

RULES: Final = (
    LinesRule(
        id="http_invalid_request_line.changed",
        layer=Layer.PATH,
        when=lambda lines: lines.changed > 0,
        state=State.OK,
        mechanism=Mechanism.MIDDLEBOX,
        evidence=Evidence.DIRECT,
        because="something other came back than was sent to a server that only sends back what it gets",
        rests_on=("changed",),
    ),
    LinesRule(
        id="http_invalid_request_line.cut",
        layer=Layer.PATH,
        when=lambda lines: lines.cut > 0 and lines.equal > 0,
        state=State.OK,
        mechanism=Mechanism.MIDDLEBOX,
        evidence=Evidence.INFERRED,
        because="the connection was cut at one line, and the server sent other lines back as they were",
        rests_on=("cut", "equal"),
    ),
    LinesRule(
        id="http_invalid_request_line.equal",
        when=lambda lines: lines.equal > 0 and not lines.lost and not lines.cut,
        state=State.OK,
        because="every line came back as it was sent",
        rests_on=("equal",),
    ),
    LinesRule(
        id="http_invalid_request_line.some_lost",
        when=lambda lines: lines.equal > 0,
        state=State.OK,
        because="what came back was as sent; some lines did not come back in time",
        rests_on=("equal", "lost"),
    ),
    LinesRule(
        id="http_invalid_request_line.nothing_came_back",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="nothing came back, so the path cannot be judged",
        rests_on=("lost", "cut"),
    ),
)


def assess(_measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on `path`. A middlebox is not blocking: the state is `ok` and the mechanism says what was seen."""
    groups: dict[str, list[Witness]] = {"changed": [], "equal": [], "cut": [], "lost": []}
    for n, echo in enumerate(observations.probe.echoes):
        if echo.changed:
            group = "changed"
        elif echo.failure is None:
            group = "equal"
        else:
            group = "cut" if echo.failure in _CUT else "lost"
        groups[group].append(witnessed("probe", "echo", n))
    facts = Lines(
        target="path",
        changed=len(groups["changed"]),
        equal=len(groups["equal"]),
        cut=len(groups["cut"]),
        lost=len(groups["lost"]),
        groups={name: tuple(witnesses[:MOST_WITNESSES]) for name, witnesses in groups.items()},
    )
    return [decide(RULES, facts)]
