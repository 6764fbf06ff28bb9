"""What is shown of a rule. The rules themselves are handed in: how they are read is another room's business."""

from collections.abc import Mapping
from typing import Any, Protocol

from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class ShownRule(Protocol):
    """A rule as readers see it; rests_on names groups of facts, the deciding one first."""

    @property
    def id(self) -> str:
        """The name that verdicts cite; it never changes its meaning."""
        ...

    @property
    def state(self) -> State:
        """What it says of the target."""
        ...

    @property
    def layer(self) -> Layer | None:
        """The layer at which it happened, where something is accused."""
        ...

    @property
    def mechanism(self) -> Mechanism | None:
        """How it was done, where something is accused."""
        ...

    @property
    def evidence(self) -> Evidence:
        """How the rule knows."""
        ...

    @property
    def because(self) -> str:
        """The reason in plain words, completing "…, because"."""
        ...

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The groups of facts behind it, the deciding one first."""
        ...


RuleBook = Mapping[str, ShownRule]
"""Every rule by its id, in the order in which rules are tried."""


def public_rule(rule: ShownRule) -> dict[str, Any]:
    """A rule as the API gives it."""
    return {
        "id": rule.id,
        "state": rule.state,
        "layer": rule.layer,
        "mechanism": rule.mechanism,
        "evidence": rule.evidence,
        "because": rule.because,
        "rests_on": rule.rests_on,
    }
