"""Two looks at an incident: whether they are at the same one, and what differs, for each kind of incident."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

import msgspec

from lampwatch.detect.blocking.against import BEGUN_BEFORE, HOLDING
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.incident import Level, Scope
from lampwatch.model.revision import AnyIncident

_SILENT_S: Final = 86_400
"""Series that have told nothing for so long (and for three bins) say nothing of whether it lasts."""
_UNMEASURED_S: Final = 3 * 86_400
"""Nor does a target that nobody has measured for so long, where it is blocked."""
_ONSET_S: Final = 14 * 86_400
"""So much time before an onset must be looked at to know it again: a fortnight in which it was open."""
_TOLD_DEPTH: Final = 0.05
"""Twentieths are told, less is noise."""


def meets(first: AnyIncident, second: AnyIncident) -> bool:
    """Whether both are looks at one incident: of one kind, at one time, and at a series or cell history in common."""
    if first.onset.low > second.until or second.onset.low > first.until:
        return False
    if isinstance(first, ConnectivityIncident) and isinstance(second, ConnectivityIncident):
        if first.direction != second.direction:
            return False
        return first.id == second.id or bool(
            {part.series for part in first.parts} & {part.series for part in second.parts}
        )
    if isinstance(first, BlockingIncident) and isinstance(second, BlockingIncident):
        return first.id == second.id or bool(_histories(first) & _histories(second))
    return False


def marks(incident: AnyIncident) -> set[Hashable]:
    """What two looks at one incident have in common at least one of, so that looks are found by it."""
    seen: set[Hashable] = {incident.id}
    if isinstance(incident, BlockingIncident):
        return seen | _histories(incident)
    return seen | {part.series for part in incident.parts}


def as_on_record(old: AnyIncident, new: AnyIncident, since: int | None) -> AnyIncident:
    """The new look, with what the old one knew of the time before since, or soon after it.

    What was measured before is not looked at any more: so it seems to be blocked since it is measured, and less sure
    than it was. Its onset and those of its blocks stay, and its level does not fall, but for a reason that speaks
    against it.
    """
    if (
        not isinstance(old, BlockingIncident)
        or not isinstance(new, BlockingIncident)
        or not _is_early(old, since)
    ):
        return new
    blocks = tuple(_block_on_record(old.blocks, block) for block in new.blocks)
    against = new.against
    if not all(block.begun_before for block in blocks):
        against = tuple(reason for reason in against if reason.name != BEGUN_BEFORE)
    found_before = min(old.level, Level.CORROBORATED)
    fell = new.level < found_before and not any(reason.name in HOLDING for reason in against)
    # Where it was is kept too, unless it has come to be elsewhere.
    kept = fell and {*new.networks} <= {*old.networks} and not {*new.networks} <= {*old.beyond}
    level = found_before if fell else new.level
    reached = [step for step in old.steps if step.level <= level]
    highest = max((step.level for step in reached), default=Level.REPORTED)
    return msgspec.structs.replace(
        new,
        onset=old.onset if old.onset.at <= new.onset.at else new.onset,
        blocks=blocks,
        against=against,
        level=level,
        steps=(*reached, *(step for step in new.steps if highest < step.level <= level)),
        scope=old.scope if kept else new.scope,
        entities=old.entities if kept else new.entities,
        beyond=_beyond(old, new) if kept else new.beyond,
        probability=max(old.probability, new.probability) if fell else new.probability,
        confirmable=old.confirmable or new.confirmable if level >= Level.CORROBORATED else new.confirmable,
    )


def _beyond(old: BlockingIncident, new: BlockingIncident) -> tuple[int, ...]:
    """Of what is measured now, what does not serve the old one's regions alone, as far as anybody knew."""
    if old.scope is not Scope.REGIONS:
        return ()
    inside = {*old.measured} - {*old.beyond}
    return tuple(asn for asn in new.measured if asn not in inside)


def may_be_gone(old: AnyIncident, since: int | None) -> bool:
    """Whether enough of the time of its onset is looked at to say that it is none, where it is not found again."""
    return since is None or not _is_early(old, since)


def _is_early(old: AnyIncident, since: int | None) -> bool:
    if since is None:
        return False
    return old.onset.low < since + (_ONSET_S if isinstance(old, BlockingIncident) else 0)


def _block_on_record(known: Sequence[Block], block: Block) -> Block:
    """A block, with the onset that is on record where it was seen to begin earlier."""
    earlier = [
        one
        for one in known
        if (one.asn, one.target, one.method) == (block.asn, block.target, block.method)
        and one.onset.at <= block.onset.at <= one.until
    ]
    if not block.begun_before or not earlier:
        return block
    first = min(earlier, key=lambda one: one.onset.at)
    return msgspec.structs.replace(
        block, onset=first.onset, begun_before=first.begun_before, rate_before=first.rate_before
    )


def patience_s(incident: AnyIncident) -> int:
    """For how long nothing may be heard before nobody can say that it lasts; 0 for what comes again by itself."""
    if isinstance(incident, BlockingIncident):
        return _UNMEASURED_S
    if incident.recurrence is not None:
        return 0
    return max(_SILENT_S, 3 * max(part.resolution_s for part in incident.parts))


def changes(was: AnyIncident, new: AnyIncident) -> Iterator[str]:
    """What changed that only incidents of their kind have, each in a clause."""
    if isinstance(was, ConnectivityIncident) and isinstance(new, ConnectivityIncident):
        if {part.series for part in was.parts} != {part.series for part in new.parts}:
            yield "other series show it"
        if abs(was.depth - new.depth) > _TOLD_DEPTH:
            yield "its depth changed"
        if _times(was) != _times(new):
            yield f"it came {_times(new)} times"
    if isinstance(was, BlockingIncident) and isinstance(new, BlockingIncident):
        if set(was.targets) != set(new.targets):
            yield "other targets are part of it"
        if set(was.mechanisms) != set(new.mechanisms):
            yield "it is done in another way"
        if len(was.measured) != len(new.measured):
            yield f"{len(new.measured)} networks are measured"


def _histories(incident: BlockingIncident) -> set[Hashable]:
    return {(block.asn, block.target) for block in incident.blocks}


def _times(incident: ConnectivityIncident) -> int:
    return len(incident.recurrence.occurrences) if incident.recurrence else 1
