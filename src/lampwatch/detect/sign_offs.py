"""What persons signed, brought into incidents: confirmed, retracted, or no longer what was signed. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.incident import Level, Reason, Scope, Step
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.model.signoff import Decision, SignOff

LAPSED: Final = "sign_off_lapsed"
"""The name of what speaks against an incident whose sign-off no longer applies."""
_VERBS: Final = {Decision.CONFIRM: "confirmed", Decision.RETRACT: "retracted"}
_WIDTH: Final = {Scope.NETWORKS: 0, Scope.REGIONS: 1, Scope.COUNTRY: 2}


class SignedOff(NamedTuple):
    """An incident with what persons signed: whether it is retracted by one, and what is to be told, in a clause.

    reason is that of who retracted it, in their words.
    """

    incident: AnyIncident
    retracted: bool
    because: str
    reason: str = ""


class Said(NamedTuple):
    """What there is to go by: the sign-offs that count, and all revisions so far, each in order of the logs."""

    sign_offs: Sequence[SignOff] = ()
    history: Sequence[Revision] = ()

    def of(self, incident: AnyIncident) -> SignedOff:
        """One incident, with its sign-offs."""
        return with_sign_offs(incident, self.sign_offs, self.history)


NOTHING_SAID: Final = Said()


def with_sign_offs(
    incident: AnyIncident, sign_offs: Sequence[SignOff], history: Sequence[Revision]
) -> SignedOff:
    """An incident as it stands with what persons signed of it.

    sign_offs are those that count, in order: the latest of the incident decides. history holds its revisions so far,
    in order; others among them are passed over. A confirmation makes it CONFIRMED where it lacks nothing for that; it
    holds for what was signed, so it lapses for good once the incident was retracted or fell below CORROBORATED, and as
    long as the incident is wider than it was. A retraction lapses where the incident is wider or surer than what was
    retracted. What lapsed is told in `against`. The same incident again, with or without its sign-offs, gives the same.
    """
    plain = without_sign_offs(incident)
    decided = deciding(incident.id, sign_offs)
    if decided is None:
        return SignedOff(plain, retracted=False, because="")
    if decided.decision is Decision.WITHDRAW:
        told = f"{decided.by} took back what was signed: {decided.because}"
        return SignedOff(plain, retracted=False, because=told)
    why_not = _lapse(plain, decided, [one for one in history if one.incident.id == incident.id])
    if why_not:
        told = lapsed(decided, why_not)
        # The odds are as they were: what made it lapse is in them already.
        against = (*plain.against, Reason(LAPSED, told, 1.0, (decided.by, decided.revision)))
        return SignedOff(msgspec.structs.replace(plain, against=against), retracted=False, because=told)
    order = f" ({decided.order})" if decided.order else ""
    if decided.decision is Decision.RETRACT:
        told = f"retracted by {decided.by}: {decided.because}{order}"
        reason = f"{decided.because} ({decided.by})"
        return SignedOff(plain, retracted=True, because=told, reason=reason)
    at = max(decided.at, max((step.at for step in plain.steps), default=decided.at))
    confirmed = msgspec.structs.replace(
        plain, level=Level.CONFIRMED, steps=(*plain.steps, Step(at, Level.CONFIRMED))
    )
    return SignedOff(
        confirmed, retracted=False, because=f"confirmed by {decided.by}: {decided.because}{order}"
    )


def without_sign_offs(incident: AnyIncident) -> AnyIncident:
    """An incident as it was found: detection alone never goes beyond CORROBORATED."""
    return msgspec.structs.replace(
        incident,
        level=min(incident.level, Level.CORROBORATED),
        steps=tuple(step for step in incident.steps if step.level is not Level.CONFIRMED),
        against=tuple(reason for reason in incident.against if reason.name != LAPSED),
    )


def deciding(name: str, sign_offs: Sequence[SignOff]) -> SignOff | None:
    """The sign-off that decides about the incident of this name; None where nobody signed."""
    return next((one for one in reversed(sign_offs) if one.incident == name), None)


def lapsed(sign_off: SignOff, why: str) -> str:
    """That a confirmation or retraction does not apply any more, in a clause."""
    verb = _VERBS[sign_off.decision]
    return f"{sign_off.by} {verb} revision {sign_off.revision}, which no longer applies: {why}"


def lacking(incident: AnyIncident, order: str) -> str:
    """What an incident lacks to be confirmed by a person, in a clause; empty where it lacks nothing.

    order is an order's or an operator's notice, which stands in for a fingerprint where something is blocked.
    """
    if incident.level < Level.CORROBORATED:
        level = f"its level is {int(incident.level)} ({incident.level.name.lower()})"
        return f"{level}, and it must be corroborated first (level 3)"
    if incident.confirmable or (order and isinstance(incident, BlockingIncident)):
        return ""
    if isinstance(incident, BlockingIncident):
        return "the interference itself was seen on fewer than two networks; an order or an operator's notice would do"
    return "it lacks two independent families of signals that are down by four fifths"


def _lapse(now: AnyIncident, signed: SignOff, history: Sequence[Revision]) -> str:
    """Why a sign-off does not apply to what the incident is now, in a clause; empty where it does."""
    seen = next((one for one in history if one.number == signed.revision), None)
    if seen is None:
        return "the log of incidents has no such revision"
    grown = _grown(without_sign_offs(seen.incident), now)
    if signed.decision is Decision.RETRACT:
        surer = now.level > without_sign_offs(seen.incident).level
        return grown or (f"it is surer now (level {int(now.level)})" if surer else "")
    later = [one for one in history if one.number > signed.revision]
    if any(one.status is Status.RETRACTED for one in later):
        return "it was retracted since"
    if any(one.incident.level < Level.CORROBORATED for one in later):
        return "it fell below level 3 since"
    return lacking(now, signed.order) or grown


def _grown(then: AnyIncident, now: AnyIncident) -> str:
    """In what an incident is more than it was when it was signed, in a clause; empty where it is not.

    More networks that block the same are no more than was said; another target, a wider scope or another region is.
    """
    if isinstance(then, BlockingIncident) and isinstance(now, BlockingIncident):
        added = [target for target in now.targets if target not in then.targets]
        if added:
            return f"it has come to be about {', '.join(added)} too"
    if (
        isinstance(then, ConnectivityIncident)
        and isinstance(now, ConnectivityIncident)
        and then.direction is not now.direction
    ):
        return "it has come to be about the opposite"
    if _WIDTH[now.scope] > _WIDTH[then.scope] and not _is_same_networks(then, now):
        return f"its scope has grown from {then.scope} to {now.scope}"
    known = {Entity.of(code) for code in then.entities}
    further = [code for code in now.entities if _is_region(code) and known.isdisjoint(_around(code))]
    if then.scope is Scope.REGIONS and further:
        return f"it has come to be in {', '.join(further)} too"
    return ""


def _is_same_networks(then: AnyIncident, now: AnyIncident) -> bool:
    """Whether no more is said than that the same networks serve a region."""
    return (
        isinstance(then, BlockingIncident)
        and isinstance(now, BlockingIncident)
        and now.scope is Scope.REGIONS
        and {*now.networks} <= {*then.networks}
    )


def _is_region(code: str) -> bool:
    return Entity.of(code).kind is EntityKind.REGION


def _around(code: str) -> Iterator[Entity]:
    """An entity, and all that it lies in."""
    while code:
        entity = Entity.of(code)
        yield entity
        code = entity.within
