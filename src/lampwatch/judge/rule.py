"""Rules as data, and the one way they become a verdict.

A rule book is an ordered tuple of rules over one kind of facts. The first rule that holds decides; every other rule
that holds and accuses is kept as a finding. A new meaning is a new id.
"""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from lampwatch.model.observation import Witness
from lampwatch.model.verdict import Finding, Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State


class RuleFacts(Protocol):
    """What a rule book needs to know of the facts it judges, beside what its rules read."""

    @property
    def target(self) -> str:
        """The stable name of what is judged."""
        ...

    @property
    def control(self) -> Control:
        """Whether anybody outside saw it work."""
        ...

    def hostname(self, group: str) -> str:
        """The name at which the facts of a group happened; empty where it is the target's own."""
        ...

    def fingerprint(self, group: str) -> str:
        """The known block page or injected answer recognised in a group of facts; empty where there is none."""
        ...

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations behind a named group of facts."""
        ...


F = TypeVar("F", bound=RuleFacts)


class Rule(msgspec.Struct, Generic[F], frozen=True, kw_only=True):
    """One way of reading the facts: when it holds, what it says, how it knows, and what it rests on.

    rests_on names groups of facts, the deciding one first. because completes "…, because" in plain words.
    """

    id: str
    when: Callable[[F], bool]
    state: State
    because: str
    rests_on: tuple[str, ...]
    layer: Layer | None = None
    mechanism: Mechanism | None = None
    evidence: Evidence = Evidence.NONE


class Chapter(msgspec.Struct, Generic[F], frozen=True):
    """Rules that can only hold under one condition: where it does not hold, none of them is asked.

    A last_resort is asked only where no rule before it held.
    """

    when: Callable[[F], bool]
    rules: tuple[Rule[F], ...]
    last_resort: bool = False


def rules_of(chapters: Sequence[Chapter[F]]) -> tuple[Rule[F], ...]:
    """All rules of a book written in chapters, in order."""
    return tuple(rule for chapter in chapters for rule in chapter.rules)


def holding(chapters: Sequence[Chapter[F]], facts: F) -> list[Rule[F]]:
    """The rules that hold, in order, of the chapters whose condition does."""
    held: list[Rule[F]] = []
    for chapter in chapters:
        if not (held and chapter.last_resort) and chapter.when(facts):
            held += [rule for rule in chapter.rules if rule.when(facts)]
    return held


def decide_by_chapters(chapters: Sequence[Chapter[F]], facts: F) -> Verdict:
    """Judge the facts as decide does, by a book that is written in chapters."""
    return _verdict(holding(chapters, facts), facts)


def decide(rules: Sequence[Rule[F]], facts: F) -> Verdict:
    """Judge the facts by the first rule that holds; the last rule of a book must always hold.

    Raises LookupError where no rule holds: a book without a last word is our own bug.
    """
    return _verdict([rule for rule in rules if rule.when(facts)], facts)


def _verdict(held: Sequence[Rule[F]], facts: F) -> Verdict:
    if not held:
        message = f"no rule holds for {facts.target}"
        raise LookupError(message)
    first = held[0]
    lead = first.rests_on[0] if first.rests_on else ""
    return Verdict(
        target=facts.target,
        state=first.state,
        layer=first.layer,
        mechanism=first.mechanism,
        evidence=first.evidence,
        rule_id=first.id,
        because=first.because,
        control=facts.control,
        hostname=facts.hostname(lead),
        fingerprint=_recognised(held, facts),
        findings=tuple([Finding(r.id, r.layer, r.mechanism) for r in held[1:] if r.mechanism is not None])
        if len(held) > 1
        else (),
        witnesses=tuple([witness for group in first.rests_on for witness in facts.witnesses(group)]),
    )


def _recognised(held: Sequence[Rule[F]], facts: F) -> str:
    """The known page or answer behind the verdict: that of the deciding rule, else of one that says the same."""
    for rule in held:
        name = facts.fingerprint(rule.rests_on[0]) if rule.rests_on and rule.state is held[0].state else ""
        if name:
            return name
    return ""
