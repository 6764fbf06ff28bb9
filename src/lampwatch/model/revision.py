"""Revisions: what was said of an incident, and when; never changed, only followed by another."""

from enum import StrEnum

import msgspec

from lampwatch.model.incident import Incident


class Status(StrEnum):
    """How an incident stands.

    ongoing       it lasts, as far as is known
    restored      its end was seen
    inconclusive  it had not ended when the series that show it fell silent
    retracted     with what is known now it is none; it stays listed, with the reason
    """

    ONGOING = "ongoing"
    RESTORED = "restored"
    INCONCLUSIVE = "inconclusive"
    RETRACTED = "retracted"


class Revision(msgspec.Struct, frozen=True):
    """What was known of an incident at a time.

    number counts from 1 for each incident. made_at is when it was said, as_of up to when values had arrived; both in
    seconds since 1970 (UTC). because tells what changed, in a sentence. detector is the version of the rules of
    detection.
    """

    incident: Incident
    number: int
    made_at: int
    as_of: int
    status: Status
    because: str
    detector: str
