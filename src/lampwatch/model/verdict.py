"""Verdicts: what one measurement says of one target, why, and on which facts."""

import msgspec

from lampwatch.model.observation import Witness
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A rule that also held, beside the one that decided."""

    rule_id: str
    layer: Layer | None
    mechanism: Mechanism | None


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """One target's state according to one measurement.

    layer and mechanism are None where nothing is accused. hostname is the name at which it happened: the target's own,
    or the one a redirect led to. findings are the other rules that held, in the rule book's order. witnesses are the
    observations the deciding rule rests on. fingerprint names the block page or injected answer that was recognised.
    """

    target: str
    state: State
    layer: Layer | None
    mechanism: Mechanism | None
    evidence: Evidence
    rule_id: str
    because: str
    control: Control
    hostname: str = ""
    fingerprint: str = ""
    findings: tuple[Finding, ...] = ()
    witnesses: tuple[Witness, ...] = ()
