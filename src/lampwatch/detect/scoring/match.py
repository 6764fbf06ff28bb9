"""Which incidents meet which labels: the same place, the same direction, the same time."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

import msgspec

from lampwatch.model.entity import Entity
from lampwatch.model.label import DAY_S, Label, LabelKind
from lampwatch.model.series import Family

_DIRECTION: Final = {
    LabelKind.OUTAGE: "drop",
    LabelKind.FALL: "drop",
    LabelKind.THROTTLING: "drop",
    LabelKind.SURGE: "surge",
    LabelKind.BLOCKING: "",
}
"""Which way a label of a kind turns a signal; empty where it may be either."""


class Span(msgspec.Struct, frozen=True):
    """One incident that a detector found. Times are seconds since 1970 (UTC); end is None while it lasts.

    first_alert is when the detector would have told of it. direction is `drop`, `surge`, or empty where it is not told.
    """

    entity: Entity
    begin: int
    end: int | None
    first_alert: int
    level: int = 1
    families: frozenset[Family] = frozenset()
    id: str = ""
    direction: str = ""


class Observed(msgspec.Struct, frozen=True):
    """That the series cover an entity from begin to end (seconds since 1970, UTC), with bins of bin_s seconds."""

    entity: Entity
    begin: int
    end: int
    bin_s: int


_Placed = TypeVar("_Placed", Span, Label, Observed)


class Leniency(msgspec.Struct, frozen=True):
    """What still counts as the same event.

    around_s is how far a span may miss a label in time; the label's own resolution is added to it, and so is one bin.
    open_s is how long a label lasts whose end nobody knows. upward lets a label of a place be met by a span of anything
    that lies in it, unless it is a country: that one must be called national. warmup_s is what a detector may take at
    the begin of a series to learn it; nothing in it counts, for or against.
    """

    around_s: int = 0
    open_s: int = DAY_S
    upward: bool = False
    warmup_s: int = 0


def lies_in(inner: Entity, outer: Entity) -> bool:
    """Whether an entity is another one or a part of it. A network without a place lies in no country."""
    if outer.asn:
        within = not outer.place or inner.place == outer.place
        return inner.asn == outer.asn and within
    place = inner.place
    return place == outer.place or place.startswith((f"{outer.place}-", f"{outer.place}/"))


def may_meet(span: Entity, label: Entity, *, upward: bool) -> bool:
    """Whether a span of that entity can meet a label of this one."""
    if span == label:
        return True
    is_country = not label.asn and len(label.place) == len("VE")
    return upward and not is_country and lies_in(span, label)


def may_explain(label: Entity, span: Entity) -> bool:
    """Whether a label of that entity can be why a span of this one is there: it lies in it, or holds it."""
    return lies_in(span, label) or lies_in(label, span)


def same_way(span: Span, label: Label) -> bool:
    """Whether a span turns the way that a label of its kind does."""
    wanted = _DIRECTION[label.kind]
    return not wanted or not span.direction or span.direction == wanted


def extent(label: Label, leniency: Leniency) -> tuple[int, int]:
    """From when to when a label lasts, as told."""
    return label.begin, label.end if label.end is not None else label.begin + leniency.open_s


def overlaps(span: Span, label: Label, leniency: Leniency, bin_s: int) -> bool:
    """Whether a span and a label share time, give or take what is lenient."""
    begin, end = extent(label, leniency)
    around = leniency.around_s + label.resolution_s + bin_s
    return span.begin < end + around and (span.end is None or span.end > begin - around)


class Nearby(Generic[_Placed]):
    """Spans, labels or stretches by what can be related to them at all, so that not all are compared with all."""

    def __init__(self, items: Iterable[_Placed]) -> None:
        self._by_country: dict[str, list[_Placed]] = defaultdict(list)
        self._by_network: dict[int, list[_Placed]] = defaultdict(list)
        for item in items:
            if item.entity.place:
                self._by_country[item.entity.country].append(item)
            if item.entity.asn:
                self._by_network[item.entity.asn].append(item)

    def of(self, entity: Entity) -> list[_Placed]:
        """Those of its country and those of its network, each once."""
        found = [*self._by_country.get(entity.country, ())]
        if entity.asn:
            known = {id(item) for item in found}
            found += [item for item in self._by_network.get(entity.asn, ()) if id(item) not in known]
        return found
