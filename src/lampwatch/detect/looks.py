"""Two looks at an incident: whether they are at the same one, and what differs, for each kind of incident."""

from collections.abc import Iterator
from typing import Final

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.revision import AnyIncident

_SILENT_S: Final = 86_400
"""Series that have told nothing for so long (and for three bins) say nothing of whether it lasts."""
_UNMEASURED_S: Final = 3 * 86_400
"""Nor does a target that nobody has measured for so long, where it is blocked."""
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


def _histories(incident: BlockingIncident) -> set[tuple[int, str]]:
    return {(block.asn, block.target) for block in incident.blocks}


def _times(incident: ConnectivityIncident) -> int:
    return len(incident.recurrence.occurrences) if incident.recurrence else 1
