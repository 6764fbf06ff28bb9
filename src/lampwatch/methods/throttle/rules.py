"""The rule book of throttling: how fast a body comes under the target's name, against another name on the same path."""

from statistics import median
from typing import Final

from lampwatch.formats.names import url_parts
from lampwatch.judge.reachability import MOST_WITNESSES, ReachFacts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.throttle.extract import CONTROL, PAIRS, SIDES, TARGET
from lampwatch.methods.throttle.ratio import MOST_PAIRS, interval
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, Witness, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

FEWEST_PAIRS: Final = 3
"""One slow run says nothing, and two do not say how much they vary."""
HALF: Final = 0.5
"""Throttling makes a line many times slower; what is less than twice may be the servers' doing."""
SLOW: Final = 125_000.0
"""Bytes a second (1 Mbit/s): whatever is faster serves its purpose."""


class Speed(ReachFacts, frozen=True, kw_only=True):
    """How the target's rate compares: the ends of the ratio's interval, and its median rate in bytes a second.

    compared counts pairs. came and control_came count the runs of either side that brought anything.
    """

    compared: int
    low: float
    high: float
    rate: float
    came: int
    control_came: int

    @property
    def enough(self) -> bool:
        """Whether there are pairs enough to compare."""
        return self.compared >= FEWEST_PAIRS

    @property
    def throttled(self) -> bool:
        """Whether it is certain that the target is slower by more than half, and slow."""
        return self.enough and self.high < HALF and self.rate < SLOW


SpeedRule = Rule[Speed]

RULES: Final = (
    SpeedRule(
        id="throttle.throttled",
        layer=Layer.TLS,
        when=lambda speed: speed.throttled,
        state=State.BLOCKED,
        mechanism=Mechanism.THROTTLING,
        evidence=Evidence.INFERRED,
        because="its content comes at less than half the speed, and slowly, while the same bytes from the same "
        "address under another name come faster, pair by pair",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.slower",
        layer=Layer.TLS,
        when=lambda speed: speed.enough and speed.high < 1 and speed.low <= HALF and not speed.throttled,
        state=State.UNKNOWN,
        mechanism=Mechanism.THROTTLING,
        because="its content comes slower than under another name, but not so much or so slowly that it must be meant",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.as_fast",
        when=lambda speed: speed.enough and speed.low > HALF,
        state=State.OK,
        because="its content comes as fast as under another name",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.fast_enough",
        when=lambda speed: speed.enough and speed.rate >= SLOW and speed.high >= 1,
        state=State.OK,
        because="its content comes fast, and not certainly slower than under another name",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.nothing_comes",
        when=lambda speed: not speed.enough and not speed.came and speed.control_came > 0,
        state=State.UNKNOWN,
        because="nothing came under its name, and something under another: that is no throttling, and another method "
        "must tell what it is",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.not_compared",
        when=lambda speed: not speed.enough,
        state=State.UNKNOWN,
        because="there are too few pairs of runs to compare, as where the server gives nothing under another name",
        rests_on=("target", "control"),
    ),
    SpeedRule(
        id="throttle.undetermined",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the speeds vary too much to compare",
        rests_on=("target", "control"),
    ),
)


def assess(measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on the host of the URL."""
    sides = observations.notes.get(SIDES, "").split()
    exchanges = observations.probe.http
    groups: dict[str, list[Witness]] = {TARGET: [], CONTROL: []}
    came = {TARGET: 0, CONTROL: 0}
    for n, (side, exchange) in enumerate(zip(sides, exchanges, strict=False)):
        if side in groups:
            groups[side].append(witnessed("probe", "http", n))
            came[side] += exchange.body_length > 0
    pairs = [_rates(text) for text in observations.notes.get(PAIRS, "").split()[:MOST_PAIRS]]
    low, high = interval([target / control for target, control in pairs]) if len(pairs) > 1 else (0.0, 0.0)
    speed = Speed(
        target=url_parts(measurement.input).host or measurement.input,
        compared=len(pairs),
        low=low,
        high=high,
        rate=median([target for target, _ in pairs]) if pairs else 0.0,
        came=came[TARGET],
        control_came=came[CONTROL],
        groups={side: tuple(witnesses[:MOST_WITNESSES]) for side, witnesses in groups.items()},
    )
    return [decide(RULES, speed)]


def _rates(text: str) -> tuple[float, float]:
    target, _, control = text.partition("/")
    return float(target), float(control)
