"""Labels: what somebody else says happened to a connectivity signal, to measure a detector with."""

from enum import StrEnum
from typing import Final

import msgspec

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family

DAY_S: Final = 86_400


class LabelKind(StrEnum):
    """What is said to have happened.

    outage      the network was gone, in whole or in part, whatever the cause
    blocking    services were made unreachable: users of circumvention may fall or rise
    throttling  the network was made slow
    fall        a signal fell, and nobody says why
    surge       a signal rose
    """

    OUTAGE = "outage"
    BLOCKING = "blocking"
    THROTTLING = "throttling"
    FALL = "fall"
    SURGE = "surge"


class Label(msgspec.Struct, frozen=True):
    """One event as its source tells it. Times are seconds since 1970 (UTC); end is None where nobody tells it.

    A source that tells days says when the first began and when the last was over, and resolution_s is a day: the event
    may lie anywhere within. deliberate is None where the source does not say. families are the kinds of signal in which
    people saw it; empty where the source does not tell.
    """

    entity: Entity
    begin: int
    end: int | None
    source: str
    kind: LabelKind = LabelKind.OUTAGE
    cause: str = ""
    deliberate: bool | None = None
    resolution_s: int = 60
    families: frozenset[Family] = frozenset()
    note: str = ""
