"""What is known of each family of signals: how it varies, and how much must be gone to mean anything."""

from typing import Final

import msgspec

from lampwatch.model.series import Family


class Traits(msgspec.Struct, frozen=True):
    """How the signals of a family behave.

    least is the least count that is judged, and that a surge must add: of fewer things chance alone makes more than any
    deviation tells.
    drop is the least share that must be gone, surge the least that must be added (1: twice the usual), for a
    disturbance; a surge of 0 means that more than usual says nothing. floor is the least usual deviation that is
    believed, as a share of the usual value (of counts that vary as Poisson's, in deviations of theirs). reliability is
    how often a deep drop of this family is a loss of connectivity and not of the signal.
    """

    drop: float
    surge: float
    floor: float
    reliability: float
    stays: float = 1.0
    least: float = 4.0
    poisson: bool = False


_COUNTED: Final = Traits(drop=0.4, surge=0.0, floor=1.0, reliability=0.5, poisson=True)

TRAITS: Final[dict[Family, Traits]] = {
    Family.BGP: Traits(drop=0.05, surge=0.0, floor=0.004, reliability=0.9, stays=0.5),
    Family.PROBING: Traits(drop=0.2, surge=0.0, floor=0.02, reliability=0.85, stays=0.45),
    Family.TELESCOPE: Traits(drop=0.6, surge=0.0, floor=0.08, reliability=0.45, stays=0.7),
    Family.TRAFFIC: Traits(drop=0.3, surge=0.0, floor=0.03, reliability=0.85, stays=0.15),
    Family.USERS: Traits(drop=0.4, surge=1.0, floor=1.0, reliability=0.5, least=40.0, poisson=True),
    Family.PROBES: Traits(drop=0.3, surge=0.0, floor=0.03, reliability=0.75, stays=0.4),
    Family.MEASUREMENTS: Traits(drop=0.8, surge=3.0, floor=1.0, reliability=0.2, poisson=True),
    Family.INTERFERENCE: Traits(drop=0.5, surge=1.0, floor=0.1, reliability=0.25),
    Family.TRANSPORT: _COUNTED,
    Family.STREAM: Traits(drop=0.4, surge=0.0, floor=0.05, reliability=0.6),
    Family.CRAWL: _COUNTED,
    Family.OTHER: Traits(drop=0.4, surge=0.0, floor=0.05, reliability=0.4),
}
