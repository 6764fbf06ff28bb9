"""What the other signals of a place say by going on as usual, while some have left it.

A prober that fails takes all answers away and no user; a shutdown that takes nearly all answers away takes the users
too. So a loss is doubted by each signal that was measured all the while, is fine enough to tell, would show a loss so
deep, and does not. Some doubt it little: routes may stay in a blackout that is filtered.
"""

from collections.abc import Sequence
from typing import Final

from lampwatch.detect.connectivity.level import APPARENT_S
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.detect.connectivity.parts import is_drop
from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.model.connectivity import Part
from lampwatch.model.incident import Reason
from lampwatch.model.series import CONNECTIVITY, Family

_LEAST_BINS: Final = 2
"""One bin as usual may be one that came too soon; two are as many as a loss needs to be known."""
_WORDS: Final = {
    Family.BGP: "its routes are announced",
    Family.PROBING: "its addresses answer",
    Family.TELESCOPE: "its background noise goes on",
    Family.TRAFFIC: "its traffic flows",
    Family.PROBES: "its probes are connected",
}


def silent(parts: Sequence[Part], measured: Measured) -> tuple[Reason, ...]:
    """What speaks against a loss, a reason for each family that goes on as usual; nothing of a surge."""
    if not all(is_drop(part) for part in parts):
        return ()
    # As for levels: what was over within half an hour tells nothing beside others.
    parts = [part for part in parts if part.until - part.onset.at >= APPARENT_S] or parts
    families = {part.family for part in parts}
    moved = {part.series for part in parts}
    depth = max(part.depth for part in parts)
    # Of several places, each for as long as it was away itself.
    spans = {
        code: (
            min(part.onset.high for part in parts if part.entity == code),
            max(part.until for part in parts if part.entity == code),
        )
        for code in {part.entity for part in parts}
    }
    as_usual = {
        one.family
        for code, (begin, end) in spans.items()
        for one in measured.of(code)
        if one.series not in moved
        and one.family in CONNECTIVITY - families
        and measured.bins(one.series, begin, end) >= _LEAST_BINS
    }
    found = []
    for family in sorted(as_usual):
        factor = _factor(family, depth)
        if factor < 1:
            found.append(Reason("as_usual", f"{_WORDS[family]} as usual ({family})", round(factor, 3)))
    return tuple(found)


def _factor(family: Family, depth: float) -> float:
    """The odds that a family stays as usual in a loss of that depth, against none: 1 where it would not show it."""
    trait = TRAITS[family]
    shows = min(1.0, depth / (2 * trait.drop)) if depth >= trait.drop else 0.0
    return 1 - shows * (1 - trait.stays)
