"""What a right verdict must say of a scenario, and where a verdict departs from it."""

from collections.abc import Mapping, Sequence

import msgspec

from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State


class Truth(msgspec.Struct, frozen=True):
    """The state of a target, and where something is done to it, the layer and the mechanism.

    Without a mechanism the verdict must name none. also holds the layers that must show besides, in the verdict or in
    a finding. rule is the id of the rule that must have decided, empty where any may. alternatives are other right
    answers: `Truth(State.OK) | Truth(State.UNKNOWN)` takes either.
    """

    state: State
    layer: Layer | None = None
    mechanism: Mechanism | None = None
    also: tuple[Layer, ...] = ()
    rule: str = ""
    alternatives: tuple["Truth", ...] = ()

    def __or__(self, other: "Truth") -> "Truth":
        return msgspec.structs.replace(self, alternatives=(*self.alternatives, other))

    def __str__(self) -> str:
        own = " ".join(str(part) for part in (self.state, self.mechanism or self.rule or self.layer) if part)
        return " or ".join([own, *(str(other) for other in self.alternatives)])

    def mistakes(self, verdict: Verdict) -> list[str]:
        """What is wrong with a verdict, one line each; empty where it says the truth, in any of its forms."""
        own = self._own_mistakes(verdict)
        return [] if any(not other.mistakes(verdict) for other in self.alternatives) else own

    def _own_mistakes(self, verdict: Verdict) -> list[str]:
        found = []
        if verdict.state is not self.state:
            found.append(f"{verdict.target}: {verdict.state}, and not {self.state} ({verdict.rule_id})")
        if verdict.mechanism is not self.mechanism:
            named, right = verdict.mechanism or "no mechanism", self.mechanism or "none"
            found.append(f"{verdict.target}: {named}, and not {right} ({verdict.rule_id})")
        if self.rule not in {"", verdict.rule_id}:
            found.append(f"{verdict.target}: by {verdict.rule_id}, and not {self.rule}")
        shown = {verdict.layer, *(finding.layer for finding in verdict.findings)}
        missing = {layer for layer in (self.layer, *self.also) if layer is not None} - shown
        if missing:
            found.append(f"{verdict.target}: nothing shown at {', '.join(sorted(missing))}")
        return found


Truths = Truth | Mapping[str, Truth]
"""One truth for the only target there is, or one for each target by its name."""


def mistakes(truth: Truths, verdicts: Sequence[Verdict]) -> list[str]:
    """What is wrong with all verdicts of a run, also where one is missing."""
    if not verdicts:
        return ["no verdict was reached"]
    if isinstance(truth, Truth):
        return [line for verdict in verdicts for line in truth.mistakes(verdict)]
    found = [f"{target}: no verdict" for target in truth if target not in {v.target for v in verdicts}]
    # A target that the scenario does not speak of may say what it likes: the scenario is about something else.
    return found + [
        line
        for verdict in verdicts
        if verdict.target in truth
        for line in truth[verdict.target].mistakes(verdict)
    ]
