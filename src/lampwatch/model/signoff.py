"""Sign-offs: what a person answers for, in words and by signature; never changed, only followed by another."""

from enum import StrEnum

import msgspec


class Decision(StrEnum):
    """What a person says of an incident. The latest of an incident counts, and takes the place of those before it.

    confirm   it is so, as the revision tells it
    retract   it is none
    withdraw  what was signed before is taken back: it stands as it was found
    """

    CONFIRM = "confirm"
    RETRACT = "retract"
    WITHDRAW = "withdraw"


class SignOff(msgspec.Struct, frozen=True, kw_only=True):
    """One person's word on one incident, as it is signed.

    revision is the number of the one that the person saw. by is the name under which the key is listed, at in seconds
    since 1970 (UTC), because the reason in words, order the address or citation of an order or an operator's notice,
    empty where there is none. key names the key that signed; previous is the SHA-256, in hex, of the log's line before
    this one, empty in its first.
    """

    incident: str
    revision: int
    decision: Decision
    by: str
    at: int
    because: str
    order: str = ""
    key: str
    previous: str


class Entry(msgspec.Struct, frozen=True):
    """One line of the log of sign-offs (from 1): what it says, and why it counts for nothing; empty where it counts.

    sign_off is None where nothing can be read in the line.
    """

    line: int
    sign_off: SignOff | None
    invalid: str = ""
