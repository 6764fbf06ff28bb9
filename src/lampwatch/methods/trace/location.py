"""Where interference appears: from the tries of both names to the first number of hops that shows it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from lampwatch.model.failure import Failure

MOST_HOPS: Final = 64
FEWEST: Final = 2
"""Tries of either name that a number of hops must have, all alike, to say anything."""


class What(StrEnum):
    """What came of a try."""

    ANSWERED = "answered"
    RESET = "reset"
    CLOSED = "closed"
    EXPIRED = "expired"
    SILENT = "silent"
    UNUSABLE = "unusable"


FAILURES: Final[Mapping[What, Failure | None]] = {
    What.ANSWERED: None,
    What.RESET: Failure.CONNECTION_RESET,
    What.CLOSED: Failure.EOF,
    What.EXPIRED: Failure.HOST_UNREACHABLE,
    What.SILENT: Failure.TIMEOUT,
    What.UNUSABLE: Failure.UNKNOWN,
}
"""Each as a failure of the closed list."""
_DIED: Final = frozenset({What.EXPIRED, What.SILENT})
"""What comes of a packet that was not meant to arrive."""


class Try(msgspec.Struct, frozen=True, gc=False):
    """One try. ttl 0 is no limit. went_on says that a router further out reported it too."""

    target: bool
    ttl: int
    what: What
    went_on: bool = False


class Place(StrEnum):
    """How the one who interferes stands to the path."""

    IN_PATH = "in the path"
    ON_PATH = "beside the path"
    UNKNOWN = "unknown"


class Location(msgspec.Struct, frozen=True, gc=False):
    """Where the target's name is interfered with, and the other is not.

    distance is how many hops the server answers the other name at, 0 where it never does. first is the fewest hops at
    which the target's name fares otherwise, 0 where it fares alike. how is what came of it there.
    """

    distance: int
    first: int = 0
    how: What = What.UNUSABLE
    place: Place = Place.UNKNOWN

    @property
    def before_server(self) -> bool:
        """Whether it shows where the server is not reached yet, so that it cannot be the server's doing."""
        return 0 < self.first < self.distance

    @property
    def told(self) -> str:
        """In words."""
        if not self.first:
            return ""
        where = "" if self.place is Place.UNKNOWN else f", from a device {self.place}"
        return f"it first shows after {self.first} of {self.distance} hops{where}"


def location(tries: Iterable[Try], *, all_heard: bool = False) -> Location:
    """Compare both names, hop by hop. Numbers of hops with too few tries, or with tries that differ, do not count.

    all_heard says that routers' reports are heard after an answer, too, as over UDP: then their absence tells.
    """
    target: dict[int, list[Try]] = {}
    control: dict[int, list[Try]] = {}
    for one in tries:
        if 0 <= one.ttl <= MOST_HOPS and one.what is not What.UNUSABLE:
            (target if one.target else control).setdefault(one.ttl, []).append(one)
    distance = next((ttl for ttl in sorted(control) if ttl and _alike(control[ttl]) is What.ANSWERED), 0)
    if not distance:
        return Location(0)
    for ttl in sorted(ttl for ttl in target if 0 < ttl <= distance):
        how = _interference(target[ttl], control.get(ttl, []), arrives=ttl == distance)
        if how is not None and _lasts(target, control, ttl, distance):
            return Location(
                distance, ttl, how, _place(how, target, range(ttl, distance), all_heard=all_heard)
            )
    return Location(distance)


def _alike(tries: Sequence[Try]) -> What | None:
    """What came of all tries of one number of hops; None where they differ or are too few."""
    kinds = {one.what for one in tries}
    return kinds.pop() if len(kinds) == 1 and len(tries) >= FEWEST else None


def _interference(target: Sequence[Try], control: Sequence[Try], *, arrives: bool) -> What | None:
    """What happens to the target's name and not to the other; None where nothing does, or nothing that is plain."""
    theirs, other = _alike(target), _alike(control)
    if theirs is None or other is None or theirs is other:
        return None
    if theirs in {What.RESET, What.CLOSED}:
        return theirs
    if theirs is What.ANSWERED:
        return theirs if other in _DIED and not arrives else None
    # Silence is a drop only where the other name's packet was heard of: many routers report nothing.
    return theirs if theirs is What.SILENT and other in {What.EXPIRED, What.ANSWERED} else None


def _lasts(
    target: Mapping[int, Sequence[Try]], control: Mapping[int, Sequence[Try]], first: int, distance: int
) -> bool:
    """Whether it goes on with one hop more: what shows at one number of hops alone was chance."""
    if first == distance:
        return True
    return (
        _interference(target.get(first + 1, []), control.get(first + 1, []), arrives=first + 1 == distance)
        is not None
        or _alike(target.get(first + 1, [])) is What.ANSWERED
    )


def _place(how: What, target: Mapping[int, Sequence[Try]], hops: range, *, all_heard: bool) -> Place:
    """A drop needs a device in the path; beside it stands one whose trigger was reported from further out as well."""
    if how is What.SILENT:
        return Place.IN_PATH
    shown = [one.went_on for ttl in hops for one in target.get(ttl, ())]
    if shown and all(shown):
        return Place.ON_PATH
    return Place.IN_PATH if shown and all_heard and not any(shown) else Place.UNKNOWN
